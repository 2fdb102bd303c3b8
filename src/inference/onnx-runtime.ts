import type * as ort from 'onnxruntime-web/wasm';
import type { Milliseconds } from '../core/time.ts';

/** A runtime whose threads do not start would wait for them for ever. */
const THREADS_TIMEOUT_MS: Milliseconds = 10_000;

/**
 * Starts a realm's runtime; the first start of a realm counts. Everything is given in memory: with one thread a runtime fetches and
 * imports nothing. Further threads are workers of the script it is in, so that script has to know when it is one: `runtime-threads.ts`.
 */
export function startRuntime({ env }: Pick<typeof ort, 'env'>, runtimeWasm: ArrayBuffer, threads = 1): void {
  if (env.wasm.wasmBinary !== undefined && env.wasm.numThreads !== 1) return;
  env.logLevel = 'fatal';
  env.wasm.numThreads = threads;
  if (threads > 1) env.wasm.initTimeout = THREADS_TIMEOUT_MS;
  env.wasm.proxy = false;
  env.wasm.wasmBinary = runtimeWasm;
  const module = COMPILED.get(runtimeWasm);
  if (module !== undefined) instantiateFrom(module, runtimeWasm);
}

const COMPILED = new WeakMap<ArrayBuffer, WebAssembly.Module>();

/** Tells that these bytes were compiled already; a runtime that is started from them is not compiled again. */
export function knowCompiled(runtimeWasm: ArrayBuffer, module: WebAssembly.Module): void {
  COMPILED.set(runtimeWasm, module);
}

/** The runtime's glue (Emscripten) takes bytes alone and gives them to `WebAssembly.instantiate`, which takes the module in their place, once. */
function instantiateFrom(module: WebAssembly.Module, runtimeWasm: ArrayBuffer): void {
  const { instantiate } = WebAssembly;
  const standIn = async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports): Promise<unknown> => {
    if ((ArrayBuffer.isView(source) ? source.buffer : source) !== runtimeWasm) return instantiate(source as BufferSource, imports);
    WebAssembly.instantiate = instantiate;
    return { module, instance: await instantiate(module, imports) };
  };
  WebAssembly.instantiate = standIn as typeof instantiate;
}

/** The last run of each runtime. */
const LAST_RUN = new WeakMap<object, Promise<unknown>>();

/**
 * Runs `work` when no other work given for this runtime is running. The WebGPU build waits for the GPU in the middle of a call, and its
 * calls share one stack: two sessions must not be run at once, whoever owns them.
 */
export function inTurn<T>(runtime: object, work: () => Promise<T>): Promise<T> {
  const answer = (LAST_RUN.get(runtime) ?? Promise.resolve()).then(work);
  LAST_RUN.set(runtime, answer.then(() => undefined, () => undefined));
  return answer;
}
