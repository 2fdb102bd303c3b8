import * as ort from 'onnxruntime-web/jspi';
import { FacePrivacyError } from '../../core/errors.ts';
import type { Milliseconds } from '../../core/time.ts';
import type { FaceDetector } from './face-detector.ts';
import { startRuntime } from '../../inference/onnx-runtime.ts';
import { loadOnnxFamily, type OnnxDetectorOptions } from './onnx-family.ts';
import { provenModels } from './proven-models.ts';
import { createRoutedDetector } from './routed-detector.ts';
import { requireWebAssembly } from '../../inference/wasm-support.ts';

/** What {@link createOnnxWebGpuDetector} needs besides. */
export interface OnnxWebGpuDetectorOptions extends OnnxDetectorOptions {
  /** Borrowed; null where there is none. */
  readonly device: GPUDevice | null;
  /** `if-faster`: a model that is not faster on the GPU, or not right, stays on WebAssembly; none is an error. */
  readonly use: 'always' | 'if-faster';
  readonly now: () => Milliseconds;
}

/**
 * The models of `createOnnxDetector` on the GPU, by ONNX Runtime's WebGPU provider. The same runtime carries them on
 * WebAssembly, too: for models that are no faster on the GPU, and for all when it is lost. Of the two WebGPU builds this
 * is the one that waits by JavaScript Promise Integration (docs/decisions).
 * @throws FacePrivacyError as `createOnnxDetector`; with `always` also ERR_UNSUPPORTED without a device and
 * ERR_SELF_TEST_FAILED when a model does not see on it.
 */
export async function createOnnxWebGpuDetector(options: OnnxWebGpuDetectorOptions): Promise<FaceDetector> {
  const { device, use, now } = options;
  requireWebAssembly();
  if (device === null && use === 'always') throw new FacePrivacyError('ERR_UNSUPPORTED', 'This browser gives no WebGPU device here.');
  startRuntime(ort, options.runtimeWasm);
  const spare = await loadOnnxFamily('onnx', { runtime: ort, providers: ['wasm'] }, options);
  if (device === null) return spare;
  let lost = false;
  void device.lost.then(() => {
    lost = true;
  });
  let first: FaceDetector | null = null;
  try {
    first = await loadOnnxFamily('onnx-webgpu', { runtime: ort, providers: [{ name: 'webgpu', device }] }, options);
    const models = await provenModels(first, { rival: use === 'always' ? null : spare, now });
    if (models.size > 0) return createRoutedDetector({ first, models, spare, isLost: () => lost });
    first.close();
    return spare;
  } catch (error) {
    first?.close();
    if (use === 'if-faster' && options.signal?.aborted !== true) return spare;
    spare.close();
    throw error;
  }
}
