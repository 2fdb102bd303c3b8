import { openDB, type DBSchema } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';

const NAME = 'bauta-reserve';

interface Reserve extends DBSchema {
  room: { key: number; value: Uint8Array };
}

/**
 * One large value: browsers keep it in a file of its own, and its room is there again as soon as it is gone. Small rows take more room when they are
 * deleted, until the browser tidies up (measured in Chromium 156: rows of 60 KB and less give nothing back within ten seconds).
 */
export const RESERVE_BYTES = 1 << 20;
/** As much as `getRandomValues` gives at once. */
const RANDOM_BYTES = 1 << 16;

/**
 * Sets room aside in this origin for what has to be written when there is none: what was erased, receipts, the audit log, a withdrawal. Does nothing where
 * it lies already. What is in it is noise, which no browser can compress.
 * @throws the browser's error, QuotaExceededError where there is not even that much room.
 */
export async function layReserve(): Promise<void> {
  const db = await openDB<Reserve>(NAME, 1, { upgrade: (database) => { database.createObjectStore('room'); } });
  try {
    if ((await db.count('room')) > 0) return;
    const noise = new Uint8Array(RESERVE_BYTES);
    for (let from = 0; from < RESERVE_BYTES; from += RANDOM_BYTES) crypto.getRandomValues(noise.subarray(from, from + RANDOM_BYTES));
    await db.put('room', noise, 0);
  } finally {
    db.close();
  }
}

/**
 * Does a small piece of work that has to be written; where the place is full, again, with the room that was set aside for it.
 * @throws what `work` throws.
 */
export async function withReserve<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    await spendReserve();
    return work();
  }
}

/** Work on a store that can fill the place. Both reject with FacePrivacyError ERR_STORAGE_FAILED, which tells a full disk (`full`) from a refusal (`refused`). */
export interface RoomGuard {
  /** Another FacePrivacyError, or a caller's TypeError, stays as it is. */
  guarded<T>(this: void, work: () => Promise<T>): Promise<T>;
  /** The same for what has to be written also where there is no room for media. */
  small<T>(this: void, work: () => Promise<T>): Promise<T>;
}

/** @param field names the store in `details`. @param messages of its errors. */
export function roomGuard(field: string, messages: Readonly<Record<'full' | 'refused', string>>): RoomGuard {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof TypeError || (cause instanceof FacePrivacyError && cause.code !== 'ERR_STORAGE_FAILED')) throw cause;
      const reason = isFull(cause) ? 'full' : 'refused';
      throw new FacePrivacyError('ERR_STORAGE_FAILED', messages[reason], { cause, details: { field, reason } });
    }
  };
  return { guarded, small: (work) => guarded(() => withReserve(work)) };
}

/** Whether it failed since there is no room: the browser's error, or one that it caused. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && (error.name === 'QuotaExceededError' || isFull(error.cause));
}

/** Never rejects: whoever needs the room finds out whether it is there. */
function spendReserve(): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    // Blocked by a tab that stands still: it goes when that does.
    request.onsuccess = request.onerror = request.onblocked = () => { resolve(); };
  });
}
