import { fileOf } from '../src/threads/answer.ts';
import { createMediaPipeDetector } from '../src/video/detection/mediapipe-detector.ts';
import { exposeRedactionWorker } from '../src/video/redaction-worker.ts';

exposeRedactionWorker({
  createDetector: (assets, { threshold }) =>
    createMediaPipeDetector({
      runtimeWasm: fileOf(assets, 'vision_wasm_module_internal.wasm'),
      models: { short: fileOf(assets, 'blazeface-short.tflite'), full: fileOf(assets, 'blazeface-full.tflite') },
      threshold,
    }),
});
