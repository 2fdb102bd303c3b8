import { ENGINE_FILES, type Engine } from '../assets/locations.ts';
import { FacePrivacyError } from '../core/errors.ts';

/** What an app can ask for: an engine, or `auto`. */
export type EngineChoice = Engine | 'auto';

/** Every {@link EngineChoice}. */
export const ENGINE_CHOICES: readonly EngineChoice[] = [...(Object.keys(ENGINE_FILES) as Engine[]), 'auto'];

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
