import { transfer } from 'comlink';
import { watchFor } from './capture-watch.ts';
import { FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { FrameOutlet, WorkerEvent } from '../core/protocol.ts';
import type { TrackOutlet } from '../core/redacted-track.ts';
import { indicatorOf } from '../core/visible-indicator.ts';
import { startEngine, type RedactionHost } from './engine.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import { assertScene } from './scene-rules.ts';
import { checkSessionOptions, pipelineSettings, type SessionOptions } from './session-options.ts';
import { isCapture, openSource } from './session-source.ts';
import { handOver } from './session-parts.ts';
import { RedactionSession } from './session.ts';
import { chooseAdapter } from '../video/camera/adapters.ts';
import { createTrackOutlet } from '../video/output/redacted-track.ts';

/**
 * Opens a source, finds and covers faces in a worker, and hands out the redacted track. Nothing is asked, loaded or
 * opened without a live grant for `live-redacted-view` or `staff-review` (TAF-5.1a/b, TAF-5.3a), in the way that its scene
 * allows (TAF-4), and for a live source not before the indicator is seen (TAF-5.1f). Resolves when redacted frames can
 * flow; the first ones may be covered whole. The caller closes the session.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_SCENE_METHOD, ERR_GESTURE_REQUIRED,
 * ERR_INDICATOR_HIDDEN, ERR_PAGE_HIDDEN, ERR_CAMERA_*, ERR_SOURCE_*, ERR_STORAGE_FAILED, ERR_ASSET_*, ERR_WORKER_*,
 * ERR_DETECTOR_*, ERR_WASM_UNAVAILABLE, ERR_UNSUPPORTED or ERR_ABORTED. Nothing is left running then.
 */
export async function openRedactionSession(options: SessionOptions): Promise<RedactionSession> {
  checkSessionOptions(options);
  const operation = 'openRedactionSession';
  const { grant, source: sourceOptions, initiatedBy = 'app' } = options;
  assertGrant(grant, operation);
  assertScene(grant, { initiatedBy, method: options.redaction?.method, operation });
  const adapter = chooseAdapter(options.adapter ?? 'auto');
  const indicator = indicatorOf(options.indicator);
  const watch = isCapture(sourceOptions) ? watchFor(grant, indicator, operation) : null;
  const requestId = crypto.randomUUID();

  // One signal for whatever ends the start: the caller, the end of consent, or the failure of the other half.
  const failed = new AbortController();
  const signals = [failed.signal, grant.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const signal = AbortSignal.any(signals);
  let session: RedactionSession | null = null;
  const early: WorkerEvent[] = [];
  const listeners = {
    onEvent: (event: WorkerEvent) => {
      if (session === null) early.push(event);
      else session.handle(event);
    },
    onLost: (error: FacePrivacyError) => {
      if (session === null) failed.abort(error);
      else session.lost(error);
    },
    onAuditFailed: (error: unknown) => {
      listeners.onEvent({ kind: 'error', data: toErrorReport(error, 'ERR_STORAGE_FAILED') });
    },
  };
  if (watch !== null) {
    watch.onVerdict = (verdict) => {
      if (verdict.action === 'stop') failed.abort(verdict.error);
    };
  }

  const settings = pipelineSettings(options);
  const starting = startEngine(options, settings, listeners, signal);
  const opening = (async () => {
    await watch?.seen(signal);
    return openSource(sourceOptions, { grant, adapter, operation, initiatedBy, requestId, signal, onAuditFailed: listeners.onAuditFailed });
  })();
  try {
    // Side by side: the permission prompt may take as long as it likes while models arrive.
    await Promise.race([Promise.all([starting, opening]), abortOf(signal)]);
  } catch (error) {
    failed.abort(error);
    watch?.close();
    // Whatever still arrives is ended on arrival; that the other half fails, too, is no news.
    void starting.then(({ host }) => host.close(), () => undefined);
    void opening.then((late) => { late.close(); }, () => undefined);
    throw startError(signal.reason);
  }
  const { host, report } = await starting;
  const source = await opening;
  let outlet: TrackOutlet | null = null;
  try {
    outlet = await createTrackOutlet(adapter);
    await handOut(host, outlet.outlet);
    const sourceKind = sourceOptions.kind;
    await ConsentGrant.note(grant, 'capture.started', { requestId, source: sourceKind });
    signal.throwIfAborted();
    session = new RedactionSession({ grant, signal: options.signal, adapter, requestId, indicator, host, report, settings, outlet, source, sourceKind, watch, expiryTimer: undefined });
    // What covers the first frame is on its way to the worker before the frame is.
    session.run();
    await handOver(host, source);
  } catch (error) {
    if (session !== null) await session.close();
    watch?.close();
    source.close();
    outlet?.close();
    await host.close();
    throw startError(signal.aborted ? signal.reason : error);
  }
  for (const event of early) session.handle(event);
  session.announce();
  return session;
}

async function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
}

function startError(reason: unknown): unknown {
  if (reason instanceof FacePrivacyError || reason instanceof TypeError) return reason;
  return new FacePrivacyError('ERR_ABORTED', 'Starting the session was cancelled.', { cause: reason });
}

async function handOut(host: RedactionHost, outlet: FrameOutlet): Promise<void> {
  const channel = outlet.kind === 'stream' ? outlet.writable : outlet.port;
  await host.call((remote) => remote.setOutlet(transfer(outlet, [channel])));
}
