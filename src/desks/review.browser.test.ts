import { afterEach, expect, test, vi } from 'vitest';
import { openConsentLedger } from '../session/consent.ts';
import { sha256Hex } from '../core/canonical-json.ts';
import { createContentKey, sealCrops } from '../core/originals.ts';
import { createRecordingKey, sealPiece, sealTimeline, type MediaFormat } from '../core/recording.ts';
import { AccessFixture } from '../governance/access/access-fixture.contract.ts';
import type { Role } from '../governance/access/roles.ts';
import { signStaffAssertion } from '../governance/access/staff-assertion.ts';
import { decideUnmask, issueWorkOrder, requestUnmask } from '../governance/access/staff-acts.ts';
import { adult } from '../governance/consent/ledger-fixture.contract.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { exportPublicKey } from '../governance/consent/proof.ts';
import { createManifest } from '../governance/manifest/manifest.ts';
import { DAY_MS } from '../governance/retention/categories.ts';
import { openReview } from './open-review.ts';
import { openRights } from './open-rights.ts';
import type { UnmaskEnd } from '../review/protocol.ts';
import type { ReviewDesk } from '../review/review-desk.ts';
import type { Unmasking } from '../review/unmasking.ts';
import { openConsentStore } from '../vault/consent-store.ts';
import { OriginalsStore } from '../vault/originals-store.ts';
import { RecordingStore } from '../vault/recording-store.ts';

const NOW = Date.now();
const FORMAT: MediaFormat = { container: 'webm', codec: 'vp8', mimeType: 'video/webm; codecs="vp8"' };
const PURPOSES = ['live-redacted-view', 'redacted-recording', 'sealed-originals'] as const;
const notice = noticeFixture({ validFrom: NOW - DAY_MS, validUntil: NOW + 720 * DAY_MS, purposes: PURPOSES.map((purpose) => purposeFixture(purpose)) });
const BOX = { x: 60, y: 40, width: 120, height: 140 };

const names: string[] = [];
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  for (const name of names.splice(0)) indexedDB.deleteDatabase(name);
});
const fresh = (kind: string): string => {
  const name = `${kind}-${crypto.randomUUID()}`;
  names.push(name);
  return name;
};

/** A face of one colour. */
async function jpegOf(colour: string): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(120, 140);
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 120, 140);
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer());
}

/** A browser that keeps one recording with one sealed face, and the desk over it, with the real worker. */
async function openOffice() {
  const databases = { databaseName: fresh('review'), recordingsDatabase: fresh('recordings'), originalsDatabase: fresh('originals') };
  const ledger = await openConsentLedger({ notice, store: await openConsentStore(fresh('consent')) });
  undo.push(() => ledger.close());
  await ledger.request({ dataSubject: 'me', language: 'en' });
  await ledger.answer(adult(notice, 'given', {}, 'me'));
  const recordingId = crypto.randomUUID();
  const common = { recordingId, dataSubject: 'me', consentRecordId: 'record', createdAt: NOW, expiresAt: NOW + DAY_MS } as const;

  const recordings = await RecordingStore.open(databases.recordingsDatabase);
  undo.push(() => { recordings.close(); });
  const key = await createRecordingKey();
  const about = { models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], source: 'recording', audioTracksDropped: 0 } as const;
  await recordings.begin({ ...common, key, format: FORMAT, about, category: 'redacted-recording', purpose: 'redacted-recording' });
  const media = new TextEncoder().encode('header and one second of redacted pictures');
  const covers = [{ second: 0, frames: 30, regions: 30, wholeFrames: 0 }];
  const samples = [{ timeUs: 0, tracks: [{ trackId: 3, box: BOX }] }];
  await recordings.append({ ...(await sealPiece({ sequence: 0, bytes: media, frames: 30, fromUs: 0, untilUs: 1_000_000 }, recordingId, key)), covers, timeline: await sealTimeline(samples, recordingId, 0, key) });
  const summary = { ...FORMAT, width: 320, height: 240, frames: 30, durationUs: 1_000_000 };
  const told = { mimeType: FORMAT.mimeType, width: 320, height: 240, frames: 30, durationUs: 1_000_000, bytes: media.length, sha256: await sha256Hex(media) };
  const manifest = await createManifest({ ...about, covers, madeAt: NOW, origin: location.origin, recordingId, complete: true, basedOn: null, media: told }, ConsentLedger.keeping(ledger).sign);
  const header = await sealPiece({ sequence: 0, bytes: media, frames: 0, fromUs: 0, untilUs: 1_000_000 }, recordingId, key);
  await recordings.complete(recordingId, { state: 'complete', summary, header, timeline: await sealTimeline(samples, recordingId, 0, key), manifest, about });

  const originals = await OriginalsStore.open(databases.originalsDatabase);
  undo.push(() => { originals.close(); });
  const ids = { originalId: crypto.randomUUID(), recordingId, trackId: 3 };
  const content = await createContentKey(ids, await originals.publicKey());
  await originals.begin({ ...common, ...ids, wrappedKey: content.wrappedKey });
  await originals.append(await sealCrops([{ timeUs: 0, box: BOX, jpeg: await jpegOf('#c82828') }, { timeUs: 500_000, box: BOX, jpeg: await jpegOf('#2828c8') }], ids, 0, content.key));

  const access = await AccessFixture.make();
  const keys = await Promise.all(access.trustedKeys.map(async ({ publicKey, ...rest }) => ({ ...rest, publicKey: await exportPublicKey(publicKey) })));
  const createWorker = (): Worker => new Worker(new URL('../../workers/unmask.worker.ts', import.meta.url), { type: 'module' });
  const desk = await openReview({ ledger, trust: { keys, audience: access.signer.audience }, ...databases, createWorker });
  undo.push(() => desk.close());
  return { ledger, access, desk, recordingId, recordings, originals, databases };
}

async function signIn(desk: ReviewDesk, access: AccessFixture, staffId: string, roles: readonly Role[]): Promise<void> {
  const issuer = access.trustedKeys[0]!.issuer;
  await desk.signIn(await signStaffAssertion({ staffId, roles, nonce: await desk.challenge() }, { ...access.signer, ...access.directory, issuer }, Date.now()));
}

/** Order, request and approval, handed in. @returns the id of the request. */
async function approve(desk: ReviewDesk, access: AccessFixture, recordingId: string): Promise<string> {
  const now = Date.now();
  const [sam, rita, sue] = await Promise.all([access.login('sam', ['supervisor'], now), access.login('rita', ['reviewer'], now), access.login('sue', ['supervisor'], now)]);
  const order = await issueWorkOrder(sam, { recordingId, trackIds: [3], assignedTo: ['rita'], maxUnmasks: 5, validForMs: 3_600_000 }, access.signer, now);
  await desk.submit(order.token);
  const asked = { trackId: 3, reason: 'complaint', reasonText: 'who signed for the parcel', windowMinutes: 5 } as const;
  const request = await requestUnmask(rita, await access.verify(order.token, 'work-order', now), asked, access.signer, now);
  await desk.submit(request.token);
  await desk.submit((await decideUnmask(sue, await access.verify(request.token, 'unmask-request', now), 'approve', access.signer, now)).token);
  return request.id;
}

const ended = (look: Unmasking): Promise<UnmaskEnd> =>
  new Promise((resolve) => {
    look.addEventListener('ended', ({ detail }) => { resolve(detail.factor); }, { once: true });
  });

function newCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  undo.push(() => { canvas.remove(); });
  return canvas;
}

/** What a canvas shows: share of the box's pixels that are of the face's colour, and pixels outside that are not empty. */
function pixelsOf(canvas: HTMLCanvasElement): { readonly width: number; readonly red: number; readonly blue: number; readonly filled: number; readonly outside: number } {
  const copy = new OffscreenCanvas(320, 240);
  const context = copy.getContext('2d')!;
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, 320, 240);
  let [red, blue, filled, outside] = [0, 0, 0, 0];
  for (let y = 0; y < 240; y += 1) {
    for (let x = 0; x < 320; x += 1) {
      const at = (y * 320 + x) * 4;
      if (data[at + 3] === 0) continue;
      const isInside = x >= BOX.x && x < BOX.x + BOX.width && y >= BOX.y && y < BOX.y + BOX.height;
      if (!isInside) outside += 1;
      filled += 1;
      if (data[at]! > 180 && data[at + 1]! < 70 && data[at + 2]! < 70) red += 1;
      if (data[at]! < 70 && data[at + 1]! < 70 && data[at + 2]! > 180) blue += 1;
    }
  }
  const size = BOX.width * BOX.height;
  return { width: canvas.width, red: red / size, blue: blue / size, filled: filled / size, outside };
}

test('a face is seen after everything is there, under a watermark, and gone with a withdrawal [TAF-5.3b, TAF-5.3c]', async () => {
  const { desk, access, recordingId, ledger } = await openOffice();
  await expect(desk.queue()).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
  await signIn(desk, access, 'rita', ['reviewer']);
  expect(desk.staff).toMatchObject({ staffId: 'rita' });
  const requestId = await approve(desk, access, recordingId);
  await expect(desk.queue({ mine: true })).resolves.toMatchObject([{ recordingId, originals: [3], state: 'new', openRequests: 0 }]);

  const opened = await desk.open(recordingId);
  expect(opened.manifestVerdict).toEqual({ valid: true });
  expect(await opened.media.text()).toBe('header and one second of redacted pictures');
  expect(opened.timeline.tracks).toMatchObject([{ trackId: 3, sealed: true }]);
  await opened.addNote('the parcel was handed over');
  await opened.decide({ outcome: 'no-issue' });
  await expect(opened.notes()).resolves.toMatchObject([{ by: 'rita', role: 'staff' }]);
  await expect(opened.addBox({ fromUs: 0, untilUs: 1, box: { x: 300, y: 0, width: 30, height: 30 } })).rejects.toThrow(TypeError);

  const canvas = newCanvas();
  const look = await desk.unmask({ requestId, canvas });
  expect(look).toMatchObject({ recordingId, trackId: 3 });
  await expect(look.show(100_000)).resolves.toBe(true);
  await vi.waitFor(() => {
    const { width, red, filled, outside } = pixelsOf(canvas);
    expect({ width, filled, outside }).toEqual({ width: 320, filled: 1, outside: 0 });
    // The rest of the face is words.
    expect(red).toBeGreaterThan(0.3);
    expect(red).toBeLessThan(0.9);
  }, 5000);
  await expect(look.show(600_000)).resolves.toBe(true);
  await vi.waitFor(() => { expect(pixelsOf(canvas).blue).toBeGreaterThan(0.3); }, 5000);
  await expect(look.show(900_000)).resolves.toBe(false);
  await vi.waitFor(() => { expect(pixelsOf(canvas).filled).toBe(0); }, 5000);
  await look.show(100_000);

  const end = ended(look);
  await ledger.withdraw('me');
  await expect(end).resolves.toBe('consent');
  expect(canvas.isConnected).toBe(false);
  await expect(look.show(100_000)).rejects.toMatchObject({ code: 'ERR_UNMASK_REFUSED' });
  await expect(desk.unmask({ requestId, canvas: newCanvas() })).rejects.toMatchObject({ code: 'ERR_UNMASK_REFUSED', details: { factor: 'consent' } });
  await expect(desk.open(recordingId)).rejects.toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  const log = (await ledger.auditLog()).map(({ code }) => code);
  for (const code of ['unmask.started', 'unmask.ended', 'unmask.refused', 'review.opened', 'access.refused'] as const) expect(log).toContain(code);
});

test('a look ends with the sign-out, the erasure of what was sealed, and the worker; the canvas goes with it', async () => {
  const { desk, access, recordingId, originals } = await openOffice();
  await signIn(desk, access, 'rita', ['reviewer']);
  const requestId = await approve(desk, access, recordingId);
  const first = await desk.unmask({ requestId, canvas: newCanvas() });
  const signedOut = ended(first);
  await desk.signOut();
  await expect(signedOut).resolves.toBe('staff');
  await signIn(desk, access, 'rita', ['reviewer']);
  const canvas = newCanvas();
  const second = await desk.unmask({ requestId, canvas });
  await second.show(0);
  const closing = ended(second);
  const [row] = await originals.list(recordingId);
  await originals.erase([row!.originalId]);
  // Nobody tells the worker: it looks by itself.
  await expect(closing).resolves.toBe('item');
  await expect(desk.unmask({ requestId, canvas: newCanvas() })).rejects.toMatchObject({ details: { factor: 'item' } });
  const closed = new Promise((resolve) => { desk.addEventListener('closed', ({ detail }) => { resolve(detail.error); }); });
  await desk.close();
  await expect(closed).resolves.toBeNull();
  expect(desk.staff).toBeNull();
  await expect(desk.queue()).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
});

test('a chunk of which one byte was changed is not drawn: the look ends, and it is an incident [MEG-incident]', async () => {
  const { desk, access, recordingId, originals } = await openOffice();
  await signIn(desk, access, 'rita', ['reviewer']);
  const requestId = await approve(desk, access, recordingId);
  const [row] = await originals.list(recordingId);
  const database = await new Promise<IDBDatabase>((resolve) => {
    const asked = indexedDB.open(names.find((name) => name.startsWith('originals'))!);
    asked.onsuccess = () => { resolve(asked.result); };
  });
  const store = database.transaction('chunks', 'readwrite').objectStore('chunks');
  await new Promise((resolve) => {
    const asked = store.get([row!.originalId, 0]);
    asked.onsuccess = () => {
      const chunk = asked.result as { sealed: ArrayBuffer };
      new Uint8Array(chunk.sealed)[40]! ^= 1;
      store.put(chunk).onsuccess = resolve;
    };
  });
  database.close();
  const incident = new Promise((resolve) => { desk.addEventListener('incident', ({ detail }) => { resolve(detail.kind); }); });
  const canvas = newCanvas();
  const look = await desk.unmask({ requestId, canvas });
  const end = ended(look);
  await expect(look.show(0)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
  await expect(end).resolves.toBe('failed');
  await expect(incident).resolves.toBe('integrity-failed');
  expect(pixelsOf(canvas).filled).toBe(0);
  // A desk that closes takes its look along.
  const last = newCanvas();
  const lost = ended(await desk.unmask({ requestId, canvas: last }));
  await desk.close();
  await expect(lost).resolves.toBe('lost');
  expect(last.isConnected).toBe(false);
});

test('a case is closed when the person asks that the recording is kept and not used, and when somebody signs in [MEG-rights, TAF-5.3b]', async () => {
  const { desk, access, recordingId, ledger, databases } = await openOffice();
  const { databaseName: reviewDatabase, recordingsDatabase, originalsDatabase } = databases;
  const rights = await openRights({ ledger, checkIdentity: async () => ({ method: 'signed-in', outcome: 'confirmed' }), databaseName: fresh('rights'), recordingsDatabase, originalsDatabase, reviewDatabase });
  undo.push(() => { rights.close(); });
  await signIn(desk, access, 'sam', ['supervisor']);
  const first = await desk.open(recordingId);
  expect(first.media.size).toBeGreaterThan(0);
  await signIn(desk, access, 'sue', ['supervisor']);
  expect(first.closed).toBe(true);
  expect(() => first.media).toThrow(TypeError);

  const opened = await desk.open(recordingId);
  await opened.addNote('somebody waits');
  expect(opened.closed).toBe(false);
  const { requestId } = await rights.request('restrict', { dataSubject: 'me' });
  await rights.identify(requestId);
  await rights.carryOut(requestId, { by: 'person' });
  await vi.waitFor(() => { expect(opened.closed).toBe(true); });
  await expect(opened.notes()).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
  await expect(desk.open(recordingId)).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
  await rights.lift(requestId);
  expect((await desk.open(recordingId)).closed).toBe(false);

  // What opens while somebody signs out opens for nobody.
  const opening = desk.open(recordingId);
  await Promise.all([expect(opening).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' }), desk.signOut()]);
});

test('a look that cannot begin leaves no canvas in the page', async () => {
  const { desk } = await openOffice();
  await desk.close();
  const canvas = newCanvas();
  await expect(desk.unmask({ requestId: 'r', canvas })).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  expect(canvas.isConnected).toBe(false);
});
