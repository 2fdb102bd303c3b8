import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from './make.mjs';
import { readFrameMarker } from './marker.mjs';
import { ClipSourceError, Painter } from './paint.mjs';
import { PHOTOS, clipNamed, facesAt } from './scenes.mjs';
import { startWebm, vp8KeyFrame } from './webm.mjs';

const PHOTO_DIR = 'node_modules/@vladmandic/face-api/demo';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clip-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('makeClips', () => {
  it('refuses a photo that has changed or is missing, and says which', async () => {
    for (const { file } of PHOTOS) await copyFile(join(PHOTO_DIR, file), join(folder, file));
    const bytes = await readFile(join(folder, 'sample3.jpg'));
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    await writeFile(join(folder, 'sample3.jpg'), bytes);
    const expected = PHOTOS[2]?.sha256;
    const changed: unknown = await makeClips({ only: ['main'], outDir: folder, photoDir: folder }).catch((error: unknown) => error);
    expect(changed).toBeInstanceOf(ClipSourceError);
    expect(changed).toMatchObject({ code: 'ERR_CLIP_SOURCE', file: join(folder, 'sample3.jpg'), expected, found: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect((changed as ClipSourceError).found).not.toBe(expected);
    expect((changed as ClipSourceError).message).toContain('sample3.jpg');

    await rm(join(folder, 'sample3.jpg'));
    await expect(makeClips({ only: ['main'], outDir: folder, photoDir: folder })).rejects.toMatchObject({ code: 'ERR_CLIP_SOURCE', found: null });
  });

  it('refuses unknown clips and options', async () => {
    await expect(makeClips({ only: ['bnech'], outDir: folder })).rejects.toThrow(/no clip "bnech"; use main, /);
    await expect(makeClips({ outDir: folder, quality: 3 } as object)).rejects.toThrow(/unknown option quality/);
  });

  it('makes a clip whose frames carry their number, and leaves it alone until it is stale', async () => {
    const make = () => makeClips({ only: ['bench-640x480-1'], outDir: folder });
    const [first] = await make();
    expect(first?.fresh).toBe(true);
    const mjpeg = join(folder, 'bench-640x480-1.mjpeg');
    const jpegs = splitJpegs(await readFile(mjpeg));
    expect(jpegs).toHaveLength(150);
    for (const frame of [0, 77, 149]) {
      const { data, info } = await sharp(jpegs[frame]).raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([640, 480]);
      expect(readFrameMarker(data, info)).toBe(frame);
    }
    const truth = JSON.parse(await readFile(join(folder, 'bench-640x480-1.json'), 'utf8')) as { frames: number; faces: { id: string; x: number }[][] };
    expect(truth).toMatchObject({ width: 640, height: 480, fps: 30, frames: 150 });
    expect(truth.faces).toHaveLength(150);
    expect(truth.faces[77]?.[0]?.x).toBeCloseTo(facesAt(clipNamed('bench-640x480-1'), 77)[0]?.x ?? NaN, 2);

    const before = await stat(mjpeg);
    expect((await make())[0]?.fresh).toBe(false);
    expect((await stat(mjpeg)).mtimeMs).toBe(before.mtimeMs);
    await truncate(mjpeg, 1000);
    expect((await make())[0]?.fresh).toBe(true);
    expect((await stat(mjpeg)).size).toBe(before.size);
  }, 120_000);
});

describe('Painter', () => {
  // A white box on black stands for a face: what the geometry says must be where the pixels are.
  const photo = { file: 'box.png', sha256: '', width: 800, height: 600, faces: [] };
  const box = { x: 300, y: 200, width: 120, height: 160 };

  it.each([
    ['smaller', { x: 100, y: 50, width: 640, height: 480 }, { x: 0, y: 0, width: 200, height: 150 }],
    ['larger, at a fraction of a pixel', { x: 250.4, y: 150.3, width: 200, height: 240 }, { x: 10, y: 20, width: 300, height: 360 }],
    ['as it is, in a corner', { x: 280, y: 180, width: 100, height: 100 }, { x: 220, y: 300, width: 100, height: 100 }],
  ])('draws a source window %s where it belongs', async (_how, source, destination) => {
    const white = await sharp({ create: { width: box.width, height: box.height, channels: 3, background: '#fff' } }).png().toBuffer();
    const png = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#000' } }).composite([{ input: white, left: box.x, top: box.y }]).png().toBuffer();
    const out = await new Painter([photo], new Map([[photo.file, png]])).paint({ width: 320, height: 400 }, [{ photo: photo.file, source, destination }]);
    const scale = destination.width / source.width;
    const wrong: string[] = [];
    for (let y = 0; y < 400; y++) {
      for (let x = 0; x < 320; x++) {
        const inside = x >= destination.x && x < destination.x + destination.width && y >= destination.y && y < destination.y + destination.height;
        // Photo pixel under the middle of this one; within a pixel of the box's rim any grey is right.
        const px = source.x + (x + 0.5 - destination.x) / scale;
        const py = source.y + (y + 0.5 - destination.y) / scale;
        const depth = Math.min(px - box.x, box.x + box.width - px, py - box.y, box.y + box.height - py) * Math.min(scale, 1);
        const value = out[(y * 320 + x) * 3] ?? -1;
        const right = !inside || depth < -2 ? value < 24 : depth <= 2 || value > 231;
        if (!right) wrong.push(`${x},${y}: ${value}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('WebM of key frames', () => {
  it('takes the VP8 key frame out of a lossy WebP, and out of nothing else', async () => {
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#a40' } });
    const frame = vp8KeyFrame(await picture.clone().webp({ quality: 60 }).toBuffer());
    expect((frame[0] ?? 1) & 1).toBe(0);
    // RFC 6386, section 9.1: start code, then 14 bits each of width and height.
    expect([...frame.subarray(3, 10)]).toEqual([0x9d, 0x01, 0x2a, 64, 0, 48, 0]);
    const lossless = await picture.clone().webp({ lossless: true }).toBuffer();
    expect(() => vp8KeyFrame(lossless)).toThrow(/encode it lossy/);
    expect(() => vp8KeyFrame(new Uint8Array(64))).toThrow(/not a WebP/);
  });

  it('holds the frames in order, each at its time', async () => {
    const webm = await startWebm({ width: 64, height: 48, fps: 30 });
    const frames = await Promise.all(['#a00', '#0a0', '#00a'].map(async (background) => vp8KeyFrame(await sharp({ create: { width: 64, height: 48, channels: 3, background } }).webp().toBuffer())));
    for (const frame of frames) await webm.add(frame);
    using input = new Input({ source: new BufferSource(await webm.finish()), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    expect(await track?.getCodec()).toBe('vp8');
    const packets = [];
    if (track) for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
    expect(packets.map(({ type }) => type)).toEqual(['key', 'key', 'key']);
    expect(packets.map(({ timestamp }) => Math.round(timestamp * 30))).toEqual([0, 1, 2]);
    expect(packets.map(({ data }) => [...data])).toEqual(frames.map((frame) => [...frame]));
  });
});

function splitJpegs(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf('ffd8ff', 0, 'hex'); at !== -1; at = bytes.indexOf('ffd8ff', at + 3, 'hex')) starts.push(at);
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length));
}
