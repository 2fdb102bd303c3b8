import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openConsentLedger } from '../session/consent.ts';
import { createRecordingKey, sealPiece, sealTimeline } from '../core/recording.ts';
import { adult, granted } from '../governance/consent/ledger-fixture.contract.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { DAY_MS } from '../governance/retention/categories.ts';
import { verifyErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { holdRecording } from './recording-lock.ts';
import { openRecordings, type Recordings } from './recordings.ts';
import { openConsentStore } from '../vault/consent-store.ts';
import { ErasureLog } from '../vault/erasure-log.ts';
import type { RecordingRow } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';

const RECORDED = 'redacted-recording';
const now = Date.now();
const notice = noticeFixture({ validFrom: now - DAY_MS, validUntil: now + 720 * DAY_MS, purposes: [purposeFixture(RECORDED)] });

let name: string;
let store: RecordingStore;
const ledgers: ConsentLedger[] = [];
const shelves: Recordings[] = [];

beforeEach(async () => {
  name = `test-shelf-${crypto.randomUUID()}`;
  store = await RecordingStore.open(name);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const shelf of shelves.splice(0)) await shelf.close();
  for (const ledger of ledgers.splice(0)) await ledger.close();
  store.close();
  await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

/** A tab with a ledger of its own; over the same database if it has the same name. */
async function tab(ledgerName = crypto.randomUUID()): Promise<{ ledger: ConsentLedger; grant: ConsentGrant }> {
  const ledger = await openConsentLedger({ notice, store: await openConsentStore(ledgerName) });
  ledgers.push(ledger);
  await ledger.answer(adult(notice, 'given'));
  return { ledger, grant: granted(await ledger.require(RECORDED, 'subject-1')) };
}

async function open(grant: ConsentGrant): Promise<Recordings> {
  const shelf = await openRecordings({ grant, databaseName: name, originalsDatabase: `${name}-originals` });
  shelves.push(shelf);
  return shelf;
}

/** A recording of three pieces as a kept one is, `complete` in all but a manifest. */
async function keep({ grant }: { grant: ConsentGrant }, given: Partial<RecordingRow> = {}): Promise<string> {
  const recordingId = crypto.randomUUID();
  const key = await createRecordingKey();
  await store.begin({
    format: { container: 'webm', codec: 'vp8', mimeType: 'video/webm; codecs="vp8"' },
    about: { source: 'recording', models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], audioTracksDropped: 0 },
    category: RECORDED, purpose: RECORDED, dataSubject: grant.dataSubject, consentRecordId: grant.recordId, createdAt: now, expiresAt: grant.validUntil,
    ...given, recordingId, key,
  });
  for (const sequence of [0, 1, 2]) {
    const timeline = await sealTimeline([{ timeUs: sequence, tracks: [] }], recordingId, sequence, key);
    await store.append({ ...(await sealPiece({ sequence, bytes: new Uint8Array([sequence]), frames: 1, fromUs: sequence, untilUs: sequence + 1 }, recordingId, key)), covers: [], timeline });
  }
  return recordingId;
}

const bytesOf = async (media: Blob): Promise<number[]> => [...new Uint8Array(await media.arrayBuffer())];
const hold = { holdId: 'h', reason: 'the parcel was not there', owner: 'sam', placedAt: now, until: now + 90 * DAY_MS, releasedAt: null };
/** The change of another program of the same origin. */
async function changePiece(recordingId: string, sequence: number, change: (sealed: Uint8Array) => void): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => { indexedDB.open(name).onsuccess = ({ target }) => { resolve((target as IDBOpenDBRequest).result); }; });
  const pieces = db.transaction('pieces', 'readwrite').objectStore('pieces');
  const request = pieces.get([recordingId, sequence]) as IDBRequest<{ sealed: ArrayBuffer }>;
  await new Promise((resolve) => {
    request.onsuccess = () => {
      change(new Uint8Array(request.result.sealed));
      pieces.put(request.result).onsuccess = resolve;
    };
  });
  db.close();
}

describe('the shelf [TAF-5.3b, MEG-retain]', () => {
  test('shows what is kept of its person; what a dispute holds past its time, and what others have, it does not', async () => {
    const person = await tab();
    const kept = await keep(person);
    await keep(person, { dataSubject: 'subject-2', consentRecordId: null });
    const held = await keep(person, { expiresAt: now - 1 });
    await store.update(held, (row) => ({ ...row, holds: [hold] }));
    const expired = await keep(person, { expiresAt: now - 1 });
    const shelf = await open(person.grant);
    expect((await shelf.list()).map(({ recordingId }) => recordingId)).toEqual([kept]);
    expect(await bytesOf(await shelf.open(kept))).toEqual([0, 1, 2]);
    expect(await shelf.timeline(kept)).toHaveLength(3);
    expect((await shelf.offers()).map(({ recordingId }) => recordingId)).toEqual([kept]);
    await expect(shelf.open(held)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'unknown' } });
    expect(await store.find(held)).not.toBeNull();
    expect(await store.find(expired)).toBeNull();
    expect(await shelf.receipts()).toMatchObject([{ reason: 'expired', erased: { keys: 1 } }]);
  });

  test('erases on request, with a receipt; what a dispute holds it only marks, and shows no more [TAF-5.5b]', async () => {
    const person = await tab();
    const [free, held] = [await keep(person), await keep(person)];
    await store.update(held, (row) => ({ ...row, holds: [hold] }));
    const shelf = await open(person.grant);
    const receipt = await verifyErasureReceipt(await shelf.erase(free), { origin: location.origin });
    expect(receipt).toMatchObject({ scope: 'recording', storeId: free, reason: 'requested', erased: { keys: 1, media: 1, rows: 4 } });
    await expect(shelf.erase(held)).rejects.toMatchObject({ code: 'ERR_HOLD_REFUSED' });
    expect(await store.find(held)).toMatchObject({ ending: 'requested' });
    expect(await shelf.list()).toEqual([]);
    await expect(shelf.erase(free)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID' });
  });

  test('two tabs: what one erases the other neither lists nor reads; it is erased and told once', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    const [here, there] = [await open(person.grant), await open(person.grant)];
    const reading = (await there.stream(recordingId)).getReader();
    expect((await reading.read()).value).toEqual(new Uint8Array([0]));
    const erased = await Promise.allSettled([here.erase(recordingId), there.erase(recordingId)]);
    expect(erased.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await there.list()).toEqual([]);
    await expect(there.open(recordingId)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    expect(await here.receipts()).toHaveLength(1);
  });

  test('one byte changed: nothing of it comes out, and it is an incident [MEG-incident]', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    await changePiece(recordingId, 1, (sealed) => { sealed[0]! ^= 1; });
    const shelf = await open(person.grant);
    const incident = new Promise<string>((resolve) => { person.ledger.addEventListener('incident', ({ detail }) => { resolve(detail.kind); }); });
    await expect(shelf.open(recordingId)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY', details: { sequence: 1 } });
    expect(await incident).toBe('integrity-failed');
  });

  test('what its person has restricted is kept, and neither opened nor restored', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    await store.update(recordingId, (row) => ({ ...row, restriction: { requestId: 'r-1', since: now } }));
    const shelf = await open(person.grant);
    expect(await shelf.list()).toMatchObject([{ recordingId, isRestricted: true }]);
    for (const use of [() => shelf.open(recordingId), () => shelf.stream(recordingId), () => shelf.timeline(recordingId), () => shelf.restore(recordingId)]) {
      await expect(use()).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
    }
    expect((await shelf.erase(recordingId)).erased.keys).toBe(1);
  });

  test('what a crash left of a restored copy nobody sees, and is gone at the next start; one that another tab is making stays', async () => {
    const person = await tab();
    const cutOff = await keep(person);
    const [left, making] = [await keep(person, { rewrites: cutOff }), await keep(person, { rewrites: cutOff })];
    const release = await holdRecording(making);
    const rows = async (): Promise<unknown[]> => {
      const db = await new Promise<IDBDatabase>((resolve) => { indexedDB.open(name).onsuccess = ({ target }) => { resolve((target as IDBOpenDBRequest).result); }; });
      const keys = await new Promise<unknown[]>((resolve) => { db.transaction('pieces').objectStore('pieces').getAllKeys().onsuccess = ({ target }) => { resolve((target as IDBRequest<[string, number][]>).result.map(([id]) => id)); }; });
      db.close();
      return [...new Set(keys)].sort();
    };
    expect(await rows()).toEqual([cutOff, left, making].sort());
    const shelf = await open(person.grant);
    expect((await shelf.list()).map(({ recordingId }) => recordingId)).toEqual([cutOff]);
    for (const id of [left, making]) await expect(shelf.open(id)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'unknown' } });
    expect(await shelf.receipts()).toEqual([]);
    expect(await rows()).toEqual([cutOff, making].sort());
    release();
    await shelf.close();
    await open(person.grant);
    expect(await rows()).toEqual([cutOff]);
    expect(await bytesOf(await shelves.at(-1)!.open(cutOff))).toEqual([0, 1, 2]);
  });

  test('what is restricted while it is read is not given out', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    const shelf = await open(person.grant);
    const read = RecordingStore.prototype.read;
    const reading = (await shelf.stream(recordingId)).getReader();
    await reading.read();
    vi.spyOn(RecordingStore.prototype, 'read').mockImplementation(async function* (this: RecordingStore, row) {
      await store.update(recordingId, (kept) => ({ ...kept, restriction: { requestId: 'r-1', since: now } }));
      yield* read.call(this, row);
    });
    await expect(shelf.open(recordingId)).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
    await expect(reading.read()).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
  });

  test('what is erased while it is read is gone, and no incident [MEG-incident]', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    const shelf = await open(person.grant);
    const incidents: string[] = [];
    person.ledger.addEventListener('incident', ({ detail }) => { incidents.push(detail.kind); });
    const read = RecordingStore.prototype.read;
    vi.spyOn(RecordingStore.prototype, 'read').mockImplementation(async function* (this: RecordingStore, row) {
      await store.discard([recordingId]);
      yield* read.call(this, row);
    });
    await expect(shelf.open(recordingId)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'unknown' } });
    // What is reported is told before anything is awaited.
    expect(incidents).toEqual([]);
  });
});

describe('the end of consent [MEG-withdraw]', () => {
  const closed = (shelf: Recordings): Promise<string | undefined> => new Promise((resolve) => { shelf.addEventListener('closed', ({ detail }) => { resolve(detail.cause?.code); }); });

  test('withdrawn, here or in another tab: erased, with a receipt, before the shelf is closed', async () => {
    const ledgerName = crypto.randomUUID();
    const [here, there] = [await tab(ledgerName), await tab(ledgerName)];
    const grant = granted(await here.ledger.require(RECORDED, 'subject-1'));
    const recordingId = await keep({ grant });
    const shelf = await open(grant);
    const receipts: string[] = [];
    shelf.addEventListener('swept', ({ detail }) => { receipts.push(...detail.receipts.map(({ reason }) => reason)); });
    const end = closed(shelf);
    await there.ledger.withdraw('subject-1');
    expect(await end).toBe('ERR_CONSENT_WITHDRAWN');
    expect(receipts).toEqual(['withdrawn']);
    expect(await store.find(recordingId)).toBeNull();
    expect(await store.erasures.receipts('subject-1')).toHaveLength(1);
    await expect(shelf.list()).rejects.toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  });

  test('closing the ledger is no withdrawal: the shelf closes, nothing is erased, and no promise is left to reject', async () => {
    const ledgerName = crypto.randomUUID();
    const person = await tab(ledgerName);
    const recordingId = await keep(person);
    const shelf = await open(person.grant);
    const failures: unknown[] = [];
    shelf.addEventListener('error', ({ detail }) => { failures.push(detail); });
    const end = closed(shelf);
    await person.ledger.close();
    expect(await end).toBe('ERR_CONSENT_WITHDRAWN');
    await shelf.close();
    expect(failures).toEqual([]);
    expect(await store.find(recordingId)).toMatchObject({ ending: null });
    const again = await tab(ledgerName);
    expect(await (await open(again.grant)).list()).toHaveLength(1);
  });

  test('ended while the shelf opens: it does not', async () => {
    const person = await tab();
    await keep(person);
    const opening = open(person.grant);
    void person.ledger.withdraw('subject-1');
    await expect(opening).rejects.toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  });

  test('withdrawn during the first sweep: erased before the opening has failed', async () => {
    const person = await tab();
    const recordingId = await keep(person);
    // The last that a sweep does before it tells.
    const forget = vi.spyOn(ErasureLog.prototype, 'forget').mockImplementation(async () => {
      forget.mockRestore();
      await person.ledger.withdraw('subject-1');
      return 0;
    });
    await expect(open(person.grant)).rejects.toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    expect(await store.find(recordingId)).toBeNull();
    expect(await store.erasures.receipts('subject-1')).toMatchObject([{ reason: 'withdrawn' }]);
  });

  test('the database taken away: closed and told as an incident [MEG-incident]', async () => {
    const person = await tab();
    const shelf = await open(person.grant);
    const incident = new Promise<string>((resolve) => { person.ledger.addEventListener('incident', ({ detail }) => { resolve(detail.kind); }); });
    const end = closed(shelf);
    store.close();
    indexedDB.deleteDatabase(name);
    expect([await end, await incident]).toEqual(['ERR_STORAGE_FAILED', 'storage-lost']);
    await expect(shelf.list()).rejects.toMatchObject({ details: { reason: 'lost' } });
  });
});
