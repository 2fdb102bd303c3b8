import { sealEgress } from '../src/assets/egress-seal.ts';
import { exposeFeaturesWorker } from '../src/features/features-worker.ts';
import { createOnnxEmbedder } from '../src/features/onnx-embedder.ts';
import { serveAsRuntimeThread, threadsHere } from '../src/inference/runtime-threads.ts';
import { fileOf } from '../src/threads/answer.ts';
import { createOnnxDetector } from '../src/video/detection/onnx-detector.ts';
import { createStillSearcher, STILL_THRESHOLD, STILL_TIMEOUT_MS } from '../src/video/still-searcher.ts';

// A thread has nobody to tell of an attempt: it throws, and that is all.
if (serveAsRuntimeThread()) sealEgress(() => undefined);
else {
  exposeFeaturesWorker({
    createEmbedder: async (assets) =>
      createOnnxEmbedder({
        runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'),
        model: fileOf(assets, 'face-resnet.onnx'),
        // Not a file that is looked for: the runtime's threads run this very script.
        // oxlint-disable-next-line bauta/urls-in-assets
        threads: await threadsHere(import.meta.url),
      }),
    // The same runtime, hence the same threads.
    createSearcher: async (assets) =>
      createStillSearcher(
        await createOnnxDetector({
          runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'),
          models: {
            short: fileOf(assets, 'blazeface-short.onnx'),
            full: fileOf(assets, 'blazeface-full.onnx'),
            back: fileOf(assets, 'blazeface-back.onnx'),
          },
          threshold: STILL_THRESHOLD,
        }),
        STILL_TIMEOUT_MS,
      ),
  });
}
