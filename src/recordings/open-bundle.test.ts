import { unzipSync, zipSync, type Zippable } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packBundle } from './bundle.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import { ConsentGrant as Grant } from '../governance/consent/grant.ts';
import { adult, FakeBrowser, granted } from '../governance/consent/ledger-fixture.contract.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { createManifest, hashOfMedia, type RedactionManifest } from '../governance/manifest/manifest.ts';
import { verifySharingReceipt } from '../governance/sharing/sharing-receipt.ts';
import { openBundle } from './open-bundle.ts';

const ORIGIN = 'https://app.example';
const notice = noticeFixture({
  purposes: [purposeFixture('redacted-recording'), purposeFixture('sharing')],
  recipients: [{ type: { 'zh-CN': '保险公司', en: 'Insurers' }, purposes: ['sharing'] }],
});

beforeAll(() => { vi.stubGlobal('location', { origin: ORIGIN }); });
afterAll(() => { vi.unstubAllGlobals(); });

async function sharer(): Promise<ConsentGrant> {
  const ledger = await new FakeBrowser().open({ notice });
  await ledger.answer(adult(notice, 'given'));
  return granted(await ledger.require('sharing', 'subject-1'));
}

async function manifestFor(grant: ConsentGrant, media: Blob, frames = 30): Promise<RedactionManifest> {
  return createManifest(
    {
      madeAt: 1, origin: ORIGIN, source: 'recording', recordingId: 'r1', models: [], styles: [{ fromUs: 0, method: 'frost', strength: 0.5 }],
      settings: { engine: 'onnx', margin: 1, holdMs: 1500, delayFrames: 0, maxAgeMs: 300, threshold: 0.3 },
      covers: [{ second: 0, frames, regions: 40, wholeFrames: 1 }], selfTests: [], audioTracksDropped: 0, complete: true,
      media: { mimeType: 'video/webm;codecs=vp8', width: 64, height: 36, frames, durationUs: 1_000_000, bytes: media.size, sha256: await hashOfMedia(media) },
    },
    (statement) => Grant.context(grant).sign(statement),
  );
}

async function makeBundle(fill = 7, by?: ConsentGrant) {
  const grant = by ?? (await sharer());
  const media = new Blob([new Uint8Array(300).fill(fill)], { type: 'video/webm' });
  const manifest = await manifestFor(grant, media);
  const { bundle, receipt } = await packBundle({ media, manifest }, { grant, recordingId: 'r1', recipient: notice.recipients[0]!.type, purpose: 'settling a claim', report: { frames: 30, uncovered: [], uncoveredCount: 0, insideCovers: 2, coveredWhole: 0, engine: 'onnx' } });
  return { grant, media, manifest, bundle, receipt };
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const filesOf = async (blob: Blob) => unzipSync(await bytesOf(blob));
const stored = (files: Zippable): Blob => new Blob([zipSync(files, { level: 0 })]);
const text = (value: unknown): Uint8Array => new TextEncoder().encode(canonicalJson(value));
const refusal = async (bundle: Blob, options?: Parameters<typeof openBundle>[1]): Promise<unknown> => {
  const error = await openBundle(bundle, options).then(() => null, (thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ERR_BUNDLE_INVALID' });
  return (error as { details: unknown }).details;
};

describe('a bundle [TAF-5.4a]', () => {
  it('opens anywhere: video, manifest, receipt, and who made it [TAF-5.4b]', async () => {
    const { bundle, media, manifest, receipt, grant } = await makeBundle();
    const opened = await openBundle(bundle, { keyId: receipt.proof.keyId, origin: ORIGIN });
    expect(await bytesOf(opened.media)).toEqual(await bytesOf(media));
    expect(opened.media.type).toBe('video/webm;codecs=vp8');
    expect(opened.manifest).toEqual(manifest);
    expect(opened.receipt).toEqual(receipt);
    expect(receipt).toMatchObject({ recipient: { en: 'Insurers' }, controller: { en: 'Example Ltd' }, purpose: 'settling a claim', consentRecordId: grant.recordId, recordingId: 'r1', check: { frames: 30, insideCovers: 2 } });
    expect(opened.verdict).toEqual({ verified: true, keyId: receipt.proof.keyId, keyExpected: true, origin: ORIGIN, sharedAt: receipt.sharedAt });
    expect((await openBundle(bundle)).verdict.keyExpected).toBe(false);
  });

  it('holds nothing besides, and names no person', async () => {
    const { bundle } = await makeBundle();
    const files = await filesOf(bundle);
    expect(Object.keys(files).sort()).toEqual(['manifest.json', 'media.webm', 'receipt.json']);
    expect(new TextDecoder().decode(await bytesOf(bundle))).not.toContain('subject-1');
  });

  it('with any one byte changed opens as it was, or not at all', async () => {
    const { bundle, media, manifest, receipt } = await makeBundle();
    const whole = await bytesOf(bundle);
    let refused = 0;
    for (let at = 0; at < whole.length; at += at < 60 || at > whole.length - 200 ? 1 : 17) {
      const bent = whole.slice();
      bent[at]! ^= 1 << (at % 8);
      const opened = await openBundle(new Blob([bent])).catch((error: unknown) => {
        expect(error, `byte ${at}`).toMatchObject({ code: 'ERR_BUNDLE_INVALID' });
        return null;
      });
      if (opened === null) refused += 1;
      // Dates and rights of files, which nobody reads.
      else expect({ media: await bytesOf(opened.media), manifest: opened.manifest, receipt: opened.receipt }, `byte ${at}`).toEqual({ media: await bytesOf(media), manifest, receipt });
    }
    expect(refused).toBeGreaterThan(300);
  });

  it.each<[string, (files: Record<string, Uint8Array>) => Blob, object]>([
    ['a further entry', (files) => stored({ ...files, 'readme.txt': new Uint8Array(3) }), { reason: 'extra-entry', file: 'readme.txt' }],
    ['an entry that leads elsewhere', (files) => stored({ ...files, '../media.webm': new Uint8Array(3) }), { reason: 'extra-entry' }],
    ['two videos', (files) => stored({ ...files, 'media.mp4': new Uint8Array(3) }), { reason: 'extra-entry', file: 'media' }],
    ['no video', ({ 'media.webm': _media, ...files }) => stored(files), { reason: 'missing-entry', file: 'media' }],
    ['no receipt', ({ 'receipt.json': _receipt, ...files }) => stored(files), { reason: 'missing-entry', file: 'receipt.json' }],
    ['an entry that grows when it is unpacked', (files) => new Blob([zipSync({ ...files, 'media.webm': [new Uint8Array(4_000_000), { level: 9 }] }, { level: 0 })]), { reason: 'compressed', file: 'media.webm' }],
    ['a manifest larger than any', (files) => stored({ ...files, 'manifest.json': new Uint8Array(8 * 1024 * 1024 + 1) }), { reason: 'too-large', file: 'manifest.json' }],
    ['something before it', (files) => new Blob([new Uint8Array(10), stored(files)]), { reason: 'damaged' }],
    ['something after it', (files) => new Blob([stored(files), new Uint8Array(10)]), { reason: 'not-an-archive' }],
    ['an empty file', () => new Blob([]), { reason: 'not-an-archive' }],
    ['a video alone', (files) => new Blob([files['media.webm'] as Uint8Array<ArrayBuffer>]), { reason: 'not-an-archive' }],
    ['half of it', (files) => { const all = stored(files); return all.slice(0, all.size / 2); }, { reason: 'not-an-archive' }],
    ['another video', (files) => stored({ ...files, 'media.webm': new Uint8Array(300) }), { reason: 'media', field: 'media.sha256' }],
    ['a longer video', (files) => stored({ ...files, 'media.webm': new Uint8Array(301).fill(7) }), { reason: 'media', field: 'media.bytes' }],
    ['the video under another name', ({ 'media.webm': media, ...files }) => stored({ ...files, 'media.mp4': media! }), { reason: 'receipt', field: 'files' }],
    ['a receipt that is no JSON', (files) => stored({ ...files, 'receipt.json': new TextEncoder().encode('{') }), { reason: 'receipt', field: 'json' }],
    ['a receipt with a name twice', (files) => stored({ ...files, 'receipt.json': new TextEncoder().encode(new TextDecoder().decode(files['receipt.json']).replace('{', '{"purpose":"x",')) }), { reason: 'receipt', field: 'json' }],
    ['a manifest with spaces', (files) => stored({ ...files, 'manifest.json': new Uint8Array([...files['manifest.json']!, 32]) }), { reason: 'manifest', field: 'bytes' }],
  ])('%s is refused', async (_name, make, details) => {
    const { bundle } = await makeBundle();
    expect(await refusal(make(await filesOf(bundle)))).toMatchObject(details);
  });

  it('from another browser or origin is refused where these are known', async () => {
    const { bundle } = await makeBundle();
    expect(await refusal(bundle, { keyId: 'a'.repeat(64) })).toMatchObject({ reason: 'key' });
    expect(await refusal(bundle, { origin: 'https://else.example' })).toMatchObject({ reason: 'origin' });
  });

  it('made of parts of two, both honest and of one key, is refused', async () => {
    const grant = await sharer();
    const [one, two] = [await filesOf((await makeBundle(1, grant)).bundle), await filesOf((await makeBundle(2, grant)).bundle)];
    expect(await refusal(stored({ ...one, 'media.webm': two['media.webm']! }))).toMatchObject({ reason: 'media' });
    expect(await refusal(stored({ ...one, 'manifest.json': two['manifest.json']!, 'media.webm': two['media.webm']! }))).toMatchObject({ reason: 'manifest' });
    expect(await refusal(stored({ ...one, 'receipt.json': two['receipt.json']! }))).toMatchObject({ reason: 'manifest' });
  });

  it('whose manifest somebody else signed, or whose receipt was widened, is refused', async () => {
    const { bundle, media, receipt } = await makeBundle();
    const files = await filesOf(bundle);
    const foreign = await manifestFor(await sharer(), media);
    expect(await refusal(stored({ ...files, 'manifest.json': text(foreign) }))).toMatchObject({ reason: 'manifest' });
    for (const change of [{ purpose: 'advertising' }, { recipient: { en: 'Everybody' } }, { consentRecordId: null }]) {
      expect(await refusal(stored({ ...files, 'receipt.json': text({ ...receipt, ...change }) }))).toMatchObject({ reason: 'receipt', field: 'proof.signature' });
    }
  });

  it('ends when it is told to; what is no file is a mistake of the caller', async () => {
    const { bundle } = await makeBundle();
    await expect(openBundle(bundle, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await expect(openBundle('x' as never)).rejects.toThrow(TypeError);
    await expect(openBundle(bundle, { keyId: 'short' })).rejects.toThrow(/keyId/);
    await expect(openBundle(bundle, { key: 1 } as never)).rejects.toThrow(/key is not an option/);
  });
});

it('a receipt without consent and without an exception is none [TAF-5.4c]', async () => {
  const { grant, receipt } = await makeBundle();
  const { public_key: _key, proof: _proof, ...content } = receipt;
  const { signDocument } = await import('../governance/signed-document.ts');
  const baseless = await signDocument({ ...content, consentRecordId: null }, (statement) => Grant.context(grant).sign(statement));
  await expect(verifySharingReceipt(baseless)).rejects.toMatchObject({ code: 'ERR_RECEIPT_INVALID', details: { field: 'consentRecordId' } });
  const excepted = await signDocument({ ...content, consentRecordId: null, exception: '35273-9.5-b' }, (statement) => Grant.context(grant).sign(statement));
  expect((await verifySharingReceipt(excepted)).exception).toBe('35273-9.5-b');
});
