import * as ort from 'onnxruntime-web/jspi';
import { isFaster } from '../core/contest.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { Milliseconds } from '../core/time.ts';
import { startRuntime } from '../inference/onnx-runtime.ts';
import { requireWebAssembly } from '../inference/wasm-support.ts';
import type { Embedder } from './embedder.ts';
import { drawnCrop } from './embedder-self-test.ts';
import { createSparedEmbedder } from './spared-embedder.ts';
import type { OnnxEmbedderOptions } from './onnx-embedder.ts';
import { loadOnnxNetwork } from './onnx-network.ts';

/** What {@link createOnnxWebGpuEmbedder} needs besides. */
export interface OnnxWebGpuEmbedderOptions extends OnnxEmbedderOptions {
  /** Borrowed; null where there is none. */
  readonly device: GPUDevice | null;
  /** `if-faster`: a GPU that is not faster, or not right, is left alone. */
  readonly use: 'always' | 'if-faster';
  readonly now: () => Milliseconds;
}

/**
 * The network of `createOnnxEmbedder` on the GPU, by ONNX Runtime's WebGPU provider, where it passes the self-test there and is
 * faster; on WebAssembly elsewhere, and when the GPU is lost.
 * @throws FacePrivacyError as `createOnnxEmbedder`; with `always` also ERR_UNSUPPORTED without a device, and what the GPU fails with.
 */
export async function createOnnxWebGpuEmbedder({ runtimeWasm, model, device, use, now }: OnnxWebGpuEmbedderOptions): Promise<Embedder> {
  requireWebAssembly();
  if (device === null && use === 'always') throw new FacePrivacyError('ERR_UNSUPPORTED', 'This browser gives no WebGPU device here.');
  startRuntime(ort, runtimeWasm);
  const spare = await loadOnnxNetwork('wasm', { runtime: ort, providers: ['wasm'], threads: 1 }, model);
  if (device === null) return spare;
  let lost = false;
  void device.lost.then(() => {
    lost = true;
  });
  let first: Embedder | null = null;
  try {
    first = await loadOnnxNetwork('webgpu', { runtime: ort, providers: [{ name: 'webgpu', device }], threads: 1 }, model);
    const crops = [drawnCrop(false)];
    const isWorthIt = use === 'always' || (await isFaster(() => first!.embed(crops), () => spare.embed(crops), { now }));
    if (isWorthIt) return createSparedEmbedder({ first, spare, isLost: () => lost });
    first.close();
    return spare;
  } catch (error) {
    first?.close();
    if (use === 'if-faster') return spare;
    spare.close();
    throw error;
  }
}
