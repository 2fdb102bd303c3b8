import { strFromU8, unzipSync } from 'fflate';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConsentLedger } from '../session/consent.ts';
import type { IndexedPicture } from '../core/album.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import { createRecordingKey, sealPiece, type MediaFormat } from '../core/recording.ts';
import { ALBUM_DATABASE } from '../recognition/erase-albums.ts';
import { adult } from '../governance/consent/ledger-fixture.contract.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { DAY_MS } from '../governance/retention/categories.ts';
import { verifyErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { placeHold } from '../governance/retention/holds.ts';
import { verifyRightsReceipt } from '../governance/rights/register.ts';
import type { IdentityCheck } from '../governance/rights/request.ts';
import type { Right } from '../governance/rights/rights.ts';
import { openRecordings } from '../recordings/recordings.ts';
import { openRights, type RightsOptions } from './open-rights.ts';
import type { CarryOutOptions, Rights, RightsResult } from './rights-desk.ts';
import { AlbumStore } from '../vault/album-store.ts';
import { openConsentStore } from '../vault/consent-store.ts';
import { GalleryVault } from '../vault/gallery-vault.ts';
import { OriginalsStore } from '../vault/originals-store.ts';
import { itemOf } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';
import { ReviewStore } from '../vault/review-store.ts';

const NOW = Date.now();
const FORMAT: MediaFormat = { container: 'webm', codec: 'vp8', mimeType: 'video/webm; codecs="vp8"' };
const notice = noticeFixture({
  validFrom: NOW - DAY_MS,
  validUntil: NOW + 720 * DAY_MS,
  purposes: (['live-redacted-view', 'redacted-recording', 'sealed-originals', 'comparison', 'album-grouping'] as const).map((purpose) => purposeFixture(purpose)),
});
let ME: string;
let OTHER: string;

beforeEach(() => {
  // Galleries and albums lie in databases that all tests share.
  [ME, OTHER] = [`me-${crypto.randomUUID()}`, `other-${crypto.randomUUID()}`];
});

const closing: { close(): void }[] = [];
const names: string[] = [];
afterEach(() => {
  for (const each of closing.splice(0)) each.close();
});
afterAll(() => {
  for (const name of names) indexedDB.deleteDatabase(name);
});
const using = <T extends { close(): void }>(store: T): T => {
  closing.push(store);
  return store;
};
const fresh = (kind: string): string => {
  const name = `${kind}-${crypto.randomUUID()}`;
  names.push(name);
  return name;
};

/** A browser in which something of everything is kept, of two people. */
interface World {
  readonly ledger: ConsentLedger;
  readonly rights: Rights;
  readonly recordings: RecordingStore;
  readonly originals: OriginalsStore;
  readonly reviews: ReviewStore;
  readonly albums: AlbumStore;
  readonly vault: GalleryVault;
  /** Ids of my two recordings, the older one first, and of theirs. */
  readonly mine: readonly [string, string];
  readonly theirs: string;
  readonly albumId: string;
  readonly groups: readonly [string, string];
  readonly identity: { check: IdentityCheck };
}

async function openWorld(options: Partial<RightsOptions> = {}): Promise<World> {
  const [recordingsDatabase, originalsDatabase, reviewDatabase, databaseName] = [fresh('recordings'), fresh('originals'), fresh('reviews'), fresh('rights')];
  const ledger = using(await openConsentLedger({ notice, store: await openConsentStore(fresh('consent')) }));
  for (const person of [ME, OTHER]) await ledger.answer(adult(notice, 'given', {}, person));
  const recordings = using(await RecordingStore.open(recordingsDatabase));
  const originals = using(await OriginalsStore.open(originalsDatabase));
  const reviews = using(await ReviewStore.open(reviewDatabase));
  const albums = using(await AlbumStore.open(ALBUM_DATABASE, () => undefined));
  const vault = using(await GalleryVault.open());
  const mine = [await record(recordings, ME, 'one'), await record(recordings, ME, 'two')] as const;
  const theirs = await record(recordings, OTHER, 'three');
  await originals.begin({ originalId: crypto.randomUUID(), recordingId: mine[0], trackId: 1, dataSubject: ME, consentRecordId: 'r', createdAt: NOW, expiresAt: NOW + DAY_MS, wrappedKey: new ArrayBuffer(8) });
  await reviews.add('note', 'n-1', { recordingId: mine[0], value: { noteId: 'n-1', text: 'walks to the door', by: 'staff-7', role: 'staff', at: NOW } }, NOW);
  const { albumId, groups } = await fillAlbum(albums);
  const { gallery } = await vault.load('staff', NOW);
  for (const dataSubject of [ME, OTHER]) {
    const template = templateOf(gallery.galleryId);
    await vault.add(template, { templateId: template.templateId, dataSubject, recordId: 'r', enrolledAt: NOW, expiresAt: NOW + DAY_MS }, () => undefined);
  }
  const identity: World['identity'] = { check: { method: 'signed-in', outcome: 'confirmed' } };
  const rights = using(await openRights({ ledger, checkIdentity: () => Promise.resolve(identity.check), databaseName, recordingsDatabase, originalsDatabase, reviewDatabase, ...options }));
  return { ledger, rights, recordings, originals, reviews, albums, vault, mine, theirs, albumId, groups, identity };
}

async function record(store: RecordingStore, dataSubject: string, text: string): Promise<string> {
  const [recordingId, key] = [crypto.randomUUID(), await createRecordingKey()];
  const about = { source: 'recording', models: [], settings: { engine: 'fake', margin: 1, holdMs: 1, delayFrames: 0, maxAgeMs: 1, threshold: 0.3 }, styles: [], selfTests: [], audioTracksDropped: 0 } as const;
  await store.begin({ recordingId, key, format: FORMAT, about, category: 'redacted-recording', purpose: 'redacted-recording', dataSubject, consentRecordId: 'r', createdAt: NOW, expiresAt: NOW + 30 * DAY_MS });
  for (const [sequence, part] of [text, ' and its end'].entries()) {
    const piece = await sealPiece({ sequence, bytes: new TextEncoder().encode(part), frames: 3, fromUs: 0, untilUs: 1e6 }, recordingId, key);
    await store.append({ ...piece, covers: [], timeline: null });
  }
  return recordingId;
}

function templateOf(galleryId: string): SealedTemplate {
  return { templateId: crypto.randomUUID(), galleryId, version: 1, expiresAt: NOW + DAY_MS, iv: crypto.getRandomValues(new Uint8Array(12)), ciphertext: crypto.getRandomValues(new Uint8Array(148)) };
}

async function fillAlbum(store: AlbumStore): Promise<{ albumId: string; groups: readonly [string, string] }> {
  const name = crypto.randomUUID();
  const { album } = await store.load(name, { dataSubject: ME, underConsent: true }, NOW);
  const templates = [templateOf(album.albumId), templateOf(album.albumId)];
  const picture: IndexedPicture = { rowId: crypto.randomUUID(), pictureId: 'IMG_1', faces: templates.map(({ templateId }) => ({ faceId: templateId, box: { x: 1, y: 2, width: 3, height: 4 }, rotationDeg: 0 })), addedAt: NOW, expiresAt: NOW + DAY_MS };
  const groups = [crypto.randomUUID(), crypto.randomUUID()] as const;
  await store.commit(album, { add: { picture, templates }, grouping: { groups: templates.map(({ templateId }, i) => ({ groupId: groups[i]!, faceIds: [templateId], confirmed: false })), apart: [] } });
  return { albumId: album.albumId, groups };
}

/** A request from its beginning to its end. */
async function carriedOut({ rights }: World, right: Right, options: Partial<CarryOutOptions> = {}): Promise<RightsResult> {
  const { requestId } = await rights.request(right, { dataSubject: ME });
  await rights.identify(requestId);
  return rights.carryOut(requestId, { by: 'person', ...options });
}

async function filesOf(copy: Blob | null): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await copy!.arrayBuffer()));
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, strFromU8(bytes)]));
}

async function leftOf({ recordings, originals, albums, vault }: World, person: string): Promise<number[]> {
  return [(await recordings.list(person)).length, (await originals.listOf(person)).length, (await albums.albumsOf(person, NOW)).length, (await vault.templatesOf(person)).length];
}

const expected = { origin: location.origin };

describe('a copy of everything [MEG-rights]', () => {
  test('is a ZIP in open formats: media, manifests, records, receipts, and what is not given away, by name', async () => {
    const world = await openWorld({ carryOutElsewhere: async () => [{ path: 'account.json', mimeType: 'application/json', content: '{}' }] });
    const { mine, theirs, albumId, rights } = world;
    const seen: (string | null)[] = [];
    const { copy, receipt, request } = await carriedOut(world, 'access', { onProgress: ({ file }) => { seen.push(file); } });
    expect(copy?.type).toBe('application/zip');
    expect(await verifyRightsReceipt(JSON.parse(JSON.stringify(receipt)), expected)).toEqual(receipt);
    expect(request).toMatchObject({ state: 'completed', receiptId: receipt.receiptId });
    const files = await filesOf(copy);
    expect(files[`recordings/${mine[0]}/media.webm`]).toBe('one and its end');
    expect(files[`recordings/${mine[1]}/media.webm`]).toBe('two and its end');
    expect(JSON.parse(files[`recordings/${mine[0]}/review.json`]!)).toMatchObject({ notes: [{ text: 'walks to the door', role: 'staff' }] });
    expect(JSON.parse(files[`albums/${albumId}.json`]!)).toMatchObject({ pictures: [{ pictureId: 'IMG_1' }], groups: [{}, {}] });
    expect(JSON.parse(files['consent/receipt.jsonld']!)).toMatchObject({ '@type': 'dpv:ConsentRecord' });
    expect(JSON.parse(files['proofs/requests.json']!)).toMatchObject([{ requestId: request.requestId }]);
    expect(files['app/account.json']).toBe('{}');
    expect(seen).toContain(`recordings/${mine[0]}/media.webm`);
    const text = Object.values(files).join('\n');
    for (const foreign of [OTHER, theirs, 'staff-7']) expect(text).not.toContain(foreign);
    const contents = JSON.parse(files['contents.json']!) as { items: { category: string; copied: boolean; because?: string }[]; files: { path: string }[] };
    expect(contents.files.map(({ path }) => path).sort()).toEqual(Object.keys(files).filter((path) => !['contents.json', 'index.html', 'README.txt'].includes(path)).sort());
    // What is sealed is told, and not given.
    for (const category of ['sealed-regions', 'protected-templates']) expect(contents.items.find((item) => item.category === category)).toMatchObject({ copied: false, because: 'does-not-apply' });
    expect(receipt).toMatchObject({ left: { 'does-not-apply': 2 } });
    for (const words of ['What is kept of you', '保存的关于您的内容']) expect(files['index.html']).toContain(words);
    expect(files['index.html']?.replaceAll(location.origin, '')).not.toMatch(/<script|https?:\/\//);
    expect((await rights.receipts(ME)).requests).toEqual([receipt]);
    // To take along is what the person gave, not what shows that rules were kept.
    const ported = await filesOf((await carriedOut(world, 'port')).copy);
    expect(ported[`recordings/${mine[0]}/media.webm`]).toBe('one and its end');
    expect(Object.keys(ported).filter((path) => /^(consent|proofs)\//.test(path))).toEqual([]);
  });

  test('lists what was changed by somebody, and holds the rest', async () => {
    const world = await openWorld();
    const [broken, whole] = world.mine;
    const row = (await world.recordings.find(broken))!;
    await world.recordings.append({ ...(await sealPiece({ sequence: 2, bytes: new Uint8Array(3), frames: 1, fromUs: 0, untilUs: 1 }, crypto.randomUUID(), row.key)), recordingId: broken, covers: [], timeline: null });
    const { copy, receipt } = await carriedOut(world, 'access');
    const files = await filesOf(copy);
    expect(files[`recordings/${whole}/media.webm`]).toBe('two and its end');
    expect(Object.keys(files)).not.toContain(`recordings/${broken}/media.webm`);
    expect(JSON.parse(files['contents.json']!)).toMatchObject({ faults: [{ itemId: broken, fault: 'ERR_VAULT_INTEGRITY' }] });
    expect(receipt.left).toMatchObject({ damaged: 1 });
  });
});

describe('erasing, withdrawing, closing [MEG-rights, MEG-withdraw, TAF-5.5a, TAF-5.5b]', () => {
  test('nothing of the person is left anywhere, nothing of others is touched; receipts say so', async () => {
    const world = await openWorld();
    const theirs = await leftOf(world, OTHER);
    const { receipt, erasures, copy } = await carriedOut(world, 'erase');
    expect(await leftOf(world, ME)).toEqual([0, 0, 0, 0]);
    expect(await leftOf(world, OTHER)).toEqual(theirs);
    expect(await world.reviews.recordingIds()).toEqual([]);
    expect(copy).toBeNull();
    expect(receipt.erasureReceiptIds).toEqual(erasures.map(({ receiptId }) => receiptId));
    for (const erasure of erasures) expect(await verifyErasureReceipt(JSON.parse(JSON.stringify(erasure)), expected)).toMatchObject({ dataSubject: ME, reason: 'requested' });
    expect(erasures.reduce((sum, { erased }) => sum + erased.media, 0)).toBe(3);
    expect(erasures.reduce((sum, { erased }) => sum + erased.templates, 0)).toBe(3);
    // Consent stands: only withdrawing ends it.
    expect((await world.ledger.require('redacted-recording', ME)).granted).toBe(true);
    const told = await world.rights.receipts(ME);
    expect(told.erasures.map(({ receiptId }) => receiptId).sort()).toEqual([...receipt.erasureReceiptIds].sort());
  });

  test.each(['withdraw', 'close-account'] as const)('%s ends every grant first; proofs stay', async (right) => {
    const world = await openWorld();
    const decision = await world.ledger.require('redacted-recording', ME);
    if (!decision.granted) throw new TypeError('the person has agreed');
    // Somebody has them open, erases them with the consent, and may be faster: the receipts are there all the same.
    const shelf = await openRecordings({ grant: decision.grant, databaseName: world.recordings.name });
    const closed = new Promise((resolve) => { shelf.addEventListener('closed', resolve); });
    const { erasures, receipt } = await carriedOut(world, right);
    expect(decision.grant.signal.aborted).toBe(true);
    expect(receipt.erasureReceiptIds).toEqual(erasures.map(({ receiptId }) => receiptId));
    expect(erasures.reduce((sum, { erased }) => sum + erased.media, 0)).toBe(3);
    await closed;
    expect((await world.ledger.require('redacted-recording', ME)).granted).toBe(false);
    expect(await leftOf(world, ME)).toEqual([0, 0, 0, 0]);
    expect((await world.ledger.history(ME)).at(-1)).toMatchObject({ state: 'withdrawn' });
    const { copy } = await carriedOut(world, 'access');
    expect(Object.keys(await filesOf(copy))).toContain('consent/records.json');
  });

  test('what a dispute holds stays, marked, and goes when the dispute is over', async () => {
    const world = await openWorld();
    const [held] = world.mine;
    await world.recordings.update(held, (row) => ({ ...row, holds: placeHold(itemOf(row), { reason: 'a dispute is open', owner: 'sam', until: NOW + DAY_MS }, NOW).item.holds }));
    const { receipt } = await carriedOut(world, 'withdraw');
    expect(receipt.left).toMatchObject({ dispute: 2 });
    // The recording and what was noted about it; the sealed face could be seen by nobody any more, and is gone.
    expect(await leftOf(world, ME)).toEqual([1, 0, 0, 0]);
    expect(await world.recordings.find(held)).toMatchObject({ ending: 'withdrawn' });
    expect(await world.reviews.recordingIds()).toEqual([held]);
    expect((await world.rights.preview('erase', ME)).find(({ itemId }) => itemId === held)).toMatchObject({ held: true, effect: 'none', because: 'dispute' });
  });

  test('one that was interrupted is carried on, with every receipt of what it had erased', async () => {
    let broken = true;
    const world = await openWorld({ carryOutElsewhere: () => (broken ? Promise.reject(new Error('the account service is down')) : Promise.resolve(undefined)) });
    const { requestId } = await world.rights.request('erase', { dataSubject: ME });
    await world.rights.identify(requestId);
    await expect(world.rights.carryOut(requestId, { by: 'sam' })).rejects.toThrow('the account service is down');
    expect(await world.rights.find(requestId)).toMatchObject({ state: 'accepted' });
    expect(await leftOf(world, ME)).toEqual([0, 0, 0, 0]);
    broken = false;
    const { receipt, erasures } = await world.rights.carryOut(requestId, { by: 'sam' });
    expect(receipt.done).toBe(6);
    expect(erasures.length).toBeGreaterThan(2);
    const log = await world.ledger.auditLog();
    expect(log.filter(({ code }) => code.startsWith('rights.')).map(({ code }) => code)).toEqual(['rights.received', 'rights.identified', 'rights.accepted', 'rights.completed']);
    await expect(world.rights.carryOut(requestId, { by: 'sam' })).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { state: 'completed' } });
  });

  test('nothing happens before somebody knows who asks, nor after a no or a change of mind', async () => {
    const world = await openWorld();
    const before = await leftOf(world, ME);
    world.identity.check = { method: 'id-desk', outcome: 'failed' };
    const { requestId } = await world.rights.request('erase', { dataSubject: ME });
    await world.rights.identify(requestId);
    await expect(world.rights.carryOut(requestId, { by: 'sam' })).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    await world.rights.refuse(requestId, 'not-the-person', 'sam');
    await expect(world.rights.carryOut(requestId, { by: 'sam' })).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    world.identity.check = { method: 'id-desk', outcome: 'confirmed' };
    const second = await world.rights.request('erase', { dataSubject: ME });
    await world.rights.identify(second.requestId);
    await world.rights.retract(second.requestId);
    await expect(world.rights.carryOut(second.requestId, { by: 'sam' })).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    const third = await world.rights.request('erase', { dataSubject: ME });
    await world.rights.identify(third.requestId);
    await expect(world.rights.carryOut(third.requestId, { by: 'sam', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(await leftOf(world, ME)).toEqual(before);
    expect((await world.rights.list(ME)).map(({ state }) => state).sort()).toEqual(['accepted', 'refused', 'retracted']);
  });
});

describe('restricting and correcting [MEG-rights]', () => {
  test('what is restricted is kept and used for nothing until the person lifts it', async () => {
    const world = await openWorld();
    const { rights, recordings, vault, albums, mine, theirs, albumId } = world;
    const [first, second] = [await carriedOut(world, 'restrict'), await carriedOut(world, 'restrict')];
    const isRestricted = async (id: string): Promise<boolean> => (await recordings.find(id))?.restriction?.requestId !== undefined;
    expect([await isRestricted(mine[0]), await isRestricted(mine[1]), await isRestricted(theirs)]).toEqual([true, true, false]);
    expect((await vault.load('staff', NOW)).identities.some(({ dataSubject }) => dataSubject === ME)).toBe(false);
    await expect(albums.reload(albumId, NOW)).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
    // They may have a copy all the same.
    expect(await filesOf((await carriedOut(world, 'access')).copy)).toHaveProperty([`recordings/${mine[0]}/media.webm`]);
    world.identity.check = { method: 'id-desk', outcome: 'failed' };
    await expect(rights.lift(first.request.requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { outcome: 'failed' } });
    world.identity.check = { method: 'id-desk', outcome: 'confirmed' };
    await expect(rights.retract(first.request.requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    // Another request of theirs says the same.
    await rights.lift(first.request.requestId);
    expect(await isRestricted(mine[0])).toBe(true);
    expect(await rights.lift(second.request.requestId)).toMatchObject({ state: 'retracted' });
    // Cut off between log and lifting, it would be asked for again.
    expect(await rights.lift(second.request.requestId)).toMatchObject({ state: 'retracted' });
    expect(await isRestricted(mine[0])).toBe(false);
    expect((await albums.reload(albumId, NOW))?.pictures).toHaveLength(1);
    expect((await vault.load('staff', NOW)).identities.some(({ dataSubject }) => dataSubject === ME)).toBe(true);
  });

  test('groups are put right and the person’s word stands beside that of staff; pictures are not corrected', async () => {
    const world = await openWorld();
    const { rights, mine, albumId, groups } = world;
    const { requestId } = await rights.request('correct', { dataSubject: ME });
    await rights.identify(requestId);
    const carryOut = (corrections: CarryOutOptions['corrections']) => rights.carryOut(requestId, { by: 'sam', corrections: corrections! });
    await expect(carryOut([{ itemId: mine[0], kind: 'statement', text: 'not me' }])).rejects.toThrow(TypeError);
    await expect(carryOut([{ itemId: albumId, kind: 'statement', text: '' }])).rejects.toThrow(/text/);
    expect(await rights.find(requestId)).toMatchObject({ state: 'identified' });
    // One that does not fit what is there ends nothing: the request can be carried on with one that does.
    await expect(carryOut([{ itemId: albumId, kind: 'merge-groups', groupIds: [groups[0], 'unknown'] }])).rejects.toThrow(TypeError);
    const { receipt } = await carryOut([{ itemId: albumId, kind: 'merge-groups', groupIds: groups }, { itemId: `notes-${mine[0]}`, kind: 'statement', text: 'I held the door open.' }]);
    expect(receipt).toMatchObject({ done: 2 });
    expect((await world.albums.reload(albumId, NOW))?.grouping.groups).toMatchObject([{ confirmed: true }]);
    const [notes] = await world.reviews.notesOf([mine[0]]);
    expect(notes?.notes.map(({ role, text }) => [role, text])).toEqual([['staff', 'walks to the door'], ['subject', 'I held the door open.']]);
  });
});

test('tabs hear of each other’s requests; a desk that is closed takes none; bad options are named', async () => {
  const databaseName = fresh('rights');
  const world = await openWorld({ databaseName });
  const other = using(await openRights({ ledger: world.ledger, checkIdentity: async () => world.identity.check, databaseName }));
  const heard = new Promise<string>((resolve) => { other.addEventListener('change', ({ detail }) => { resolve(detail.requestId); }); });
  const { requestId } = await world.rights.request('access', { dataSubject: ME });
  expect(await heard).toBe(requestId);
  expect(await other.find(requestId)).toMatchObject({ state: 'received' });
  other.close();
  await expect(other.list()).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  await expect(openRights({ ledger: world.ledger } as RightsOptions)).rejects.toThrow(/checkIdentity/);
  await expect(world.rights.request('forget' as Right, { dataSubject: ME })).rejects.toThrow(/right/);
  await expect(world.rights.carryOut(requestId, {} as CarryOutOptions)).rejects.toThrow(/by/);
});
