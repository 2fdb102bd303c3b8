import { transfer } from 'comlink';
import { loadAssets, type LoadProgress } from '../assets/load-assets.ts';
import { ENGINE_FILES, urlOf } from '../assets/locations.ts';
import { MODEL_MANIFEST } from '../assets/model-manifest.ts';
import { fileWorkerUrl } from '../assets/recording-locations.ts';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { FileProgress, FileWorkerApi, FileWorkerEvent } from '../core/file-redaction-protocol.ts';
import { checkOptions, matching, urlHere } from '../core/options.ts';
import type { PipelineSettings } from '../core/protocol.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import { reportFailure } from '../session/incident-report.ts';
import { WorkerHost } from '../threads/worker-host.ts';

/** Where models and worker of file redaction come from. */
export interface FileAssetOptions {
  /** Folder that holds all model and runtime files; default: beside the library. */
  readonly baseUrl?: string;
  /** Makes the worker: `bauta/workers/redaction-file.worker.js`. */
  readonly createWorker?: () => Worker;
}

/** How far work on a file is: models arrive, then passes over the video. */
export type FileWorkProgress = ({ readonly phase: 'loading' } & LoadProgress) | ({ readonly phase: 'redacting' } & FileProgress);

/** @internal The main thread's handle of the worker for files. */
export type FileHost = WorkerHost<FileWorkerApi, FileWorkerEvent>;

/** @internal What work on a file needs. */
export interface FileWork {
  readonly grant: ConsentGrant;
  /** Where sound is kept, too: its end ends the work. */
  readonly soundGrant?: ConsentGrant;
  readonly settings: PipelineSettings;
  readonly assets: FileAssetOptions | undefined;
  readonly cancel: AbortSignal | undefined;
  readonly onProgress: ((progress: FileWorkProgress) => void) | undefined;
}

/** @internal @throws TypeError for a bad option. */
export function checkFileAssets(operation: string, assets: FileAssetOptions | undefined): void {
  checkOptions<FileAssetOptions>(`${operation}.assets`, assets ?? {}, { baseUrl: urlHere, createWorker: matching('a function', (value) => typeof value === 'function') });
}

/**
 * @internal Starts the worker, loads the engine, does the work and ends the worker, whatever comes of it.
 * @throws FacePrivacyError what ended the grant, ERR_ABORTED, ERR_ASSET_*, ERR_WORKER_*, ERR_MEDIA_INVALID and what the work throws.
 */
export async function withFileWorker<T>({ grant, soundGrant, settings, assets, cancel, onProgress }: FileWork, work: (host: FileHost, signal: AbortSignal) => Promise<T>): Promise<T> {
  const grants = soundGrant === undefined ? [grant] : [grant, soundGrant];
  const signal = AbortSignal.any([...grants.map((each) => each.signal), ...(cancel === undefined ? [] : [cancel])]);
  const tellLoading = onProgress && ((progress: LoadProgress) => { onProgress({ phase: 'loading', ...progress }); });
  const onEvent = (event: FileWorkerEvent): void => {
    if (event.kind === 'progress') onProgress?.({ phase: 'redacting', ...event.data });
    else if (event.kind === 'incident') reportFailure(grant, fromErrorReport(event.data));
  };
  throwIfAborted(signal, grants);
  const create = assets?.createWorker ?? (() => new Worker(fileWorkerUrl(), { type: 'module', name: 'bauta-redaction-file' }));
  const host: FileHost = new WorkerHost('file redaction', create, { onEvent, onLost: () => undefined });
  const abort = (): void => void host.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await load(host, settings, { baseUrl: assets?.baseUrl, onProgress: tellLoading, signal });
    const done = await work(host, signal);
    throwIfAborted(signal, grants);
    return done;
  } catch (error) {
    throwIfAborted(signal, grants);
    const failure = asFacePrivacyError(error, 'ERR_MEDIA_INVALID');
    reportFailure(grant, failure);
    throw failure;
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

/** The end of consent says why itself. */
function throwIfAborted(signal: AbortSignal, grants: readonly ConsentGrant[]): void {
  const ended = grants.find((grant) => grant.signal.aborted);
  if (ended !== undefined) throw ended.signal.reason as FacePrivacyError;
  if (signal.aborted) throw new FacePrivacyError('ERR_ABORTED', 'The work on the file was cancelled.', { cause: signal.reason });
}
