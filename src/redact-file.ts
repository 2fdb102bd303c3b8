import { transfer } from 'comlink';
import { loadAssets, type LoadProgress } from './assets/load-assets.ts';
import { ENGINE_FILES, urlOf } from './assets/locations.ts';
import { MODEL_MANIFEST } from './assets/model-manifest.ts';
import { fileWorkerUrl } from './assets/recording-locations.ts';
import { asFacePrivacyError, FacePrivacyError } from './core/errors.ts';
import type { FileProgress, FileReport, FileWorkerApi, FileWorkerEvent } from './core/file-redaction-protocol.ts';
import { checkOptions, matching, oneOf, type OptionRules } from './core/options.ts';
import type { PipelineSettings } from './core/protocol.ts';
import type { MediaSummary } from './core/recording.ts';
import { assertGrant, ConsentGrant } from './governance/consent/grant.ts';
import { createManifest, hashOfMedia, type RedactionManifest } from './governance/manifest/manifest.ts';
import { modelsOf } from './open-recording.ts';
import { assertNoSound, mediaRules, type MediaOptions } from './recording-options.ts';
import { assertScene } from './scene-rules.ts';
import { checkPictureOptions, pipelineSettings, type DetectionOptions, type EngineOptions, type StartOptions } from './session-options.ts';
import { WorkerHost } from './threads/worker-host.ts';

/** Where models and worker of file redaction come from. */
export interface FileAssetOptions {
  /** Folder that holds all model and runtime files; default: beside the library. */
  readonly baseUrl?: string;
  /** Makes the worker: `bauta/workers/redaction-file.worker.js`. */
  readonly createWorker?: () => Worker;
}

/** Options of `redactFile`. */
export interface RedactFileOptions extends MediaOptions, StartOptions {
  /** For `live-redacted-view`, `staff-review` or `redacted-recording`. */
  readonly grant: ConsentGrant;
  readonly redaction?: NonNullable<EngineOptions['redaction']>;
  /** As for a session; `engine` is `onnx`. `budgetMs` buys more looks per frame for a slower redaction. */
  readonly detection?: Omit<DetectionOptions, 'engine'>;
  readonly assets?: FileAssetOptions;
  /** Cancels: it fails with ERR_ABORTED and nothing of the file is left. */
  readonly signal?: AbortSignal;
  /** Bytes of models, then frames of the video. */
  readonly onProgress?: (progress: RedactFileProgress) => void;
}

/** How far a redaction is: models arrive, then two passes over the video. */
export type RedactFileProgress = ({ readonly phase: 'loading' } & LoadProgress) | ({ readonly phase: 'redacting' } & FileProgress);

/** A redacted video. */
export interface RedactedFile extends MediaSummary {
  /** The redacted video file, without sound. */
  readonly media: Blob;
  /** What was done to it, signed; see `verifyManifest`. */
  readonly manifest: RedactionManifest;
  /** Audio tracks of the file that are not in the redacted one. */
  readonly audioTracksDropped: number;
}

type FileHost = WorkerHost<FileWorkerApi, FileWorkerEvent>;

const rules: OptionRules<RedactFileOptions> = {
  ...mediaRules,
  grant: matching('a ConsentGrant', (value) => value !== undefined),
  redaction: matching('an object', (value) => typeof value === 'object' && value !== null),
  detection: matching('an object', (value) => typeof value === 'object' && value !== null),
  assets: matching('an object', (value) => typeof value === 'object' && value !== null),
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
  onProgress: matching('a function', (value) => typeof value === 'function'),
  initiatedBy: oneOf(['app', 'user']),
};

/**
 * Redacts a video file in a worker: every frame is kept with its time, every face covered from before its first to after its last sighting,
 * because the file is searched to its end before its first frame is covered. Sound is dropped. The file stays the caller's; no frame of it
 * reaches the page.
 * @throws TypeError for a bad option; FacePrivacyError ERR_MEDIA_INVALID (`details.reason`: `not-a-video`, `no-video-track`, `encrypted`,
 * `unknown-codec`, `damaged`, `no-frames`), ERR_CONSENT_*, ERR_SCENE_METHOD, ERR_GESTURE_REQUIRED, ERR_UNSUPPORTED (no encoder), ERR_ENCODER_FAILED,
 * ERR_SELF_TEST_FAILED, ERR_ASSET_*, ERR_WORKER_*, ERR_ABORTED. There is no redacted file then.
 */
export async function redactFile(file: Blob, options: RedactFileOptions): Promise<RedactedFile> {
  const operation = 'redactFile';
  if (!(file instanceof Blob)) throw new TypeError('redactFile: file must be a File or Blob.');
  checkOptions<RedactFileOptions>(operation, options, rules, ['grant']);
  const { grant, redaction, detection, assets, signal: cancel, onProgress, initiatedBy = 'app', container = 'auto', bitrate = null } = options;
  checkOptions<FileAssetOptions>('redactFile.assets', assets ?? {}, { baseUrl: matching('a URL', (value) => typeof value === 'string'), createWorker: matching('a function', (value) => typeof value === 'function') });
  const engineOptions: EngineOptions = { grant, ...(redaction === undefined ? {} : { redaction }), ...(detection === undefined ? {} : { detection }) };
  checkPictureOptions(engineOptions);
  assertGrant(grant, operation);
  assertScene(grant, { initiatedBy, method: redaction?.method, operation });
  assertNoSound(operation, options);
  const settings = pipelineSettings(engineOptions);
  const signal = AbortSignal.any([grant.signal, ...(cancel === undefined ? [] : [cancel])]);
  const tellLoading = onProgress && ((progress: LoadProgress) => { onProgress({ phase: 'loading', ...progress }); });
  const onEvent = (event: FileWorkerEvent): void => {
    if (event.kind === 'progress') onProgress?.({ phase: 'redacting', ...event.data });
  };
  throwIfAborted(signal, grant);
  const create = assets?.createWorker ?? (() => new Worker(fileWorkerUrl(), { type: 'module', name: 'bauta-redaction-file' }));
  const host: FileHost = new WorkerHost('file redaction', create, { onEvent, onLost: () => undefined });
  const abort = (): void => void host.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await load(host, settings, { baseUrl: assets?.baseUrl, onProgress: tellLoading, signal });
    const report = await host.call((remote) => remote.redact({ file, settings, container: container === 'auto' ? null : container, bitrate }));
    throwIfAborted(signal, grant);
    const { media, summary, audioTracksDropped } = report;
    return { ...summary, media, audioTracksDropped, manifest: await manifestOf(report, { grant, settings, signal }) };
  } catch (error) {
    throwIfAborted(signal, grant);
    throw asFacePrivacyError(error, 'ERR_MEDIA_INVALID');
  } finally {
    signal.removeEventListener('abort', abort);
    await host.close();
  }
}

async function load(host: FileHost, settings: PipelineSettings, { baseUrl, ...rest }: { readonly baseUrl: string | undefined; readonly signal: AbortSignal; readonly onProgress: ((progress: LoadProgress) => void) | undefined }): Promise<void> {
  const files = ENGINE_FILES.onnx.map((file) => ({ file, url: urlOf(file, baseUrl), ...MODEL_MANIFEST[file] }));
  const verified = await loadAssets(files, { ...rest, origin: location.origin });
  const buffers = verified.map(({ bytes }) => bytes);
  await host.call((remote) => {
    const port = host.eventPort;
    return remote.load(transfer(verified, buffers), settings, transfer(port, [port]));
  });
}

async function manifestOf(
  { media, summary, covers, selfTests, audioTracksDropped, engine }: FileReport,
  { grant, settings, signal }: { readonly grant: ConsentGrant; readonly settings: PipelineSettings; readonly signal: AbortSignal },
): Promise<RedactionManifest> {
  const { tracking, detection, style } = settings;
  const { mimeType, width, height, frames, durationUs } = summary;
  const context = ConsentGrant.context(grant);
  return createManifest(
    {
      madeAt: context.now(),
      origin: location.origin,
      source: 'file',
      recordingId: null,
      models: modelsOf(engine),
      settings: { engine, margin: tracking.margin, holdMs: tracking.holdMs, delayFrames: 0, maxAgeMs: detection.maxAgeMs, threshold: detection.threshold },
      styles: [{ fromUs: 0, ...style }],
      covers,
      selfTests,
      audioTracksDropped,
      complete: true,
      media: { mimeType, width, height, frames, durationUs, bytes: media.size, sha256: await hashOfMedia(media, signal) },
    },
    (statement) => context.sign(statement),
  );
}

/** The end of consent says why itself. */
function throwIfAborted(signal: AbortSignal, grant: ConsentGrant): void {
  if (grant.signal.aborted) throw grant.signal.reason as FacePrivacyError;
  if (signal.aborted) throw new FacePrivacyError('ERR_ABORTED', 'The redaction of the file was cancelled.', { cause: signal.reason });
}
