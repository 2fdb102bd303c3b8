import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRecordingKey, sealPiece } from '../core/recording.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import type { Grounds } from '../governance/consent/grant-context.ts';
import { createDeviceKey, signStatement } from '../governance/consent/proof.ts';
import type { DeviceKey } from '../governance/consent/store.ts';
import { DAY_MS } from '../governance/retention/categories.ts';
import { verifyErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { placeHold, releaseHold } from '../governance/retention/holds.ts';
import { KeptOriginals } from './kept-originals.ts';
import { holdRecording } from './recording-lock.ts';
import { endRecordings, endSound, makeRoom, sweepKept, type SweepParts } from './retention-sweep.ts';
import { SweepTimer } from './sweep-timer.ts';
import { OriginalsStore } from '../vault/originals-store.ts';
import { itemOf, type RecordingRow } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';

const T = Date.UTC(2026, 10, 22);
const ORIGINALS = 'test-sweep-originals';
const RECORDINGS = 'test-sweep-recordings';

let key: DeviceKey;
let now = T;
let grounds: (dataSubject: string, purpose: string) => Grounds | Promise<never> = () => 'stands';
const notes: { readonly code: AuditCode; readonly ids: AuditIds }[] = [];
let recordings: RecordingStore;
let originals: OriginalsStore;

const context: SweepParts['context'] = {
  now: () => now,
  note: (code, ids) => {
    notes.push({ code, ids });
    return Promise.resolve();
  },
  sign: (statement) => signStatement(statement, key),
  stands: async (dataSubject, [purpose]) => grounds(dataSubject, purpose!),
};
const parts = (): SweepParts => ({ context, recordings, originals });

beforeEach(async () => {
  key = await createDeviceKey();
  now = T;
  grounds = () => 'stands';
  notes.length = 0;
  recordings = await RecordingStore.open(RECORDINGS);
  originals = await OriginalsStore.open(ORIGINALS);
});
afterEach(async () => {
  recordings.close();
  originals.close();
  for (const name of [RECORDINGS, ORIGINALS]) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

async function keep({ expiresAt = T + DAY_MS, ...given }: Partial<RecordingRow> = {}): Promise<string> {
  const recordingId = given.recordingId ?? crypto.randomUUID();
  const row = await recordings.begin({
    format: { container: 'webm', codec: 'vp8', mimeType: 'video/webm' },
    about: { source: 'recording', models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], audioTracksDropped: 0 },
    category: 'redacted-recording', purpose: 'redacted-recording', dataSubject: 'ann', consentRecordId: 'record', createdAt: T,
    ...given,
    key: await createRecordingKey(), recordingId, expiresAt,
  });
  await recordings.append({ ...(await sealPiece({ sequence: 0, bytes: new Uint8Array(100), frames: 1, fromUs: 0, untilUs: 1 }, recordingId, row.key)), covers: [], timeline: null });
  return recordingId;
}

async function seal(recordingId: string, given: { readonly expiresAt?: number; readonly dataSubject?: string } = {}): Promise<string> {
  const originalId = crypto.randomUUID();
  await originals.begin({ originalId, recordingId, trackId: 1, dataSubject: 'ann', consentRecordId: 'record', createdAt: T, expiresAt: T + DAY_MS, wrappedKey: new ArrayBuffer(8), ...given });
  return originalId;
}

const hold = (recordingId: string, days: number) =>
  recordings.update(recordingId, (row) => ({ ...row, holds: placeHold(itemOf(row), { reason: 'the parcel was not there', owner: 'sam', until: now + days * DAY_MS }, now).item.holds }));
const left = async () => ({ recordings: (await recordings.list()).map(({ recordingId }) => recordingId).sort(), originals: (await originals.list()).map(({ originalId }) => originalId).sort() });

describe('a sweep of what is kept [TAF-5.5a, MEG-retain]', () => {
  test('erases what has expired, with its originals, and leaves a signed receipt for each person and reason', async () => {
    const old = await keep({ expiresAt: T });
    await seal(old, { expiresAt: T + 2 * DAY_MS });
    const hers = await keep({ expiresAt: T - 1, dataSubject: 'bea' });
    const fresh = await keep();
    const sealed = await seal(fresh);
    const { receipts, nextAt } = await sweepKept(parts());
    expect(await left()).toEqual({ recordings: [fresh], originals: [sealed] });
    expect(nextAt).toBe(T + DAY_MS);
    expect(receipts).toHaveLength(2);
    for (const receipt of receipts) await verifyErasureReceipt(receipt, { origin: location.origin, keyId: key.keyId });
    expect(receipts.find(({ dataSubject }) => dataSubject === 'ann')).toMatchObject({ scope: 'sweep', reason: 'expired', erased: { keys: 2, media: 2, rows: 3 } });
    expect(await recordings.erasures.receipts('bea')).toHaveLength(1);
    expect(notes.map(({ code }) => code)).toEqual(['retention.swept', 'retention.swept']);
    expect((await sweepKept(parts())).receipts).toEqual([]);
    await expect(recordings.find(hers)).resolves.toBeNull();
  });

  test('sound has its own time and its own consent: it goes, the picture stays, and a receipt says so [MEG-separate]', async () => {
    const format = { container: 'webm', codec: 'vp8', mimeType: 'video/webm' } as const;
    const sound = async (expiresAt: number) => ({ key: await createRecordingKey(), consentRecordId: 'yes', createdAt: T, expiresAt, ending: null, silent: { format, manifest: null } });
    const short = await keep({ sound: await sound(T + 1000), expiresAt: T + 10 * DAY_MS });
    const long = await keep({ sound: await sound(T + DAY_MS), expiresAt: T + 10 * DAY_MS });
    const hers = await keep({ sound: await sound(T + DAY_MS), expiresAt: T + 10 * DAY_MS, dataSubject: 'bea' });
    const kept = async () => (await recordings.list()).flatMap(({ recordingId, sound: left }) => (left === null || left === undefined ? [] : [recordingId])).sort();
    expect(await sweepKept(parts())).toEqual({ receipts: [], nextAt: T + 1000 });
    now = T + 1000;
    expect((await sweepKept(parts())).receipts).toMatchObject([{ reason: 'expired', dataSubject: 'ann', erased: { keys: 1, media: 0 } }]);
    expect(await kept()).toEqual([long, hers].sort());
    // She takes sound back, and sound alone; his is unclear, which is no reason to destroy it.
    grounds = (dataSubject, purpose) => (purpose !== 'sound-recording' ? 'stands' : dataSubject === 'bea' ? 'ended' : 'unclear');
    const { receipts } = await sweepKept(parts());
    expect(receipts).toMatchObject([{ reason: 'withdrawn', dataSubject: 'bea', erased: { keys: 1, media: 0 } }]);
    for (const receipt of receipts) await verifyErasureReceipt(receipt, { origin: location.origin, keyId: key.keyId });
    expect(await kept()).toEqual([long]);
    // A dispute holds it past its time, and not past its consent.
    await hold(long, 5);
    now = T + 2 * DAY_MS;
    await sweepKept(parts());
    expect(await kept()).toEqual([long]);
    grounds = (_, purpose) => (purpose === 'sound-recording' ? 'ended' : 'stands');
    await endSound(parts(), long);
    expect(await kept()).toEqual([]);
    expect((await left()).recordings).toEqual([short, long, hers].sort());
  });

  test('what a sweep erased that was cut off before it told gets its receipt from the next one', async () => {
    const recordingId = await keep({ expiresAt: T });
    await recordings.eraseDue([{ itemId: recordingId }], T);
    expect(await recordings.erasures.receipts()).toEqual([]);
    const { receipts } = await sweepKept(parts());
    expect(receipts).toMatchObject([{ reason: 'expired', erased: { keys: 1 } }]);
    expect(await recordings.erasures.untold()).toEqual([]);
  });

  test('two tabs that sweep at once erase once and tell once', async () => {
    await keep({ expiresAt: T });
    const other = await RecordingStore.open(RECORDINGS);
    const both = await Promise.all([sweepKept(parts()), sweepKept({ ...parts(), recordings: other })]);
    other.close();
    expect(both.flatMap(({ receipts }) => receipts).reduce((sum, { erased }) => sum + erased.keys, 0)).toBe(1);
    expect(await recordings.erasures.receipts()).toHaveLength(1);
  });

  test('consent that has ended while no page was open ends what rests on it; where that is unclear, nothing is destroyed; a running recording ends by itself [MEG-withdraw]', async () => {
    const recordingId = await keep();
    const running = await keep();
    const excepted = await keep({ consentRecordId: null });
    const release = await holdRecording(running);
    grounds = () => 'unclear';
    expect((await sweepKept(parts())).receipts).toEqual([]);
    grounds = (dataSubject, purpose) => (purpose === 'redacted-recording' ? 'ended' : 'stands');
    expect((await sweepKept(parts())).receipts).toMatchObject([{ reason: 'withdrawn', dataSubject: 'ann', erased: { keys: 1 } }]);
    expect((await left()).recordings).toEqual([running, excepted].sort());
    release();
    await vi.waitFor(async () => { expect((await sweepKept(parts())).receipts).toHaveLength(1); });
    expect((await left()).recordings).toEqual([excepted]);
    expect(await recordings.find(recordingId)).toBeNull();
  });

  test('a store that fails leaves the rest to the next sweep', async () => {
    const recordingId = await keep({ expiresAt: T });
    grounds = () => Promise.reject(new Error('no ledger'));
    await keep();
    await expect(sweepKept(parts())).rejects.toThrow('no ledger');
    grounds = () => 'stands';
    await sweepKept(parts());
    expect(await recordings.find(recordingId)).toBeNull();
  });

  test('originals go at their own time, with their own consent, and when their recording is gone for whatever reason', async () => {
    const recordingId = await keep({ expiresAt: T + 9 * DAY_MS });
    await seal(recordingId, { expiresAt: T });
    await seal(crypto.randomUUID());
    const stays = await seal(recordingId, { expiresAt: T + 9 * DAY_MS });
    expect((await sweepKept(parts())).receipts.map(({ reason }) => reason).sort()).toEqual(['expired', 'purpose-met']);
    expect((await left()).originals).toEqual([stays]);
    grounds = (_, purpose) => (purpose === 'sealed-originals' ? 'ended' : 'stands');
    expect((await sweepKept(parts())).receipts).toMatchObject([{ reason: 'withdrawn', erased: { keys: 1, media: 1 } }]);
    expect(await left()).toEqual({ recordings: [recordingId], originals: [] });
  });

  test('what was sealed beside a recording that was cut off belongs to what was restored from it', async () => {
    const [before, after] = [await keep(), await keep()];
    const originalId = await seal(before);
    const row = (await recordings.find(after))!;
    const header = await sealPiece({ sequence: 0, bytes: new Uint8Array(100), frames: 0, fromUs: 0, untilUs: 0 }, after, row.key);
    await hold(before, 3);
    await recordings.complete(after, { state: 'restored', summary: { ...row.format, width: 2, height: 2, frames: 1, durationUs: 1 }, header, timeline: null, manifest: {} as never, about: row.about, replaces: before });
    expect(await recordings.find(after)).toMatchObject({ formerIds: [before], holds: [{ owner: 'sam' }] });
    expect((await sweepKept(parts())).receipts).toEqual([]);
    now = T + 4 * DAY_MS;
    expect((await sweepKept(parts())).receipts).toMatchObject([{ erased: { keys: 2 } }]);
    expect(await left()).toEqual({ recordings: [], originals: [] });
    expect(await originals.find(originalId)).toBeNull();
  });
});

describe('a hold [TAF-5.5b]', () => {
  test('keeps recording and originals past their time, and lets them go at its end', async () => {
    const recordingId = await keep();
    const originalId = await seal(recordingId);
    await hold(recordingId, 3);
    now = T + 2 * DAY_MS;
    expect(await sweepKept(parts())).toEqual({ receipts: [], nextAt: T + 3 * DAY_MS });
    expect(await left()).toEqual({ recordings: [recordingId], originals: [originalId] });
    now = T + 3 * DAY_MS;
    expect((await sweepKept(parts())).receipts).toMatchObject([{ reason: 'hold-ended', erased: { keys: 2 } }]);
    expect(notes).toContainEqual({ code: 'retention.hold-ended', ids: { itemId: recordingId } });
  });

  test('released after its time: gone with the next sweep; placed between plan and deed: the transaction that destroys finds it', async () => {
    const [released, held] = [await keep(), await keep()];
    await hold(released, 3);
    await hold(held, 3);
    now = T + 2 * DAY_MS;
    await recordings.update(released, (row) => ({ ...row, holds: releaseHold(itemOf(row), row.holds[0]!.holdId, now).holds }));
    expect(await recordings.eraseDue([{ itemId: released }, { itemId: held }, { itemId: 'unknown' }], now)).toMatchObject([{ itemId: released, reason: 'hold-released' }]);
    expect((await left()).recordings).toEqual([held]);
  });

  test('after a withdrawal the recording waits for the dispute, marked; originals, at which nobody could look any more, do not', async () => {
    const recordingId = await keep();
    await seal(recordingId);
    await hold(recordingId, 3);
    grounds = () => 'ended';
    expect((await sweepKept(parts())).receipts).toMatchObject([{ reason: 'withdrawn', erased: { keys: 1 } }]);
    expect(await left()).toEqual({ recordings: [recordingId], originals: [] });
    expect(await recordings.find(recordingId)).toMatchObject({ ending: 'withdrawn' });
    now = T + 3 * DAY_MS;
    await sweepKept(parts());
    expect((await left()).recordings).toEqual([]);
  });

  test('a request to erase is carried out now, or marked where a dispute holds', async () => {
    const [free, held] = [await keep(), await keep()];
    await seal(free);
    await hold(held, 3);
    const ended = await endRecordings(parts(), [free, held, 'unknown'], 'requested');
    expect(ended).toMatchObject({ held: [held], receipts: [{ scope: 'recording', reason: 'requested', dataSubject: 'ann', erased: { keys: 2, media: 2 } }] });
    expect(await recordings.find(held)).toMatchObject({ ending: 'requested' });
    expect((await endRecordings(parts(), [held], 'withdrawn')).receipts).toEqual([]);
    expect(await recordings.find(held)).toMatchObject({ ending: 'requested' });
  });
});

describe('when room runs out [MEG-retain]', () => {
  test('what is due goes; nothing that is kept goes unasked, and what could is offered', async () => {
    const due = await keep({ expiresAt: T });
    const [later, sooner] = [await keep({ expiresAt: T + 2 * DAY_MS }), await keep()];
    expect(await makeRoom(parts(), 50)).toMatchObject({ enough: true, freedBytes: 100 });
    expect(await makeRoom(parts(), 50)).toEqual({ untold: null, enough: false, freedBytes: 0, offers: [{ itemId: sooner, bytes: 100 }, { itemId: later, bytes: 100 }] });
    expect(await recordings.find(due)).toBeNull();
    expect(notes.filter(({ code }) => code === 'retention.storage-short')).toMatchObject([{ ids: { bytesNeeded: 50, freedBytes: 100 } }, { ids: { freedBytes: 0 } }]);
  });
});

test('where the ledger finds no room either, what is due goes all the same, and is told by the next sweep [MEG-retain]', async () => {
  const due = await keep({ expiresAt: T });
  grounds = () => Promise.reject(new Error('full'));
  const full: SweepParts = { ...parts(), context: { ...context, note: () => Promise.reject(new Error('full')) } };
  expect(await makeRoom(full, 50)).toMatchObject({ enough: true, untold: { code: 'ERR_STORAGE_FAILED' } });
  expect(await recordings.find(due)).toBeNull();
  grounds = () => 'stands';
  await sweepKept(parts());
  expect(await recordings.erasures.receipts('ann')).toHaveLength(1);
});

test('what has its receipt and could not be noted is noted by the next sweep, once', async () => {
  await keep({ expiresAt: T });
  await expect(sweepKept({ ...parts(), context: { ...context, note: () => Promise.reject(new Error('full')) } })).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  const [receipt] = await recordings.erasures.receipts('ann');
  expect((await sweepKept(parts())).receipts).toEqual([receipt]);
  await sweepKept(parts());
  expect(await recordings.erasures.receipts('ann')).toEqual([receipt]);
  expect(notes).toEqual([{ code: 'retention.swept', ids: { reason: 'expired', items: 1, keys: 1, receiptId: receipt?.receiptId } }]);
});

test('what is sealed for a recording that begins during the sweep stays', async () => {
  let asked = 0;
  const list = originals.list.bind(originals);
  const listing = vi.spyOn(originals, 'list').mockImplementation(async (...of) => {
    asked += 1;
    if (asked === 2) await seal(await keep()); // The first asks whose consent has ended.
    return list(...of);
  });
  await sweepKept(parts());
  listing.mockRestore();
  expect(asked).toBe(2);
  expect((await left()).originals).toHaveLength(1);
});

test('originals are opened once for all who ask at a time, and closed though they were still opening', async () => {
  const opened = vi.spyOn(OriginalsStore, 'open');
  const kept = new KeptOriginals(context, recordings, ORIGINALS);
  const [one, two] = await Promise.all([kept.parts(), kept.parts()]);
  expect(one.originals).toBe(two.originals);
  expect(opened).toHaveBeenCalledOnce();
  kept.close();
  await expect(one.originals?.list()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  const other = new KeptOriginals(context, recordings, ORIGINALS);
  const late = other.parts();
  other.close();
  await expect(late).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  await expect((await opened.mock.results[1]?.value as OriginalsStore).list()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  opened.mockRestore();
});

describe('the timer [MEG-retain]', () => {
  test('sweeps at the moment when the next item is due, and no more once it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const kept = new KeptOriginals(context, recordings, ORIGINALS);
    const swept: number[] = [];
    const timer = new SweepTimer(kept, { onSwept: ({ receipts }) => { swept.push(receipts.length); }, onError: (error) => { throw error; } });
    try {
      await keep({ expiresAt: T + 60_000 });
      await keep({ expiresAt: T + 120_000 });
      await timer.sweep();
      now = T + 60_000;
      await vi.advanceTimersByTimeAsync(59_999);
      expect(swept).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await vi.waitUntil(() => swept.length > 0);
      expect(swept).toEqual([1]);
      await timer.close();
      now = T + 200_000;
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(await recordings.list()).toHaveLength(1);
    } finally {
      vi.useRealTimers();
      kept.close();
    }
  });
});
