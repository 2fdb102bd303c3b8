import { transfer } from 'comlink';
import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import { createRecordingKey, type TrackSample } from '../core/recording.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import { isConsentOver } from '../session/consent-over.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { GrantContext } from '../governance/consent/grant-context.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { standingOf } from '../governance/retention/item.ts';
import { pressurePlan } from '../governance/retention/storage-pressure.ts';
import { reportFailure } from '../session/incident-report.ts';
import { KeptOriginals } from './kept-originals.ts';
import { quietListeners, startRecordingWorker } from './recording-host.ts';
import { RecordingKeeper } from './recording-keeper.ts';
import { holdRecording, runningRecordings } from './recording-lock.ts';
import { checkRecordingsOptions, type RecordingsOptions } from './recording-options.ts';
import { infoOf, type RecordingInfo, type RecordingSummary } from './recording-summary.ts';
import { endRecordings, makeRoom } from './retention-sweep.ts';
import { SweepTimer } from './sweep-timer.ts';
import { Undo } from '../session/undo.ts';
import { blobOfPieces } from '../vault/blob-of-pieces.ts';
import { asHeard, hasSound, soundItemOf, withoutSound } from '../vault/kept-sound.ts';
import { itemOf, type RecordingRow } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';

/** The events of a shelf. */
export interface RecordingsEvents {
  /** A sweep has erased something, of whomever it was. */
  swept: { readonly receipts: readonly ErasureReceipt[] };
  /** Something failed that no call is waiting for: a sweep, or erasing what consent no longer covers. The next opening goes on with it. */
  error: FacePrivacyError;
  /** It is closed, and everything erased that had to be. The cause is null where the app closed it. */
  closed: { readonly cause: FacePrivacyError | null };
}

/** @internal What sharing needs of a recording. */
export interface SharingDesk {
  readonly row: RecordingRow;
  readonly grant: ConsentGrant;
  media(): Promise<Blob>;
  timeline(): Promise<TrackSample[]>;
}

/**
 * The recordings of the person of a grant, on this device. It closes with the grant; where consent is withdrawn, they are erased. While it is open,
 * what becomes due is erased at that moment. Made by {@link openRecordings}; the holder closes it.
 */
export class Recordings extends TypedEventTarget<RecordingsEvents> {
  readonly #store: RecordingStore;
  readonly #options: RecordingsOptions;
  readonly #kept: KeptOriginals;
  readonly #timer: SweepTimer;
  readonly #listening = new AbortController();
  #closed: FacePrivacyError | null = null;
  #closing: Promise<void> | null = null;

  /** @internal Use {@link openRecordings}. */
  constructor(store: RecordingStore, options: RecordingsOptions) {
    super();
    this.#store = store;
    this.#options = options;
    this.#kept = new KeptOriginals(ConsentGrant.context(options.grant), store, options.originalsDatabase);
    this.#timer = new SweepTimer(this.#kept, {
      onSwept: ({ receipts }) => { if (receipts.length > 0) this.emit('swept', { receipts }); },
      onError: (error) => { this.#failed(error); },
    });
  }

  /** @internal Erases what is due, before anything is shown. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_CONSENT_*; it is closed then. */
  async start(): Promise<void> {
    const { grant } = this.#options;
    const lost = new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took the recordings away: deleted, evicted, or opened by a newer version.', { details: { field: 'recordings', reason: 'lost' } });
    this.#store.onLost = () => {
      this.#report(lost);
      void this.#end(lost);
    };
    try {
      await this.#timer.sweep();
      this.#assertOpen();
    } catch (error) {
      await this.#end(grant.signal.aborted ? (grant.signal.reason as FacePrivacyError) : null);
      throw error;
    }
    grant.signal.addEventListener('abort', () => void this.#end(grant.signal.reason as FacePrivacyError), { signal: this.#listening.signal });
  }

  /** @internal What `bauta/sharing` sees of a recording that may be played, without sound unless it is asked for and may be heard. @throws TypeError for a look-alike; as {@link open}. */
  static async sharingDesk(recordings: Recordings, recordingId: string, withSound = false): Promise<SharingDesk> {
    if (typeof recordings !== 'object' || (recordings as unknown) === null || !(#options in recordings)) throw new TypeError('recordings must be Recordings from openRecordings().');
    const row = await recordings.#requirePlayable(recordingId);
    const shown = withSound ? row : withoutSound(row);
    return { row: shown, grant: recordings.#options.grant, media: () => recordings.#media(shown), timeline: () => recordings.timeline(recordingId) };
  }

  /** All there are, newest first. What has expired is not among them. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_CONSENT_*, ERR_SESSION_CLOSED. */
  async list(): Promise<RecordingInfo[]> {
    this.#assertOpen();
    const [rows, running] = await Promise.all([this.#store.list(this.#options.grant.dataSubject), runningRecordings()]);
    // All are one person's: asked once.
    const grounds = rows.some(hasSound) ? await this.#context.stands(this.#options.grant.dataSubject, ['sound-recording']) : 'unclear';
    const context = { now: this.#context.now, stands: () => Promise.resolve(grounds) };
    const heard = await Promise.all(rows.filter((row) => this.#isKept(row)).map((row) => asHeard(row, context)));
    return heard.map((row) => infoOf(row, running));
  }

  /**
   * The media file, for a player or an export, with its sound only while consent to that stands. A recording that runs or was cut off gives what is kept of it.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when a piece was changed or is missing; ERR_MEDIA_INVALID for an unknown id; ERR_RESTRICTED;
   * ERR_STORAGE_FAILED.
   */
  async open(recordingId: string): Promise<Blob> {
    const row = await this.#requirePlayable(recordingId);
    const media = await this.#media(row);
    // What became of the sound while it was read counts.
    return hasSound(row) && !hasSound(await this.#requirePlayable(recordingId)) ? this.open(recordingId) : media;
  }

  /** The same, decrypted and judged while it is read: nothing ahead of the reader. @throws as {@link open}, the stream at each piece. */
  async stream(recordingId: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const row = await this.#requirePlayable(recordingId);
    const pieces = this.#store.read(row);
    const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
      pull: async (controller) => {
        this.#assertOpen();
        if (hasSound(row) && !hasSound(await this.#requirePlayable(recordingId))) throw new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'Consent to the sound has ended; open the recording again, it has none now.', { details: { recordingId, field: 'audio' } });
        const { done, value } = await this.#reading(recordingId, () => pieces.next());
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  /** The manifest of what {@link open} gives, or null while there is none: the recording runs, or was cut off. */
  async manifest(recordingId: string): Promise<RedactionManifest | null> {
    return (await this.#require(recordingId)).manifest;
  }

  /**
   * Where the followed faces were, up to ten times a second and in the last frame of each piece, in pixels of the recorded picture.
   * @throws as {@link open}.
   */
  async timeline(recordingId: string): Promise<TrackSample[]> {
    const row = await this.#requirePlayable(recordingId);
    return this.#reading(recordingId, () => this.#store.timeline(row));
  }

  /** Receipts of what was erased here of this person's, oldest first. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  receipts(): Promise<ErasureReceipt[]> {
    this.#assertOpen();
    return this.#store.erasures.receipts(this.#options.grant.dataSubject);
  }

  /**
   * What could be erased where room runs out, that first whose time ends first, for the person to choose from: nothing that is kept goes unasked.
   * @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  async offers(): Promise<readonly { readonly recordingId: string; readonly bytes: number }[]> {
    this.#assertOpen();
    const rows = await this.#store.list(this.#options.grant.dataSubject);
    return pressurePlan(rows.map(itemOf), 0, this.#now()).offers.map(({ itemId, bytes }) => ({ recordingId: itemId, bytes }));
  }

  /**
   * Puts a recording that was cut off in order: it gets its duration, can be sought, and has a manifest that says so. It gets a new id.
   * @throws FacePrivacyError ERR_MEDIA_INVALID when it runs, is complete or holds no frame; ERR_RESTRICTED; ERR_STORAGE_FAILED, ERR_WORKER_*: it stays
   * as it was.
   */
  async restore(recordingId: string): Promise<RecordingSummary> {
    const before = await this.#requirePlayable(recordingId);
    if (before.state !== 'open' || (await runningRecordings()).has(recordingId)) throw notCutOff('The recording was not cut off; there is nothing to restore.');
    if (before.frames === 0) throw notCutOff('The recording was cut off before its first second was kept.', 'no-frames');
    // Not used, only put in order: sound stays where it is unclear whether it may be heard.
    const raw = await this.#store.find(recordingId);
    const item = raw === null ? null : soundItemOf(raw);
    const kept = raw === null || item === null || standingOf(item, this.#now()) !== 'kept' ? before : raw;
    const undo = new Undo();
    let summary: RecordingSummary;
    try {
      summary = await this.#rewrite(kept, undo);
    } catch (error) {
      throw await undo.all(error);
    }
    await ConsentGrant.note(this.#options.grant, 'recording.recovered', { recordingId: summary.recordingId, from: recordingId, frames: summary.frames });
    return summary;
  }

  /**
   * Destroys a recording: its key, every piece, and its sealed originals. @returns a receipt, signed by this browser.
   * @throws FacePrivacyError ERR_HOLD_REFUSED when a dispute holds it: it can be read by nobody but staff from now on, and goes when the dispute is over.
   * ERR_STORAGE_FAILED, ERR_MEDIA_INVALID.
   */
  async erase(recordingId: string): Promise<ErasureReceipt> {
    await this.#require(recordingId);
    const { receipts: [receipt], held } = await endRecordings(await this.#kept.parts(), [recordingId], 'requested');
    if (held.length > 0) throw new FacePrivacyError('ERR_HOLD_REFUSED', 'A dispute holds the recording: it is erased when that is over, and until then only those who settle it can see it.', { details: { recordingId, field: 'holds' } });
    if (receipt === undefined) throw unknownRecording(recordingId); // Another tab has erased it in the same moment, and has the receipt.
    return receipt;
  }

  /** Idempotent; never rejects: what could not be erased is told by `error`, and erased at the next opening. */
  close(): Promise<void> {
    return this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #end(cause: FacePrivacyError | null): Promise<void> {
    this.#closed ??= cause ?? new FacePrivacyError('ERR_SESSION_CLOSED', 'The recordings are closed; open them again.');
    return (this.#closing ??= this.#closeAll(cause));
  }

  async #closeAll(cause: FacePrivacyError | null): Promise<void> {
    const { grant } = this.#options;
    this.#listening.abort();
    await this.#timer.close();
    try {
      if (cause !== null && (await isConsentOver(grant, 'redacted-recording'))) {
        const rows = await this.#store.list(grant.dataSubject);
        const { receipts } = await endRecordings(await this.#kept.parts(), rows.map(({ recordingId }) => recordingId), 'withdrawn');
        if (receipts.length > 0) this.emit('swept', { receipts });
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#kept.close();
      this.#store.close();
    }
    this.emit('closed', { cause });
  }

  async #rewrite(before: RecordingRow, undo: Undo): Promise<RecordingSummary> {
    const { grant, createWorker } = this.#options;
    const { about, category, purpose, dataSubject, consentRecordId, createdAt, expiresAt } = before;
    const { format } = withoutSound(before);
    const [media, covers, tracks] = await this.#reading(before.recordingId, () =>
      Promise.all([blobOfPieces(this.#store.read(before), before.format.mimeType), this.#store.covers(before.recordingId), this.#store.timeline(before)]),
    );
    const recordingId = crypto.randomUUID();
    const release = await holdRecording(recordingId);
    undo.add(release);
    const host = await startRecordingWorker(createWorker, quietListeners());
    undo.add(() => host.close());
    const key = await createRecordingKey();
    const sound = before.sound === null || before.sound === undefined ? null : { ...before.sound, key: await createRecordingKey() };
    const { port1, port2 } = new MessageChannel();
    undo.add(() => { port1.close(); });
    const row = await this.#store.begin({ recordingId, key, format: before.format, sound, about, category, purpose, dataSubject, consentRecordId, createdAt, expiresAt, rewrites: before.recordingId });
    undo.add(() => this.#store.discard([recordingId]));
    const keeper = new RecordingKeeper({
      store: this.#store,
      row,
      grant,
      port: port1,
      covers: () => covers,
      takeTracks: () => tracks.splice(0),
      onFrame: () => undefined,
      onKept: () => undefined,
      makeRoom: async (bytes) => makeRoom(await this.#kept.parts(), bytes),
    });
    const settings = { recordingId, key, containers: [format.container], width: 0, height: 0, bitrate: null, soundKey: sound?.key ?? null };
    const { summary, header, sound: soundCodec } = await host.call((remote) => remote.rewrite(settings, media, transfer(port2, [port2])));
    if (header === null) throw notCutOff('Nothing of the recording can be read.', 'damaged');
    const done = await keeper.complete({ summary, header, sound: soundCodec, about, replaces: before.recordingId });
    keeper.close();
    await host.close();
    release();
    return { ...summary, ...done, recordingId, expiresAt, framesDropped: 0 };
  }

  /**
   * Judged again afterwards: what was restricted, ended or erased during the read is not given out. What was changed behind our back is told as an
   * incident, too (MEG-incident).
   */
  async #reading<T>(recordingId: string, read: () => Promise<T>): Promise<T> {
    let given: T;
    try {
      given = await read();
    } catch (error) {
      const end = await this.#endOf(recordingId);
      if (end !== null) throw end;
      this.#report(asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
      throw error;
    }
    await this.#requirePlayable(recordingId);
    return given;
  }

  /** Why pieces may be missing of which nobody took any: it was erased, or this was closed. */
  async #endOf(recordingId: string): Promise<FacePrivacyError | null> {
    try {
      await this.#require(recordingId);
      return null;
    } catch (error) {
      const end = asFacePrivacyError(error, 'ERR_STORAGE_FAILED');
      return end === this.#closed || end.code === 'ERR_MEDIA_INVALID' ? end : null;
    }
  }

  #report(error: FacePrivacyError): void {
    reportFailure(this.#options.grant, error, (unwritten) => { this.#failed(unwritten); });
  }

  #media(row: RecordingRow): Promise<Blob> {
    return this.#reading(row.recordingId, () => blobOfPieces(this.#store.read(row), row.format.mimeType));
  }

  async #requirePlayable(recordingId: string): Promise<RecordingRow> {
    const row = await this.#require(recordingId);
    if (row.restriction === null) return row;
    throw new FacePrivacyError('ERR_RESTRICTED', 'The person asked that the recording be kept and not used; it is shown again when they lift that.', { details: { recordingId, requestId: row.restriction.requestId } });
  }

  /** As it may be used now: with its sound only where consent to that stands. */
  async #require(recordingId: string): Promise<RecordingRow> {
    this.#assertOpen();
    if (typeof recordingId !== 'string') throw new TypeError('recordingId must be a string from list() or a RecordingSummary.');
    const row = await this.#store.find(recordingId);
    if (row === null || row.dataSubject !== this.#options.grant.dataSubject || !this.#isKept(row)) {
      throw unknownRecording(recordingId);
    }
    return asHeard(row, this.#context);
  }

  /** What a dispute holds past its time is there for the dispute alone. */
  #isKept(row: RecordingRow): boolean {
    return standingOf(itemOf(row), this.#now()) === 'kept';
  }

  get #context(): GrantContext {
    return ConsentGrant.context(this.#options.grant);
  }

  #now(): number {
    return this.#context.now();
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw this.#closed;
    assertGrant(this.#options.grant, 'openRecordings');
  }

  #failed(error: unknown): void {
    this.emit('error', asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
  }
}

/**
 * Opens the recordings of the person of the grant. What has expired, or rests on consent that was withdrawn, is erased before anything is shown, of
 * whomever it is; what a dispute holds stays, and is not shown.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_STORAGE_FAILED.
 */
export async function openRecordings(options: RecordingsOptions): Promise<Recordings> {
  checkRecordingsOptions(options);
  assertGrant(options.grant, 'openRecordings');
  const recordings = new Recordings(await RecordingStore.open(options.databaseName), options);
  await recordings.start();
  return recordings;
}

function unknownRecording(recordingId: string): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', 'There is no such recording of this person, or it has expired.', { details: { reason: 'unknown', recordingId } });
}

function notCutOff(message: string, reason = 'not-cut-off'): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', message, { details: { reason } });
}
