import type { IDBPDatabase } from 'idb';
import type { EpochMs } from '../core/time.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { allOrNothing } from './open-database.ts';
import type { Erasure } from './recording-rows.ts';
import { RECORDING_ROOM as ROOM, type RecordingSchema } from './recording-schema.ts';

/** What was erased of recordings and is not told yet, and the receipts of what is; made by `RecordingStore`. */
export class ErasureLog {
  readonly #db: IDBPDatabase<RecordingSchema>;

  constructor(db: IDBPDatabase<RecordingSchema>) {
    this.#db = db;
  }

  /** Notes what was erased elsewhere with recordings, so that it gets its receipt. What is noted already is not noted twice. */
  note(done: readonly Omit<Erasure, 'erasureId'>[]): Promise<Erasure[]> {
    return ROOM.small(() => {
      const tx = this.#db.transaction('erasures', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const untold = new Set((await tx.store.getAll()).map(({ itemId }) => itemId));
        const erasures: Erasure[] = [];
        for (const erasure of done) if (!untold.has(erasure.itemId)) erasures.push(await noted(tx.store, erasure));
        return erasures;
      });
    });
  }

  /** Erasures that are not told yet, oldest first. */
  untold(): Promise<Erasure[]> {
    return ROOM.guarded(() => this.#db.getAll('erasures'));
  }

  /**
   * Keeps a receipt and marks the erasures that it tells of; {@link settle} forgets them, once they are told.
   * @returns false, and keeps nothing, when another tab has written one for them.
   */
  keepReceipt(receipt: ErasureReceipt, erasureIds: readonly number[]): Promise<boolean> {
    return ROOM.small(() => {
      const tx = this.#db.transaction(['erasures', 'receipts'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const { receiptId } = receipt;
        const told: Erasure[] = [];
        for (const id of erasureIds) {
          const erasure = await tx.objectStore('erasures').get(id);
          if (erasure === undefined || erasure.receiptId !== undefined) return false;
          told.push({ ...erasure, receiptId });
        }
        await tx.objectStore('receipts').add(receipt);
        for (const erasure of told) await tx.objectStore('erasures').put(erasure);
        return true;
      });
    });
  }

  /** They are told: in a receipt, and in the audit log. Unknown ids are no fault. */
  settle(erasureIds: readonly number[]): Promise<void> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction('erasures', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        for (const id of erasureIds) await tx.store.delete(id);
      });
    });
  }

  /** Receipts of erasures, oldest first: all, or those that name this person. */
  receipts(dataSubject?: string): Promise<ErasureReceipt[]> {
    return ROOM.guarded(async () => {
      const all = await this.#db.getAll('receipts');
      return all.filter((receipt) => dataSubject === undefined || receipt.dataSubject === dataSubject).sort((a, b) => a.erasedAt - b.erasedAt);
    });
  }

  /** Forgets receipts that were made before this moment: their own time is over. */
  forget(before: EpochMs): Promise<number> {
    return ROOM.guarded(() => {
      const tx = this.#db.transaction('receipts', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const old = (await tx.store.getAll()).filter(({ erasedAt }) => erasedAt < before);
        for (const { receiptId } of old) await tx.store.delete(receiptId);
        return old.length;
      });
    });
  }
}

/** @internal Writes an erasure down in a transaction that is somebody else's. */
export async function noted(erasures: { add(value: Erasure): Promise<number> }, done: Omit<Erasure, 'erasureId'>): Promise<Erasure> {
  return { ...done, erasureId: await erasures.add(done as Erasure) };
}
