import { expect, it } from 'vitest';
import { createConsentRecord, withdrawalOf } from '../governance/consent/old-record.ts';
import { openConsentStore } from './consent-store.ts';

const input = { dataSubject: 'a', noticeVersion: '1', noticeLanguage: 'en', answers: { 'live-redacted-view': 'given' }, validForMs: 1000 } as const;

it('keeps records across a reopened database, by data subject, and never overwrites one', async () => {
  const name = `consent-${crypto.randomUUID()}`;
  const record = createConsentRecord(input, 5);
  const store = await openConsentStore(name);
  await store.append(record);
  await store.append(withdrawalOf(record, 6));
  await store.append(createConsentRecord({ ...input, dataSubject: 'b' }, 5));
  await expect(store.append(record)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  store.close();

  const again = await openConsentStore(name);
  const records = await again.recordsOf('a');
  expect(records).toHaveLength(2);
  expect(records).toContainEqual(record);
  again.close();
  indexedDB.deleteDatabase(name);
});

it('says so when a closed store is used', async () => {
  const store = await openConsentStore(`consent-${crypto.randomUUID()}`);
  store.close();
  await expect(store.recordsOf('a')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
});

it('says so when the browser blocks storage', async () => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = () => {
    throw new DOMException('storage is blocked', 'SecurityError');
  };
  try {
    await expect(openConsentStore()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  } finally {
    IDBFactory.prototype.open = open;
  }
});
