import * as ort from 'onnxruntime-web/wasm';
import type { FaceDetector } from './face-detector.ts';
import { startRuntime } from '../../inference/onnx-runtime.ts';
import { loadOnnxFamily, type OnnxDetectorOptions } from './onnx-family.ts';
import { requireWebAssembly } from '../../inference/wasm-support.ts';

export type { OnnxDetectorOptions } from './onnx-family.ts';

/**
 * Faces by ONNX Runtime Web: three BlazeFace models, WebAssembly with SIMD on one thread, no network, no GL. One per
 * realm: the runtime is a module-wide singleton, and after it failed to start once only a new worker helps.
 * @throws FacePrivacyError ERR_WASM_UNAVAILABLE, ERR_DETECTOR_FAILED when runtime or model do not load, ERR_ABORTED
 */
export async function createOnnxDetector(options: OnnxDetectorOptions): Promise<FaceDetector> {
  requireWebAssembly();
  startRuntime(ort, options.runtimeWasm);
  return loadOnnxFamily('onnx', { runtime: ort, providers: ['wasm'] }, options);
}
