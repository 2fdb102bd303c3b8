/**
 * The redaction worker with its models on WebAssembly and its covers on the GPU, whatever is faster: a software adapter
 * is fast enough for covers. The message `{ fault: 'now' }` takes the GPU away. It tells `{ composedBy }` of each frame.
 */
import { fileOf } from '../../../src/threads/answer.ts';
import { createOnnxDetector } from '../../../src/video/detection/onnx-detector.ts';
import { openGpuDevice } from '../../../src/video/gpu-device.ts';
import { exposeRedactionWorker } from '../../../src/video/redaction-worker.ts';
import { createWebGpuCompositorSet } from '../../../src/video/redaction/webgpu/webgpu-compositor-set.ts';

const device = openGpuDevice();

globalThis.addEventListener('message', ({ data }: MessageEvent<{ fault?: string } | null>) => {
  if (data?.fault === 'now') void device.then((gpu) => gpu?.destroy());
});

function tell(message: unknown): void {
  (globalThis as unknown as { postMessage(message: unknown): void }).postMessage(message);
}

exposeRedactionWorker({
  createDetector: (assets, { threshold }) =>
    createOnnxDetector({
      runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'),
      models: {
        short: fileOf(assets, 'blazeface-short.onnx'),
        full: fileOf(assets, 'blazeface-full.onnx'),
        back: fileOf(assets, 'blazeface-back.onnx'),
      },
      threshold,
    }),
  createCompositors: async (settings) => {
    const set = await createWebGpuCompositorSet({ device: await device, settings: { ...settings, compositor: 'webgpu' }, now: () => performance.now() });
    return {
      get reading() {
        return set.reading ?? null;
      },
      compositorFor(kind) {
        const compositor = set.compositorFor(kind);
        return {
          kind: compositor.kind,
          async compose(view, plan, style) {
            const frame = await compositor.compose(view, plan, style);
            tell({ composedBy: compositor.kind });
            return frame;
          },
          close: () => {
            compositor.close();
          },
        };
      },
      close: () => {
        set.close();
      },
    };
  },
});
