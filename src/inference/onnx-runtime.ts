import type * as ort from 'onnxruntime-web/wasm';

/** Everything is given in memory: with one thread and the binary set, a runtime fetches and imports nothing. */
export function startRuntime({ env }: Pick<typeof ort, 'env'>, runtimeWasm: ArrayBuffer): void {
  env.logLevel = 'fatal';
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.wasm.wasmBinary = runtimeWasm;
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
