import { exposeFeaturesWorker } from '../src/features/features-worker.ts';
import { createOnnxWebGpuEmbedder } from '../src/features/onnx-webgpu-embedder.ts';
import { fileOf } from '../src/threads/answer.ts';
import { createOnnxWebGpuDetector } from '../src/video/detection/onnx-webgpu-detector.ts';
import { openGpuDevice } from '../src/video/gpu-device.ts';
import { createStillSearcher, STILL_THRESHOLD, STILL_TIMEOUT_MS } from '../src/video/still-searcher.ts';

const now = () => performance.now();
let opened: Promise<GPUDevice | null> | undefined;
const openDevice = () => (opened ??= openGpuDevice());

exposeFeaturesWorker({
  createEmbedder: async (assets) =>
    createOnnxWebGpuEmbedder({
      runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.jspi.wasm'),
      model: fileOf(assets, 'face-resnet.onnx'),
      device: await openDevice(),
      use: 'if-faster',
      now,
    }),
  createSearcher: async (assets) =>
    createStillSearcher(
      await createOnnxWebGpuDetector({
        runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.jspi.wasm'),
        models: {
          short: fileOf(assets, 'blazeface-short.onnx'),
          full: fileOf(assets, 'blazeface-full.onnx'),
          back: fileOf(assets, 'blazeface-back.onnx'),
        },
        threshold: STILL_THRESHOLD,
        device: await openDevice(),
        use: 'if-faster',
        now,
      }),
      STILL_TIMEOUT_MS,
    ),
});
