import { transfer } from 'comlink';
import { FacePrivacyError, fromErrorReport } from './core/errors.ts';
import type { FacesReport, FrameIntake, FrameOutlet, LoadReport, StatsReport, WorkerEvent } from './core/protocol.ts';
import type { RedactedTrack } from './core/redacted-track.ts';
import { TypedEventTarget } from './core/typed-events.ts';
import { startEngine } from './engine.ts';
import { assertGrant } from './governance/consent/gate.ts';
import {
  checkRedaction,
  checkSessionOptions,
  checkSource,
  pipelineSettings,
  styleOf,
  type RedactionOptions,
  type SessionOptions,
} from './session-options.ts';
import { chooseAdapter, type Adapter } from './video/camera/adapters.ts';
import { CAPTURE_PURPOSES, openCamera } from './video/camera/capture.ts';
import { sourceOfElement, sourceOfFile, sourceOfTrack, type FrameSource, type SourceOptions } from './video/camera/frame-source.ts';
import { createTrackOutlet, type TrackOutlet } from './video/output/redacted-track.ts';
import type { WorkerHost } from './video/worker-host.ts';

/** `running`: redacted frames come out; `paused`: covered frames come out; `closed`: over, for good. */
export type SessionState = 'running' | 'paused' | 'closed';

/** The events of a session and their payloads (`event.detail`). None carries pixels. */
export interface SessionEvents {
  state: { readonly state: SessionState; readonly cause: FacePrivacyError | null };
  faces: FacesReport;
  stats: StatsReport;
  /** Something failed; the picture is covered or has ended, as the code says. */
  error: FacePrivacyError;
  /** Code in the sealed worker tried to reach the network (MEG-incident). */
  incident: FacePrivacyError;
  /** A detector did or did not find the face of the known picture; while it fails, whole frames are covered. */
  'self-test': { readonly passed: boolean; readonly model: string };
}

/** One capture from start to stop. Made by {@link openRedactionSession}; the holder closes it. */
export class RedactionSession extends TypedEventTarget<SessionEvents> {
  /** The redacted track: for `<video>`, WebRTC or `MediaRecorder`. It ends with the session. */
  readonly track: RedactedTrack;
  /** How the worker was started. */
  readonly engine: LoadReport;
  readonly adapter: Adapter;
  readonly #parts: SessionParts;
  #state: SessionState = 'running';
  #closing: Promise<void> | null = null;

  /** @internal Use {@link openRedactionSession}. */
  constructor(parts: SessionParts) {
    super();
    this.#parts = parts;
    this.track = parts.outlet.track;
    this.engine = parts.report;
    this.adapter = parts.adapter;
  }

  /** The state now; changes are told by the `state` event. */
  get state(): SessionState {
    return this.#state;
  }

  /** Changes method or strength from the next frame on. @throws TypeError for a bad option, ERR_SESSION_CLOSED. */
  async setRedaction(redaction: Pick<RedactionOptions, 'method' | 'strength'>): Promise<void> {
    checkRedaction('setRedaction', redaction);
    this.#assertOpen();
    await this.#parts.host.call((remote) => remote.setStyle(styleOf(redaction)));
  }

  /** Covers every frame whole and looks at none until {@link RedactionSession.resume}. @throws ERR_SESSION_CLOSED. */
  async pause(): Promise<void> {
    await this.#setPaused(true);
  }

  /** Undoes {@link RedactionSession.pause}; the first frames stay covered until the picture was searched. @throws ERR_SESSION_CLOSED. */
  async resume(): Promise<void> {
    await this.#setPaused(false);
  }

  /**
   * Switches to another camera, track, file or element; the redacted track stays the same. What the new source shows
   * is covered until it was searched. When the new source fails, the old one goes on.
   * @throws TypeError, ERR_CAMERA_*, ERR_SOURCE_*, ERR_CONSENT_*, ERR_SESSION_CLOSED.
   */
  async setSource(source: SourceOptions): Promise<void> {
    checkSource('setSource', source);
    this.#assertOpen();
    const next = await openSource(source, this.#parts);
    if (this.#closing !== null) {
      next.close();
      this.#assertOpen();
    }
    const old = this.#parts.source;
    this.#parts.source = next;
    old.onEnded = null;
    this.#watchSource();
    try {
      await handOver(this.#parts.host, next.intake);
    } finally {
      old.close();
    }
  }

  /** Ends everything: source, worker, track. Idempotent; resolves when nothing is left running. */
  close(): Promise<void> {
    return this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Wires what can end the session. Called once, by {@link openRedactionSession}. */
  run(): void {
    const { grant, signal } = this.#parts;
    this.#watchSource();
    this.#parts.outlet.onStopped = () => void this.#end(null);
    grant.signal.addEventListener('abort', this.#consentEnded, { once: true });
    signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#watchExpiry();
    if (grant.signal.aborted) this.#consentEnded();
    else if (signal?.aborted === true) this.#aborted();
  }

  /** @internal */
  handle(event: WorkerEvent): void {
    switch (event.kind) {
      case 'faces':
        this.emit('faces', event.data);
        return;
      case 'stats':
        this.emit('stats', event.data);
        return;
      case 'self-test':
        this.emit('self-test', event.data);
        return;
      case 'error':
        this.emit('error', fromErrorReport(event.data));
        return;
      case 'incident':
        this.emit('incident', fromErrorReport(event.data));
        return;
      case 'ended':
        // An app that stops the track wants no more of it: the camera must not run on for nobody.
        void this.#end(event.data.by === 'outlet' ? null : new FacePrivacyError('ERR_SOURCE_ENDED', 'The source gives no more frames.'));
        return;
      case 'heartbeat':
        return;
    }
  }

  /** @internal */
  lost(error: FacePrivacyError): void {
    void this.#end(error);
  }

  async #setPaused(paused: boolean): Promise<void> {
    this.#assertOpen();
    await this.#parts.host.call((remote) => remote.setPaused(paused));
    this.#enter(paused ? 'paused' : 'running', null);
  }

  #watchSource(): void {
    this.#parts.source.onEnded = (error) => void this.#end(error);
  }

  readonly #consentEnded = (): void => void this.#end(this.#parts.grant.signal.reason as FacePrivacyError);
  readonly #aborted = (): void => void this.#end(null);

  #watchExpiry(): void {
    // setTimeout holds 2^31 ms at most; a longer validity is looked at again in a day.
    const left = Math.min(this.#parts.grant.validUntil - Date.now(), 24 * 3600 * 1000);
    this.#parts.expiryTimer = setTimeout(
      () => {
        if (Date.now() < this.#parts.grant.validUntil) this.#watchExpiry();
        else void this.#end(new FacePrivacyError('ERR_CONSENT_EXPIRED', 'Consent has expired; ask again.'));
      },
      Math.max(0, left),
    );
  }

  #end(cause: FacePrivacyError | null): Promise<void> {
    this.#closing ??= this.#closeAll(cause);
    return this.#closing;
  }

  async #closeAll(cause: FacePrivacyError | null): Promise<void> {
    const { source, outlet, host, grant, signal, expiryTimer } = this.#parts;
    clearTimeout(expiryTimer);
    grant.signal.removeEventListener('abort', this.#consentEnded);
    signal?.removeEventListener('abort', this.#aborted);
    // Camera light and picture first, then the worker, which may take a moment to settle its last frame.
    source.close();
    outlet.close();
    const openFrames = await host.close();
    this.#enter('closed', cause);
    if (cause !== null) this.emit('error', cause);
    if (openFrames !== null && openFrames > 0) {
      this.emit('error', new FacePrivacyError('ERR_WORKER_LOST', 'The worker was ended with frames open.', { details: { openFrames } }));
    }
  }

  #enter(state: SessionState, cause: FacePrivacyError | null): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.emit('state', { state, cause });
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The session is closed; open a new one.');
  }
}

interface SessionParts {
  readonly grant: SessionOptions['grant'];
  readonly signal: AbortSignal | undefined;
  readonly adapter: Adapter;
  readonly host: WorkerHost;
  readonly report: LoadReport;
  readonly outlet: TrackOutlet;
  source: FrameSource;
  expiryTimer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Opens a source, finds and covers faces in a worker, and hands out the redacted track. Nothing is asked, loaded or
 * opened without a live grant for `live-redacted-view` or `staff-review` (TAF-5.1a/b, TAF-5.3a). Resolves when redacted
 * frames can flow; the first ones may be covered whole. The caller closes the session.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_CAMERA_*, ERR_SOURCE_*, ERR_ASSET_*,
 * ERR_WORKER_*, ERR_DETECTOR_*, ERR_WASM_UNAVAILABLE, ERR_UNSUPPORTED or ERR_ABORTED. Nothing is left running then.
 */
export async function openRedactionSession(options: SessionOptions): Promise<RedactionSession> {
  checkSessionOptions(options);
  const { grant, source: sourceOptions } = options;
  assertGrant(grant, CAPTURE_PURPOSES, 'openRedactionSession', Date.now());
  const adapter = chooseAdapter(options.adapter ?? 'auto');

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
  };

  const starting = startEngine(options, pipelineSettings(options), listeners, signal);
  const opening = openSource(sourceOptions, { grant, adapter });
  try {
    // Side by side: the permission prompt may take as long as it likes while models arrive.
    await Promise.race([Promise.all([starting, opening]), abortOf(signal)]);
  } catch (error) {
    failed.abort(error);
    // Whatever still arrives is ended on arrival; that the other half fails, too, is no news.
    void starting.then(({ host }) => host.close(), () => undefined);
    void opening.then((late) => { late.close(); }, () => undefined);
    throw startError(signal.reason);
  }
  const { host, report } = await starting;
  const source = await opening;
  let outlet: TrackOutlet | null = null;
  try {
    outlet = createTrackOutlet(adapter);
    await handOut(host, outlet.outlet);
    session = new RedactionSession({ grant, signal: options.signal, adapter, host, report, outlet, source, expiryTimer: undefined });
    session.run();
    await handOver(host, source.intake);
  } catch (error) {
    if (session !== null) await session.close();
    source.close();
    outlet?.close();
    await host.close();
    throw startError(signal.aborted ? signal.reason : error);
  }
  for (const event of early) session.handle(event);
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

async function openSource(source: SourceOptions, { grant, adapter }: Pick<SessionParts, 'grant' | 'adapter'>): Promise<FrameSource> {
  assertGrant(grant, CAPTURE_PURPOSES, 'openRedactionSession', Date.now());
  switch (source.kind) {
    case 'camera':
      return sourceOfTrack(await openCamera(grant, source.constraints), adapter, true);
    case 'track':
      return sourceOfTrack(source.track, adapter, false);
    case 'element':
      return sourceOfElement(source.element);
    case 'file':
      return sourceOfFile(source.file, source.loop ?? false);
  }
}

async function handOver(host: WorkerHost, intake: FrameIntake): Promise<void> {
  const channel = intake.kind === 'stream' ? intake.readable : intake.port;
  await host.call((remote) => remote.setIntake(transfer(intake, [channel])));
}

async function handOut(host: WorkerHost, outlet: FrameOutlet): Promise<void> {
  const channel = outlet.kind === 'stream' ? outlet.writable : outlet.port;
  await host.call((remote) => remote.setOutlet(transfer(outlet, [channel])));
}
