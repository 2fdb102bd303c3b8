import { describe, expect, it } from 'vitest';
import { FacePrivacyError } from '../../core/errors.ts';
import { ConsentLedger, type ConsentStore } from './ledger.ts';
import { parseConsentRecord, type ConsentInput, type ConsentRecord } from './old-record.ts';

const input: ConsentInput = {
  dataSubject: 'subject-1',
  noticeVersion: '1',
  noticeLanguage: 'en',
  answers: { 'live-redacted-view': 'given' },
  validForMs: 60_000,
};

function memoryStore(): ConsentStore & { records: ConsentRecord[]; failing: boolean } {
  const records: ConsentRecord[] = [];
  const store = {
    records,
    failing: false,
    append(record: ConsentRecord) {
      if (store.failing) return Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'full'));
      records.push(record);
      return Promise.resolve();
    },
    recordsOf: (dataSubject: string) => Promise.resolve(records.filter((r) => r.dataSubject === dataSubject)),
    close: () => undefined,
  };
  return store;
}

describe('ConsentLedger', () => {
  it('grants from what is stored, and only to that person', async () => {
    const ledger = new ConsentLedger(memoryStore(), () => 1000);
    await ledger.record(input);
    expect((await ledger.require('live-redacted-view', 'subject-1')).granted).toBe(true);
    expect(await ledger.require('live-redacted-view', 'subject-2')).toMatchObject({ refusal: { code: 'ERR_CONSENT_MISSING' } });
  });

  it('gives no grant for an answer that could not be stored', async () => {
    const store = memoryStore();
    store.failing = true;
    const ledger = new ConsentLedger(store, () => 1000);
    await expect(ledger.record(input)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect((await ledger.require('live-redacted-view', 'subject-1')).granted).toBe(false);
  });

  it('ends live grants at once on withdrawal, even when storing it fails', async () => {
    const store = memoryStore();
    const ledger = new ConsentLedger(store, () => 1000);
    await ledger.record(input);
    const decision = await ledger.require('live-redacted-view', 'subject-1');
    if (!decision.granted) throw new Error('expected a grant');
    store.failing = true;
    await expect(ledger.withdraw('subject-1')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect(decision.grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    store.failing = false;
    await ledger.withdraw('subject-1');
    expect(await ledger.require('live-redacted-view', 'subject-1')).toMatchObject({ refusal: { code: 'ERR_CONSENT_WITHDRAWN' } });
    expect(store.records).toHaveLength(2);
  });

  it('a newer answer ends grants that rest on the older one', async () => {
    const ledger = new ConsentLedger(memoryStore(), () => 1000);
    await ledger.record(input);
    const decision = await ledger.require('live-redacted-view', 'subject-1');
    await ledger.record({ ...input, answers: { 'live-redacted-view': 'refused' } });
    expect(decision.granted && decision.grant.signal.aborted).toBe(true);
  });

  it.each([
    ['an unknown field', { ...input, extra: 1 }, /consent\.extra is not an option/],
    ['an unknown purpose', { ...input, answers: { spying: 'given' } }, /consent\.answers must be/],
    ['no answers', { ...input, answers: {} }, /consent\.answers must be/],
    ['a validity that is no number', { ...input, validForMs: '1h' }, /consent\.validForMs must be a number/],
    ['a missing subject', { ...input, dataSubject: undefined }, /consent\.dataSubject is missing/],
  ])('refuses %s', async (_name, bad, message) => {
    const ledger = new ConsentLedger(memoryStore(), () => 1000);
    await expect(ledger.record(bad as unknown as ConsentInput)).rejects.toThrow(message);
  });

  it('refuses a damaged stored record', () => {
    expect(() => parseConsentRecord({ recordId: 'x' })).toThrow(FacePrivacyError);
  });
});
