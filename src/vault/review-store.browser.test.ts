import { afterEach, describe, expect, test } from 'vitest';
import { ReviewStore } from './review-store.ts';

const stores: ReviewStore[] = [];
const names: string[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) store.close();
  for (const name of names.splice(0)) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

async function open(name = `review-${crypto.randomUUID()}`): Promise<{ readonly store: ReviewStore; readonly name: string }> {
  names.push(name);
  const store = await ReviewStore.open(name);
  stores.push(store);
  return { store, name };
}

const note = (noteId: string, text = 'parcel handed over') => ({ noteId, text, by: 'rita', role: 'staff', at: 1 }) as const;

/** The rows as they lie in the database. */
async function raw(name: string, change?: (row: { sealed: { ciphertext: Uint8Array }; recordingId: string }) => void): Promise<unknown[]> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => { resolve(asked.result); };
  });
  const tx = db.transaction('rows', 'readwrite');
  const rows = await new Promise<unknown[]>((resolve) => {
    const asked = tx.objectStore('rows').getAll();
    asked.onsuccess = () => { resolve(asked.result); };
  });
  if (change !== undefined) {
    for (const row of rows as Parameters<typeof change>[0][]) {
      change(row);
      tx.objectStore('rows').put(row);
    }
  }
  await new Promise((resolve) => { tx.oncomplete = resolve; });
  db.close();
  return rows;
}

describe('what is kept of reviews', () => {
  test('is sealed, listed in order by kind and recording, and survives a reload [MEG-crypt]', async () => {
    const { store, name } = await open();
    await store.add('note', 'b', { recordingId: 'rec-1', value: note('b', 'second') }, 2);
    await store.add('note', 'a', { recordingId: 'rec-1', value: note('a') }, 1);
    await store.add('note', 'c', { recordingId: 'rec-2', value: note('c') }, 3);
    await store.add('ended', 'order', { recordingId: 'rec-1', value: { id: 'order', by: 'sam', at: 4 } }, 4);
    const seen = await raw(name);
    expect(seen).toHaveLength(4);
    const text = JSON.stringify(seen, (_key, value: unknown) => (value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value));
    expect(text).not.toContain('parcel');
    const again = await open(name);
    expect((await again.store.list('note', 'rec-1')).map(({ value }) => value.noteId)).toEqual(['a', 'b']);
    expect(await again.store.notesOf(['rec-2', 'rec-1'])).toMatchObject([{ notes: [note('c')] }, { notes: [note('a'), note('b', 'second')], boxes: [], decisions: [] }]);
    expect(await again.store.find('ended', 'order')).toEqual({ recordingId: 'rec-1', value: { id: 'order', by: 'sam', at: 4 } });
    expect(await again.store.find('note', 'order')).toBeNull();
    expect((await again.store.recordingIds()).sort()).toEqual(['rec-1', 'rec-2']);
  });

  test('is added once: two tabs that add the same keep the first', async () => {
    const { store, name } = await open();
    const other = (await open(name)).store;
    const added = await Promise.all([store.add('note', 'a', { recordingId: 'rec-1', value: note('a') }, 1), other.add('note', 'a', { recordingId: 'rec-1', value: note('a', 'another') }, 1)]);
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await store.list('note')).toEqual(await other.list('note'));
  });

  test('is not used when it was changed or put in the place of another [MEG-incident]', async () => {
    const { store, name } = await open();
    await store.add('note', 'a', { recordingId: 'rec-1', value: note('a') }, 1);
    await raw(name, (row) => { row.recordingId = 'rec-2'; });
    await expect(store.list('note')).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY', details: { field: 'note' } });
    await raw(name, (row) => {
      row.recordingId = 'rec-1';
      row.sealed.ciphertext[3]! ^= 1;
    });
    await expect(store.find('note', 'a')).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
  });

  test('goes with its recording, in one transaction, and the loss of the database is told', async () => {
    const { store, name } = await open();
    await store.add('note', 'a', { recordingId: 'rec-1', value: note('a') }, 1);
    await store.add('opened', 'rec-1', { recordingId: 'rec-1', value: { by: 'rita', at: 1 } }, 1);
    await store.add('note', 'c', { recordingId: 'rec-2', value: note('c') }, 1);
    await expect(store.erase(['rec-1', 'unknown'])).resolves.toBe(2);
    expect(await store.recordingIds()).toEqual(['rec-2']);
    const lost = new Promise<void>((resolve) => { store.onLost = resolve; });
    indexedDB.deleteDatabase(name);
    await lost;
    await expect(store.list('note')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  });
});
