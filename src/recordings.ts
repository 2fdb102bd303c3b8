import { transfer } from 'comlink';
import { FacePrivacyError } from './core/errors.ts';
import { createRecordingKey } from './core/recording.ts';
import { receiptFor } from './erasure-receipt.ts';
import { assertGrant, ConsentGrant } from './governance/consent/grant.ts';
import type { RedactionManifest } from './governance/manifest/manifest.ts';
import type { ErasureReason, ErasureReceipt } from './governance/retention/erasure-receipt.ts';
import { keepingOf } from './open-recording.ts';
import { quietListeners, startRecordingWorker } from './recording-host.ts';
import { RecordingKeeper } from './recording-keeper.ts';
import { holdRecording, runningRecordings } from './recording-lock.ts';
import { checkRecordingsOptions, type RecordingsOptions } from './recording-options.ts';
import { infoOf, type RecordingInfo, type RecordingSummary } from './recording-summary.ts';
import type { RecordingRow } from './vault/recording-rows.ts';
import { RecordingStore } from './vault/recording-store.ts';

/**
 * The recordings of the person of a grant, on this device. It closes with the grant; where consent is withdrawn, they are erased. Made by
 * {@link openRecordings}; the holder closes it.
 */
export class Recordings {
  readonly #store: RecordingStore;
  readonly #options: RecordingsOptions;
  #closed: FacePrivacyError | null = null;
  #ending: Promise<void> | null = null;

  /** @internal Use {@link openRecordings}. */
  constructor(store: RecordingStore, options: RecordingsOptions) {
    this.#store = store;
    this.#options = options;
    store.onLost = () => {
      this.#closed ??= new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took the recordings away: deleted, evicted, or opened by a newer version.', { details: { field: 'recordings', reason: 'lost' } });
    };
    const { signal } = options.grant;
    const end = (): void => { this.#ending = this.#endWith(signal.reason as FacePrivacyError); };
    signal.addEventListener('abort', end, { once: true });
  }

  /** All there are, newest first. What has expired is not among them. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_CONSENT_*, ERR_SESSION_CLOSED. */
  async list(): Promise<RecordingInfo[]> {
    this.#assertOpen();
    const [rows, running] = await Promise.all([this.#store.list(this.#options.grant.dataSubject), runningRecordings()]);
    return rows.filter((row) => this.#isLive(row)).map((row) => infoOf(row, running));
  }

  /**
   * The media file, for a player or an export. A recording that runs or was cut off gives what is kept of it.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when a piece was changed or is missing; ERR_MEDIA_INVALID for an unknown id; ERR_STORAGE_FAILED.
   */
  async open(recordingId: string): Promise<Blob> {
    const row = await this.#require(recordingId);
    return blobOf(this.#store, row);
  }

  /** The same, decrypted while it is read. */
  async stream(recordingId: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const pieces = this.#store.read(await this.#require(recordingId));
    return new ReadableStream({
      pull: async (controller) => {
        this.#assertOpen();
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    });
  }

  /** The manifest, or null while there is none: the recording runs, or was cut off. */
  async manifest(recordingId: string): Promise<RedactionManifest | null> {
    return (await this.#require(recordingId)).manifest;
  }

  /**
   * Puts a recording that was cut off in order: it gets its duration, can be sought, and has a manifest that says so. It gets a new id.
   * @throws FacePrivacyError ERR_MEDIA_INVALID when it runs, is complete or holds no frame; ERR_STORAGE_FAILED, ERR_WORKER_*: it stays as it was.
   */
  async restore(recordingId: string): Promise<RecordingSummary> {
    const before = await this.#require(recordingId);
    if (before.state !== 'open' || (await runningRecordings()).has(recordingId)) throw notCutOff('The recording was not cut off; there is nothing to restore.');
    if (before.frames === 0) throw notCutOff('The recording was cut off before its first second was kept.', 'no-frames');
    const media = await blobOf(this.#store, before);
    const [covers, tracks] = await Promise.all([this.#store.covers(recordingId), this.#store.timeline(before)]);
    const newId = crypto.randomUUID();
    const release = await holdRecording(newId);
    const host = await startRecordingWorker(this.#options.createWorker, quietListeners());
    const { grant } = this.#options;
    const { port1, port2 } = new MessageChannel();
    try {
      const key = await createRecordingKey();
      const { format, about, createdAt, expiresAt } = before;
      const row = await this.#store.begin({ ...keepingOf(grant), recordingId: newId, key, format, about, createdAt, expiresAt });
      const keeper = new RecordingKeeper({ store: this.#store, row, grant, port: port1, covers: () => covers, takeTracks: () => tracks.splice(0), onFrame: () => undefined, onKept: () => undefined });
      const settings = { recordingId: newId, key, containers: [format.container], width: 0, height: 0, bitrate: null };
      const { summary, header } = await host.call((remote) => remote.rewrite(settings, media, transfer(port2, [port2])));
      if (header === null) throw notCutOff('Nothing of the recording can be read.', 'damaged');
      const manifest = await keeper.complete(summary, header, about, 'restored');
      await this.#store.replace(recordingId, newId);
      await ConsentGrant.note(grant, 'recording.recovered', { recordingId: newId, from: recordingId, frames: summary.frames });
      return { ...summary, recordingId: newId, expiresAt, manifest, framesDropped: 0 };
    } catch (error) {
      await this.#store.discard([newId]);
      throw error;
    } finally {
      port1.close();
      await host.close();
      release();
    }
  }

  /** Destroys a recording: its key and every piece. @returns a receipt, signed by this browser. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_MEDIA_INVALID. */
  async erase(recordingId: string): Promise<ErasureReceipt> {
    await this.#require(recordingId);
    return this.#erase([recordingId], 'requested', recordingId);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= new FacePrivacyError('ERR_SESSION_CLOSED', 'The recordings are closed; open them again.');
    await this.#ending;
    this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #erase(ids: readonly string[], reason: ErasureReason, storeId: string): Promise<ErasureReceipt> {
    const { grant } = this.#options;
    const erased = await this.#store.discard(ids);
    await ConsentGrant.note(grant, 'retention.erased', { reason, recordings: erased.keys, storeId });
    return receiptFor(grant, { scope: 'recording', storeId, reason, dataSubject: grant.dataSubject, erased: { ...erased } });
  }

  async #endWith(reason: FacePrivacyError): Promise<void> {
    this.#closed ??= reason;
    try {
      if (reason.code !== 'ERR_CONSENT_WITHDRAWN') return;
      const rows = await this.#store.list(this.#options.grant.dataSubject);
      await this.#erase(rows.map(({ recordingId }) => recordingId), 'withdrawn', 'recordings');
    } finally {
      this.#store.close();
    }
  }

  async #require(recordingId: string): Promise<RecordingRow> {
    this.#assertOpen();
    if (typeof recordingId !== 'string') throw new TypeError('recordingId must be a string from list() or a RecordingSummary.');
    const row = await this.#store.find(recordingId);
    if (row === null || row.dataSubject !== this.#options.grant.dataSubject || !this.#isLive(row)) {
      throw new FacePrivacyError('ERR_MEDIA_INVALID', 'There is no such recording of this person, or it has expired.', { details: { reason: 'unknown', recordingId } });
    }
    return row;
  }

  #isLive({ expiresAt }: RecordingRow): boolean {
    return ConsentGrant.context(this.#options.grant).now() < expiresAt;
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw this.#closed;
    assertGrant(this.#options.grant, 'openRecordings');
  }
}

/**
 * Opens the recordings of the person of the grant. What has expired, or rests on consent that was withdrawn, is erased before anything is shown, of
 * whomever it is.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_STORAGE_FAILED.
 */
export async function openRecordings(options: RecordingsOptions): Promise<Recordings> {
  checkRecordingsOptions(options);
  assertGrant(options.grant, 'openRecordings');
  const store = await RecordingStore.open(options.databaseName);
  try {
    await sweep(store, options.grant);
    return new Recordings(store, options);
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Erases what has expired, and what rests on consent that was withdrawn while no page was open to notice it. */
async function sweep(store: RecordingStore, grant: ConsentGrant): Promise<void> {
  const context = ConsentGrant.context(grant);
  const rows = await store.list();
  const ended = new Set<string>();
  for (const person of new Set(rows.map(({ dataSubject }) => dataSubject))) {
    if ((await context.stands(person, ['redacted-recording'])) === 'ended') ended.add(person);
  }
  const running = await runningRecordings();
  const over = {
    expired: rows.filter(({ expiresAt }) => expiresAt <= context.now()),
    withdrawn: rows.filter(({ recordingId, dataSubject, expiresAt }) => expiresAt > context.now() && ended.has(dataSubject) && !running.has(recordingId)),
  };
  for (const [reason, found] of Object.entries(over)) {
    if (found.length === 0) continue;
    const { keys } = await store.discard(found.map(({ recordingId }) => recordingId));
    await ConsentGrant.note(grant, 'retention.swept', { reason, recordings: keys });
  }
}

/** Pieces become parts of one Blob: the browser may move its bytes out of memory; they are redacted. */
async function blobOf(store: RecordingStore, row: RecordingRow): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of store.read(row)) parts.push(piece);
  return new Blob(parts, { type: row.format.mimeType });
}

function notCutOff(message: string, reason = 'not-cut-off'): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', message, { details: { reason } });
}
