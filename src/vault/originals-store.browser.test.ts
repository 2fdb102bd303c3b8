import { openDB } from 'idb';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createContentKey, sealCrops, type OriginalCrop, type OriginalIds, type SealedOriginal } from '../core/originals.ts';
import { originalItemOf, OriginalsStore, type BegunOriginal, type OriginalRow } from './originals-store.ts';

const SECRET = 'what was seen';

/** One key pair for most tests: making one takes a moment. */
const COMMON = 'test-originals';

const stores: OriginalsStore[] = [];
afterEach(async () => {
  const common = await openStore();
  await common.erase((await common.list()).map(({ originalId }) => originalId));
  for (const store of stores.splice(0)) store.close();
});
afterAll(() => {
  for (const name of [COMMON, 'test-originals-tabs', 'test-originals-lost']) indexedDB.deleteDatabase(name);
});

async function openStore(name = COMMON): Promise<OriginalsStore> {
  const store = await OriginalsStore.open(name);
  stores.push(store);
  return store;
}

interface Begun {
  readonly row: OriginalRow;
  readonly seal: (sequence: number) => Promise<SealedOriginal>;
}

async function begin(store: OriginalsStore, given: Partial<BegunOriginal> = {}): Promise<Begun> {
  const ids: OriginalIds = { originalId: crypto.randomUUID(), recordingId: 'r1', trackId: 3, ...given };
  const { key, wrappedKey } = await createContentKey(ids, await store.publicKey());
  const row = await store.begin({ ...ids, wrappedKey, dataSubject: 'person', consentRecordId: 'record', createdAt: 1, expiresAt: 1000, ...given });
  return { row, seal: (sequence) => sealCrops([cropOf(sequence * 1e6)], ids, sequence, key) };
}

const cropOf = (timeUs: number): OriginalCrop => ({ timeUs, box: { x: 1, y: 2, width: 3, height: 4 }, jpeg: new TextEncoder().encode(SECRET) });

async function timesIn(store: OriginalsStore, row: OriginalRow, span = {}): Promise<number[]> {
  const times: number[] = [];
  for await (const crops of store.read(row, await store.contentKey(row), span)) {
    for (const { timeUs, jpeg } of crops) {
      expect(new TextDecoder().decode(jpeg)).toBe(SECRET);
      times.push(timeUs);
    }
  }
  return times;
}

const faultOf = (reading: Promise<unknown>): Promise<unknown> => reading.then(() => 'read', (error: unknown) => (error as { code: string }).code);

describe('the store of sealed originals', () => {
  test('keeps chunks across a reload and gives them out by time; nothing plain lies in the database [MEG-crypt]', async () => {
    const first = await openStore();
    const { row, seal } = await begin(first);
    for (const sequence of [0, 1, 2]) await first.append(await seal(sequence));
    first.close();

    const store = await openStore();
    const kept = (await store.find(row.originalId))!;
    expect(kept).toMatchObject({ category: 'sealed-regions', purpose: 'sealed-originals', ending: null, chunks: 3, crops: 3 });
    expect(await timesIn(store, kept)).toEqual([0, 1e6, 2e6]);
    expect(await timesIn(store, kept, { fromUs: 500_000, untilUs: 1_500_000 })).toEqual([1e6]);
    expect((await store.contentKey(kept)).extractable).toBe(false);

    const db = await openDB(COMMON);
    const pair = (await db.get('keys', 'originals')) as CryptoKeyPair;
    expect([pair.privateKey.extractable, pair.privateKey.usages]).toEqual([false, ['unwrapKey']]);
    for (const chunk of (await db.getAll('chunks')) as SealedOriginal[]) expect(new TextDecoder('latin1').decode(chunk.sealed)).not.toContain('what');
    db.close();
  });

  test('finds a span in a long original, and nothing where the face was not sealed', async () => {
    const store = await openStore();
    const { row, seal } = await begin(store);
    for (let sequence = 0; sequence < 30; sequence += 1) await store.append(await seal(sequence));
    const kept = (await store.find(row.originalId))!;
    expect(await timesIn(store, kept, { fromUs: 17e6, untilUs: 19e6 })).toEqual([17e6, 18e6, 19e6]);
    expect(await timesIn(store, kept, { fromUs: 0, untilUs: 0 })).toEqual([0]);
    expect(await timesIn(store, kept, { fromUs: 28.5e6 })).toEqual([29e6]);
    expect(await timesIn(store, kept, { untilUs: 1e6 })).toEqual([0, 1e6]);
    expect(await timesIn(store, kept, { fromUs: 3.2e6, untilUs: 3.8e6 })).toEqual([]);
    expect(await timesIn(store, kept, { fromUs: 99e6 })).toEqual([]);
  });

  test('two tabs that make the key pair at once keep one', async () => {
    const name = 'test-originals-tabs';
    const [a, b] = [await openStore(name), await openStore(name)];
    await Promise.all([a.publicKey(), b.publicKey()]);
    const { row, seal } = await begin(a);
    await a.append(await seal(0));
    const other = await begin(b);
    await b.append(await other.seal(0));
    expect(await timesIn(b, (await b.find(row.originalId))!)).toEqual([0]);
    expect(await timesIn(a, (await a.find(other.row.originalId))!)).toEqual([0]);
  });

  test('nothing is added out of turn, after the end was decided, or after erasure; erasing destroys key and chunks and nothing else', async () => {
    const store = await openStore();
    const { row, seal } = await begin(store);
    const other = await begin(store, { recordingId: 'r2', dataSubject: 'someone else' });
    await store.append(await seal(0));
    await expect(store.append(await seal(2))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    await store.end([row.originalId, 'unknown'], 'withdrawn');
    await store.end([row.originalId], 'requested');
    await expect(store.append(await seal(1))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect((await store.find(row.originalId))?.ending).toBe('withdrawn');
    expect(await store.erase([row.originalId], ({ ending }) => ending === null)).toEqual({ rows: 0, keys: 0, media: 0 });
    expect(await store.erase([row.originalId, 'unknown'])).toEqual({ rows: 2, keys: 1, media: 1 });
    await expect(store.append(await seal(1))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect(await store.find(row.originalId)).toBeNull();
    expect((await store.list()).map(({ originalId }) => originalId)).toEqual([other.row.originalId]);
    expect(await store.list('r1')).toEqual([]);
    expect(await store.list('r2')).toHaveLength(1);
    expect(await store.listOf('person')).toEqual([]);
  });

  test('one byte changed, a chunk or the key of another original, a chunk missing: nothing of it is given out', async () => {
    const store = await openStore();
    const db = await openDB(COMMON);
    const tamper = async (change: (row: OriginalRow, chunks: SealedOriginal[], other: OriginalRow) => Promise<unknown>): Promise<unknown> => {
      const [{ row, seal }, other] = [await begin(store), await begin(store)];
      for (const sequence of [0, 1]) await store.append(await seal(sequence));
      await other.seal(0).then((chunk) => store.append(chunk));
      await change((await store.find(row.originalId))!, (await db.getAll('chunks', IDBKeyRange.bound([row.originalId, 0], [row.originalId, 9]))) as SealedOriginal[], other.row);
      return faultOf(timesIn(store, (await store.find(row.originalId))!));
    };
    expect(await tamper(async () => undefined)).toBe('read');
    const flipped = (sealed: ArrayBuffer): ArrayBuffer => {
      const bytes = new Uint8Array(sealed.slice(0));
      bytes[5]! ^= 1;
      return bytes.buffer;
    };
    expect(await tamper((_row, [chunk]) => db.put('chunks', { ...chunk!, sealed: flipped(chunk!.sealed) }))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper((_row, [chunk]) => db.put('chunks', { ...chunk!, fromUs: 5 }))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper(({ originalId }) => db.delete('chunks', [originalId, 0]))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper(({ originalId }) => db.delete('chunks', [originalId, 1]))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper(async ({ originalId }, _chunks, other) => db.put('chunks', { ...((await db.get('chunks', [other.originalId, 0])) as SealedOriginal), originalId }))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper((row, _chunks, { wrappedKey }) => db.put('originals', { ...row, wrappedKey }))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper((row) => db.put('originals', { ...row, trackId: 4 }))).toBe('ERR_VAULT_INTEGRITY');
    db.close();
  });

  test('is an item of retention: a key and media, with the holds of its recording', async () => {
    const store = await openStore();
    const { row, seal } = await begin(store);
    await store.append(await seal(0));
    const kept = (await store.find(row.originalId))!;
    expect(originalItemOf(kept)).toMatchObject({ itemId: row.originalId, category: 'sealed-regions', expiresAt: 1000, ending: null, holds: [], parts: { keys: { ids: [row.originalId] }, media: { bytes: kept.bytes } } });
    expect(kept.bytes).toBeGreaterThan(SECRET.length);
  });

  test('a database that is deleted while in use is told once', async () => {
    const name = 'test-originals-lost';
    const store = await openStore(name);
    let lost = 0;
    store.onLost = () => { lost += 1; };
    await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
    expect(lost).toBe(1);
    await expect(store.list()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { reason: 'refused' } });
  });
});
