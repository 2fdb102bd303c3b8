import type { ExpectedFile } from '../assets/load-assets.ts';
import { ENGINE_FILES, urlOf, workerUrlOf, type Engine } from '../assets/locations.ts';
import { MODEL_MANIFEST } from '../assets/model-manifest.ts';
import { FacePrivacyError } from '../core/errors.ts';

/** What an app can ask for: an engine, or `auto`. */
export type EngineChoice = Engine | 'auto';

/** What it takes to start an engine. */
export interface EngineParts {
  readonly engine: Engine;
  readonly files: readonly ExpectedFile[];
  readonly workerUrl: URL;
}

/** The parts of the engine for a choice, or null for `onnx`, which every page has. @throws as {@link chooseEngine}. */
export async function otherEngine(choice: EngineChoice, baseUrl: string | undefined): Promise<EngineParts | null> {
  const engine = await chooseEngine(choice);
  if (engine === 'onnx') return null;
  return { engine, files: ENGINE_FILES[engine].map((file) => ({ file, url: urlOf(file, baseUrl), ...MODEL_MANIFEST[file] })), workerUrl: workerUrlOf(engine) };
}

/** The part of a browser that decides about WebGPU. */
export interface GpuReach {
  readonly gpu: Pick<GPU, 'requestAdapter'> | undefined;
  /** WebAssembly JavaScript Promise Integration, which ONNX Runtime's WebGPU build waits for the GPU with. */
  readonly promiseIntegration: boolean;
}

/**
 * The engine for a choice, before anything of it is fetched. What this browser can do decides; whether it is any faster
 * is found out by the engine itself.
 * @throws FacePrivacyError ERR_UNSUPPORTED when `onnx-webgpu` was asked for and cannot run.
 */
export async function chooseEngine(choice: EngineChoice, reach: GpuReach = reachHere()): Promise<Engine> {
  if (choice === 'onnx' || choice === 'mediapipe') return choice;
  const missing = await whatIsMissing(reach, choice === 'auto');
  if (missing === null) return 'onnx-webgpu';
  if (choice === 'auto') return 'onnx';
  throw new FacePrivacyError('ERR_UNSUPPORTED', `The engine onnx-webgpu cannot run in this browser: there is no ${missing}. Use the engine auto.`, { details: { missing } });
}

function reachHere(): GpuReach {
  return { gpu: 'gpu' in navigator ? navigator.gpu : undefined, promiseIntegration: 'Suspending' in WebAssembly };
}

async function whatIsMissing({ gpu, promiseIntegration }: GpuReach, hardwareOnly: boolean): Promise<string | null> {
  if (gpu === undefined) return 'WebGPU';
  if (!promiseIntegration) return 'WebAssembly JavaScript Promise Integration';
  const adapter = await gpu.requestAdapter();
  if (adapter === null) return 'WebGPU adapter';
  // In software it is a hundred times slower than WebAssembly: not worth the download that a contest would take.
  return hardwareOnly && adapter.info.isFallbackAdapter ? 'GPU' : null;
}
