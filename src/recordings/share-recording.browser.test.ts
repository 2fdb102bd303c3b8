import { expose } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { LedgerClock } from '../governance/consent/ledger-clock.ts';
import { adult, granted } from '../governance/consent/ledger-fixture.contract.ts';
import { ConsentLedger } from '../governance/consent/ledger.ts';
import { MemoryStore } from '../governance/consent/memory-store.contract.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { Sign } from '../governance/signed-document.ts';
import { signStatement, createDeviceKey } from '../governance/consent/proof.ts';
import { createManifest, hashOfMedia, SOUND_KEPT, type ManifestAudio } from '../governance/manifest/manifest.ts';
import type { FileCheckReport, FileCheckRequest, FileRequest, FileWorkerApi } from '../core/file-redaction-protocol.ts';
import { createRecordingKey, sealPiece } from '../core/recording.ts';
import { takeOut } from '../core/sound-patch.ts';
import { openBundle } from './open-bundle.ts';
import { openRecordings, type Recordings } from './recordings.ts';
import { ExportRefusedError, shareRecording, type ShareOptions } from './share-recording.ts';
import { answer } from '../threads/answer.ts';
import { areModelsReady } from '../video/detection/ready-files.contract.ts';
import type { KeptSound } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';

const FORMAT = { container: 'webm', codec: 'vp8', mimeType: 'video/webm;codecs=vp8' } as const;
const FRAMES = 3;
const face = { timeUs: 500_000, box: { x: 10, y: 10, width: 20, height: 20 }, confidence: 0.6 };
const clean = { frames: FRAMES, coveredWhole: 1, uncovered: [], uncoveredCount: 0, insideCovers: 1, engine: 'fake' } as const satisfies FileCheckReport;
const showing = { ...clean, uncovered: [face], uncoveredCount: 1 } satisfies FileCheckReport;
const notice = noticeFixture({
  scene: 'service',
  purposes: [purposeFixture('redacted-recording'), purposeFixture('sound-recording'), purposeFixture('sharing')],
  recipients: [{ type: { 'zh-CN': '保险公司', en: 'Insurers' }, purposes: ['sharing'] }],
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** The worker for files, scripted: what each second search says, in order. */
function worker(reports: readonly (FileCheckReport | (() => Promise<FileCheckReport>))[]) {
  const asked: { readonly checks: FileCheckRequest[]; readonly covered: FileRequest[] } = { checks: [], covered: [] };
  const api: FileWorkerApi = {
    load: () => answer('ERR_WORKER_START', () => ({ cspEnforced: true })),
    check: (request) => answer('ERR_MEDIA_INVALID', () => {
      const report = reports[asked.checks.push(request) - 1]!;
      return typeof report === 'function' ? report() : report;
    }),
    redact: (request) => answer('ERR_MEDIA_INVALID', () => {
      asked.covered.push(request);
      const media = new Blob([`covered ${asked.covered.length}`], { type: FORMAT.mimeType });
      return { summary: { ...FORMAT, width: 64, height: 36, frames: FRAMES, durationUs: 1e6 }, media, covers: [{ second: 0, frames: FRAMES, regions: 3, wholeFrames: 0 }], timeline: [], coverFailure: null, selfTests: [], hasSound: false, audioTracksDropped: 0, engine: 'onnx' };
    }),
    stop: () => answer('ERR_WORKER_LOST', () => ({ openFrames: 0 })),
  };
  const createWorker = (): Worker => {
    const { port1, port2 } = new MessageChannel();
    expose(api, port2);
    return Object.assign(port1, { terminate: () => { port1.close(); } }) as unknown as Worker;
  };
  return { asked, createWorker };
}

/** Of `the recording` without its sound. */
const SILENT = 'the \0\0\0ording';

async function openWorld({ sign, withSound = false }: { readonly sign?: Sign; readonly withSound?: boolean } = {}) {
  const databaseName = `share-${crypto.randomUUID()}`;
  const consent = new MemoryStore();
  const ledger = await ConsentLedger.open({ store: consent, key: await consent.deviceKey(), clock: new LedgerClock(() => FIXTURE_NOW), tabs: { post: () => undefined, onMessage: null, close: () => undefined }, origin: location.origin, exceptions: [] }, notice);
  await ledger.answer(adult(notice, 'given'));
  const [grant, sharing] = [granted(await ledger.require('redacted-recording', 'subject-1')), granted(await ledger.require('sharing', 'subject-1'))];
  const store = await RecordingStore.open(databaseName);
  const [recordingId, key] = [crypto.randomUUID(), await createRecordingKey()];
  const media = new TextEncoder().encode('the recording');
  const soundGrant = granted(await ledger.require('sound-recording', 'subject-1'));
  const [patch, soundKey] = [takeOut(media, [{ at: 4, length: 3 }]), await createRecordingKey()];
  const whole = media.slice();
  if (withSound) media.fill(0, 4, 7);
  const sound: KeptSound = { key: soundKey, consentRecordId: 'r', createdAt: FIXTURE_NOW, expiresAt: FIXTURE_NOW + 1e9, ending: null, silent: { format: FORMAT, manifest: null } };
  const about = { source: 'recording', models: [], settings: { engine: 'onnx', margin: 1, holdMs: 1500, delayFrames: 0, maxAgeMs: 300, threshold: 0.3 }, styles: [], selfTests: [], audioTracksDropped: 0 } as const;
  await store.begin({ recordingId, key, format: FORMAT, about, category: 'redacted-recording', purpose: 'redacted-recording', dataSubject: 'subject-1', consentRecordId: grant.recordId, createdAt: FIXTURE_NOW, expiresAt: FIXTURE_NOW + 1e9, ...(withSound ? { sound } : {}) });
  const piece = await sealPiece({ sequence: 0, bytes: media, frames: FRAMES, fromUs: 0, untilUs: 1e6, ...(withSound ? { sound: patch } : {}) }, recordingId, key, soundKey);
  await store.append({ ...piece, covers: [], timeline: null });
  const summary = { ...FORMAT, width: 64, height: 36, frames: FRAMES, durationUs: 1e6 };
  const { mimeType, container: _container, codec: _codec, ...shown } = summary;
  const manifestOf = async (bytes: Uint8Array<ArrayBuffer>, audio?: ManifestAudio) => createManifest(
    { ...about, madeAt: FIXTURE_NOW, origin: location.origin, recordingId, covers: [{ second: 0, frames: FRAMES, regions: 2, wholeFrames: 1 }], complete: true, ...(audio === undefined ? {} : { audio }), media: { ...shown, mimeType, bytes: bytes.length, sha256: await hashOfMedia(new Blob([bytes])) } },
    sign ?? ((statement) => ConsentGrant.context(grant).sign(statement)),
  );
  const manifest = await manifestOf(media);
  await store.complete(recordingId, { state: 'complete', summary, header: piece, timeline: null, manifest, about, ...(withSound ? { withSound: { manifest: await manifestOf(whole, SOUND_KEPT), format: FORMAT } } : {}) });
  const shelf = await openRecordings({ grant, databaseName });
  undo.push(() => indexedDB.deleteDatabase(databaseName), () => { store.close(); }, () => ledger.close(), () => shelf.close());
  return { ledger, store, shelf, recordingId, manifest, sharing, soundGrant };
}

type World = Awaited<ReturnType<typeof openWorld>>;
const share = ({ shelf, recordingId, sharing }: World, createWorker: () => Worker, more: Partial<ShareOptions> = {}, from: Recordings = shelf) =>
  shareRecording(from, recordingId, { grant: sharing, recipient: 'Insurers', purpose: 'a claim', assets: { createWorker, baseUrl: '/models/ready/' }, ...more });
const refusal = (shared: Promise<unknown>): Promise<unknown> => shared.then(() => null, (error: unknown) => error);
const codesOf = async ({ ledger }: World) => (await ledger.auditLog()).map(({ code }) => code).filter((code) => code.startsWith('sharing.'));

describe.skipIf(!(await areModelsReady(['blazeface-back.onnx'])))('sharing a recording [TAF-5.4a] [TAF-5.4b]', () => {
  it('hands out what was searched, with its receipt; the log says each step', async () => {
    const world = await openWorld();
    const { asked, createWorker } = worker([clean]);
    const { bundle, receipt } = await share(world, createWorker);
    const { media, manifest } = await openBundle(bundle, { keyId: world.manifest.proof.keyId, origin: location.origin });
    expect(await media.text()).toBe('the recording');
    expect(await asked.checks[0]!.file.text()).toBe('the recording');
    expect(asked.checks[0]!.covers).toEqual(world.manifest.covers);
    expect(manifest.manifestId).toBe(world.manifest.manifestId);
    expect(receipt.check).toEqual({ frames: FRAMES, insideCovers: 1, engine: 'fake' });
    expect(await codesOf(world)).toEqual(['sharing.granted', 'sharing.checked', 'sharing.exported']);
  });

  it('covers what is found, and searches that; the new manifest holds both covers and names the old one', async () => {
    const world = await openWorld();
    const { asked, createWorker } = worker([showing, clean]);
    const { bundle } = await share(world, createWorker);
    const { media, manifest } = await openBundle(bundle);
    expect(await media.text()).toBe('covered 1');
    expect(await asked.checks[1]!.file.text()).toBe('covered 1');
    expect(asked.covered[0]).toMatchObject({ regionsOnly: true, regions: [{ fromUs: 200_000, untilUs: 800_000 }] });
    expect(manifest).toMatchObject({ basedOn: world.manifest.manifestId, recordingId: world.recordingId, covers: [{ frames: FRAMES, regions: 5, wholeFrames: 1 }] });
  });

  it('leaves sound behind unless consent to share and consent to sound both hold [MEG-separate]', async () => {
    const world = await openWorld({ withSound: true });
    expect(await (await world.shelf.open(world.recordingId)).text()).toBe('the recording');
    const plain = await share(world, worker([clean]).createWorker);
    const opened = await openBundle(plain.bundle, { keyId: world.manifest.proof.keyId });
    expect(await opened.media.text()).toBe(SILENT);
    expect(opened.manifest.audio).toEqual({ policy: 'dropped', purpose: null });
    const scripted = worker([clean]);
    const voiced = await openBundle((await share(world, scripted.createWorker, { audio: { grant: world.soundGrant } })).bundle);
    expect(await voiced.media.text()).toBe('the recording');
    expect(voiced.manifest.audio).toEqual({ policy: 'kept', purpose: 'sound-recording' });
    const covering = worker([showing, clean]);
    await share(world, covering.createWorker, { audio: { grant: world.soundGrant } });
    expect(covering.asked.covered[0]).toMatchObject({ keepSound: true });
    expect(await refusal(share(world, worker([clean]).createWorker, { audio: 'keep' }))).toMatchObject({ code: 'ERR_CONSENT_PURPOSE' });
    expect(await refusal(share(world, worker([clean]).createWorker, { audio: { grant: world.sharing } }))).toMatchObject({ code: 'ERR_CONSENT_PURPOSE' });
    const refuse = async () => {
      await world.ledger.answer({ ...adult(notice, 'given'), answers: { 'redacted-recording': 'given', 'sound-recording': 'refused', sharing: 'given' } });
      return clean;
    };
    expect(await refusal(share(world, worker([refuse]).createWorker, { audio: { grant: world.soundGrant } }))).toMatchObject({ code: 'ERR_CONSENT_REFUSED' });
    expect(await (await world.shelf.open(world.recordingId)).text()).toBe(SILENT);
  });

  it('refuses where a face shows that is not to be covered, or shows again and again', async () => {
    const world = await openWorld();
    const once = await refusal(share(world, worker([showing]).createWorker, { found: 'refuse' }));
    expect(once).toBeInstanceOf(ExportRefusedError);
    expect(once).toMatchObject({ code: 'ERR_EXPORT_REFUSED', uncovered: [face] });
    const { asked, createWorker } = worker(Array.from({ length: 8 }, () => showing));
    expect(await refusal(share(world, createWorker))).toMatchObject({ code: 'ERR_EXPORT_REFUSED' });
    expect(asked.checks).toHaveLength(8);
    // A moment in which something is found again and again is covered whole before it is given up.
    expect(asked.covered.at(-1)).toMatchObject({ regions: [{ fromUs: 200_000, untilUs: 800_000, box: { x: 0, y: 0, width: 64, height: 36 } }] });
    expect(await codesOf(world)).toEqual(['sharing.granted', 'sharing.refused', 'sharing.granted', 'sharing.refused']);
  });

  it('refuses where a frame was not searched', async () => {
    const world = await openWorld();
    expect(await refusal(share(world, worker([{ ...clean, frames: FRAMES - 1 }]).createWorker))).toMatchObject({ code: 'ERR_MEDIA_INVALID', details: { reason: 'damaged' } });
  });

  it('refuses what was restricted, erased or withdrawn while it was searched', async () => {
    const restricted = await openWorld();
    const restrict = async () => {
      await restricted.store.update(restricted.recordingId, (row) => ({ ...row, restriction: { requestId: 'q', since: FIXTURE_NOW } }));
      return clean;
    };
    expect(await refusal(share(restricted, worker([restrict]).createWorker))).toMatchObject({ code: 'ERR_RESTRICTED' });
    const erased = await openWorld();
    const erase = async () => {
      await erased.shelf.erase(erased.recordingId);
      return clean;
    };
    expect(await refusal(share(erased, worker([erase]).createWorker))).toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    const withdrawn = await openWorld();
    const withdraw = async () => {
      await withdrawn.ledger.withdraw('subject-1');
      return clean;
    };
    expect(await refusal(share(withdrawn, worker([withdraw]).createWorker))).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    for (const world of [restricted, erased, withdrawn]) {
      const codes = await codesOf(world);
      expect(codes.at(-1)).toBe('sharing.refused');
      expect(codes).not.toContain('sharing.exported');
    }
  });

  it('takes no manifest of another key, and tells of it [MEG-incident]', async () => {
    const key = await createDeviceKey();
    const world = await openWorld({ sign: (statement) => signStatement(statement, key) });
    const told: string[] = [];
    world.ledger.addEventListener('incident', ({ detail }) => told.push(detail.kind));
    expect(await refusal(share(world, worker([clean]).createWorker))).toMatchObject({ code: 'ERR_MANIFEST_INVALID', details: { field: 'proof.keyId' } });
    expect(told).toEqual(['integrity-failed']);
  });

  it('is for the person of the grant and for recipients of the notice', async () => {
    const world = await openWorld();
    const { createWorker } = worker([]);
    expect(await refusal(share(world, createWorker, { recipient: 'Advertisers' }))).toMatchObject({ code: 'ERR_CONSENT_PURPOSE', details: { field: 'recipient' } });
    await world.ledger.answer(adult(notice, 'given', {}, 'subject-2'));
    const other = granted(await world.ledger.require('sharing', 'subject-2'));
    expect(await refusal(share(world, createWorker, { grant: other }))).toMatchObject({ code: 'ERR_CONSENT_PURPOSE', details: { field: 'dataSubject' } });
    await expect(share(world, createWorker, { purpose: ' ' })).rejects.toThrow(TypeError);
    await expect(share(world, createWorker, {}, {} as Recordings)).rejects.toThrow(TypeError);
    expect(await codesOf(world)).toEqual([]);
  });
});
