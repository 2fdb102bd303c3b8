import { fileOf } from '../src/threads/answer.ts';
import { createOnnxWebGpuDetector } from '../src/video/detection/onnx-webgpu-detector.ts';
import { openGpuDevice } from '../src/video/gpu-device.ts';
import { exposeRedactionWorker } from '../src/video/redaction-worker.ts';
import { createWebGpuCompositorSet } from '../src/video/redaction/webgpu/webgpu-compositor-set.ts';

const now = () => performance.now();
let opened: Promise<GPUDevice | null> | undefined;
const openDevice = () => (opened ??= openGpuDevice());

exposeRedactionWorker({
  createDetector: async (assets, { threshold, webGpu: use = 'always' }) =>
    createOnnxWebGpuDetector({
      runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.jspi.wasm'),
      models: {
        short: fileOf(assets, 'blazeface-short.onnx'),
        full: fileOf(assets, 'blazeface-full.onnx'),
        back: fileOf(assets, 'blazeface-back.onnx'),
      },
      threshold,
      device: await openDevice(),
      use,
      now,
    }),
  createCompositors: async (settings) => createWebGpuCompositorSet({ device: await openDevice(), settings, now }),
});
