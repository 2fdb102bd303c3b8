import { afterEach, describe, expect, test } from 'vitest';
import { createDeviceKey, signStatement } from '../governance/consent/proof.ts';
import { chainEntry, type AuditEntry } from '../governance/audit/entry.ts';
import { DAY_MS } from '../governance/retention/categories.ts';
import { RightsRegister } from '../governance/rights/register.ts';
import { IndexedDbRightsStore } from './rights-store.ts';

const stores: IndexedDbRightsStore[] = [];
const names: string[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) store.close();
  for (const name of names.splice(0)) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

/** A log in memory that can be made to fail: before it has written, or after. */
class FakeAudit {
  readonly log: AuditEntry[] = [];
  failing: 'before' | 'after' | null = null;

  async note(code: AuditEntry['code'], ids: AuditEntry['ids']): Promise<void> {
    const { failing } = this;
    this.failing = null;
    if (failing === 'before') throw new Error('the log is full');
    this.log.push(await chainEntry(this.log.at(-1) ?? null, code, ids, 1));
    if (failing === 'after') throw new Error('the page went away');
  }

  auditLog(): Promise<readonly AuditEntry[]> {
    return Promise.resolve(this.log);
  }
}

async function openStore(audit: FakeAudit, name = `test-rights-${crypto.randomUUID()}`): Promise<IndexedDbRightsStore> {
  if (!names.includes(name)) names.push(name);
  const store = await IndexedDbRightsStore.open(name, audit);
  stores.push(store);
  return store;
}

async function openRegister(store: IndexedDbRightsStore, now = () => 1000): Promise<RightsRegister> {
  const key = await createDeviceKey();
  return new RightsRegister({ store, now, sign: (statement) => signStatement(statement, key), origin: location.origin, checkIdentity: async () => ({ method: 'signed-in', outcome: 'confirmed' }) });
}

describe('requests in IndexedDB [MEG-rights, MEG-request-id]', () => {
  test('survive a reload with their receipts; each event is in the log once', async () => {
    const audit = new FakeAudit();
    const store = await openStore(audit);
    const register = await openRegister(store);
    const { requestId } = await register.receive({ right: 'erase', dataSubject: 'p-1' });
    await register.identify(requestId);
    await register.accept(requestId, 'person');
    await store.saveProgress({ requestId, steps: [{ itemId: 'a', effect: 'erase' }], erasures: [], corrected: [] });
    const receipt = await register.complete(requestId, [{ itemId: 'a', effect: 'erase' }]);
    store.close();
    const again = await openStore(audit, names[0]);
    const reloaded = await openRegister(again);
    expect(await reloaded.read(requestId)).toMatchObject({ state: 'completed', receiptId: receipt.receiptId });
    expect(await reloaded.receipt(requestId)).toEqual(receipt);
    expect((await again.progress(requestId))?.steps).toEqual([{ itemId: 'a', effect: 'erase' }]);
    expect((await reloaded.list()).map((request) => request.requestId)).toEqual([requestId]);
    expect(audit.log.map(({ code }) => code)).toEqual(['rights.received', 'rights.identified', 'rights.accepted', 'rights.completed']);
  });

  test('an event that the log did not take never was', async () => {
    const audit = new FakeAudit();
    const register = await openRegister(await openStore(audit));
    const { requestId } = await register.receive({ right: 'access', dataSubject: 'p-1' });
    audit.failing = 'before';
    await expect(register.identify(requestId)).rejects.toThrow();
    expect(await register.read(requestId)).toMatchObject({ state: 'received' });
    // One that it took before it failed is.
    audit.failing = 'after';
    expect((await register.identify(requestId)).state).toBe('identified');
    expect(await register.read(requestId)).toMatchObject({ state: 'identified' });
    expect(audit.log.map(({ ids }) => ids['number'])).toEqual([1, 2]);
  });

  test('a page that goes between log and register leaves neither twice nor half: the log decides [MEG-audit]', async () => {
    for (const failing of ['before', 'after'] as const) {
      const audit = new FakeAudit();
      const name = `test-rights-${crypto.randomUUID()}`;
      const store = await openStore(audit, name);
      const register = await openRegister(store);
      const { requestId } = await register.receive({ right: 'access', dataSubject: 'p-1' });
      // The page goes away with the note: nothing that follows it runs.
      const note = audit.note.bind(audit);
      audit.note = async (code, ids) => {
        if (failing === 'after') await note(code, ids);
        store.close();
        throw new Error('the page went away');
      };
      await expect(register.identify(requestId)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
      audit.note = note;
      const after = await openRegister(await openStore(audit, name));
      expect((await after.list()).map(({ state }) => state)).toEqual([failing === 'after' ? 'identified' : 'received']);
      expect(audit.log).toHaveLength(failing === 'after' ? 2 : 1);
      if (failing === 'before') await after.identify(requestId);
      await after.accept(requestId, 'sam');
      expect(audit.log.map(({ ids }) => ids['number'])).toEqual([1, 2, 3]);
    }
  });

  test('two tabs at once: one of them is told to read again', async () => {
    const audit = new FakeAudit();
    const name = `test-rights-${crypto.randomUUID()}`;
    const [here, there] = [await openRegister(await openStore(audit, name)), await openRegister(await openStore(audit, name))];
    const { requestId } = await here.receive({ right: 'access', dataSubject: 'p-1' });
    const [one, other] = await Promise.allSettled([here.retract(requestId), there.refuse(requestId, 'nothing-kept', 'sam')]);
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(audit.log).toHaveLength(2);
  });

  test('what was answered long ago is forgotten, what was not answered never', async () => {
    const store = await openStore(new FakeAudit());
    let now = 1000;
    const register = await openRegister(store, () => now);
    const open = await register.receive({ right: 'access', dataSubject: 'p-1' });
    const ended = await register.receive({ right: 'access', dataSubject: 'p-2' });
    await register.retract(ended.requestId);
    now += DAY_MS;
    expect(await store.forget(1000)).toBe(0);
    expect(await store.forget(now)).toBe(1);
    expect(await store.requestIds()).toEqual([open.requestId]);
  });
});
