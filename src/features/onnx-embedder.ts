import * as ort from 'onnxruntime-web/wasm';
import { startRuntime } from '../inference/onnx-runtime.ts';
import { requireWebAssembly } from '../inference/wasm-support.ts';
import type { Embedder } from './embedder.ts';
import { loadOnnxNetwork } from './onnx-network.ts';

/** What an embedder needs. */
export interface OnnxEmbedderOptions {
  /** Bytes of the runtime's WebAssembly, verified by the caller: `ort-wasm-simd-threaded.wasm`, or `.jspi.wasm` for WebGPU. */
  readonly runtimeWasm: ArrayBuffer;
  /** Bytes of `face-resnet.onnx`, verified by the caller. */
  readonly model: ArrayBuffer;
}

/** What {@link createOnnxEmbedder} may be told besides. */
export interface OnnxWasmEmbedderOptions extends OnnxEmbedderOptions {
  /** Of the runtime, default 1; see `threadsHere`. */
  readonly threads?: number;
}

/**
 * Feature vectors by ONNX Runtime Web: dlib's face network in WebAssembly with SIMD, no network, no GL. It has
 * run once and passed its self-test before it is handed out. One runtime a realm, shared with the detector.
 * @throws FacePrivacyError ERR_WASM_UNAVAILABLE, ERR_EMBEDDER_FAILED when runtime or model do not load, ERR_SELF_TEST_FAILED
 */
export async function createOnnxEmbedder({ runtimeWasm, model, threads = 1 }: OnnxWasmEmbedderOptions): Promise<Embedder> {
  requireWebAssembly();
  startRuntime(ort, runtimeWasm, threads);
  return loadOnnxNetwork('wasm', { runtime: ort, providers: ['wasm'], threads }, model);
}
