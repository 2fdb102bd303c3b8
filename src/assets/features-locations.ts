import { ENGINE_FILES, urlOf } from './locations.ts';
import type { ModelFileName } from './model-manifest.ts';
import { underBase } from './onnx-locations.ts';

// Apart from `locations.ts`: bundlers emit every file that a module names, and an app that only covers faces shall carry no recognition.

/** What features are computed on. */
export type FeaturesRuntime = 'wasm' | 'webgpu';

/** The files that the features worker loads besides its script. */
export const FEATURES_FILES = {
  wasm: [...ENGINE_FILES.onnx, 'face-resnet.onnx'],
  webgpu: [...ENGINE_FILES['onnx-webgpu'], 'face-resnet.onnx'],
} as const satisfies Record<FeaturesRuntime, readonly ModelFileName[]>;

/** A file that the features worker loads. */
export type FeaturesFile = (typeof FEATURES_FILES)[FeaturesRuntime][number];

/**
 * Where a file lies: under `baseUrl` if the app gave one (all files flat in that folder), else beside the library.
 * @param baseUrl absolute or relative to the page.
 */
export function featuresUrlOf(file: FeaturesFile, baseUrl: string | undefined): URL {
  if (file !== 'face-resnet.onnx') return urlOf(file, baseUrl);
  return baseUrl === undefined ? new URL('../models/face-resnet.onnx', import.meta.url) : underBase(file, baseUrl);
}

/**
 * The features worker's script for a runtime; on WebAssembly the one with threads where memory can be shared and there are cores to
 * spare. It is self-contained and served as it is, see `worker-csp.ts` for its headers.
 */
export function featuresWorkerUrlOf(runtime: FeaturesRuntime): URL {
  if (runtime === 'webgpu') return new URL('../workers/features-webgpu.worker.js', import.meta.url);
  return globalThis.crossOriginIsolated && navigator.hardwareConcurrency >= CORES_FOR_THREADS
    ? new URL('../workers/features-threads.worker.js', import.meta.url)
    : new URL('../workers/features.worker.js', import.meta.url);
}

/** Half of them are used: fewer would be none to share the work with. */
const CORES_FOR_THREADS = 4;
