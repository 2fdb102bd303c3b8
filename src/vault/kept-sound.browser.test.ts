import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRecordingKey, sealPiece, withSoundIn, type MediaSummary } from '../core/recording.ts';
import { takeOut } from '../core/sound-patch.ts';
import type { Grounds } from '../governance/consent/grant-context.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import { asHeard, hasSound, withoutSound } from './kept-sound.ts';
import type { KeptSound, RecordingRow } from './recording-rows.ts';
import { RecordingStore } from './recording-store.ts';

const NOW = 1_000_000;
const FORMAT = { container: 'webm', codec: 'vp8', mimeType: 'video/webm; codecs="vp8"' } as const;
const SUMMARY: MediaSummary = { ...FORMAT, width: 4, height: 4, frames: 3, durationUs: 3 };
const [SILENT, WHOLE] = [{ manifestId: 'silent' }, { manifestId: 'whole' }] as unknown as readonly RedactionManifest[];
const about: RecordingRow['about'] = { source: 'recording', models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], audioTracksDropped: 0 };
/** Three pieces with sound; the same without have zeros in its place. */
const VOICED = [[1, 1, 70], [2, 71, 72], [3, 3, 73]];
const SILENCED = [[1, 1, 0], [2, 0, 0], [3, 3, 0]];

let store: RecordingStore;
const name = 'test-kept-sound';
beforeEach(async () => { store = await RecordingStore.open(name); });
afterEach(async () => {
  store.close();
  await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
});

async function begin(given: Partial<KeptSound> = {}): Promise<RecordingRow> {
  const sound: KeptSound = { key: await createRecordingKey(), consentRecordId: 'yes-to-sound', createdAt: NOW, expiresAt: NOW + 100, ending: null, silent: { format: FORMAT, manifest: null }, ...given };
  const kept = { category: 'redacted-recording', purpose: 'redacted-recording', dataSubject: 'ann', consentRecordId: 'yes', createdAt: NOW, expiresAt: NOW + 1000 } as const;
  return store.begin({ recordingId: crypto.randomUUID(), key: await createRecordingKey(), format: withSoundIn(FORMAT, 'opus'), about, sound, ...kept });
}

async function seal({ recordingId, key, sound }: RecordingRow, sequence: number) {
  const bytes = new Uint8Array(VOICED[sequence]!);
  const at = SILENCED[sequence]!.indexOf(0);
  const patch = takeOut(bytes, [{ at, length: bytes.length - at }]);
  bytes.fill(0, at);
  return sealPiece({ sequence, bytes, frames: 1, fromUs: sequence, untilUs: sequence + 1, sound: patch }, recordingId, key, sound!.key);
}

async function fill(row: RecordingRow, from = 0, to = 3): Promise<void> {
  for (let sequence = from; sequence < to; sequence += 1) await store.append({ ...(await seal(row, sequence)), covers: [], timeline: null });
}

async function complete(row: RecordingRow): Promise<RecordingRow> {
  return store.complete(row.recordingId, { state: 'complete', summary: SUMMARY, header: await seal(row, 0), timeline: null, manifest: SILENT!, withSound: { manifest: WHOLE!, format: withSoundIn(FORMAT, 'opus') }, about });
}

async function read(row: RecordingRow): Promise<number[][]> {
  const pieces: number[][] = [];
  for await (const piece of store.read(row)) pieces.push([...piece]);
  return pieces;
}

const soundRows = (): Promise<number> => new Promise((resolve) => {
  indexedDB.open(name).onsuccess = ({ target }) => {
    const db = (target as IDBOpenDBRequest).result;
    db.transaction('sounds').objectStore('sounds').count().onsuccess = ({ target: counted }) => { resolve((counted as IDBRequest<number>).result); db.close(); };
  };
});
const found = async ({ recordingId }: RecordingRow): Promise<RecordingRow> => (await store.find(recordingId))!;

test('a recording is read with its sound, and without it as one that never had any: its own format and manifest', async () => {
  const begun = await begin();
  await fill(begun);
  const row = await complete(begun);
  expect(row).toMatchObject({ manifest: WHOLE, format: { mimeType: 'video/webm; codecs="vp8,opus"' } });
  expect(await read(row)).toEqual(VOICED);
  expect(withoutSound(row)).toMatchObject({ sound: null, manifest: SILENT, format: FORMAT });
  expect(await read(withoutSound(row))).toEqual(SILENCED);
});

test('it is heard only while consent to that stands, and before its time is over; on any doubt not [MEG-separate]', async () => {
  const begun = await begin();
  await fill(begun);
  const row = await complete(begun);
  const asked: string[] = [];
  const heard = async (grounds: Grounds, now = NOW, kept = row): Promise<boolean> =>
    hasSound(await asHeard(kept, { now: () => now, stands: (dataSubject, purposes) => { asked.push(`${dataSubject} ${purposes.join(' ')}`); return Promise.resolve(grounds); } }));
  expect(await heard('stands')).toBe(true);
  expect(await heard('ended')).toBe(false);
  expect(await heard('unclear')).toBe(false);
  expect(await heard('stands', NOW + 100)).toBe(false);
  expect(await heard('stands', NOW, { ...row, sound: { ...row.sound!, ending: 'withdrawn' } })).toBe(false);
  expect(new Set(asked)).toEqual(new Set(['ann sound-recording']));
});

test('erased, the key and every part of the sound are gone, and the picture is whole [MEG-withdraw]', async () => {
  const begun = await begin();
  await fill(begun);
  const row = await complete(begun);
  expect(await store.sounds.erase(row.recordingId, null, NOW)).toBeNull();
  expect(await soundRows()).toBe(3);
  expect(await store.sounds.erase(row.recordingId, 'withdrawn', NOW)).toMatchObject({ reason: 'withdrawn', dataSubject: 'ann', belongsTo: row.recordingId, erased: { keys: 1, rows: 3, media: 0 } });
  expect(await soundRows()).toBe(0);
  const left = await found(row);
  expect(left).toMatchObject({ sound: null, manifest: SILENT, format: FORMAT, state: 'complete', pieces: 3 });
  expect(await read(left)).toEqual(SILENCED);
  expect(await store.sounds.erase(row.recordingId, 'withdrawn', NOW)).toBeNull();
});

test('erased while it runs, what comes after goes nowhere, and it ends as one without sound', async () => {
  const begun = await begin();
  await fill(begun, 0, 2);
  await store.sounds.erase(begun.recordingId, 'withdrawn', NOW);
  await fill(begun, 2);
  expect(await soundRows()).toBe(0);
  const row = await complete(begun);
  expect(row).toMatchObject({ sound: null, manifest: SILENT, format: FORMAT });
  expect(await soundRows()).toBe(0);
  expect(await read(row)).toEqual(SILENCED);
});

test('one that was cut off has its sound up to there', async () => {
  const begun = await begin();
  await fill(begun, 0, 2);
  expect(await read(await found(begun))).toEqual(VOICED.slice(0, 2));
});

test('a part of another place is no sound of this one', async () => {
  const [one, other] = [await begin(), await begin()];
  await fill(one);
  await fill(other);
  const row = { ...(await found(one)), sound: (await found(other)).sound! };
  await expect(read(row)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
});

test('it goes with its recording [MEG-retain]', async () => {
  const begun = await begin();
  await fill(begun);
  await complete(begun);
  await store.update(begun.recordingId, (row) => ({ ...row, ending: 'withdrawn' }));
  const [erasure] = await store.eraseDue([{ itemId: begun.recordingId }], NOW);
  expect(erasure?.erased).toMatchObject({ keys: 2, media: 1 });
  expect(await soundRows()).toBe(0);
});
