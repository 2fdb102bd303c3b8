import { ENGINE_FILES, underBase, urlOf } from './locations.ts';
import type { ModelFileName } from './model-manifest.ts';

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

/** The features worker's script for a runtime. It is self-contained and served as it is, see `worker-csp.ts` for its headers. */
export function featuresWorkerUrlOf(runtime: FeaturesRuntime): URL {
  return runtime === 'webgpu'
    ? new URL('../workers/features-webgpu.worker.js', import.meta.url)
    : new URL('../workers/features.worker.js', import.meta.url);
}
