import type { ModelFileName } from './model-manifest.ts';

/** The engines a detector can run on. */
export type Engine = 'onnx' | 'onnx-webgpu' | 'mediapipe';

/** The files each engine loads besides its worker script. */
export const ENGINE_FILES = {
  onnx: ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'],
  'onnx-webgpu': ['ort-wasm-simd-threaded.jspi.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'],
  mediapipe: ['vision_wasm_module_internal.wasm', 'blazeface-short.tflite', 'blazeface-full.tflite'],
} as const satisfies Record<Engine, readonly ModelFileName[]>;

/** A file that some engine loads. */
export type EngineFile = (typeof ENGINE_FILES)[Engine][number];

// With features-locations.ts the only place that names files by URL. Bundlers see `new URL(literal, import.meta.url)` and emit each file as an asset.
const PACKAGED: Readonly<Record<EngineFile, () => URL>> = {
  'ort-wasm-simd-threaded.wasm': () => new URL('../runtime/ort-wasm-simd-threaded.wasm', import.meta.url),
  'ort-wasm-simd-threaded.jspi.wasm': () => new URL('../runtime/ort-wasm-simd-threaded.jspi.wasm', import.meta.url),
  'vision_wasm_module_internal.wasm': () => new URL('../runtime/vision_wasm_module_internal.wasm', import.meta.url),
  'blazeface-short.onnx': () => new URL('../models/blazeface-short.onnx', import.meta.url),
  'blazeface-full.onnx': () => new URL('../models/blazeface-full.onnx', import.meta.url),
  'blazeface-back.onnx': () => new URL('../models/blazeface-back.onnx', import.meta.url),
  'blazeface-short.tflite': () => new URL('../models/blazeface-short.tflite', import.meta.url),
  'blazeface-full.tflite': () => new URL('../models/blazeface-full.tflite', import.meta.url),
};

/**
 * Where a file lies: under `baseUrl` if the app gave one (all files flat in that folder), else beside the library.
 * @param baseUrl absolute or relative to the page.
 */
export function urlOf(file: EngineFile, baseUrl: string | undefined): URL {
  return baseUrl === undefined ? PACKAGED[file]() : underBase(file, baseUrl);
}

/** A file in the folder that the app gave, which is absolute or relative to the page. */
export function underBase(file: string, baseUrl: string): URL {
  const folder = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`, location.href);
  return new URL(file, folder);
}

/** The worker script of an engine. It is self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function workerUrlOf(engine: Engine): URL {
  switch (engine) {
    case 'onnx':
      return new URL('../workers/redaction-onnx.worker.js', import.meta.url);
    case 'onnx-webgpu':
      return new URL('../workers/redaction-webgpu.worker.js', import.meta.url);
    case 'mediapipe':
      return new URL('../workers/redaction-mediapipe.worker.js', import.meta.url);
  }
}
