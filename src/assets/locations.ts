import type { ModelFileName } from './model-manifest.ts';
import { ONNX_FILES, onnxUrlOf, onnxWorkerUrl, underBase } from './onnx-locations.ts';

/** The engines a detector can run on. */
export type Engine = 'onnx' | 'onnx-webgpu' | 'mediapipe';

/** The files each engine loads besides its worker script. */
export const ENGINE_FILES = {
  onnx: ONNX_FILES,
  'onnx-webgpu': ['ort-wasm-simd-threaded.jspi.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'],
  mediapipe: ['vision_wasm_module_internal.wasm', 'blazeface-short.tflite', 'blazeface-full.tflite'],
} as const satisfies Record<Engine, readonly ModelFileName[]>;

/** A file that some engine loads. */
export type EngineFile = (typeof ENGINE_FILES)[Engine][number];

/**
 * Where a file lies: under `baseUrl` if the app gave one (all files flat in that folder), else beside the library. With onnx-locations.ts and
 * features-locations.ts the only place that names files by URL.
 * @param baseUrl absolute or relative to the page.
 */
export function urlOf(file: EngineFile, baseUrl: string | undefined): URL {
  switch (file) {
    case 'ort-wasm-simd-threaded.jspi.wasm':
      return baseUrl === undefined ? new URL('../runtime/ort-wasm-simd-threaded.jspi.wasm', import.meta.url) : underBase(file, baseUrl);
    case 'vision_wasm_module_internal.wasm':
      return baseUrl === undefined ? new URL('../runtime/vision_wasm_module_internal.wasm', import.meta.url) : underBase(file, baseUrl);
    case 'blazeface-short.tflite':
      return baseUrl === undefined ? new URL('../models/blazeface-short.tflite', import.meta.url) : underBase(file, baseUrl);
    case 'blazeface-full.tflite':
      return baseUrl === undefined ? new URL('../models/blazeface-full.tflite', import.meta.url) : underBase(file, baseUrl);
    default:
      return onnxUrlOf(file, baseUrl);
  }
}

/** The worker script of an engine. It is self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function workerUrlOf(engine: Engine): URL {
  switch (engine) {
    case 'onnx':
      return onnxWorkerUrl();
    case 'onnx-webgpu':
      return new URL('../workers/redaction-webgpu.worker.js', import.meta.url);
    case 'mediapipe':
      return new URL('../workers/redaction-mediapipe.worker.js', import.meta.url);
  }
}
