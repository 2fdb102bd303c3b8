import { openDB } from 'idb';
import { afterEach, describe, expect, test } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { isFull, layReserve, roomGuard, withReserve } from './room-reserve.ts';

const full = (): DOMException => new DOMException('no space left', 'QuotaExceededError');

async function reserved(): Promise<number> {
  if (!(await indexedDB.databases()).some(({ name }) => name === 'bauta-reserve')) return 0;
  const db = await openDB('bauta-reserve');
  const [noise] = (await db.getAll('room')) as Uint8Array[];
  db.close();
  return noise?.length ?? 0;
}

afterEach(async () => {
  await withReserve(() => Promise.reject(full())).catch(() => undefined);
});

describe('room set aside [MEG-retain]', () => {
  test('lies there once, and is given up for the first work that finds no other', async () => {
    await Promise.all([layReserve(), layReserve()]);
    expect(await reserved()).toBe(1 << 20);
    const tries: number[] = [];
    const work = async (): Promise<string> => {
      tries.push(await reserved());
      if (tries.length === 1) throw new Error('could not be written', { cause: full() });
      return 'written';
    };
    expect(await withReserve(work)).toBe('written');
    expect(tries).toEqual([1 << 20, 0]);
    await layReserve();
    expect(await reserved()).toBe(1 << 20);
  });

  test('stays where something else failed; where none lies, the work is tried again and its error told', async () => {
    await layReserve();
    await expect(withReserve(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await reserved()).toBe(1 << 20);
    let tries = 0;
    for (const _ of [0, 1]) await expect(withReserve(() => { tries += 1; return Promise.reject(full()); })).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect([tries, await reserved()]).toEqual([4, 0]);
  });

  test('a full disk is told from a refusal; what is no matter of storage stays what it is', async () => {
    const { guarded, small } = roomGuard('things', { full: 'no room', refused: 'no' });
    const failing = (error: Error) => () => Promise.reject(error);
    for (const way of [guarded, small]) {
      await expect(way(failing(full()))).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', message: 'no room', details: { field: 'things', reason: 'full' } });
      await expect(way(failing(new DOMException('gone', 'InvalidStateError')))).rejects.toMatchObject({ message: 'no', details: { reason: 'refused' } });
      await expect(way(failing(new TypeError('mine')))).rejects.toThrow(TypeError);
      await expect(way(failing(new FacePrivacyError('ERR_SESSION_CLOSED', 'over')))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    }
    expect([isFull(full()), isFull(new Error('a', { cause: full() })), isFull(new Error('a')), isFull('full')]).toEqual([true, true, false, false]);
  });
});
