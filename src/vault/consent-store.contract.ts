import { expect, it } from 'vitest';
import { chainEntry, verifyChain, type AuditEntry } from '../governance/audit/entry.ts';
import { signHead } from '../governance/audit/head.ts';
import { recordFixture } from '../governance/consent/record-fixture.contract.ts';
import type { ConsentStore, StoreBatch } from '../governance/consent/store.ts';

const failed = { code: 'ERR_STORAGE_FAILED' };

/** A batch with one record, which follows what the store holds. */
async function batchFor(store: ConsentStore, subject: string, more: Partial<StoreBatch> = {}): Promise<StoreBatch> {
  const { head } = await store.view(subject, 0);
  const record = recordFixture({ dataSubject: subject });
  const audit: AuditEntry[] = [await chainEntry(head, 'consent.given', { subject, recordId: record.recordId }, 1)];
  return { records: [{ subject, record }], audit, ...more };
}

/**
 * What every {@link ConsentStore} must do.
 * @param open opens another store at the same place, as another tab or a reload would.
 */
export function testConsentStore(open: () => Promise<ConsentStore>): void {
  it('keeps records by person across a reload, beside the log that names the last', async () => {
    const store = await open();
    const first = await batchFor(store, 'a');
    expect(await store.commit(first)).toBe(true);
    const second = await batchFor(store, 'a');
    expect(await store.commit(second)).toBe(true);
    expect(await store.commit(await batchFor(store, 'b'))).toBe(true);
    store.close();

    const again = await open();
    const view = await again.view('a', 0);
    expect(view.rows).toHaveLength(2);
    expect(view.rows).toContainEqual(first.records[0]?.record);
    expect(view.lastRecordId).toBe(second.records[0]?.record.recordId);
    expect(view.head?.sequence).toBe(3);
    expect((await again.dataSubjects()).sort()).toEqual(['a', 'b']);
    expect(await again.view('nobody', 0)).toMatchObject({ rows: [], lastRecordId: null });
    expect(await verifyChain(await again.auditLog())).toEqual({ intact: true, length: 3 });
    again.close();
  });

  it('writes all of a batch or, when another tab was faster, nothing', async () => {
    const [one, two] = [await open(), await open()];
    const [mine, theirs] = [await batchFor(one, 'c'), await batchFor(two, 'c')];
    expect(await two.commit(theirs)).toBe(true);
    expect(await one.commit(mine)).toBe(false);
    expect((await one.view('c', 0)).rows).toEqual([theirs.records[0]?.record]);
    one.close();
    two.close();
  });

  it('two at once: one goes first, the other is told', async () => {
    const [one, two] = [await open(), await open()];
    const batches = [await batchFor(one, 'd'), await batchFor(two, 'd')] as const;
    const outcomes = await Promise.all([one.commit(batches[0]), two.commit(batches[1])]);
    expect(outcomes.sort()).toEqual([false, true]);
    expect((await one.view('d', 0)).rows).toHaveLength(1);
    one.close();
    two.close();
  });

  it('never overwrites a record, and then writes nothing of the batch', async () => {
    const store = await open();
    const batch = await batchFor(store, 'e');
    await store.commit(batch);
    const { length } = await store.auditLog();
    const again = await batchFor(store, 'e');
    await expect(store.commit({ ...again, records: batch.records })).rejects.toMatchObject(failed);
    expect(await store.auditLog()).toHaveLength(length);
    store.close();
  });

  it('keeps signed heads with the batch that they were signed for, in their order', async () => {
    const store = await open();
    const key = await store.deviceKey();
    const before = await store.auditHeads();
    const heads = [];
    for (const at of [7, 8]) {
      const batch = await batchFor(store, 'signed');
      const signedHead = await signHead(batch.audit.at(-1)!, key, at);
      heads.push(signedHead);
      expect(await store.commit({ ...batch, signedHead })).toBe(true);
      expect(await store.commit({ ...batch, signedHead })).toBe(false);
      expect((await store.view('nobody', 0)).signedHead).toEqual(signedHead);
    }
    store.close();
    const again = await open();
    expect((await again.auditHeads()).slice(before.length)).toEqual(heads);
    again.close();
  });

  it('sets rows aside that cannot be trusted, and discards', async () => {
    const store = await open();
    await store.commit(await batchFor(store, 'f'));
    const fresh = await batchFor(store, 'f', { setAside: 'f' });
    expect(await store.commit(fresh)).toBe(true);
    expect((await store.view('f', 0)).rows).toEqual([fresh.records[0]?.record]);
    await store.discard('f');
    expect(await store.view('f', 0)).toMatchObject({ rows: [], lastRecordId: fresh.records[0]?.record.recordId });
    store.close();
  });

  it('keeps the latest time seen until it is reset', async () => {
    const store = await open();
    expect((await store.view('g', 5000)).highWater).toBe(5000);
    expect((await store.view('g', 4000)).highWater).toBe(5000);
    const again = await open();
    expect((await again.view('g', 1)).highWater).toBe(5000);
    await again.commit(await batchFor(again, 'g', { resetClock: 300 }));
    expect((await store.view('g', 1)).highWater).toBe(300);
    store.close();
    again.close();
  });

  it('has one key for all tabs, which cannot be exported', async () => {
    const [one, two] = [await open(), await open()];
    const [mine, theirs] = await Promise.all([one.deviceKey(), two.deviceKey()]);
    expect(mine.keyId).toBe(theirs.keyId);
    expect(mine.keyId).toMatch(/^[0-9a-f]{64}$/);
    expect(mine.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', mine.privateKey)).rejects.toThrow();
    one.close();
    two.close();
  });

  it('changes the throttle in one step, and keeps exceptions and the hash of each notice', async () => {
    const store = await open();
    expect(await store.throttle.read()).toBeNull();
    await Promise.all([3, 9, 5].map((at) => store.throttle.update((mark) => ({ refusedAt: Math.max(mark?.refusedAt ?? 0, at) }))));
    expect(await store.throttle.read()).toEqual({ refusedAt: 9 });
    await store.throttle.update(() => null);
    expect(await store.throttle.read()).toBeNull();

    const entry = { exceptionId: 'x', code: '35273-5.6-e', reason: 'why', purposes: ['sharing'], dataSubject: 'h', usedAt: 1 };
    await store.commit(await batchFor(store, 'h', { exceptions: [entry] }));
    expect(await store.exceptions()).toContainEqual(entry);

    expect(await store.noticeHash('n', 'one')).toBeNull();
    expect(await store.noticeHash('n', 'two')).toBe('one');
    expect(await store.noticeHash('n')).toBe('two');
    store.close();
  });

  it('says so when it is used after closing', async () => {
    const store = await open();
    store.close();
    store.close();
    await expect(store.view('a', 0)).rejects.toMatchObject(failed);
    await expect(store.deviceKey()).rejects.toMatchObject(failed);
    await expect(store.throttle.read()).rejects.toMatchObject(failed);
  });
}
