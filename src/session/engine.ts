import { transfer } from 'comlink';
import { loadAssets } from '../assets/load-assets.ts';
import { ONNX_FILES, onnxUrlOf, onnxWorkerUrl } from '../assets/onnx-locations.ts';
import { ONNX_MANIFEST } from '../assets/onnx-manifest.ts';
import type { EngineParts } from './choose-engine.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { later } from '../core/later.ts';
import type { LoadReport, PipelineSettings, RedactionWorkerApi, WorkerEvent } from '../core/protocol.ts';
import type { EngineOptions } from './session-options.ts';
import { reportFailure } from './incident-report.ts';
import { WorkerHost, type WorkerHostListeners } from '../threads/worker-host.ts';

/** The page's end of a redaction worker. */
export type RedactionHost = WorkerHost<RedactionWorkerApi, WorkerEvent>;

/** Compiled by the page while it arrives: MediaPipe's runtime compiles by itself, and that for WebGPU was not measured. */
const COMPILED = 'ort-wasm-simd-threaded.wasm';

/** A worker that has loaded, passed its self-test and shut its network. */
export interface StartedEngine {
  readonly host: RedactionHost;
  readonly report: LoadReport;
}

/**
 * Starts a redaction worker: fetches and verifies its files, hands them over, waits until it is sealed. On failure
 * nothing is left running.
 * @throws FacePrivacyError ERR_ASSET_*, ERR_WORKER_*, ERR_WASM_UNAVAILABLE, ERR_DETECTOR_*, ERR_SELF_TEST_FAILED or ERR_ABORTED.
 */
export async function startEngine(
  options: EngineOptions,
  settings: PipelineSettings,
  listeners: WorkerHostListeners<WorkerEvent>,
  signal: AbortSignal,
): Promise<StartedEngine> {
  signal.throwIfAborted();
  const { baseUrl, createWorker } = options.assets ?? {};
  const choice = options.detection?.engine ?? 'onnx';
  const other = choice === 'onnx' ? null : await (await later(import('./choose-engine.ts'))).otherEngine(choice, baseUrl);
  const { engine, files, workerUrl } = other ?? onnxEngine(baseUrl);
  signal.throwIfAborted();
  // The worker's script compiles while the models are on their way.
  const host = new WorkerHost<RedactionWorkerApi, WorkerEvent>('redaction', () => createWorker?.(engine) ?? new Worker(workerUrl, { type: 'module', name: 'bauta-redaction' }), listeners);
  const abort = (): void => {
    void host.close();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const assets = await loadAssets(files, { signal, onProgress: options.onProgress, origin: location.origin });
    const buffers = assets.map(({ bytes }) => bytes);
    const report = await host.call((remote) => {
      const port = host.eventPort;
      return remote.load(transfer(assets, buffers), settings, transfer(port, [port]));
    });
    signal.throwIfAborted();
    return { host, report };
  } catch (error) {
    await host.close();
    reportFailure(options.grant, error);
    if (signal.aborted) {
      throw signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'Starting was cancelled.', { cause: signal.reason });
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function onnxEngine(baseUrl: string | undefined): EngineParts {
  const files = ONNX_FILES.map((file) => ({ file, url: onnxUrlOf(file, baseUrl), ...ONNX_MANIFEST[file], compile: file === COMPILED }));
  return { engine: 'onnx', files, workerUrl: onnxWorkerUrl() };
}
