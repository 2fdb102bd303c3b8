import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { area, containment, grow, iou, type Box } from '../../core/geometry.ts';
import { planesOf, type PixelBuffer, type WorkableFormat } from '../../core/pixels.ts';
import { faintThresholdOf, isFaint } from './face-confidence.ts';
import type { FaceDetector, LookEffort } from './face-detector.ts';
import { searchPicture } from './search-picture.ts';
import { createSelfTest } from './self-test.ts';
import { weightedNms } from './weighted-nms.ts';

/** How sure an answer must be in the tests. */
export const CONTRACT_THRESHOLD = 0.3;

const PHOTOS = '/node_modules/@vladmandic/face-api/demo';
const TIMEOUT_MS = 20_000;

interface KnownPhoto {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly (Box & { readonly id: string })[];
}

interface StoredAs {
  readonly format: WorkableFormat;
  readonly rotation?: 0 | 90 | 180 | 270;
  readonly flip?: boolean;
}

/**
 * What every engine must do. Runs in a browser whose server serves the project's root, with models/ready made.
 * @param make makes a detector with {@link CONTRACT_THRESHOLD}; called a few times, the detectors are closed here
 * @param farSighted false for a detector with near models only: it is not asked for the small faces of the sample photos
 */
export function testFaceDetector(name: string, make: () => Promise<FaceDetector>, farSighted = true): void {
  describe(`${name} as a face detector`, () => {
    let detector: FaceDetector;
    let photos: readonly KnownPhoto[];
    beforeAll(async () => {
      detector = await make();
      photos = (await (await fetch('/demo/clip/faces.json')).json()) as KnownPhoto[];
    }, 60_000);
    afterAll(() => {
      detector.close();
    });

    const search = async (pixels: PixelBuffer, effort: LookEffort): Promise<Detection[]> => {
      const found: Detection[] = [];
      for (const look of detector.looksFor(pixels.display, effort)) found.push(...(await detector.detect(pixels, look)));
      return found;
    };

    it('offers one whole look per model and looks with ids of their own', () => {
      for (const display of [{ width: 320, height: 240 }, { width: 1280, height: 720 }, { width: 720, height: 1280 }]) {
        const looks = detector.looksFor(display, 'still');
        expect(new Set(looks.map(({ id }) => id)).size).toBe(looks.length);
        const models = new Set(looks.map(({ model }) => model));
        expect(looks.filter(({ scope }) => scope === 'whole').map(({ model }) => model)).toEqual([...models]);
        expect(detector.looksFor(display, 'still')).toBe(looks);
      }
    });

    it('finds the face of the self-test with every model', async () => {
      const test = createSelfTest(detector);
      for (const look of test.looks) test.judge(look, await detector.detect(test.pixels, look));
    });

    it.runIf(farSighted)('finds all 22 faces of the sample photos', async () => {
      const missed: string[] = [];
      let count = 0;
      for (const photo of photos) {
        const { detections } = await searchPicture(detector, await openPhoto(photo, { format: 'RGBA' }, 1), CONTRACT_THRESHOLD, TIMEOUT_MS);
        for (const face of photo.faces) {
          count += 1;
          if (!detections.some(({ box }) => covers(box, face))) missed.push(face.id);
        }
      }
      expect(count).toBe(22);
      expect(missed).toEqual([]);
    }, 60_000);

    it.each([
      { format: 'NV12' },
      { format: 'RGBA' },
      { format: 'BGRX' },
      { format: 'I420', rotation: 90 },
      { format: 'I420', rotation: 180 },
      { format: 'NV12', rotation: 270 },
      { format: 'RGBA', rotation: 90, flip: true },
      { format: 'I420', flip: true },
    ] as const)('sees the same in %o as in upright I420', async (stored) => {
      const photo = photos[0]!;
      const upright = await openPhoto(photo, { format: 'I420' }, 0.5);
      const other = await openPhoto(photo, stored, 0.5);
      expect(other.display).toEqual(upright.display);
      for (const look of detector.looksFor(upright.display, 'live').filter(({ scope }) => scope === 'whole')) {
        const expected = (await detector.detect(upright, look)).filter(({ confidence }) => confidence > CONTRACT_THRESHOLD + 0.2);
        const seen = await detector.detect(other, look);
        expect(expected.length, `${look.id} sees a face at all`).toBeGreaterThan(0);
        for (const face of expected) {
          const twin = seen.reduce((best, { box }) => Math.max(best, iou(box, face.box)), 0);
          // MediaPipe rounds boxes to whole pixels of its small input.
          expect(twin, `${look.id} at ${Math.round(face.box.x)}, ${Math.round(face.box.y)}`).toBeGreaterThan(0.7);
        }
      }
    });

    it('leaves the pixels that it borrows as they were', async () => {
      const pixels = await openPhoto(photos[1]!, { format: 'NV12' }, 0.4);
      const before = pixels.data.slice();
      await search(pixels, 'live');
      expect(pixels.data).toEqual(before);
    });

    it('gives the same answer to the same question', async () => {
      const pixels = await openPhoto(photos[1]!, { format: 'I420' }, 0.4);
      expect(await search(pixels, 'live')).toEqual(await search(pixels, 'live'));
    });

    it('answers two pictures asked for at once as if one by one', async () => {
      const [a, b] = [await openPhoto(photos[1]!, { format: 'I420' }, 0.4), await openPhoto(photos[2]!, { format: 'I420' }, 0.4)];
      const lookOf = ({ display }: PixelBuffer) => detector.looksFor(display, 'live').slice(0, 2).at(-1)!;
      const alone = [await detector.detect(a, lookOf(a)), await detector.detect(b, lookOf(b))];
      expect(await Promise.all([detector.detect(a, lookOf(a)), detector.detect(b, lookOf(b))])).toEqual(alone);
    });

    it('gives finite boxes and keypoints with an area and confidences above the threshold', async () => {
      const picture = await openPhoto(photos[3]!, { format: 'I420' }, 0.5);
      for (const { box, confidence, keypoints, model } of await search(picture, 'live')) {
        expect([box.x, box.y, box.width, box.height, ...keypoints.flatMap(({ x, y }) => [x, y])].every(Number.isFinite)).toBe(true);
        expect(area(box)).toBeGreaterThan(0);
        expect(confidence).toBeGreaterThanOrEqual(isFaint(box, picture.display) ? faintThresholdOf(CONTRACT_THRESHOLD) : CONTRACT_THRESHOLD);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(['short', 'full', 'back']).toContain(model);
        expect(keypoints.length === 0 || keypoints.length === 6).toBe(true);
      }
    });

    // At a threshold this low a false alarm or two is the price of seeing every face; they must not be many.
    it.each([0, 128, 255])('sees at most one face in a plain picture of grey %i', async (value) => {
      expect(weightedNms(await search(plain(640, 480, () => value), 'live')).length).toBeLessThanOrEqual(1);
    });

    it('sees few faces in noise', async () => {
      let state = 20261122;
      const noise = plain(640, 480, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
      expect(weightedNms(await search(noise, 'live')).length).toBeLessThanOrEqual(6);
    });

    it.each([[1, 1], [2, 700], [33, 17], [4096, 2160]])('looks at a picture of %i x %i', async (width, height) => {
      await expect(search(plain(width, height, (i) => (i * 31) % 200), 'live')).resolves.toBeInstanceOf(Array);
    });

    it('closes twice, and refuses to look afterwards', async () => {
      const other = await make();
      const pixels = plain(64, 64, () => 90);
      const look = other.looksFor(pixels.display, 'live')[0]!;
      other.close();
      other.close();
      await expect(other.detect(pixels, look)).rejects.toMatchObject({ name: 'FacePrivacyError', code: 'ERR_SESSION_CLOSED' });
      expect(await detector.detect(pixels, look)).toBeInstanceOf(Array);
    }, 60_000);
  });
}

/** A face is found when most of it lies in a detection with a margin, and the detection is not much larger. */
function covers(box: Box, face: Box): boolean {
  return containment(face, grow(box, 1.4)) >= 0.8 && area(box) < 4 * area(face);
}

function plain(width: number, height: number, valueAt: (i: number) => number): PixelBuffer {
  const { planes, byteLength } = planesOf('I420', { width, height });
  const data = new Uint8Array(byteLength).fill(128);
  for (let i = 0; i < width * height; i++) data[i] = valueAt(i);
  return { ...BASE, width, height, format: 'I420', data, planes, display: { width, height } };
}

const BASE = { colour: { matrix: 'bt601', fullRange: true }, orientation: { rotation: 0, flip: false } } as const;

/** Draws a photo as it would be stored so that its orientation turns it upright, and converts it. */
async function openPhoto({ file, width: fullWidth, height: fullHeight }: KnownPhoto, { format, rotation = 0, flip = false }: StoredAs, scale: number): Promise<PixelBuffer> {
  const bitmap = await createImageBitmap(await (await fetch(`${PHOTOS}/${file}`)).blob());
  const display = { width: Math.round(fullWidth * scale), height: Math.round(fullHeight * scale) };
  const turned = rotation % 180 !== 0;
  const stored = turned ? { width: display.height, height: display.width } : display;
  const context = new OffscreenCanvas(stored.width, stored.height).getContext('2d', { willReadFrequently: true })!;
  context.translate(stored.width / 2, stored.height / 2);
  context.rotate((-rotation * Math.PI) / 180);
  if (flip) context.scale(-1, 1);
  context.drawImage(bitmap, -display.width / 2, -display.height / 2, display.width, display.height);
  bitmap.close();
  const rgba = context.getImageData(0, 0, stored.width, stored.height).data;
  const { planes, byteLength } = planesOf(format, stored);
  const data = new Uint8Array(byteLength);
  const pixels: PixelBuffer = { ...BASE, ...stored, format, data, planes, orientation: { rotation, flip }, display };
  fill(pixels, rgba);
  return pixels;
}

/** Full-range BT.601, as JPEG has it. */
function fill({ data, planes, format, width, height }: PixelBuffer, rgba: Uint8ClampedArray): void {
  const isYuv = format === 'I420' || format === 'NV12';
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x);
      const [r, g, b] = [rgba[i]!, rgba[i + 1]!, rgba[i + 2]!];
      if (!isYuv) {
        data.set(format.startsWith('RGB') ? [r, g, b, 255] : [b, g, r, 255], i);
        continue;
      }
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      data[y * width + x] = luma;
      if (((x | y) & 1) !== 0) continue;
      const u = planes[1]!;
      const at = u.offset + (y >> 1) * u.stride + (x >> 1) * u.channels;
      data[at] = 128 + (b - luma) / 1.772;
      data[format === 'NV12' ? at + 1 : planes[2]!.offset + (y >> 1) * planes[2]!.stride + (x >> 1)] = 128 + (r - luma) / 1.402;
    }
  }
}
