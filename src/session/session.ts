import { watchFor, type CaptureVerdict, type CaptureWatch } from './capture-watch.ts';
import type { ClaimEnded } from '../core/claim-protocol.ts';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { FacesReport, LoadReport, StatsReport, WorkerEvent } from '../core/protocol.ts';
import type { RedactedTrack } from '../core/redacted-track.ts';
import type { RedactionStyle } from '../core/redaction.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import { reportFailure } from './incident-report.ts';
import { assertMethod, assertScene } from './scene-rules.ts';
import {
  checkRedaction,
  checkSource,
  checkStart,
  styleOf,
  type RedactionOptions,
  type StartOptions,
} from './session-options.ts';
import { handOver, type SessionInternals, type SessionParts } from './session-parts.ts';
import { isCapture, openSource } from './session-source.ts';
import type { Adapter, FrameSource } from '../video/camera/adapters.ts';
import type { SourceOptions } from '../video/camera/frame-source.ts';

/**
 * `running`: redacted frames come out; `paused`: covered frames come out, because the app asked for it or (then the event
 * has a cause) because nobody can see the indicator or the page; `closed`: over, for good.
 */
export type SessionState = 'running' | 'paused' | 'closed';

/** The events of a session and their payloads (`event.detail`). None carries pixels. */
export interface SessionEvents {
  state: { readonly state: SessionState; readonly cause: FacePrivacyError | null };
  /** Pictures are being taken from a source, from now on or no longer (TAF-5.1f); the audit log says the same. */
  capture: { readonly capturing: boolean; readonly source: SourceOptions['kind']; readonly requestId: string };
  faces: FacesReport;
  stats: StatsReport;
  /** A claim on a track is over (`bauta/features`): the face is no longer certain to be the same person's, or somebody ended it. */
  claim: ClaimEnded;
  /** Something failed; the picture is covered or has ended, as the code says. */
  error: FacePrivacyError;
  /** Code in the sealed worker tried to reach the network (MEG-incident). */
  incident: FacePrivacyError;
  /** A detector did or did not find the face of the known picture; while it fails, whole frames are covered. */
  'self-test': { readonly passed: boolean; readonly model: string };
}

/** One capture from start to stop. Made by `openRedactionSession`; the holder closes it. */
export class RedactionSession extends TypedEventTarget<SessionEvents> {
  /** The redacted track: for `<video>`, WebRTC or `MediaRecorder`. It ends with the session. */
  readonly track: RedactedTrack;
  /** How the worker was started. */
  readonly engine: LoadReport;
  readonly adapter: Adapter;
  /** Stands in every audit entry of this session (MEG-request-id). */
  readonly requestId: string;
  readonly #parts: SessionParts;
  #state: SessionState = 'running';
  #cause: FacePrivacyError | null = null;
  #pausedByApp = false;
  #closing: Promise<void> | null = null;
  #style: RedactionStyle;
  /** Aborts whatever is being opened for this session. */
  readonly #ended = new AbortController();

  /** @internal Use `openRedactionSession`. */
  constructor(parts: SessionParts) {
    super();
    this.#parts = parts;
    this.track = parts.outlet.track;
    this.engine = parts.report;
    this.adapter = parts.adapter;
    this.requestId = parts.requestId;
    this.#style = parts.settings.style;
  }

  /** The state now; changes are told by the `state` event. */
  get state(): SessionState {
    return this.#state;
  }

  /** Changes method or strength from the next frame on. @throws TypeError for a bad option, ERR_SCENE_METHOD, ERR_SESSION_CLOSED. */
  async setRedaction(redaction: Pick<RedactionOptions, 'method' | 'strength'>): Promise<void> {
    checkRedaction('setRedaction', redaction);
    this.#assertOpen();
    assertMethod(this.#parts.grant, redaction.method, 'setRedaction');
    const style = styleOf(redaction);
    await this.#parts.host.call((remote) => remote.setStyle(style));
    this.#style = style;
  }

  /** Covers every frame whole and looks at none until {@link RedactionSession.resume}. @throws ERR_SESSION_CLOSED. */
  async pause(): Promise<void> {
    this.#assertOpen();
    this.#pausedByApp = true;
    await this.#applyCover();
  }

  /**
   * Undoes {@link RedactionSession.pause}; the first frames stay covered until the picture was searched, and all of them
   * for as long as the indicator or the page is hidden. @throws ERR_SESSION_CLOSED.
   */
  async resume(): Promise<void> {
    this.#assertOpen();
    this.#pausedByApp = false;
    await this.#applyCover();
  }

  /**
   * Switches to another camera, track, file or element; the redacted track stays the same. What the new source shows
   * is covered until it was searched. When the new source fails, the old one goes on. It is a start like any other: with
   * the person's own act where the scene asks for one.
   * @throws TypeError, ERR_CAMERA_*, ERR_SOURCE_*, ERR_CONSENT_*, ERR_GESTURE_REQUIRED, ERR_INDICATOR_HIDDEN, ERR_SESSION_CLOSED.
   */
  async setSource(source: SourceOptions, start: StartOptions = {}): Promise<void> {
    checkSource('setSource', source);
    checkStart('setSource', start);
    this.#assertOpen();
    const operation = 'RedactionSession.setSource';
    const { grant, adapter, requestId, indicator } = this.#parts;
    const { initiatedBy = 'app' } = start;
    assertGrant(grant, operation);
    assertScene(grant, { initiatedBy, method: undefined, operation });
    const current = this.#parts.watch;
    const watch = isCapture(source) ? (current ?? watchFor(grant, indicator, operation)) : null;
    const dropWatch = (): void => {
      if (watch !== current) watch?.close();
    };
    const signal = AbortSignal.any([grant.signal, this.#ended.signal]);
    let next: FrameSource;
    try {
      await watch?.seen(signal);
      next = await openSource(source, { grant, adapter, operation, initiatedBy, requestId, signal, onAuditFailed: this.#auditFailed });
    } catch (error) {
      dropWatch();
      throw error;
    }
    if (this.#closing !== null) {
      dropWatch();
      next.close();
      this.#assertOpen();
    }
    await this.#switchTo(next, watch, source.kind);
  }

  /** Ends everything: source, worker, track. Idempotent; resolves when nothing is left running, and the audit log holds what ended with it. */
  close(): Promise<void> {
    return this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal What `session-desks.ts` makes desks of. @throws TypeError for a look-alike. */
  static internals(session: RedactionSession): SessionInternals {
    if (typeof session !== 'object' || (session as unknown) === null || !(#parts in session)) throw new TypeError('session must be a RedactionSession from openRedactionSession().');
    return { parts: session.#parts, style: () => session.#style, assertOpen: () => { session.#assertOpen(); } };
  }

  /** @internal Wires what can end the session. Called once, by `openRedactionSession`. */
  run(): void {
    const { grant, signal, watch } = this.#parts;
    this.#watchSource();
    this.#watchIndicator();
    this.#parts.outlet.onStopped = () => void this.#end(null);
    grant.signal.addEventListener('abort', this.#consentEnded, { once: true });
    signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#watchExpiry();
    if (grant.signal.aborted) this.#consentEnded();
    else if (signal?.aborted === true) this.#aborted();
    // What became of the indicator while everything was loading.
    else if (watch !== null && watch.verdict.action !== 'run') this.#obey(watch.verdict);
  }

  /** @internal Tells that it has begun, when the app has had time to listen. */
  announce(): void {
    setTimeout(() => {
      const { sourceKind: source, requestId } = this.#parts;
      if (this.#closing === null) this.emit('capture', { capturing: true, source, requestId });
    });
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
      case 'claim':
        this.emit('claim', event.data);
        return;
      case 'self-test':
        this.emit('self-test', event.data);
        return;
      case 'error':
        this.emit('error', fromErrorReport(event.data));
        return;
      case 'incident': {
        const incident = fromErrorReport(event.data);
        reportFailure(this.#parts.grant, incident, this.#auditFailed);
        this.emit('incident', incident);
        return;
      }
      case 'ended':
        // An app that stops the track wants no more of it: the camera must not run on for nobody.
        if (event.data.by === 'outlet') void this.#end(null);
        else this.#ranDry();
        return;
      case 'heartbeat':
        return;
    }
  }

  /** @internal */
  lost(error: FacePrivacyError): void {
    void this.#end(error);
  }

  async #switchTo(next: FrameSource, watch: CaptureWatch | null, sourceKind: SourceOptions['kind']): Promise<void> {
    const { source: old, watch: oldWatch, sourceKind: oldKind, requestId } = this.#parts;
    old.onEnded = null;
    Object.assign(this.#parts, { source: next, watch, sourceKind });
    this.#watchSource();
    void this.#audit('capture.stopped', { source: oldKind });
    void this.#audit('capture.started', { source: sourceKind });
    try {
      if (oldWatch !== watch) this.#watchIndicator();
      // A cover that the new source needs comes before its first frame; one that it does not need goes after the old one's last.
      if (watch !== null) await this.#applyCover();
      await handOver(this.#parts.host, next);
      if (watch === null) await this.#applyCover();
    } finally {
      if (oldWatch !== watch) oldWatch?.close();
      old.close();
    }
    this.emit('capture', { capturing: false, source: oldKind, requestId });
    this.emit('capture', { capturing: true, source: sourceKind, requestId });
  }

  #ranDry(): void {
    // A source that was closed by us gives no more, either.
    if (this.#closing !== null) return;
    const { source } = this.#parts;
    if (source.ranDry === undefined) void this.#end(new FacePrivacyError('ERR_SOURCE_ENDED', 'The source gives no more frames.'));
    else source.ranDry();
  }

  #watchSource(): void {
    this.#parts.source.onEnded = (error) => void this.#end(error);
  }

  #watchIndicator(): void {
    const { watch } = this.#parts;
    if (watch === null) return;
    watch.onVerdict = (verdict) => {
      this.#obey(verdict);
    };
    watch.show(this.#state === 'running' ? 'on' : 'covered');
  }

  #obey(verdict: CaptureVerdict): void {
    if (verdict.action === 'stop') {
      void this.#end(verdict.error);
      return;
    }
    void this.#audit(verdict.action === 'cover' ? 'capture.covered' : 'capture.uncovered', verdict.error === null ? {} : { cause: verdict.error.code });
    this.#applyCover().catch((error: unknown) => {
      void this.#end(asFacePrivacyError(error, 'ERR_WORKER_LOST'));
    });
  }

  /** Covers or uncovers as the app and the rule together want it; the message to the worker leaves in this turn. */
  async #applyCover(): Promise<void> {
    const { host, watch } = this.#parts;
    const cause = watch?.verdict.error ?? null;
    const covered = this.#pausedByApp || cause !== null;
    await host.call((remote) => remote.setPaused(covered));
    this.#enter(covered ? 'paused' : 'running', cause);
  }

  readonly #auditFailed = (error: unknown): void => {
    this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
  };

  async #audit(code: AuditCode, ids: AuditIds): Promise<void> {
    const { grant, requestId } = this.#parts;
    await ConsentGrant.note(grant, code, { requestId, ...ids }).catch(this.#auditFailed);
  }

  readonly #consentEnded = (): void => void this.#end(this.#parts.grant.signal.reason as FacePrivacyError);
  readonly #aborted = (): void => void this.#end(null);

  #watchExpiry(): void {
    const { grant } = this.#parts;
    const { now } = ConsentGrant.context(grant);
    // setTimeout holds 2^31 ms at most; a longer validity is looked at again in a day.
    const left = Math.min(grant.validUntil - now(), 24 * 3600 * 1000);
    this.#parts.expiryTimer = setTimeout(
      () => {
        if (now() < grant.validUntil) this.#watchExpiry();
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
    const { source, outlet, host, grant, signal, expiryTimer, requestId, sourceKind, watch } = this.#parts;
    this.#ended.abort(new FacePrivacyError('ERR_SESSION_CLOSED', 'The session is closed; open a new one.'));
    clearTimeout(expiryTimer);
    grant.signal.removeEventListener('abort', this.#consentEnded);
    signal?.removeEventListener('abort', this.#aborted);
    // Camera light and picture first, then the worker, which may take a moment to settle its last frame.
    source.close();
    outlet.close();
    watch?.close();
    const noted = this.#audit('capture.stopped', { source: sourceKind, ...(cause === null ? {} : { cause: cause.code }) });
    const [openFrames] = await Promise.all([host.close(), noted]);
    this.#enter('closed', cause);
    this.emit('capture', { capturing: false, source: sourceKind, requestId });
    if (cause !== null) this.emit('error', cause);
    if (openFrames !== null && openFrames > 0) {
      this.emit('error', new FacePrivacyError('ERR_WORKER_LOST', 'The worker was ended with frames open.', { details: { openFrames } }));
    }
    // What ended with it, such as claims, was noted by now, perhaps not yet written.
    await ConsentGrant.context(grant).settled();
  }

  #enter(state: SessionState, cause: FacePrivacyError | null): void {
    if (this.#state === 'closed' || (this.#state === state && this.#cause?.code === cause?.code)) return;
    this.#state = state;
    this.#cause = cause;
    if (state !== 'closed') this.#parts.watch?.show(state === 'running' ? 'on' : 'covered');
    this.emit('state', { state, cause });
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The session is closed; open a new one.');
  }
}
