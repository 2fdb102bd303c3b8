import { exposeFeaturesWorker } from '../src/features/features-worker.ts';
import { createOnnxEmbedder } from '../src/features/onnx-embedder.ts';
import { fileOf } from '../src/threads/answer.ts';
import { createOnnxDetector } from '../src/video/detection/onnx-detector.ts';
import { createStillSearcher, STILL_THRESHOLD, STILL_TIMEOUT_MS } from '../src/video/still-searcher.ts';

exposeFeaturesWorker({
  createEmbedder: (assets) =>
    createOnnxEmbedder({ runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'), model: fileOf(assets, 'face-resnet.onnx') }),
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
