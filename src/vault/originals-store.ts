import type { DBSchema, IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import { createOriginalsKeyPair, openContentKey, openCrops, type OriginalCrop, type OriginalIds, type SealedOriginal } from '../core/originals.ts';
import type { EpochMs, Microseconds } from '../core/time.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import type { Hold, RetentionItem } from '../governance/retention/item.ts';
import { allOrNothing, openVaultDatabase, type UpgradeStep } from './open-database.ts';
import { roomGuard } from './room-reserve.ts';

/** The sealed original of one claimed track, as it is kept: everything but pixels. */
export interface OriginalRow extends OriginalIds {
  /** Pseudonym of the person whose face it is. */
  readonly dataSubject: string;
  readonly category: 'sealed-regions';
  readonly purpose: Extract<Purpose, 'sealed-originals'>;
  /** Id of the consent's record; null under an exception. */
  readonly consentRecordId: string | null;
  readonly createdAt: EpochMs;
  /** From then on it is not opened, and swept. */
  readonly expiresAt: EpochMs;
  /** Why it has to go before that; null where nothing asks for it. */
  readonly ending: RetentionItem['ending'];
  /** Opens with the private key of this store alone. With it goes everything. */
  readonly wrappedKey: ArrayBuffer;
  /** The chunks are numbered 0 to `chunks` - 1. */
  readonly chunks: number;
  readonly crops: number;
  /** Of all chunks, encrypted. */
  readonly bytes: number;
}

/** What an original is begun with. */
export type BegunOriginal = Omit<OriginalRow, 'category' | 'purpose' | 'ending' | 'chunks' | 'crops' | 'bytes'>;

/** What an erasure destroyed. */
export interface ErasedOriginals {
  readonly rows: number;
  readonly keys: number;
  readonly media: number;
}

/** Which part of an original is wanted, in the time of the recorded media. */
export interface OriginalSpan {
  readonly fromUs?: Microseconds;
  readonly untilUs?: Microseconds;
}

interface OriginalsSchema extends DBSchema {
  originals: { key: string; value: OriginalRow; indexes: { 'by-recording': string; 'by-subject': string } };
  chunks: { key: [originalId: string, sequence: number]; value: SealedOriginal };
  keys: { key: string; value: CryptoKeyPair };
}

const STEPS: readonly UpgradeStep<OriginalsSchema>[] = [
  (database) => {
    const originals = database.createObjectStore('originals', { keyPath: 'originalId' });
    originals.createIndex('by-recording', 'recordingId');
    originals.createIndex('by-subject', 'dataSubject');
    database.createObjectStore('chunks', { keyPath: ['originalId', 'sequence'] });
    database.createObjectStore('keys');
  },
];
const ROOM = roomGuard('originals', {
  full: 'There is no room left for sealed originals; what was kept before stays.',
  refused: 'The browser refused to read or write sealed originals (private mode, cleared data or a blocked upgrade).',
});
const PAIR = 'originals';
/** Read in one request; each is about a second. */
const CHUNKS_AT_ONCE = 8;

/** The database of an app that names no other. */
export const ORIGINALS_DATABASE = 'bauta-originals';

/**
 * Sealed originals in IndexedDB of this origin. Pages append to it, list and erase; only the unmask worker asks it for a key or for crops.
 * A chunk and the row that counts it are written in one transaction. Every method rejects with FacePrivacyError ERR_STORAGE_FAILED
 * (`details.reason` `full` or `refused`) when the place is full, blocked or gone. The caller closes it.
 */
export class OriginalsStore {
  /** Called once when the database is taken away while in use: deleted, evicted, or wanted by a newer version. */
  onLost: (() => void) | null = null;
  readonly #db: IDBPDatabase<OriginalsSchema>;

  private constructor(db: IDBPDatabase<OriginalsSchema>) {
    this.#db = db;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static open(name = ORIGINALS_DATABASE): Promise<OriginalsStore> {
    return ROOM.guarded(async () => {
      const losing: { tell: () => void } = { tell: () => undefined };
      const store = new OriginalsStore(await openVaultDatabase<OriginalsSchema>({ name, steps: STEPS, onLost: () => { losing.tell(); } }));
      losing.tell = () => {
        store.onLost?.();
        store.onLost = null;
      };
      return store;
    });
  }

  /** What content keys are wrapped with, made at the first call. Two tabs that make one at once keep the first. */
  publicKey(): Promise<CryptoKey> {
    return ROOM.guarded(async () => {
      const kept = await this.#db.get('keys', PAIR);
      if (kept !== undefined) return kept.publicKey;
      const made = await createOriginalsKeyPair();
      const tx = this.#db.transaction('keys', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const first = await tx.store.get(PAIR);
        if (first === undefined) await tx.store.add(made, PAIR);
        return (first ?? made).publicKey;
      });
    });
  }

  /** Begins an original. */
  begin(begun: BegunOriginal): Promise<OriginalRow> {
    return ROOM.guarded(async () => {
      const row: OriginalRow = { ...begun, category: 'sealed-regions', purpose: 'sealed-originals', ending: null, chunks: 0, crops: 0, bytes: 0 };
      const tx = this.#db.transaction('originals', 'readwrite', { durability: 'strict' });
      await allOrNothing(tx, () => tx.store.add(row));
      return row;
    });
  }

  /** Adds the next chunk. @throws FacePrivacyError ERR_SESSION_CLOSED when the original was erased, or has to go; nothing is written then. */
  append(chunk: SealedOriginal): Promise<void> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['originals', 'chunks'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const originals = tx.objectStore('originals');
        const row = await originals.get(chunk.originalId);
        if (row === undefined || row.ending !== null || row.chunks !== chunk.sequence) throw goneError();
        await tx.objectStore('chunks').add(chunk);
        await originals.put({ ...row, chunks: row.chunks + 1, crops: row.crops + chunk.crops, bytes: row.bytes + chunk.sealed.byteLength });
      });
    });
  }

  /** The row of an original, or null. */
  find(originalId: string): Promise<OriginalRow | null> {
    return ROOM.guarded(async () => (await this.#db.get('originals', originalId)) ?? null);
  }

  /** All rows, or those of one recording, oldest first. A recording that was restored has the originals of its former ids, too. */
  list(recordingId?: string): Promise<OriginalRow[]> {
    return ROOM.guarded(async () => sorted(recordingId === undefined ? await this.#db.getAll('originals') : await this.#db.getAllFromIndex('originals', 'by-recording', recordingId)));
  }

  /** All rows of one person, oldest first. */
  listOf(dataSubject: string): Promise<OriginalRow[]> {
    return ROOM.guarded(async () => sorted(await this.#db.getAllFromIndex('originals', 'by-subject', dataSubject)));
  }

  /** The chunks of an original as they are kept, or those that reach into a span. */
  async* chunks(originalId: string, { fromUs = -Infinity, untilUs = Infinity }: OriginalSpan = {}): AsyncGenerator<SealedOriginal, void> {
    const first = fromUs === -Infinity ? 0 : await ROOM.guarded(() => this.#firstUntil(originalId, fromUs));
    for (let from = first; ; from += CHUNKS_AT_ONCE) {
      const range = IDBKeyRange.bound([originalId, from], [originalId, from + CHUNKS_AT_ONCE], false, true);
      const found = await ROOM.guarded(() => this.#db.getAll('chunks', range));
      const wanted = found.filter((chunk) => chunk.untilUs >= fromUs && chunk.fromUs <= untilUs);
      yield* wanted;
      if (found.length < CHUNKS_AT_ONCE || found.at(-1)!.fromUs > untilUs) return;
    }
  }

  /**
   * The key that opens an original; it decrypts and cannot be exported. For the unmask worker alone, after its judgement.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when the key was changed or is another original's, or the store has no key pair any more.
   */
  async contentKey(row: OriginalRow): Promise<CryptoKey> {
    const pair = await ROOM.guarded(() => this.#db.get('keys', PAIR));
    if (pair === undefined) throw new FacePrivacyError('ERR_VAULT_INTEGRITY', 'The key of the sealed originals is gone; none of them can be opened.', { details: { originalId: row.originalId } });
    return openContentKey(row, row.wrappedKey, pair.privateKey);
  }

  /**
   * The crops of an original, chunk by chunk; the caller overwrites them. For the unmask worker alone.
   * @throws FacePrivacyError ERR_VAULT_INTEGRITY when a chunk is missing, was changed, or is another one.
   */
  async* read(row: OriginalRow, key: CryptoKey, span: OriginalSpan = {}): AsyncGenerator<OriginalCrop[], void> {
    const whole = span.fromUs === undefined && span.untilUs === undefined;
    let next: number | null = whole ? 0 : null;
    for await (const chunk of this.chunks(row.originalId, span)) {
      // Sealed since the row was read.
      if (chunk.sequence >= row.chunks) break;
      if (next !== null && chunk.sequence !== next) throw integrityError(row, next);
      yield await openCrops(chunk, row, chunk.sequence, key);
      next = chunk.sequence + 1;
    }
    if (whole && next !== row.chunks) throw integrityError(row, row.chunks);
  }

  /** Marks originals as having to go: from now on nothing is added, and the next sweep erases them. One that is marked keeps its mark. Unknown ids are no fault. */
  end(originalIds: readonly string[], ending: NonNullable<OriginalRow['ending']>): Promise<void> {
    return ROOM.small(() => {
      const tx = this.#db.transaction('originals', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        for (const originalId of originalIds) {
          const row = await tx.store.get(originalId);
          if (row !== undefined && row.ending === null) await tx.store.put({ ...row, ending });
        }
      });
    });
  }

  /**
   * Destroys the chunks of an original, without which nothing of it can be opened; {@link erase} destroys the rest. Writes nothing, so that it needs no room.
   * @param isDue asked of the row as it is in the transaction.
   * @returns what both destroy, or null when there is nothing that is due.
   */
  eraseMedia(originalId: string, isDue: (row: OriginalRow) => boolean): Promise<ErasedOriginals | null> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['originals', 'chunks'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const row = await tx.objectStore('originals').get(originalId);
        if (row === undefined || !isDue(row)) return null;
        await tx.objectStore('chunks').delete(chunksOf(originalId));
        return { rows: row.chunks + 1, keys: 1, media: 1 };
      });
    });
  }

  /**
   * Destroys keys and chunks, in one transaction. Unknown ids are no fault.
   * @param isDue asked of each row as it is in the transaction; one that is not due stays.
   */
  erase(originalIds: readonly string[], isDue: (row: OriginalRow) => boolean = () => true): Promise<ErasedOriginals> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction(['originals', 'chunks'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const erased = { rows: 0, keys: 0, media: 0 };
        for (const originalId of originalIds) {
          const originals = tx.objectStore('originals');
          const row = await originals.get(originalId);
          if (row !== undefined && !isDue(row)) continue;
          const range = chunksOf(originalId);
          erased.rows += await tx.objectStore('chunks').count(range);
          await tx.objectStore('chunks').delete(range);
          if (row === undefined) continue;
          await originals.delete(originalId);
          erased.rows += 1;
          erased.keys += 1;
          erased.media += 1;
        }
        return erased;
      });
    });
  }

  /** The first chunk that does not end before this time; times rise with the numbers, so half of the rest is passed over at each look. */
  async #firstUntil(originalId: string, fromUs: Microseconds): Promise<number> {
    const { store } = this.#db.transaction('chunks');
    let [low, high] = [0, await store.count(chunksOf(originalId))];
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = await store.get([originalId, middle]);
      // One that is missing is found out by whoever reads.
      if (chunk === undefined || chunk.untilUs < fromUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#db.close();
  }
}

/** The original as retention sees it. @param holds those of its recording, with which it stays and goes. */
export function originalItemOf(row: OriginalRow, holds: readonly Hold[] = []): RetentionItem {
  const { originalId, category, purpose, dataSubject, createdAt, expiresAt, ending, bytes } = row;
  return { itemId: originalId, category, purpose, dataSubject, createdAt, expiresAt, ending, holds, parts: { keys: { ids: [originalId], bytes: 0 }, media: { ids: [originalId], bytes } } };
}

function chunksOf(originalId: string): IDBKeyRange {
  return IDBKeyRange.bound([originalId, 0], [originalId, Infinity]);
}

function sorted(rows: OriginalRow[]): OriginalRow[] {
  return rows.sort((a, b) => a.createdAt - b.createdAt);
}

function integrityError({ originalId, recordingId }: OriginalIds, part: number): FacePrivacyError {
  return new FacePrivacyError('ERR_VAULT_INTEGRITY', 'A part of the sealed original is missing; it is not shown.', { details: { originalId, recordingId, part } });
}

function goneError(): FacePrivacyError {
  return new FacePrivacyError('ERR_SESSION_CLOSED', 'The sealed original was erased or has to be; nothing is added to it.');
}
