import type { DBSchema, IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import { openPiece, type MediaFormat, type MediaSummary, type SealedPiece } from '../core/recording.ts';
import type { EpochMs } from '../core/time.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import type { SecondOfCovers } from '../governance/manifest/cover-ledger.ts';
import type { ManifestContent, RedactionManifest } from '../governance/manifest/manifest.ts';
import { allOrNothing, openVaultDatabase, type UpgradeStep } from './open-database.ts';

/** What a manifest will say of a recording, as far as it is known when it begins. */
export type RecordingAbout = Pick<ManifestContent, 'models' | 'settings' | 'styles' | 'selfTests' | 'source' | 'audioTracksDropped'>;

/** What a recording is kept for and until when; the same words as for everything that is kept. */
export interface Keeping {
  readonly category: 'redacted-recording';
  readonly purpose: Purpose;
  /** Pseudonym of the person whose consent it rests on. */
  readonly dataSubject: string;
  /** Id of that consent's record; null under an exception. */
  readonly consentRecordId: string | null;
  readonly createdAt: EpochMs;
  /** From then on it is not opened, and swept. */
  readonly expiresAt: EpochMs;
}

/** A recording as it is kept. */
export interface RecordingRow extends Keeping, Pick<MediaSummary, 'width' | 'height' | 'frames' | 'durationUs'> {
  readonly recordingId: string;
  /** `open`: it runs, or was cut off; `complete`: it ended in order; `restored`: it was cut off and put in order. */
  readonly state: 'open' | 'complete' | 'restored';
  readonly format: MediaFormat;
  /** Not exportable. With it goes everything. */
  readonly key: CryptoKey;
  /** The pieces are numbered 0 to `pieces` - 1. */
  readonly pieces: number;
  /** Of the media file. */
  readonly bytes: number;
  readonly about: RecordingAbout;
  readonly manifest: RedactionManifest | null;
}

/** A piece as it is kept, with what was covered in its time. */
export interface KeptPiece extends SealedPiece {
  readonly covers: readonly SecondOfCovers[];
}

/** What completes a recording. */
export interface RecordingCompletion {
  readonly state: 'complete' | 'restored';
  readonly summary: MediaSummary;
  /** The first piece anew. */
  readonly header: SealedPiece;
  readonly manifest: RedactionManifest;
  readonly about: RecordingAbout;
}

/** What an erasure destroyed. */
export interface ErasedRecording {
  readonly rows: number;
  readonly keys: number;
  readonly media: number;
}

interface RecordingSchema extends DBSchema {
  recordings: { key: string; value: RecordingRow; indexes: { 'by-subject': string; 'by-expiry': number } };
  pieces: { key: [recordingId: string, sequence: number]; value: KeptPiece };
}

const STEPS: readonly UpgradeStep<RecordingSchema>[] = [
  (database) => {
    const recordings = database.createObjectStore('recordings', { keyPath: 'recordingId' });
    recordings.createIndex('by-subject', 'dataSubject');
    recordings.createIndex('by-expiry', 'expiresAt');
    database.createObjectStore('pieces', { keyPath: ['recordingId', 'sequence'] });
  },
];
/** Read in one request; each is about a second. */
const PIECES_AT_ONCE = 8;
/** AES-GCM's tag. */
const TAG_BYTES = 16;

/** The database of an app that names no other. */
export const RECORDINGS_DATABASE = 'bauta-recordings';

/**
 * Redacted recordings in IndexedDB of this origin, encrypted piece by piece. A piece and the row that counts it are written in one
 * transaction, so that whatever ends the page leaves a recording that ends with a whole piece. Every method rejects with FacePrivacyError
 * ERR_STORAGE_FAILED (`details.reason` `full` or `refused`) when the place is full, blocked or gone. The caller closes it.
 */
export class RecordingStore {
  /** Called once when the database is taken away while in use: deleted, evicted, or wanted by a newer version. */
  onLost: (() => void) | null = null;
  readonly #db: IDBPDatabase<RecordingSchema>;

  private constructor(db: IDBPDatabase<RecordingSchema>) {
    this.#db = db;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name = RECORDINGS_DATABASE): Promise<RecordingStore> {
    const losing: { tell: () => void } = { tell: () => undefined };
    const store = new RecordingStore(await openVaultDatabase<RecordingSchema>({ name, steps: STEPS, onLost: () => { losing.tell(); } }));
    losing.tell = () => {
      store.onLost?.();
      store.onLost = null;
    };
    return store;
  }

  /** Begins a recording, with a key of its own. */
  begin(begun: Pick<RecordingRow, 'recordingId' | 'format' | 'about' | 'key'> & Keeping): Promise<RecordingRow> {
    return guarded(async () => {
      const row: RecordingRow = { ...begun, state: 'open', pieces: 0, bytes: 0, frames: 0, durationUs: 0, width: 0, height: 0, manifest: null };
      const tx = this.#db.transaction('recordings', 'readwrite', { durability: 'strict' });
      await allOrNothing(tx, () => tx.store.add(row));
      return row;
    });
  }

  /** Adds the next piece. @throws FacePrivacyError ERR_SESSION_CLOSED when the recording was erased or ended meanwhile; nothing is written then. */
  append(piece: KeptPiece): Promise<void> {
    return guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const recordings = tx.objectStore('recordings');
        const row = await recordings.get(piece.recordingId);
        if (row?.state !== 'open' || row.pieces !== piece.sequence) throw goneError();
        await tx.objectStore('pieces').add(piece);
        await recordings.put({
          ...row,
          pieces: row.pieces + 1,
          bytes: row.bytes + piece.sealed.byteLength - TAG_BYTES,
          frames: row.frames + piece.frames,
          durationUs: Math.max(row.durationUs, piece.untilUs),
        });
      });
    });
  }

  /** Ends a recording in order: header, summary and manifest in one transaction. @throws ERR_SESSION_CLOSED when it was erased. */
  complete(recordingId: string, { state, summary, header, manifest, about }: RecordingCompletion): Promise<void> {
    return guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const recordings = tx.objectStore('recordings');
        const row = await recordings.get(recordingId);
        if (row?.state !== 'open') throw goneError();
        await tx.objectStore('pieces').put({ ...header, covers: [] });
        const { container, codec, mimeType, ...rest } = summary;
        await recordings.put({ ...row, ...rest, format: { container, codec, mimeType }, state, manifest, about });
      });
    });
  }

  /** Puts a recording in the place of another, in one transaction: what was cut off goes, what was made of it stays. */
  replace(oldId: string, newId: string): Promise<void> {
    return guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const next = await tx.objectStore('recordings').get(newId);
        if (next === undefined || next.state === 'open') throw goneError();
        await tx.objectStore('pieces').delete(piecesOf(oldId));
        await tx.objectStore('recordings').delete(oldId);
      });
    });
  }

  /** The row of a recording, or null. */
  find(recordingId: string): Promise<RecordingRow | null> {
    return guarded(async () => (await this.#db.get('recordings', recordingId)) ?? null);
  }

  /** All rows, or those of one person, newest first. */
  list(dataSubject?: string): Promise<RecordingRow[]> {
    return guarded(async () => {
      const rows = dataSubject === undefined ? await this.#db.getAll('recordings') : await this.#db.getAllFromIndex('recordings', 'by-subject', dataSubject);
      return rows.sort((a, b) => b.createdAt - a.createdAt);
    });
  }

  /** What was covered, second by second, as it was known when the pieces were written. */
  covers(recordingId: string): Promise<SecondOfCovers[]> {
    return guarded(async () => {
      const seconds = new Map<number, SecondOfCovers>();
      for await (const { covers } of this.#pieces(recordingId)) for (const second of covers) seconds.set(second.second, second);
      return [...seconds.values()].sort((a, b) => a.second - b.second);
    });
  }

  /**
   * The media file, decrypted piece by piece.
   * @param header instead of the first piece, already decrypted.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when a piece is missing, was changed, or is another one.
   */
  async* read({ recordingId, key, pieces }: Pick<RecordingRow, 'recordingId' | 'key' | 'pieces'>, header?: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    let sequence = 0;
    for await (const piece of this.#pieces(recordingId)) {
      if (piece.sequence !== sequence || sequence >= pieces) throw integrityError(recordingId, sequence);
      yield sequence === 0 && header !== undefined ? header : await opened(piece, recordingId, sequence, key);
      sequence += 1;
    }
    if (sequence !== pieces) throw integrityError(recordingId, sequence);
  }

  /** Destroys key and pieces, in one transaction. Unknown ids are no fault. */
  erase(recordingIds: readonly string[]): Promise<ErasedRecording> {
    return guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const erased = { rows: 0, keys: 0, media: 0 };
        for (const recordingId of recordingIds) {
          const recordings = tx.objectStore('recordings');
          const range = piecesOf(recordingId);
          erased.rows += await tx.objectStore('pieces').count(range);
          await tx.objectStore('pieces').delete(range);
          if ((await recordings.getKey(recordingId)) === undefined) continue;
          await recordings.delete(recordingId);
          erased.rows += 1;
          erased.keys += 1;
          erased.media += 1;
        }
        return erased;
      });
    });
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#db.close();
  }

  async* #pieces(recordingId: string): AsyncGenerator<KeptPiece, void> {
    for (let from = 0; ; from += PIECES_AT_ONCE) {
      const range = IDBKeyRange.bound([recordingId, from], [recordingId, from + PIECES_AT_ONCE], false, true);
      const pieces = await guarded(() => this.#db.getAll('pieces', range));
      yield* pieces;
      if (pieces.length < PIECES_AT_ONCE) return;
    }
  }
}

function piecesOf(recordingId: string): IDBKeyRange {
  return IDBKeyRange.bound([recordingId, 0], [recordingId, Infinity]);
}

async function opened(piece: KeptPiece, recordingId: string, sequence: number, key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await openPiece(piece, recordingId, sequence, key);
  } catch (cause) {
    throw integrityError(recordingId, sequence, cause);
  }
}

function integrityError(recordingId: string, sequence: number, cause?: unknown): FacePrivacyError {
  return new FacePrivacyError('ERR_VAULT_INTEGRITY', 'A piece of the recording is missing or was changed; the recording is not shown.', { details: { recordingId, sequence }, ...(cause === undefined ? {} : { cause }) });
}

function goneError(): FacePrivacyError {
  return new FacePrivacyError('ERR_SESSION_CLOSED', 'The recording was erased or ended by another tab.');
}

/** @throws FacePrivacyError ERR_STORAGE_FAILED, which tells a full disk from a refusal; a FacePrivacyError stays as it is. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FacePrivacyError) throw cause;
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    throw new FacePrivacyError('ERR_STORAGE_FAILED', isFull ? 'There is no room left for the recording; what was kept before stays playable.' : 'The browser refused to read or write recordings (private mode, cleared data or a blocked upgrade).', {
      cause,
      details: { field: 'recordings', reason: isFull ? 'full' : 'refused' },
    });
  }
}
