import { type ONNX_MANIFEST } from './onnx-manifest.ts';

// Apart from `locations.ts`: bundlers emit every file that a module names, and most apps run no other engine than this.

/** A file that the engine `onnx` loads. */
export type OnnxFile = keyof typeof ONNX_MANIFEST;

/** The files of the engine `onnx` besides its worker script. */
export const ONNX_FILES = ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'] as const satisfies readonly OnnxFile[];

// Bundlers see `new URL(literal, import.meta.url)` and emit each file as an asset.
const PACKAGED: Readonly<Record<OnnxFile, () => URL>> = {
  'ort-wasm-simd-threaded.wasm': () => new URL('../runtime/ort-wasm-simd-threaded.wasm', import.meta.url),
  'blazeface-short.onnx': () => new URL('../models/blazeface-short.onnx', import.meta.url),
  'blazeface-full.onnx': () => new URL('../models/blazeface-full.onnx', import.meta.url),
  'blazeface-back.onnx': () => new URL('../models/blazeface-back.onnx', import.meta.url),
};

/**
 * Where a file lies: under `baseUrl` if the app gave one (all files flat in that folder), else beside the library.
 * @param baseUrl absolute or relative to the page.
 */
export function onnxUrlOf(file: OnnxFile, baseUrl: string | undefined): URL {
  return baseUrl === undefined ? PACKAGED[file]() : underBase(file, baseUrl);
}

/** A file in the folder that the app gave, which is absolute or relative to the page. */
export function underBase(file: string, baseUrl: string): URL {
  const folder = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`, location.href);
  return new URL(file, folder);
}

/** The worker script of the engine `onnx`. It is self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function onnxWorkerUrl(): URL {
  return new URL('../workers/redaction-onnx.worker.js', import.meta.url);
}
