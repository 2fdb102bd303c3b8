import { describe, expect, test } from 'vitest';
import { createDeviceKey, signStatement } from '../consent/proof.ts';
import { sha256Hex } from '../../core/canonical-json.ts';
import { bothCovers, CoverLedger } from './cover-ledger.ts';
import { createManifest, hashOfMedia, SOUND_KEPT, verifyManifest, type ManifestContent, type NewManifest, type RedactionManifest } from './manifest.ts';

const MEDIA = new Uint8Array(100_000).map((_, i) => (i * 7) & 255);
const ORIGIN = 'https://example.org';

async function make(change: Partial<ManifestContent> = {}): Promise<{ manifest: RedactionManifest; media: Blob; keyId: string }> {
  const key = await createDeviceKey();
  const covers = new CoverLedger();
  covers.add(0, 2, false);
  covers.add(40_000, 0, true);
  covers.add(1_000_000, 1, false);
  const content: NewManifest = {
    madeAt: 1,
    origin: ORIGIN,
    source: 'recording',
    recordingId: 'r',
    basedOn: null,
    models: [{ file: 'a.onnx', sha256: 'a'.repeat(64) }],
    settings: { engine: 'onnx', margin: 1, holdMs: 1500, delayFrames: 0, maxAgeMs: 300, threshold: 0.3 },
    styles: [{ fromUs: 0, method: 'frost', strength: 0.5 }],
    covers: covers.seconds(),
    selfTests: [{ model: 'short', passed: 3, failed: 0 }],
    audioTracksDropped: 0,
    complete: true,
    media: { mimeType: 'video/webm; codecs="vp8"', width: 16, height: 16, frames: 3, durationUs: 1_040_000, bytes: MEDIA.length, sha256: await sha256Hex(MEDIA) },
    ...change,
  };
  return { manifest: await createManifest(content, (statement) => signStatement(statement, key)), media: new Blob([MEDIA]), keyId: key.keyId };
}

describe('the redaction manifest', () => {
  test('says what was covered in each second, and verifies with its media in one call', async () => {
    const { manifest, media, keyId } = await make();
    expect(manifest.covers).toEqual([
      { second: 0, frames: 2, regions: 2, wholeFrames: 1 },
      { second: 1, frames: 1, regions: 1, wholeFrames: 0 },
    ]);
    const copy = JSON.parse(JSON.stringify(manifest)) as unknown;
    await expect(verifyManifest(copy, media, { origin: ORIGIN, keyId })).resolves.toEqual(manifest);
    await expect(verifyManifest(copy, media)).resolves.toEqual(manifest);
  });

  test('one byte of the media changed, added or missing is found', async () => {
    const { manifest, media } = await make();
    const changed = MEDIA.slice();
    changed[50_000] = changed[50_000]! ^ 1;
    await expect(verifyManifest(manifest, new Blob([changed]))).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID', details: { field: 'media.sha256' } });
    await expect(verifyManifest(manifest, media.slice(1))).rejects.toMatchObject({ details: { field: 'media.bytes' } });
  });

  test('any field of the manifest changed is found', async () => {
    const { manifest, media } = await make();
    const changes: Record<string, unknown> = {
      madeAt: 2, source: 'file', recordingId: null, models: [], settings: { ...manifest.settings, margin: 2 }, styles: [], covers: [], selfTests: [], audio: SOUND_KEPT, audioTracksDropped: 1, complete: false,
      library: { ...manifest.library, version: '9.9.9' }, manifestId: 'other', media: { ...manifest.media, frames: 4 },
    };
    for (const [field, value] of Object.entries(changes)) {
      await expect(verifyManifest({ ...manifest, [field]: value }, media), field).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID', details: { field: 'proof.signature' } });
    }
    await expect(verifyManifest({ ...manifest, extra: 1 }, media)).rejects.toMatchObject({ details: { field: 'extra' } });
    await expect(verifyManifest({ ...manifest, covers: [{ second: -1 }] }, media)).rejects.toMatchObject({ details: { field: 'covers' } });
    await expect(verifyManifest('manifest', media)).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
  });

  test('another origin or another key is told', async () => {
    const { manifest, media } = await make();
    await expect(verifyManifest(manifest, media, { origin: 'https://other.example' })).rejects.toMatchObject({ details: { field: 'origin' } });
    await expect(verifyManifest(manifest, media, { keyId: 'f'.repeat(64) })).rejects.toMatchObject({ details: { field: 'proof.keyId' } });
  });

  test('says what became of the sound: dropped unless it is told otherwise, kept under its purpose alone [MEG-separate]', async () => {
    expect((await make()).manifest.audio).toEqual({ policy: 'dropped', purpose: null });
    const { manifest, media } = await make({ audio: SOUND_KEPT });
    expect((await verifyManifest(manifest, media)).audio).toEqual({ policy: 'kept', purpose: 'sound-recording' });
    for (const audio of [{ policy: 'kept', purpose: null }, { policy: 'dropped', purpose: 'sound-recording' }, { policy: 'kept', purpose: 'redacted-recording' }, { policy: 'kept' }]) {
      await expect(make({ audio: audio as never })).rejects.toThrow('audio of a redaction manifest is malformed');
    }
  });

  test('what is malformed is not signed', async () => {
    await expect(make({ source: 'dream' as never })).rejects.toThrow(TypeError);
    await expect(make({ covers: [{ second: 0, frames: 1, regions: NaN, wholeFrames: 0 }] })).rejects.toThrow(TypeError);
  });

  test('a media file is hashed without being held as a whole, and can be given up', async () => {
    const media = new Blob([MEDIA]);
    expect(await hashOfMedia(media)).toBe(await sha256Hex(MEDIA));
    await expect(hashOfMedia(media, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

test('covers of a video that was covered twice are those of both', () => {
  const before = [{ second: 0, frames: 30, regions: 40, wholeFrames: 3 }, { second: 1, frames: 30, regions: 10, wholeFrames: 30 }];
  const more = [{ second: 0, frames: 30, regions: 2, wholeFrames: 0 }, { second: 1, frames: 29, regions: 0, wholeFrames: 1 }, { second: 2, frames: 5, regions: 1, wholeFrames: 0 }];
  expect(bothCovers(before, more)).toEqual([{ second: 0, frames: 30, regions: 42, wholeFrames: 3 }, { second: 1, frames: 29, regions: 10, wholeFrames: 29 }, { second: 2, frames: 5, regions: 1, wholeFrames: 0 }]);
});
