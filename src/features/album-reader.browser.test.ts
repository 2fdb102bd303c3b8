import { describe, expect, it } from 'vitest';
import type { FaceCrop } from '../core/face-crop.ts';
import type { Detection } from '../core/faces.ts';
import type { GalleryKeys } from '../core/features-protocol.ts';
import type { Point } from '../core/geometry.ts';
import type { PixelBuffer } from '../core/pixels.ts';
import { groupTemplates } from './album-groups.ts';
import { readAlbumPicture, rotationOf, type AlbumReaderParts } from './album-reader.ts';
import type { FaceVector } from './embedder.ts';
import { OpenGallery } from './open-gallery.ts';

const PHOTO = '/node_modules/@vladmandic/face-api/demo/sample3.jpg';

async function keys(): Promise<GalleryKeys> {
  return {
    projection: await crypto.subtle.generateKey({ name: 'AES-CTR', length: 256 }, false, ['encrypt']),
    sealing: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  };
}

/** A frontal face of this size about a point, as the detector gives it; `turnDeg` clockwise. */
function faceAt(centre: Point, side: number, { confidence = 0.95, turnDeg = 0 } = {}): Detection {
  const turn = (turnDeg * Math.PI) / 180;
  const keypoints = [[-0.2, -0.15], [0.2, -0.15], [0, 0.1], [0, 0.27], [-0.42, -0.05], [0.42, -0.05]].map(([x, y]) => ({
    x: centre.x + side * (x! * Math.cos(turn) - y! * Math.sin(turn)),
    y: centre.y + side * (x! * Math.sin(turn) + y! * Math.cos(turn)),
  }));
  return { box: { x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side }, confidence, keypoints, model: 'fake' };
}

/** Known faces of the photo: good ones in the middle of heads. */
const GOOD = [faceAt({ x: 696, y: 480 }, 210), faceAt({ x: 1188, y: 450 }, 234)];

async function setUp(found: readonly Detection[], { signal = new AbortController().signal, onEmbed = () => undefined }: { signal?: AbortSignal; onEmbed?: () => void } = {}) {
  const gallery = await OpenGallery.open('album', await keys(), []);
  const seen = { pixels: [] as PixelBuffer[], crops: [] as FaceCrop[], vectors: [] as FaceVector[], origins: [] as unknown[] };
  const parts: AlbumReaderParts = {
    searcher: { search: (pixels) => (seen.pixels.push(pixels), Promise.resolve(found)), close: () => undefined },
    embed: (crops, origin) => {
      seen.crops.push(...crops);
      seen.origins.push(origin);
      const vectors = crops.map((_, i) => new Float32Array(128).fill(0.05 * (i + 1)));
      seen.vectors.push(...vectors);
      for (const { rgb } of crops) rgb.fill(0);
      onEmbed();
      return Promise.resolve(vectors);
    },
    gallery,
    signal,
  };
  const picture = await (await fetch(PHOTO)).blob();
  const read = () => readAlbumPicture(parts, { kind: 'picture', requestId: 'r', pictureId: 'row', picture }, 5000);
  return { gallery, seen, read };
}

const isBlank = (values: Iterable<number>): boolean => [...new Set(values)].every((value) => value === 0);

describe('a picture of an album [TEN-face-info]', () => {
  it('gives each good face a random id, box, angle and sealed template, and leaves nothing else', async () => {
    const { gallery, seen, read } = await setUp(GOOD);
    const reports = await read();
    expect(reports.map(({ box }) => box)).toEqual(GOOD.map(({ box }) => box));
    expect(new Set(reports.map(({ faceId }) => faceId)).size).toBe(2);
    for (const report of reports) {
      expect(Object.keys(report).sort()).toEqual(['box', 'faceId', 'rotationDeg', 'template']);
      expect(report.template).toMatchObject({ templateId: report.faceId, galleryId: 'album', expiresAt: 5000 });
    }
    expect(gallery.templates.size).toBe(2);
    expect(seen.origins).toEqual([{ kind: 'picture', pictureId: 'row' }]);
    expect(seen.pixels.every(({ data }) => isBlank(data))).toBe(true);
    expect(seen.vectors.every((vector) => isBlank(vector))).toBe(true);
  });

  it('passes over faces that are too small, too doubtful or too much in profile', async () => {
    const profile = faceAt({ x: 696, y: 480 }, 210);
    const turned = { ...profile, keypoints: profile.keypoints.map((point, i) => (i === 2 ? { ...point, x: point.x + 90 } : point)) };
    const { gallery, seen, read } = await setUp([faceAt({ x: 700, y: 480 }, 20), faceAt({ x: 1188, y: 450 }, 234, { confidence: 0.5 }), turned]);
    expect(await read()).toEqual([]);
    expect(seen.origins).toEqual([]);
    expect(gallery.templates.size).toBe(0);
  });

  it('keeps nothing of a picture that is cancelled in its middle', async () => {
    const stop = new AbortController();
    const { gallery, seen, read } = await setUp(GOOD, { signal: stop.signal, onEmbed: () => { stop.abort(); } });
    await expect(read()).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(gallery.templates.size).toBe(0);
    expect(seen.vectors.every((vector) => isBlank(vector))).toBe(true);
    expect(seen.pixels.every(({ data }) => isBlank(data))).toBe(true);
  });

  it('does not even decode when it was cancelled before', async () => {
    const { seen, read } = await setUp(GOOD, { signal: AbortSignal.abort() });
    await expect(read()).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(seen.pixels).toEqual([]);
  });

  it.each([0, 30, -75, 179])('tells that a head is turned by %i degrees, clockwise', (turnDeg) => {
    expect(rotationOf(faceAt({ x: 100, y: 100 }, 80, { turnDeg }))).toBeCloseTo(turnDeg, 6);
  });
});

describe('groups of templates [TEN-album]', () => {
  it('speaks of ids, in the order in which they came, and passes over those that are gone', async () => {
    const words = Uint32Array.from([0, 0, ~0, ~0, 1, 0, ~0, ~1]);
    const templates = { count: 4, wordsPerTemplate: 2, words, templateIds: ['a', 'b', 'c', 'd'] };
    const request = { requestId: 'r', standing: [['a', 'gone'], ['gone']], apart: [['gone', 'a']] as const };
    expect(await groupTemplates(templates, request)).toEqual([['a', 'c'], ['b', 'd']]);
    expect(await groupTemplates(templates, { ...request, apart: [['a', 'c']] })).toEqual([['a'], ['b', 'd'], ['c']]);
    // It works on a copy.
    expect([...words]).toEqual([0, 0, 0xffffffff, 0xffffffff, 1, 0, 0xffffffff, 0xfffffffe]);
  });
});
