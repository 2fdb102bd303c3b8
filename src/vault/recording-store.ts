import type { IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { openPiece, openSound, openTimeline, type SealedPart, type TrackSample } from '../core/recording.ts';
import { putBack } from '../core/sound-patch.ts';
import type { EpochMs } from '../core/time.ts';
import type { SecondOfCovers } from '../governance/manifest/cover-ledger.ts';
import { entryOf, isStillDue, type SweepEntry } from '../governance/retention/sweep.ts';
import { ErasureLog, noted } from './erasure-log.ts';
import { allOrNothing, openVaultDatabase } from './open-database.ts';
import { itemOf, type ErasedRecording, type Erasure, type KeptPiece, type KeptSoundPart, type NewPiece, type RecordingBegun, type RecordingCompletion, type RecordingRow, type RecordingStanding } from './recording-rows.ts';
import { RECORDING_ROOM as ROOM, RECORDING_STEPS, type RecordingSchema } from './recording-schema.ts';
import { isFull, layReserve } from './room-reserve.ts';
import { SoundParts } from './sound-parts.ts';

/** What erasing needs of an object store. */
interface Emptied<Key> {
  count(key: Key): Promise<number>;
  delete(key: Key): Promise<void>;
}

/** A piece of a media file, decrypted: the file without sound, and what it lacks of it (see `putBack`). */
export interface OpenedPiece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly patch: Uint8Array<ArrayBuffer> | null;
}

const KINDS = ['rows', 'keys', 'media'] as const;
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
  /** What was erased, until it is told, and the receipts. */
  readonly erasures: ErasureLog;
  /** The sound of recordings, which has a time, a consent and an end of its own. */
  readonly sounds: SoundParts;
  readonly #db: IDBPDatabase<RecordingSchema>;

  private constructor(db: IDBPDatabase<RecordingSchema>) {
    this.#db = db;
    this.erasures = new ErasureLog(db);
    this.sounds = new SoundParts(db);
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name = RECORDINGS_DATABASE): Promise<RecordingStore> {
    const losing: { tell: () => void } = { tell: () => undefined };
    const store = new RecordingStore(await openVaultDatabase<RecordingSchema>({ name, steps: RECORDING_STEPS, onLost: () => { losing.tell(); } }));
    losing.tell = () => {
      store.onLost?.();
      store.onLost = null;
    };
    return store;
  }

  /** Of the database. */
  get name(): string {
    return this.#db.name;
  }

  /** Begins a recording, with a key of its own, once there is room for what has to be written where it fills the place. */
  begin(begun: RecordingBegun): Promise<RecordingRow> {
    return ROOM.guarded(async () => {
      await layReserve();
      const row: RecordingRow = { ...begun, holds: [], ending: null, restriction: null, formerIds: [], state: 'open', pieces: 0, bytes: 0, frames: 0, durationUs: 0, width: 0, height: 0, manifest: null };
      const tx = this.#db.transaction('recordings', 'readwrite', { durability: 'strict' });
      await allOrNothing(tx, () => tx.store.add(row));
      return row;
    });
  }

  /**
   * Adds the next piece.
   * @param size of the picture, as soon as there was one: a recording that is cut off has it, too.
   * @throws FacePrivacyError ERR_SESSION_CLOSED when the recording was erased or ended meanwhile; nothing is written then.
   */
  append({ sound, ...piece }: NewPiece, size?: Size): Promise<void> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces', 'sounds'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const recordings = tx.objectStore('recordings');
        const row = await recordings.get(piece.recordingId);
        if (row?.state !== 'open' || row.pieces !== piece.sequence) throw goneError();
        await tx.objectStore('pieces').add(piece);
        await putSound(tx.objectStore('sounds'), row, piece.sequence, sound);
        await recordings.put({
          ...row,
          pieces: row.pieces + 1,
          bytes: row.bytes + piece.sealed.byteLength - TAG_BYTES,
          frames: row.frames + piece.frames,
          durationUs: Math.max(row.durationUs, piece.untilUs),
          ...(size === undefined ? {} : { width: size.width, height: size.height }),
        });
      });
    });
  }

  /**
   * Ends a recording in order: header, summary and manifest in one transaction. In the same one it takes the place of what it was restored from, with
   * every hold: at no moment are there two, or none.
   * Its sound stays with it if it is still kept in that transaction; else this is a recording that never had any.
   * @returns the row as it is now.
   * @throws FacePrivacyError ERR_SESSION_CLOSED when one of them was erased.
   */
  complete(recordingId: string, { state, summary, header: { sound, ...header }, timeline, manifest, withSound, about, replaces }: RecordingCompletion): Promise<RecordingRow> {
    return ROOM.small(() => {
      const tx = this.#db.transaction(['recordings', 'pieces', 'sounds'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const recordings = tx.objectStore('recordings');
        const row = await recordings.get(recordingId);
        const old = replaces === undefined ? null : await recordings.get(replaces);
        if (row?.state !== 'open' || old === undefined) throw goneError();
        await tx.objectStore('pieces').put({ ...header, covers: [], timeline });
        const { container, codec, mimeType, ...rest } = summary;
        const { holds, ending, restriction } = old ?? row;
        const formerIds = old === null ? row.formerIds : [...old.formerIds, old.recordingId];
        const silent = { format: { container, codec, mimeType }, manifest };
        const done: RecordingRow = { ...row, ...rest, ...silent, state, about, holds, ending, restriction, formerIds };
        const whole: RecordingRow = withSound === undefined || row.sound === null || row.sound === undefined ? { ...done, sound: null } : { ...done, ...withSound, sound: { ...row.sound, silent } };
        await recordings.put(whole);
        if (whole.sound === null) await tx.objectStore('sounds').delete(piecesOf(recordingId));
        else await putSound(tx.objectStore('sounds'), whole, header.sequence, sound);
        if (old !== null) await destroy(tx, old.recordingId, true);
        return whole;
      });
    });
  }

  /**
   * Changes how a recording stands (holds, ending, restriction), in one transaction with reading it: no change of another tab is lost.
   * @param change what it throws comes out, and nothing is changed then.
   * @returns the row as it is now; null when there is none.
   */
  update(recordingId: string, change: (row: RecordingRow) => RecordingStanding): Promise<RecordingRow | null> {
    return ROOM.small(() => {
      const tx = this.#db.transaction('recordings', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const row = await tx.store.get(recordingId);
        if (row === undefined) return null;
        const { holds, ending, restriction } = change(row);
        const next: RecordingRow = { ...row, holds, ending, restriction };
        await tx.store.put(next);
        return next;
      });
    });
  }

  /** The row of a recording, or null. One that is being made out of another is none yet. */
  find(recordingId: string): Promise<RecordingRow | null> {
    return ROOM.guarded(async () => {
      const row = await this.#db.get('recordings', recordingId);
      return row === undefined || isRewrite(row) ? null : row;
    });
  }

  /** All rows, or those of one person, newest first. */
  async list(dataSubject?: string): Promise<RecordingRow[]> {
    return (await this.#rows(dataSubject)).filter((row) => !isRewrite(row));
  }

  /** Destroys what a crash left of recordings that were to take another's place, which is there as it was. @param running asked for when it is known what there is. */
  async discardRewrites(running: () => Promise<ReadonlySet<string>>): Promise<void> {
    const begun = (await this.#rows()).filter(isRewrite);
    if (begun.length === 0) return;
    const alive = await running();
    for (const { recordingId } of begun) if (!alive.has(recordingId)) await this.discard([recordingId], isRewrite);
  }

  #rows(dataSubject?: string): Promise<RecordingRow[]> {
    return ROOM.guarded(async () => {
      const rows = dataSubject === undefined ? await this.#db.getAll('recordings') : await this.#db.getAllFromIndex('recordings', 'by-subject', dataSubject);
      return rows.sort((a, b) => b.createdAt - a.createdAt);
    });
  }

  /** What was covered, second by second, as it was known when the pieces were written. */
  covers(recordingId: string): Promise<SecondOfCovers[]> {
    return ROOM.guarded(async () => {
      const seconds = new Map<number, SecondOfCovers>();
      for await (const { covers } of this.#pieces(recordingId)) for (const second of covers) seconds.set(second.second, second);
      return [...seconds.values()].sort((a, b) => a.second - b.second);
    });
  }

  /**
   * Where the tracks were, in order of time, up to ten times a second and in the last frame of each piece.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when something of it was changed.
   */
  async timeline({ recordingId, key }: Pick<RecordingRow, 'recordingId' | 'key'>): Promise<TrackSample[]> {
    const samples: TrackSample[] = [];
    for await (const { sequence, timeline } of this.#pieces(recordingId)) {
      if (timeline === null || (timeline as unknown) === undefined) continue; // Pieces of the first schema have none.
      samples.push(...(await intact(recordingId, sequence, openTimeline(timeline, recordingId, sequence, key))));
    }
    return samples.sort((a, b) => a.timeUs - b.timeUs);
  }

  /**
   * The media file, decrypted piece by piece, as it was when the row was read: what was appended since is not in it. With its sound where the row has any:
   * whoever hands it on asks {@link asHeard} before.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when a piece is missing, was changed, or is another one.
   */
  async* read(row: Pick<RecordingRow, 'recordingId' | 'key' | 'pieces' | 'sound'>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for await (const { bytes, patch } of this.readApart(row, row.sound?.key ?? null)) {
      if (patch !== null) putBack(bytes, patch);
      yield bytes;
    }
  }

  /**
   * The same, picture and sound apart. @param soundKey null: without sound. @param header instead of the first piece, already decrypted.
   * @throws as {@link read}.
   */
  async* readApart({ recordingId, key, pieces }: Pick<RecordingRow, 'recordingId' | 'key' | 'pieces'>, soundKey: CryptoKey | null, header?: OpenedPiece): AsyncGenerator<OpenedPiece, void> {
    let sequence = 0;
    for await (const { sound, ...piece } of this.#pieces(recordingId, soundKey !== null)) {
      if (sequence === pieces) return;
      if (piece.sequence !== sequence) throw integrityError(recordingId, sequence);
      if (sequence === 0 && header !== undefined) yield header;
      else {
        const bytes = await intact(recordingId, sequence, openPiece(piece, recordingId, sequence, key));
        yield { bytes, patch: sound === null || soundKey === null ? null : await intact(recordingId, sequence, openSound(sound, recordingId, sequence, soundKey)) };
      }
      sequence += 1;
    }
    if (sequence !== pieces) throw integrityError(recordingId, sequence);
  }

  /**
   * Destroys key and pieces of recordings that never came to be, in one transaction. Unknown ids are no fault. What was kept goes by {@link eraseDue}.
   * @param only asked of each row as it is in the transaction.
   */
  discard(recordingIds: readonly string[], only: (row: RecordingRow) => boolean = () => true): Promise<ErasedRecording> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces', 'sounds'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const erased = { rows: 0, keys: 0, media: 0 };
        for (const recordingId of recordingIds) {
          const row = await tx.objectStore('recordings').get(recordingId);
          if (row !== undefined && !only(row)) continue;
          const one = await destroy(tx, recordingId, row !== undefined);
          for (const kind of KINDS) erased[kind] += one[kind];
        }
        return erased;
      });
    });
  }

  /**
   * Destroys what a sweep has found, after asking again, in the same transaction, whether it is due: what was held or came to another end
   * meanwhile stays. What was erased is written down in that transaction, see {@link RecordingStore.erasures}. Where there is no room to write it down, media go first,
   * which needs none and gives some back; the row stays until its end can be told.
   * @returns what was erased.
   */
  async eraseDue(entries: readonly Pick<SweepEntry, 'itemId'>[], now: EpochMs): Promise<Erasure[]> {
    try {
      return await this.#eraseDue(entries, now);
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.#eraseMedia(entries, now);
      return this.#eraseDue(entries, now);
    }
  }

  #eraseDue(entries: readonly Pick<SweepEntry, 'itemId'>[], now: EpochMs): Promise<Erasure[]> {
    return ROOM.small(() => {
      const tx = this.#db.transaction(['recordings', 'pieces', 'sounds', 'erasures'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const recordings = tx.objectStore('recordings');
        const done: Erasure[] = [];
        for (const entry of entries) {
          const row = await recordings.get(entry.itemId);
          const item = row === undefined ? null : itemOf(row);
          if (row === undefined || !isStillDue(entry, item, now)) continue;
          const { itemId, reason, dataSubject } = entryOf(item, now);
          const { rows, ...erased } = await destroy(tx, itemId, true);
          done.push(await noted(tx.objectStore('erasures'), { itemId, belongsTo: itemId, reason, dataSubject, erasedAt: now, erased: { ...erased, rows: Math.max(rows, row.pieces + 1) } }));
        }
        return done;
      });
    });
  }

  /** Pieces alone, in a transaction that writes nothing. */
  #eraseMedia(entries: readonly Pick<SweepEntry, 'itemId'>[], now: EpochMs): Promise<void> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['recordings', 'pieces', 'sounds'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        for (const entry of entries) {
          const row = await tx.objectStore('recordings').get(entry.itemId);
          if (row === undefined || !isStillDue(entry, itemOf(row), now)) continue;
          await tx.objectStore('pieces').delete(piecesOf(row.recordingId));
          await tx.objectStore('sounds').delete(piecesOf(row.recordingId));
        }
      });
    });
  }

  /** Sets room aside again, where it was used up. @throws FacePrivacyError ERR_STORAGE_FAILED (`full`): there is not that much. */
  layReserve(): Promise<void> {
    return ROOM.guarded(layReserve);
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#db.close();
  }

  async* #pieces(recordingId: string, withSound = false): AsyncGenerator<KeptPiece & { readonly sound: SealedPart | null }, void> {
    for (let from = 0; ; from += PIECES_AT_ONCE) {
      const range = IDBKeyRange.bound([recordingId, from], [recordingId, from + PIECES_AT_ONCE], false, true);
      const pieces = await ROOM.guarded(() => this.#db.getAll('pieces', range));
      const sounds = withSound ? await this.sounds.of(range) : null;
      for (const piece of pieces) yield { ...piece, sound: sounds?.get(piece.sequence) ?? null };
      if (pieces.length < PIECES_AT_ONCE) return;
    }
  }
}

function isRewrite({ rewrites, state }: RecordingRow): boolean {
  return rewrites !== undefined && state === 'open';
}

function piecesOf(recordingId: string): IDBKeyRange {
  return IDBKeyRange.bound([recordingId, 0], [recordingId, Infinity]);
}

/** Sound of a piece goes nowhere where there is no key for it any more. */
async function putSound(sounds: { put(value: KeptSoundPart): Promise<unknown> }, { recordingId, sound: kept }: RecordingRow, sequence: number, sound: SealedPart | undefined): Promise<void> {
  if (kept !== null && kept !== undefined && sound !== undefined) await sounds.put({ ...sound, recordingId, sequence });
}

/** Pieces first and the row, which holds the keys, in the same transaction. */
async function destroy(tx: { objectStore(name: 'recordings' | 'pieces' | 'sounds'): unknown }, recordingId: string, exists: boolean): Promise<ErasedRecording> {
  const range = piecesOf(recordingId);
  const [recordings, pieces, sounds] = [tx.objectStore('recordings') as Emptied<string>, tx.objectStore('pieces') as Emptied<IDBKeyRange>, tx.objectStore('sounds') as Emptied<IDBKeyRange>];
  const soundRows = await sounds.count(range);
  await sounds.delete(range);
  const rows = (await pieces.count(range)) + soundRows;
  await pieces.delete(range);
  if (!exists) return { rows, keys: 0, media: 0 };
  await recordings.delete(recordingId);
  return { rows: rows + 1, keys: soundRows > 0 ? 2 : 1, media: 1 };
}

async function intact<T>(recordingId: string, sequence: number, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
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
