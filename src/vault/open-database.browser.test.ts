import { openDB, type DBSchema } from 'idb';
import { afterAll, expect, it } from 'vitest';
import { allOrNothing, openVaultDatabase, type UpgradeStep } from './open-database.ts';

interface Schema extends DBSchema {
  people: { key: string; value: { id: string; name: string }; indexes: { 'by-name': string } };
  marks: { key: string; value: number };
}

const failed = { code: 'ERR_STORAGE_FAILED' };
const names: string[] = [];
const fresh = (): string => {
  const name = `vault-${crypto.randomUUID()}`;
  names.push(name);
  return name;
};
afterAll(() => {
  for (const name of names) indexedDB.deleteDatabase(name);
});

const first: UpgradeStep<Schema> = (database) => {
  database.createObjectStore('people', { keyPath: 'id' });
};
const second: UpgradeStep<Schema> = async (database, transaction) => {
  database.createObjectStore('marks');
  transaction.objectStore('people').createIndex('by-name', 'name');
  await transaction.objectStore('marks').put(await transaction.objectStore('people').count(), 'upgraded');
};
const quiet = (): void => undefined;

it('upgrades step by step: rows of the version before are kept, no step runs twice', async () => {
  const name = fresh();
  const old = await openVaultDatabase<Schema>({ name, steps: [first], onLost: quiet });
  await old.put('people', { id: '1', name: 'x' });
  old.close();
  for (let round = 0; round < 2; round++) {
    const now = await openVaultDatabase<Schema>({ name, steps: [first, second], onLost: quiet });
    expect(now.version).toBe(2);
    expect(await now.getFromIndex('people', 'by-name', 'x')).toEqual({ id: '1', name: 'x' });
    expect(await now.get('marks', 'upgraded')).toBe(1);
    now.close();
  }
});

it('does not open what a newer version has made, and harms nothing', async () => {
  const name = fresh();
  const now = await openVaultDatabase<Schema>({ name, steps: [first, second], onLost: quiet });
  await now.put('people', { id: '1', name: 'x' });
  now.close();
  await expect(openVaultDatabase<Schema>({ name, steps: [first], onLost: quiet })).rejects.toMatchObject(failed);
  const raw = await openDB<Schema>(name);
  expect(await raw.count('people')).toBe(1);
  raw.close();
});

it('does not wait for a tab that keeps an older version open', async () => {
  const name = fresh();
  const old = await openDB<Schema>(name, 1, { upgrade: (database) => { database.createObjectStore('people', { keyPath: 'id' }); } });
  await expect(openVaultDatabase<Schema>({ name, steps: [first, second], onLost: quiet })).rejects.toMatchObject(failed);
  old.close();
  // What was refused does not stay open behind the scenes: a deletion would be blocked.
  await new Promise<void>((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onsuccess = () => { resolve(); };
    deleting.onblocked = () => { reject(new Error('still open')); };
  });
});

it('keeps the version before when a step of the upgrade fails', async () => {
  const name = fresh();
  const old = await openVaultDatabase<Schema>({ name, steps: [first], onLost: quiet });
  await old.put('people', { id: '1', name: 'x' });
  old.close();
  const broken: UpgradeStep<Schema> = async (_database, transaction) => {
    await transaction.objectStore('people').clear();
    throw new RangeError('no');
  };
  await expect(openVaultDatabase<Schema>({ name, steps: [first, broken], onLost: quiet })).rejects.toMatchObject(failed);
  const again = await openVaultDatabase<Schema>({ name, steps: [first], onLost: quiet });
  expect(await again.count('people')).toBe(1);
  again.close();
});

it('makes way for a newer version, and tells once that it is lost', async () => {
  const name = fresh();
  let lost = 0;
  await openVaultDatabase<Schema>({ name, steps: [first], onLost: () => { lost += 1; } });
  const newer = await openVaultDatabase<Schema>({ name, steps: [first, second], onLost: quiet });
  expect(lost).toBe(1);
  newer.close();
});

it('writes all of a transaction or nothing, whoever fails', async () => {
  const db = await openVaultDatabase<Schema>({ name: fresh(), steps: [first, second], onLost: quiet });
  const attempt = (then: (add: (id: string) => Promise<unknown>) => Promise<void>) => {
    const tx = db.transaction('people', 'readwrite');
    return allOrNothing(tx, async () => {
      await tx.store.add({ id: 'a', name: 'x' });
      await then((id) => tx.store.add({ id, name: 'y' }));
    });
  };
  await expect(attempt(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  await expect(attempt(async (add) => { await add('a'); })).rejects.toMatchObject({ name: 'ConstraintError' });
  expect(await db.count('people')).toBe(0);
  await attempt(async (add) => { await add('b'); });
  expect(await db.count('people')).toBe(2);
  db.close();
});
