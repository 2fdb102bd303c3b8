import type * as ort from 'onnxruntime-web/wasm';

/** Everything is given in memory: with one thread and the binary set, a runtime fetches and imports nothing. */
export function startRuntime({ env }: Pick<typeof ort, 'env'>, runtimeWasm: ArrayBuffer): void {
  env.logLevel = 'fatal';
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.wasm.wasmBinary = runtimeWasm;
}
