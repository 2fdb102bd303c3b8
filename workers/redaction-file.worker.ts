import { fileOf } from '../src/threads/answer.ts';
import { createOnnxDetector } from '../src/video/detection/onnx-detector.ts';
import { exposeFileRedactionWorker } from '../src/video/file-redaction-worker.ts';

exposeFileRedactionWorker((assets, { threshold }) =>
  createOnnxDetector({
    runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'),
    models: {
      short: fileOf(assets, 'blazeface-short.onnx'),
      full: fileOf(assets, 'blazeface-full.onnx'),
      back: fileOf(assets, 'blazeface-back.onnx'),
    },
    threshold,
  }),
);
