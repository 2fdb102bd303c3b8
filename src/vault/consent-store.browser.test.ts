import { openDB } from 'idb';
import { afterAll, describe, expect, it } from 'vitest';
import { testConsentStore } from './consent-store.contract.ts';
import { openConsentStore } from './consent-store.ts';

const failed = { code: 'ERR_STORAGE_FAILED', details: { field: 'store' } };
const names: string[] = [];
const fresh = (): string => {
  const name = `consent-${crypto.randomUUID()}`;
  names.push(name);
  return name;
};
afterAll(() => {
  for (const name of names) indexedDB.deleteDatabase(name);
});

describe('IndexedDB', () => {
  const name = fresh();
  testConsentStore(() => openConsentStore(name));
});

it('takes over a database of version 1: its records are kept, and open nothing', async () => {
  const name = fresh();
  const old = await openDB(name, 1, {
    upgrade(db) {
      db.createObjectStore('consent-records', { keyPath: 'recordId' }).createIndex('by-data-subject', 'dataSubject');
    },
  });
  await old.put('consent-records', { recordId: 'r1', dataSubject: 'a', state: 'given', answers: { 'live-redacted-view': 'given' } });
  old.close();
  const store = await openConsentStore(name);
  expect(await store.view('a', 0)).toMatchObject({ rows: [], lastRecordId: null, head: null });
  store.close();
  const raw = await openDB(name);
  expect(raw.version).toBe(3);
  expect(await raw.getAll('consent-records')).toHaveLength(1);
  raw.close();
});

it('does not wait for a tab that keeps version 1 open', async () => {
  const name = fresh();
  const old = await openDB(name, 1);
  await expect(openConsentStore(name)).rejects.toMatchObject(failed);
  old.close();
  // Nor does it keep the database from anybody once that tab is gone.
  const deleted = indexedDB.deleteDatabase(name);
  await new Promise((resolve, reject) => {
    deleted.onsuccess = resolve;
    deleted.onblocked = () => { reject(new Error('a connection was left open')); };
  });
});

it('says so when the browser blocks storage', async () => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => {
    throw new DOMException('storage is blocked', 'SecurityError');
  };
  try {
    await expect(openConsentStore()).rejects.toMatchObject(failed);
  } finally {
    IDBFactory.prototype.open = open;
  }
});

it('says so when the disk is full and something has to be written; what is there is read, and no time goes back', async () => {
  const store = await openConsentStore(fresh());
  await store.view('a', 3);
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('no space left', 'QuotaExceededError');
  };
  try {
    expect(await store.view('a', 5)).toMatchObject({ rows: [], highWater: 5 });
    expect(await store.view('a', 2)).toMatchObject({ highWater: 3 });
    await expect(store.noticeHash('notice', 'hash')).rejects.toMatchObject(failed);
    await expect(store.throttle.update(() => ({ refusedAt: 1 }))).rejects.toMatchObject(failed);
  } finally {
    IDBObjectStore.prototype.put = put;
    store.close();
  }
});

it('tells when the database is deleted while it is in use', async () => {
  const name = fresh();
  const store = await openConsentStore(name);
  const lost = new Promise<void>((resolve) => {
    store.onLost = resolve;
  });
  indexedDB.deleteDatabase(name);
  await lost;
  await expect(store.view('a', 0)).rejects.toMatchObject(failed);
});

it('damaged marks count against whoever damaged them', async () => {
  const name = fresh();
  const store = await openConsentStore(name);
  await store.view('a', 5);
  const raw = await openDB(name);
  await raw.put('marks', 'tomorrow', 'clock');
  await raw.put('marks', { refusedAt: 'never' }, 'throttle');
  raw.close();
  expect((await store.view('a', 5)).highWater).toBe(Number.MAX_SAFE_INTEGER);
  expect(await store.throttle.read()).toEqual({ refusedAt: Number.NaN });
  store.close();
});
