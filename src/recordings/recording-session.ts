import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import type { MediaFormat } from '../core/recording.ts';
import type { RecordingWorkerEvent } from '../core/recording-protocol.ts';
import type { RecordedFrame } from '../core/originals-protocol.ts';
import type { EpochMs, Microseconds } from '../core/time.ts';
import { TypedEventTarget, type DetailEvent } from '../core/typed-events.ts';
import { isConsentOver, isWithdrawal } from '../session/consent-over.ts';
import type { CoverMatcher } from './cover-matcher.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { ManifestSelfTest, ManifestStyle } from '../governance/manifest/manifest.ts';
import { reportFailure } from '../session/incident-report.ts';
import type { KeptOriginals } from './kept-originals.ts';
import type { RecordingHost } from './recording-host.ts';
import type { RecordingKeeper } from './recording-keeper.ts';
import type { RecordingSummary } from './recording-summary.ts';
import { endRecordings, endSound } from './retention-sweep.ts';
import type { RecordingDesk } from '../session/session-parts.ts';
import type { RedactionSession, SessionEvents } from '../session/session.ts';
import type { RecordingRow } from '../vault/recording-rows.ts';
import type { RecordingStore } from '../vault/recording-store.ts';

/** The events of a recording. */
export interface RecordingEvents {
  /** A piece is kept: whatever happens now, so much can be played. */
  progress: { readonly keptUs: Microseconds; readonly bytes: number };
  /** The recording ends because of it; what was kept before stays playable. */
  error: FacePrivacyError;
  /** Code in the sealed worker tried to reach the network (MEG-incident). */
  incident: FacePrivacyError;
  /** Sound ends, and the picture goes on: its consent or its track has ended, or it could not be encoded. Null where the track has simply ended. */
  'sound-ended': { readonly cause: FacePrivacyError | null };
  /** It is complete. */
  stopped: RecordingSummary;
}

/** A redacted track being recorded. Made by `openRecording`; the holder stops it. It also stops with its session and with consent. */
export class Recording extends TypedEventTarget<RecordingEvents> {
  readonly recordingId: string;
  readonly format: MediaFormat;
  readonly #parts: RecordingParts;
  readonly #styles: ManifestStyle[];
  readonly #selfTests = new Map<string, { passed: number; failed: number }>();
  #lastTimeUs: Microseconds = 0;
  #stopping: Promise<RecordingSummary> | null = null;
  #hasSound: boolean;
  #endingSound: Promise<void> = Promise.resolve();
  readonly #frames = new Set<(frame: RecordedFrame) => void>();
  readonly #over = new AbortController();

  /** @internal Use `openRecording`. */
  constructor(parts: RecordingParts) {
    super();
    this.#parts = parts;
    this.recordingId = parts.row.recordingId;
    this.format = parts.row.format;
    this.#styles = [...parts.row.about.styles];
    const { session, grant, signal, sound } = parts;
    this.#hasSound = sound !== null;
    session.addEventListener('faces', this.#faces);
    session.addEventListener('self-test', this.#selfTest);
    session.addEventListener('state', this.#sessionState);
    grant.signal.addEventListener('abort', this.#consentEnded, { once: true });
    signal?.addEventListener('abort', this.#aborted, { once: true });
    sound?.grant.signal.addEventListener('abort', this.#soundConsentEnded, { once: true, signal: this.#over.signal });
    if (sound?.grant.signal.aborted === true) this.#soundConsentEnded();
    if (grant.signal.aborted) this.#consentEnded();
    else if (session.state === 'closed' || signal?.aborted === true) this.#aborted();
  }

  /** True until it is stopped, by whatever. */
  get isRunning(): boolean {
    return this.#stopping === null;
  }

  /** True while sound is recorded, too. */
  get hasSound(): boolean {
    return this.#hasSound && this.isRunning;
  }

  /** Ends the sound and goes on with the picture. What was heard until now stays. Idempotent. */
  async stopSound(): Promise<void> {
    this.#soundOver(null);
    await this.#endingSound;
  }

  /**
   * Ends the recording in order; the file has its duration and can be sought then. Idempotent.
   * @throws FacePrivacyError ERR_MEDIA_INVALID (`details.reason` `no-frames`) when there was no frame, ERR_CONSENT_WITHDRAWN: nothing is kept
   * then. ERR_STORAGE_FAILED, ERR_WORKER_LOST, ERR_SESSION_CLOSED: what was kept before is playable and can be restored from the shelf.
   */
  stop(): Promise<RecordingSummary> {
    this.#stopping ??= this.#finish();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever wants to know how it ended calls stop().
    await this.stop().catch(() => undefined);
  }

  /** @internal What `sealOriginals` needs of a recording. @throws TypeError for a look-alike, ERR_SESSION_CLOSED when it is over. */
  static sealingDesk(recording: Recording): SealingDesk {
    if (typeof recording !== 'object' || (recording as unknown) === null || !(#parts in recording)) throw new TypeError('recording must be a Recording from openRecording().');
    if (!recording.isRunning) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The recording is over; nothing can be sealed for it.');
    const { session, grant, row, store, kept } = recording.#parts;
    return {
      session,
      grant,
      expiresAt: row.expiresAt,
      databases: { recordings: store.name, originals: kept.name },
      over: recording.#over.signal,
      onFrame: (listener) => {
        recording.#frames.add(listener);
        recording.#over.signal.addEventListener('abort', () => recording.#frames.delete(listener), { once: true });
      },
    };
  }

  /** @internal A piece is kept. */
  kept(keptUs: Microseconds, bytes: number): void {
    this.emit('progress', { keptUs, bytes });
  }

  /** @internal A frame is in the recording. */
  frame(sourceUs: Microseconds, timeUs: Microseconds, size: Size): void {
    this.#lastTimeUs = timeUs;
    this.#parts.covers.frame(sourceUs, timeUs, size);
    for (const listener of this.#frames) listener({ sourceUs, timeUs, size });
  }

  /** @internal */
  handle(event: RecordingWorkerEvent): void {
    if (event.kind === 'error') this.lost(fromErrorReport(event.data));
    else if (event.kind === 'incident') this.#incident(fromErrorReport(event.data));
    else if (event.kind === 'ended') this.#stopUnasked(null);
    else if (event.kind === 'sound-ended') this.#soundOver(event.data === null ? null : fromErrorReport(event.data));
  }

  /** @internal The worker is gone, or has failed. */
  lost(error: FacePrivacyError): void {
    if (this.#stopping !== null) return;
    this.#stopUnasked(error);
    this.#report(error);
    this.emit('error', error);
  }

  readonly #faces = (): void => {
    const style = this.#parts.desk.style();
    const last = this.#styles.at(-1);
    if (last?.method !== style.method || last.strength !== style.strength) this.#styles.push({ fromUs: this.#lastTimeUs, ...style });
  };
  readonly #selfTest = ({ detail: { model, passed } }: DetailEvent<SessionEvents['self-test']>): void => {
    const sum = this.#selfTests.get(model) ?? { passed: 0, failed: 0 };
    if (passed) sum.passed += 1;
    else sum.failed += 1;
    this.#selfTests.set(model, sum);
  };
  readonly #sessionState = ({ detail }: DetailEvent<SessionEvents['state']>): void => {
    if (detail.state === 'closed') this.#stopUnasked(null);
  };
  readonly #soundConsentEnded = (): void => { this.#soundOver(this.#parts.sound?.grant.signal.reason as FacePrivacyError); };
  readonly #consentEnded = (): void => { this.#stopUnasked(this.#parts.grant.signal.reason as FacePrivacyError); };
  readonly #aborted = (): void => { this.#stopUnasked(null); };

  #soundOver(cause: FacePrivacyError | null): void {
    if (!this.#hasSound) return;
    this.#hasSound = false;
    this.#parts.sound?.close();
    this.#endingSound = this.#endSound().catch((error: unknown) => { this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED')); });
    this.emit('sound-ended', { cause });
  }

  /** Nothing more, and nothing of what is on its way; nothing of what was kept, either, where consent to it is over. */
  async #endSound(): Promise<void> {
    const { host, sound, row, kept } = this.#parts;
    try {
      // A worker that is gone hears nothing.
      if (this.isRunning) await host.call((remote) => remote.endSound());
    } finally {
      if (sound !== null && (await isConsentOver(sound.grant, 'sound-recording'))) await endSound(await kept.parts(), row.recordingId);
    }
  }

  #incident(incident: FacePrivacyError): void {
    this.#report(incident);
    this.emit('incident', incident);
  }

  #report(error: FacePrivacyError): void {
    reportFailure(this.#parts.grant, error, (unwritten) => { this.emit('error', asFacePrivacyError(unwritten, 'ERR_STORAGE_FAILED')); });
  }

  /** Nobody waits for the answer: how it went is told by events. */
  #stopUnasked(cause: FacePrivacyError | null): void {
    if (this.#stopping !== null) return;
    this.stop().catch((error: unknown) => {
      if (error !== cause) this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
    });
  }

  async #finish(): Promise<RecordingSummary> {
    const { session, grant, signal, host, store, kept, keeper, release, closeSource, sound } = this.#parts;
    session.removeEventListener('state', this.#sessionState);
    grant.signal.removeEventListener('abort', this.#consentEnded);
    signal?.removeEventListener('abort', this.#aborted);
    try {
      await this.#endingSound;
      assertNotWithdrawn(grant);
      return await this.#complete();
    } catch (error) {
      await this.#audit('recording.failed', { cause: asFacePrivacyError(error, 'ERR_WORKER_LOST').code });
      if (hasWithdrawn(grant)) await this.#erase();
      throw error;
    } finally {
      session.removeEventListener('faces', this.#faces);
      session.removeEventListener('self-test', this.#selfTest);
      closeSource();
      sound?.close();
      await host.close();
      // A consent to sound that ended while it was completed is heard until here.
      this.#over.abort();
      await Promise.all([this.#endingSound, ConsentGrant.context(grant).settled()]);
      keeper.close();
      kept.close();
      store.close();
      release();
    }
  }

  async #complete(): Promise<RecordingSummary> {
    const { host, keeper, row, grant } = this.#parts;
    const { summary, header, framesDropped, sound } = await host.call((remote) => remote.finish());
    await keeper.settled();
    if (header === null) {
      await this.#parts.store.discard([row.recordingId]);
      throw new FacePrivacyError('ERR_MEDIA_INVALID', 'The recording has no frame; nothing was kept.', { details: { reason: 'no-frames' } });
    }
    assertNotWithdrawn(grant); // While the last frames were encoded.
    const selfTests: ManifestSelfTest[] = [...this.#selfTests].map(([model, sum]) => ({ model, ...sum }));
    const done = await keeper.complete({ summary, header, sound, about: { ...row.about, styles: this.#styles, selfTests } });
    assertNotWithdrawn(grant);
    await this.#audit('recording.stopped', { frames: summary.frames, durationUs: summary.durationUs });
    const complete: RecordingSummary = { ...summary, ...done, recordingId: row.recordingId, expiresAt: row.expiresAt, framesDropped };
    this.emit('stopped', complete);
    return complete;
  }

  /** Nothing of it stays, unless a dispute holds it already. */
  async #erase(): Promise<void> {
    const { keeper, host, row, kept } = this.#parts;
    await host.close();
    await keeper.settled();
    await endRecordings(await kept.parts(), [row.recordingId], 'withdrawn');
  }

  async #audit(code: AuditCode, ids: AuditIds): Promise<void> {
    const { grant, desk, row } = this.#parts;
    await ConsentGrant.note(grant, code, { requestId: desk.requestId, recordingId: row.recordingId, ...ids }).catch((error: unknown) => {
      this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
    });
  }
}

function hasWithdrawn({ signal }: ConsentGrant): boolean {
  return signal.aborted && isWithdrawal(signal.reason as FacePrivacyError);
}

function assertNotWithdrawn(grant: ConsentGrant): void {
  if (hasWithdrawn(grant)) throw grant.signal.reason as FacePrivacyError;
}

/** @internal What sealed originals see of the recording that they are for. */
export interface SealingDesk {
  readonly session: RedactionSession;
  readonly grant: ConsentGrant;
  readonly expiresAt: EpochMs;
  /** Where recordings and their originals lie. */
  readonly databases: { readonly recordings: string; readonly originals: string };
  /** Aborts when nothing is added to the recording any more, by whatever. */
  readonly over: AbortSignal;
  /** Tells of each frame that the recording holds. */
  onFrame(listener: (frame: RecordedFrame) => void): void;
}

/** @internal What a recording is made of. */
export interface RecordingParts {
  readonly session: RedactionSession;
  readonly desk: RecordingDesk;
  readonly grant: ConsentGrant;
  readonly signal: AbortSignal | undefined;
  readonly store: RecordingStore;
  readonly kept: KeptOriginals;
  readonly row: RecordingRow;
  readonly host: RecordingHost;
  readonly keeper: RecordingKeeper;
  readonly covers: CoverMatcher;
  /** Null where it is recorded without sound from the start. `close` ends it at its source, at once. */
  readonly sound: { readonly grant: ConsentGrant; close(this: void): void } | null;
  /** Lets go of the mark that it runs. */
  release(this: void): void;
  /** Stops reading the track and what is told of it. */
  closeSource(this: void): void;
}
