import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRecordingKey, sealPiece, sealTimeline, type MediaFormat, type MediaPiece, type MediaSummary, type TrackSample } from '../core/recording.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { itemOf, type KeptPiece, type RecordingAbout, type RecordingRow } from './recording-rows.ts';
import { RecordingStore } from './recording-store.ts';

const FORMAT: MediaFormat = { container: 'webm', codec: 'vp8', mimeType: 'video/webm; codecs="vp8"' };
const ABOUT: RecordingAbout = {
  source: 'recording',
  models: [],
  settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 },
  styles: [],
  selfTests: [],
  audioTracksDropped: 0,
};
const SUMMARY: MediaSummary = { ...FORMAT, width: 16, height: 16, frames: 60, durationUs: 2_000_000 };
const SECRET = new TextEncoder().encode('what was seen');

let number = 0;
const names: string[] = [];
const stores: RecordingStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) store.close();
  for (const name of names.splice(0)) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

async function openStore(name = `test-recordings-${(number += 1)}`): Promise<RecordingStore> {
  names.push(name);
  const store = await RecordingStore.open(name);
  stores.push(store);
  return store;
}

async function begin(store: RecordingStore, given: Partial<RecordingRow> = {}): Promise<RecordingRow> {
  return store.begin({
    recordingId: crypto.randomUUID(),
    key: await createRecordingKey(),
    format: FORMAT,
    about: ABOUT,
    category: 'redacted-recording',
    purpose: 'redacted-recording',
    dataSubject: 'person',
    consentRecordId: 'record',
    createdAt: 1,
    expiresAt: 1000,
    ...given,
  });
}

const piece = (sequence: number, bytes: Uint8Array<ArrayBuffer> = new Uint8Array([...SECRET, sequence])): MediaPiece => ({ sequence, bytes, frames: sequence === 0 ? 0 : 30, fromUs: Math.max(0, sequence - 1) * 1e6, untilUs: sequence * 1e6 });

const sampleAt = (sequence: number): TrackSample => ({ timeUs: sequence * 1e6, tracks: [{ trackId: 7, box: { x: sequence, y: 2, width: 3, height: 4 } }] });

async function sealed(row: RecordingRow, sequence: number): Promise<KeptPiece> {
  return { ...(await sealPiece(piece(sequence), row.recordingId, row.key)), covers: [{ second: sequence, frames: 30, regions: 3, wholeFrames: 0 }], timeline: await sealTimeline([sampleAt(sequence)], row.recordingId, sequence, row.key) };
}

async function readAll(store: RecordingStore, row: RecordingRow): Promise<number[]> {
  const ends: number[] = [];
  for await (const bytes of store.read(row)) {
    expect(new TextDecoder().decode(bytes.subarray(0, -1))).toBe('what was seen');
    ends.push(bytes.at(-1)!);
  }
  return ends;
}

/** All that a database holds, as it lies there. */
async function rawRows(name: string, store: string): Promise<Record<string, unknown>[]> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => { resolve(request.result); };
  });
  const rows = await new Promise<Record<string, unknown>[]>((resolve) => {
    const request = db.transaction(store).objectStore(store).getAll() as IDBRequest<Record<string, unknown>[]>;
    request.onsuccess = () => { resolve(request.result); };
  });
  db.close();
  return rows;
}

describe('recordings in storage', () => {
  test('what was appended is read in order, and counted in its row; nothing of it lies there in the clear [MEG-crypt]', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const store = await openStore(name);
    const row = await begin(store);
    for (const sequence of [0, 1, 2]) await store.append(await sealed(row, sequence));
    const kept = (await store.find(row.recordingId))!;
    expect(kept).toMatchObject({ state: 'open', pieces: 3, frames: 60, durationUs: 2_000_000, bytes: 3 * (SECRET.length + 1), category: 'redacted-recording', purpose: 'redacted-recording', expiresAt: 1000 });
    expect(await readAll(store, kept)).toEqual([0, 1, 2]);
    expect(await store.covers(row.recordingId)).toHaveLength(3);
    expect(kept.key.extractable).toBe(false);
    for (const row of await rawRows(name, 'pieces')) expect(new TextDecoder().decode(row['sealed'] as ArrayBuffer)).not.toContain('what');
  });

  test('one that runs or was cut off is read as its row counts it, and has the size of its picture', async () => {
    const store = await openStore();
    const row = await begin(store);
    await store.append(await sealed(row, 0));
    await store.append(await sealed(row, 1), { width: 16, height: 9 });
    const counted = (await store.find(row.recordingId))!;
    await store.append(await sealed(row, 2));
    expect(await readAll(store, counted)).toEqual([0, 1]);
    expect(await store.find(row.recordingId)).toMatchObject({ pieces: 3, width: 16, height: 9 });
  });

  test('a piece out of turn, or of a recording that was erased, is refused and not written', async () => {
    const store = await openStore();
    const row = await begin(store);
    await store.append(await sealed(row, 0));
    await expect(store.append(await sealed(row, 2))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    await expect(store.append(await sealed(row, 0))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect((await store.find(row.recordingId))?.pieces).toBe(1);
    expect(await store.discard([row.recordingId])).toEqual({ rows: 2, keys: 1, media: 1 });
    await expect(store.append(await sealed(row, 1))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect(await store.discard([row.recordingId])).toEqual({ rows: 0, keys: 0, media: 0 });
  });

  test('one byte changed, a piece removed, swapped or taken from another recording: nothing of it is given out', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const store = await openStore(name);
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => { resolve(request.result); };
    });
    const tamper = async (change: (pieces: IDBObjectStore, rows: (KeptPiece & { sealed: ArrayBuffer })[]) => void): Promise<unknown> => {
      const row = await begin(store);
      for (const sequence of [0, 1, 2]) await store.append(await sealed(row, sequence));
      const tx = db.transaction('pieces', 'readwrite');
      const pieces = tx.objectStore('pieces');
      const all = pieces.getAll(IDBKeyRange.bound([row.recordingId, 0], [row.recordingId, 9])) as IDBRequest<KeptPiece[]>;
      all.onsuccess = () => { change(pieces, all.result); };
      await new Promise((resolve) => { tx.oncomplete = resolve; });
      return readAll(store, (await store.find(row.recordingId))!).then(() => 'read', (error: unknown) => (error as { code: string }).code);
    };
    const flip = (buffer: ArrayBuffer): ArrayBuffer => {
      const bytes = new Uint8Array(buffer.slice(0));
      bytes[3] = bytes[3]! ^ 1;
      return bytes.buffer;
    };
    expect(await tamper((pieces, [, second]) => pieces.put({ ...second!, sealed: flip(second!.sealed) }))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper((pieces, [, second]) => pieces.delete([second!.recordingId, 1]))).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper((pieces, [, , third]) => pieces.delete([third!.recordingId, 2]))).toBe('ERR_VAULT_INTEGRITY');
    expect(
      await tamper((pieces, [, second, third]) => {
        pieces.put({ ...second!, sequence: 2 });
        pieces.put({ ...third!, sequence: 1 });
      }),
    ).toBe('ERR_VAULT_INTEGRITY');
    expect(await tamper(() => undefined)).toBe('read');
    db.close();
  });

  test('completing writes header, summary and manifest at once; it cannot be completed twice', async () => {
    const store = await openStore();
    const row = await begin(store);
    for (const sequence of [0, 1]) await store.append(await sealed(row, sequence));
    const header = await sealPiece(piece(0, new Uint8Array([...SECRET, 99])), row.recordingId, row.key);
    const completion = { state: 'complete', summary: SUMMARY, header, timeline: null, manifest: { kind: 'redaction-manifest' } as never, about: ABOUT } as const;
    await store.complete(row.recordingId, completion);
    const kept = (await store.find(row.recordingId))!;
    expect(kept).toMatchObject({ state: 'complete', width: 16, manifest: { kind: 'redaction-manifest' } });
    expect(await readAll(store, kept)).toEqual([99, 1]);
    await expect(store.complete(row.recordingId, completion)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  });

  test('a restored recording takes the place of the one that was cut off', async () => {
    const store = await openStore();
    const [old, next] = [await begin(store), await begin(store)];
    await store.append(await sealed(old, 0));
    await store.append(await sealed(next, 0));
    const completion = { state: 'restored', summary: SUMMARY, header: await sealed(next, 0), timeline: null, manifest: {} as never, about: ABOUT } as const;
    await expect(store.complete(next.recordingId, { ...completion, replaces: 'gone' })).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect((await store.list()).map(({ state }) => state)).toEqual(['open', 'open']);
    await store.update(old.recordingId, (row) => ({ ...row, ending: 'requested' }));
    await store.complete(next.recordingId, { ...completion, replaces: old.recordingId });
    expect(await store.list()).toMatchObject([{ recordingId: next.recordingId, state: 'restored', ending: 'requested', formerIds: [old.recordingId] }]);
    expect(await store.covers(old.recordingId)).toEqual([]);
  });

  test('lists by person, newest first; a database that is deleted while in use is told once', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const store = await openStore(name);
    let lost = 0;
    store.onLost = () => { lost += 1; };
    await begin(store, { dataSubject: 'a', createdAt: 1 });
    const later = await begin(store, { dataSubject: 'a', createdAt: 2 });
    await begin(store, { dataSubject: 'b', createdAt: 3 });
    expect((await store.list('a')).map(({ createdAt }) => createdAt)).toEqual([2, 1]);
    expect(await store.list()).toHaveLength(3);
    await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
    expect(lost).toBe(1);
    await expect(store.find(later.recordingId)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { reason: 'refused' } });
  });

  test('keeps where the tracks were, sealed; one byte changed, or a timeline of another piece, and none of it is given out', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const store = await openStore(name);
    const row = await begin(store);
    for (const sequence of [0, 1, 2]) await store.append(await sealed(row, sequence));
    expect(await store.timeline(row)).toEqual([0, 1, 2].map(sampleAt));
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => { resolve(request.result); };
    });
    const put = async (change: (pieces: KeptPiece[]) => KeptPiece): Promise<void> => {
      const pieces = db.transaction('pieces', 'readwrite').objectStore('pieces');
      const all = pieces.getAll() as IDBRequest<KeptPiece[]>;
      await new Promise((resolve) => { all.onsuccess = () => { pieces.put(change(all.result)).onsuccess = resolve; }; });
    };
    await put(([first, second]) => ({ ...first!, timeline: second!.timeline }));
    await expect(store.timeline(row)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY', details: { sequence: 0 } });
    // The pictures are untouched.
    expect(await readAll(store, (await store.find(row.recordingId))!)).toEqual([0, 1, 2]);
    await put(([first]) => ({ ...first!, timeline: null }));
    expect(await store.timeline(row)).toHaveLength(2);
    db.close();
  });

  test('changes how a recording stands in one transaction: no change of another tab is lost, a change that throws changes nothing [TAF-5.5b]', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const [store, other] = [await openStore(name), await openStore(name)];
    const { recordingId } = await begin(store);
    const holdOf = (holdId: string) => ({ holdId, reason: 'a dispute is open', owner: 'sam', placedAt: 1, until: 5000, releasedAt: null });
    await Promise.all([store, other].map((tab, i) => tab.update(recordingId, (row) => ({ ...row, holds: [...row.holds, holdOf(`h${i}`)] }))));
    expect((await store.find(recordingId))?.holds).toHaveLength(2);
    await expect(store.update(recordingId, () => { throw new TypeError('no such hold'); })).rejects.toThrow('no such hold');
    await store.update(recordingId, (row) => ({ ...row, restriction: { requestId: 'r', since: 2 }, recordingId: 'another', bytes: 5 }));
    expect(await store.find(recordingId)).toMatchObject({ restriction: { requestId: 'r' }, bytes: 0, ending: null });
    expect(await store.update('unknown', (row) => row)).toBeNull();
  });

  test('erases what is due and nothing else: what was held meanwhile stays', async () => {
    const store = await openStore();
    const [due, held, fresh] = [await begin(store), await begin(store), await begin(store, { expiresAt: 9000 })];
    await store.append(await sealed(due, 0));
    await store.update(held.recordingId, (row) => ({ ...row, holds: [{ holdId: 'h', reason: 'a dispute is open', owner: 'sam', placedAt: 1, until: 5000, releasedAt: null }] }));
    const entries = [due, held, fresh].map(({ recordingId }) => ({ itemId: recordingId }));
    const done = await store.eraseDue(entries, 1000);
    expect(done).toMatchObject([{ itemId: due.recordingId, belongsTo: due.recordingId, reason: 'expired', dataSubject: 'person', erasedAt: 1000, erased: { rows: 2, keys: 1, media: 1 } }]);
    expect(await store.erasures.untold()).toEqual(done);
    await expect(store.append(await sealed(due, 1))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    const receipt = { receiptId: 'receipt', dataSubject: 'person', erasedAt: 1000 } as ErasureReceipt;
    expect(await store.erasures.keepReceipt(receipt, done.map(({ erasureId }) => erasureId))).toBe(true);
    expect(await store.erasures.keepReceipt({ ...receipt, receiptId: 'twice' }, done.map(({ erasureId }) => erasureId))).toBe(false);
    expect(await store.erasures.untold()).toEqual(done.map((erasure) => ({ ...erasure, receiptId: receipt.receiptId })));
    await store.erasures.settle(done.map(({ erasureId }) => erasureId));
    expect([await store.erasures.receipts('person'), await store.erasures.receipts('nobody'), await store.erasures.untold()]).toEqual([[receipt], [], []]);
    expect([await store.erasures.forget(1000), await store.erasures.forget(1001)]).toEqual([0, 1]);
  });

  test('on a full disk media go first, then, when there is room to say so, the rest: a crash in between loses nothing that was to be told [MEG-retain]', async () => {
    const store = await openStore();
    const [due, kept] = [await begin(store), await begin(store, { expiresAt: 9000 })];
    for (const row of [due, kept]) for (const sequence of [0, 1]) await store.append(await sealed(row, sequence));
    const entries = [due, kept].map(({ recordingId }) => ({ itemId: recordingId }));
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => { throw new DOMException('no space left', 'QuotaExceededError'); });
    await expect(store.eraseDue(entries, 1000)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { reason: 'full' } });
    add.mockRestore();
    store.close();
    const next = await openStore(store.name);
    expect(await next.find(due.recordingId)).not.toBeNull();
    await expect(readAll(next, (await next.find(due.recordingId))!)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
    expect(await readAll(next, (await next.find(kept.recordingId))!)).toEqual([0, 1]);
    expect(await next.erasures.untold()).toEqual([]);
    // As many as there were, though they are gone already.
    expect(await next.eraseDue(entries, 1001)).toMatchObject([{ itemId: due.recordingId, erasedAt: 1001, erased: { rows: 3, keys: 1, media: 1 } }]);
    expect(await next.erasures.untold()).toHaveLength(1);
    expect((await next.list()).map(({ recordingId }) => recordingId)).toEqual([kept.recordingId]);
  });

  test('a database of the first version is brought to the present one; nothing in it is lost', async () => {
    const name = `test-recordings-${(number += 1)}`;
    const key = await createRecordingKey();
    await new Promise<void>((resolve) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        const recordings = request.result.createObjectStore('recordings', { keyPath: 'recordingId' });
        recordings.createIndex('by-subject', 'dataSubject');
        recordings.createIndex('by-expiry', 'expiresAt');
        recordings.add({ recordingId: 'old', key, format: FORMAT, about: ABOUT, category: 'redacted-recording', purpose: 'redacted-recording', dataSubject: 'person', consentRecordId: 'record', createdAt: 1, expiresAt: 1000, state: 'complete', pieces: 1, bytes: 14, frames: 0, durationUs: 0, width: 2, height: 2, manifest: null });
        request.result.createObjectStore('pieces', { keyPath: ['recordingId', 'sequence'] });
      };
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    const store = await openStore(name);
    const row = (await store.find('old'))!;
    expect(row).toMatchObject({ holds: [], ending: null, restriction: null, formerIds: [], pieces: 1, expiresAt: 1000 });
    expect(itemOf(row)).toMatchObject({ itemId: 'old', category: 'redacted-media', dataSubject: 'person', parts: { keys: { ids: ['old'] }, media: { bytes: 14 } } });
    const { timeline: _, ...first } = await sealed(row, 0);
    await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = ({ target }) => {
        const db = (target as IDBOpenDBRequest).result;
        db.transaction('pieces', 'readwrite').objectStore('pieces').add(first).onsuccess = () => { db.close(); resolve(null); };
      };
    });
    expect([await readAll(store, row), await store.timeline(row)]).toEqual([[0], []]);
  });
});
