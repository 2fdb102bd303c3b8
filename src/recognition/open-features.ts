import { transfer } from 'comlink';
import { FEATURES_FILES, featuresUrlOf, featuresWorkerUrlOf, type FeaturesRuntime } from '../assets/features-locations.ts';
import { loadAssets, type LoadProgress } from '../assets/load-assets.ts';
import { MODEL_MANIFEST } from '../assets/model-manifest.ts';
import { chooseEngine } from '../session/choose-engine.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { FeaturesEvent, FeaturesLoadReport, FeaturesWorkerApi } from '../core/features-protocol.ts';
import { checkOptions, isObject, matching, oneOf, urlHere } from '../core/options.ts';
import { eraseAlbumsOf } from './erase-albums.ts';
import { erasePersonEverywhere } from './erase-person.ts';
import { FaceFeatures, type FeaturesHost } from './face-features.ts';
import { assertGrant, type ConsentGrant } from '../governance/consent/grant.ts';
import { reportFailure } from '../session/incident-report.ts';
import { WorkerHost, type WorkerHostListeners } from '../threads/worker-host.ts';

/** Where models and worker come from. Always the page's own origin. */
export interface FeaturesAssetOptions {
  /** Folder that holds all model and runtime files; default: beside the library. */
  readonly baseUrl?: string;
  /** Makes the worker; the script must be that of the runtime in `bauta/workers/*`. */
  readonly createWorker?: (runtime: FeaturesRuntime) => Worker;
}

/** Options of {@link openFaceFeatures}. */
export interface FaceFeaturesOptions {
  /** For `feature-extraction`, `comparison` or `album-grouping`; whose face it is. */
  readonly grant: ConsentGrant;
  /** Default `wasm`. `webgpu` fails with ERR_UNSUPPORTED where there is none; `auto` takes it where there is a GPU. */
  readonly runtime?: FeaturesRuntime | 'auto';
  readonly assets?: FeaturesAssetOptions;
  /** Ends the features, also while they are starting. */
  readonly signal?: AbortSignal;
  /** Bytes loaded so far while model and runtime arrive. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Starts the features worker for one person (TAF-5.3d, MEG-separate): nothing is loaded without a live grant for a biometric purpose.
 * Resolves when the worker has passed its self-test and shut its network. The caller closes what comes back; it ends by itself with
 * the grant.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_ASSET_*, ERR_WORKER_*, ERR_WASM_UNAVAILABLE, ERR_EMBEDDER_FAILED,
 * ERR_DETECTOR_*, ERR_SELF_TEST_FAILED, ERR_UNSUPPORTED, ERR_ABORTED. Nothing is left running then.
 */
export async function openFaceFeatures(options: FaceFeaturesOptions): Promise<FaceFeatures> {
  checkFeaturesOptions(options);
  const { grant } = options;
  assertGrant(grant, 'openFaceFeatures');
  const signal = options.signal === undefined ? grant.signal : AbortSignal.any([grant.signal, options.signal]);
  const opened: { features?: FaceFeatures; early: FeaturesEvent[] } = { early: [] };
  const { host, report } = await startFeatures(options, signal, {
    onEvent: (event) => {
      if (opened.features === undefined) opened.early.push(event);
      else opened.features.handle(event);
    },
    // While it is starting, the call that waits for it rejects.
    onLost: (error) => opened.features?.lost(error),
  });
  const features = new FaceFeatures({ grant, host, report, signal: options.signal });
  opened.features = features;
  for (const event of opened.early) features.handle(event);
  const internals = FaceFeatures.internals(features);
  internals.onConsentOver('comparison', 'galleries', erasePersonEverywhere);
  internals.onConsentOver('album-grouping', 'albums', eraseAlbumsOf);
  return features;
}

async function startFeatures(
  { grant, runtime = 'wasm', assets = {}, onProgress }: FaceFeaturesOptions,
  signal: AbortSignal,
  listeners: WorkerHostListeners<FeaturesEvent>,
): Promise<{ readonly host: FeaturesHost; readonly report: FeaturesLoadReport }> {
  if (signal.aborted) throw startError(signal);
  const chosen = await runtimeFor(runtime);
  if (signal.aborted) throw startError(signal);
  const { baseUrl, createWorker = () => new Worker(featuresWorkerUrlOf(chosen), { type: 'module', name: 'bauta-features' }) } = assets;
  const files = FEATURES_FILES[chosen].map((file) => ({ file, url: featuresUrlOf(file, baseUrl), ...MODEL_MANIFEST[file] }));
  // The worker's script compiles while the models are on their way.
  const host: FeaturesHost = new WorkerHost<FeaturesWorkerApi, FeaturesEvent>('features', () => createWorker(chosen), listeners);
  const abort = (): void => void host.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const loaded = await loadAssets(files, { signal, onProgress, origin: location.origin });
    const buffers = loaded.map(({ bytes }) => bytes);
    const report = await host.call((remote) => {
      const port = host.eventPort;
      return remote.load(transfer(loaded, buffers), transfer(port, [port]));
    });
    signal.throwIfAborted();
    return { host, report };
  } catch (error) {
    await host.close();
    reportFailure(grant, error);
    throw signal.aborted ? startError(signal) : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function runtimeFor(choice: FeaturesRuntime | 'auto'): Promise<FeaturesRuntime> {
  if (choice === 'wasm') return 'wasm';
  return (await chooseEngine(choice === 'auto' ? 'auto' : 'onnx-webgpu')) === 'onnx-webgpu' ? 'webgpu' : 'wasm';
}

function startError(signal: AbortSignal): FacePrivacyError {
  return signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'Starting was cancelled.', { cause: signal.reason });
}

function checkFeaturesOptions(options: unknown): asserts options is FaceFeaturesOptions {
  const owner = 'openFaceFeatures';
  const aFunction = matching('a function', (value) => typeof value === 'function');
  checkOptions<FaceFeaturesOptions>(
    owner,
    options,
    {
      grant: matching('a ConsentGrant', (value) => value !== undefined),
      runtime: oneOf(['auto', 'wasm', 'webgpu']),
      assets: matching('an object', isObject),
      signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
      onProgress: aFunction,
    },
    ['grant'],
  );
  checkOptions<FeaturesAssetOptions>(`${owner}.assets`, options.assets ?? {}, {
    baseUrl: urlHere,
    createWorker: aFunction,
  });
}
