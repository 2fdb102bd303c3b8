import { describe, expect, test } from 'vitest';
import { type PixelBuffer, type WorkableFormat, planesOf } from '../../../core/pixels.ts';
import type { RedactionMethod, RedactionRegion } from '../../../core/redaction.ts';
import { coverRegions, reachPx } from './cover-regions.ts';
import { coverWhole } from './cover-whole.ts';
import { hash32 } from './seeded-noise.ts';

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);
const FORMATS: readonly WorkableFormat[] = ['I420', 'NV12', 'RGBA', 'BGRX'];
const METHODS: readonly RedactionMethod[] = ['frost', 'blur', 'pixelate', 'solid'];

function picture(format: WorkableFormat, width: number, height: number, value: (i: number) => number): PixelBuffer {
  const { planes, byteLength } = planesOf(format, { width, height });
  const data = Uint8Array.from({ length: byteLength }, (_, i) => value(i));
  return {
    format, width, height, planes, data,
    colour: { matrix: 'bt601', fullRange: false },
    orientation: { rotation: 0, flip: false },
    display: { width, height },
  };
}

function copyOf(pixels: PixelBuffer): PixelBuffer {
  return { ...pixels, data: pixels.data.slice() };
}

function covered(pixels: PixelBuffer, regions: readonly RedactionRegion[], method: RedactionMethod, strength = 0.5, seed = 11): Uint8Array {
  const copy = copyOf(pixels);
  expect(coverRegions(copy, regions, { method, strength }, seed)).toBe(true);
  return copy.data;
}

/** Luma, or one channel of packed RGB, at a pixel. */
function first(pixels: PixelBuffer, data: Uint8Array, x: number, y: number): number {
  const step = pixels.planes.length === 1 ? 4 : 1;
  return data[(y * pixels.width + x) * step] ?? -1;
}

describe('frost and solid', () => {
  test.each(SEEDS)('bytes inside regions, the fourth channel among them, have no part in the result, seed %i', (seed) => {
    const at = (n: number): number => hash32(seed, n) / 2 ** 32;
    const format = FORMATS[seed % 4] ?? 'I420';
    const pixels = picture(format, 1 + Math.floor(at(1) * 90), 1 + Math.floor(at(2) * 90), (i) => hash32(seed, i, 3));
    const regions = [0, 1, 2].map((k) => ({
      trackId: k,
      box: { x: at(10 + k) * 110 - 20, y: at(20 + k) * 110 - 20, width: 0.1 + at(30 + k) ** 2 * 70, height: 0.1 + at(40 + k) ** 2 * 70 },
    }));
    const changed = copyOf(pixels);
    for (const { box } of regions) {
      for (const plane of pixels.planes) {
        const s = plane.subsampling;
        for (let y = 0; y < plane.height; y++) {
          for (let x = 0; x < plane.width; x++) {
            if ((x + 1) * s <= box.x || x * s >= box.x + box.width || (y + 1) * s <= box.y || y * s >= box.y + box.height) continue;
            const i = plane.offset + y * plane.stride + x * plane.channels;
            for (let c = 0; c < plane.channels; c++) changed.data[i + c] = hash32(seed, i + c, 4);
          }
        }
      }
    }
    for (const method of ['frost', 'solid'] as const) {
      expect(Buffer.compare(covered(pixels, regions, method, at(5)), covered(changed, regions, method, at(5)))).toBe(0);
    }
  });

  test.each(FORMATS)('frost on an even picture of %s keeps its colour but for soft noise', (format) => {
    const pixels = picture(format, 100, 100, (i) => (format === 'RGBA' || format === 'BGRX') && i % 4 === 3 ? 255 : 120);
    const data = covered(pixels, [{ trackId: 3, box: { x: 20, y: 20, width: 60, height: 60 } }], 'frost');
    let sum = 0;
    for (let y = 20; y < 80; y++) {
      for (let x = 20; x < 80; x++) {
        const value = first(pixels, data, x, y);
        expect(Math.abs(value - 120)).toBeLessThan(40);
        sum += value;
      }
    }
    expect(Math.abs(sum / 3600 - 120)).toBeLessThan(12);
  });

  test('frost runs from the colours of one side to those of the other', () => {
    const pixels = picture('RGBA', 100, 60, (i) => (i % 4 === 3 ? 255 : (i >> 2) % 100 < 50 ? 40 : 200));
    const data = covered(pixels, [{ trackId: 3, box: { x: 20, y: 10, width: 60, height: 40 } }], 'frost', 0);
    expect(first(pixels, data, 22, 30)).toBeLessThan(90);
    expect(first(pixels, data, 77, 30)).toBeGreaterThan(150);
    const middle = first(pixels, data, 50, 30);
    expect(middle).toBeGreaterThan(90);
    expect(middle).toBeLessThan(150);
  });

  test('frost moves with its region and differs between tracks', () => {
    const pixels = picture('I420', 200, 100, () => 120);
    const inside = (x: number, trackId: number): number[] => {
      const data = covered(pixels, [{ trackId, box: { x, y: 20, width: 50, height: 50 } }], 'frost');
      return Array.from({ length: 50 }, (_, i) => first(pixels, data, x + i, 45));
    };
    expect(inside(120, 1)).toEqual(inside(40, 1));
    expect(inside(40, 2)).not.toEqual(inside(40, 1));
  });

  test('a picture with nothing outside the region becomes grey', () => {
    for (const format of FORMATS) {
      const pixels = picture(format, 31, 17, () => 250);
      const data = covered(pixels, [{ trackId: 1, box: { x: -5, y: -5, width: 100, height: 100 } }], 'frost', 0);
      expect(first(pixels, data, 15, 8)).toBeGreaterThan(100);
      expect(first(pixels, data, 15, 8)).toBeLessThan(160);
    }
  });

  test('solid is one neutral colour', () => {
    const pixels = picture('I420', 40, 40, (i) => hash32(i));
    const data = covered(pixels, [{ trackId: 1, box: { x: 10, y: 10, width: 20, height: 20 } }], 'solid');
    const luma = new Set<number>();
    for (let y = 10; y < 30; y++) for (let x = 10; x < 30; x++) luma.add(first(pixels, data, x, y));
    expect(luma.size).toBe(1);
    expect(data[1600 + 10 * 20 + 10]).toBe(128);
    expect(data[2000 + 10 * 20 + 10]).toBe(128);
  });
});

describe('blur and pixelate', () => {
  const region = { trackId: 4, box: { x: 16, y: 16, width: 192, height: 192 } };

  test.each([
    ['pixelate', 0, 4],
    ['pixelate', 0.5, 3],
    ['pixelate', 1, 2],
  ] as const)('%s at strength %f shows %i x %i cells', (method, strength, cells) => {
    const pixels = picture('I420', 256, 224, (i) => hash32(i));
    const data = covered(pixels, [region], method, strength);
    const values = new Set<string>();
    for (let y = 16; y < 208; y += 4) for (let x = 16; x < 208; x += 4) values.add(`${Math.floor(((x - 16) * cells) / 192)},${Math.floor(((y - 16) * cells) / 192)}:${first(pixels, data, x, y)}`);
    expect(values.size).toBe(cells * cells);
  });

  test.each(['blur', 'pixelate'] as const)('%s depends on the averages of its cells alone', (method) => {
    // Inside each of the 4 x 4 cells of 48 x 48 pixels, every point that is looked at takes part in one mean: turning
    // each cell about by half its width keeps all sixteen means.
    const pixels = picture('I420', 256, 224, (i) => 60 + (hash32(i) % 100));
    const turned = copyOf(pixels);
    for (const plane of pixels.planes) {
      const s = plane.subsampling;
      const cell = 48 / s;
      for (let y = 0; y < 192 / s; y++) {
        for (let x = 0; x < 192 / s; x++) {
          const from = x - (x % cell) + (((x % cell) + cell / 2) % cell);
          const row = plane.offset + (y + 16 / s) * plane.stride + 16 / s;
          turned.data[row + x] = pixels.data[row + from] ?? 0;
        }
      }
    }
    expect(Buffer.compare(turned.data, pixels.data)).not.toBe(0);
    expect(Buffer.compare(covered(turned, [region], method, 0), covered(pixels, [region], method, 0))).toBe(0);
  });

  test.each(['blur', 'pixelate'] as const)('%s of a tiny region is not a copy of it', (method) => {
    const pixels = picture('I420', 32, 32, (i) => (i % 2 === 0 ? 20 : 230));
    const data = covered(pixels, [{ trackId: 1, box: { x: 8, y: 8, width: 6, height: 6 } }], method, 0);
    for (let y = 8; y < 14; y++) for (let x = 8; x < 14; x++) expect(Math.abs(first(pixels, data, x, y) - 125)).toBeLessThan(60);
  });

  test('the noise of a track stays the same, so that frames cannot be averaged', () => {
    const grey = picture('I420', 256, 224, () => 120);
    const values = covered(grey, [region], 'pixelate', 0);
    expect(Buffer.compare(values, covered(grey, [region], 'pixelate', 0))).toBe(0);
    expect(Buffer.compare(values, covered(grey, [{ ...region, trackId: 5 }], 'pixelate', 0))).not.toBe(0);
    expect(Buffer.compare(values, covered(grey, [region], 'pixelate', 0, 12))).not.toBe(0);
  });
});

describe('coverRegions', () => {
  test.each(SEEDS.slice(0, 20))('nothing that was worked out for one picture has a part in the next, seed %i', (seed) => {
    const made = (n: number): { pixels: PixelBuffer; regions: RedactionRegion[]; method: RedactionMethod } => {
      const at = (k: number): number => hash32(seed, n, k) / 2 ** 32;
      const [width, height] = [40 + Math.floor(at(1) * 300), 40 + Math.floor(at(2) * 300)];
      const regions = [0, 1, 2, 3].map((k) => ({ trackId: k, box: { x: at(10 + k) * width, y: at(20 + k) * height, width: 4 + at(30 + k) * 150, height: 4 + at(40 + k) * 150 } }));
      return { pixels: picture(FORMATS[n % 4]!, width, height, (i) => hash32(seed, n, i) >>> 24), regions, method: METHODS[Math.floor(at(3) * METHODS.length)]! };
    };
    const cover = ({ pixels, regions, method }: ReturnType<typeof made>): Uint8Array => covered(pixels, regions, method);
    const pictures = Array.from({ length: 5 }, (_, n) => made(n));
    const before = pictures.map(cover);
    const after = pictures.toReversed().map(cover).toReversed();
    expect(after.map((data, n) => Buffer.compare(data, before[n]!))).toEqual(pictures.map(() => 0));
  });

  test.each([
    { x: Number.NaN, y: 0, width: 1, height: 1 },
    { x: 0, y: Number.NEGATIVE_INFINITY, width: 1, height: 1 },
    { x: 0, y: 0, width: -1, height: 1 },
    { x: 0, y: 0, width: 1, height: 0 },
  ])('writes nothing and says so for the box %j', (box) => {
    const pixels = picture('I420', 20, 20, (i) => i);
    const before = pixels.data.slice();
    expect(coverRegions(pixels, [{ trackId: 0, box: { x: 1, y: 1, width: 5, height: 5 } }, { trackId: 1, box }], { method: 'solid', strength: 0 }, 1)).toBe(false);
    expect(pixels.data).toEqual(before);
  });

  test('a display without size is not trusted', () => {
    const pixels = { ...picture('I420', 20, 20, (i) => i), display: { width: 0, height: 20 } };
    expect(coverRegions(pixels, [{ trackId: 1, box: { x: 1, y: 1, width: 5, height: 5 } }], { method: 'frost', strength: 0 }, 1)).toBe(false);
  });

  test('a fraction of a pixel covers the whole chroma sample and all luma of it', () => {
    const pixels = picture('I420', 20, 20, () => 255);
    const data = covered(pixels, [{ trackId: 1, box: { x: 7.9, y: 5.1, width: 0.2, height: 0.2 } }], 'solid');
    const changed: string[] = [];
    for (let y = 0; y < 20; y++) for (let x = 0; x < 20; x++) if (data[y * 20 + x] !== 255) changed.push(`${x},${y}`);
    expect(changed).toEqual(['6,4', '7,4', '8,4', '9,4', '6,5', '7,5', '8,5', '9,5']);
    expect([...data.subarray(400)].flatMap((value, i) => (value === 128 ? [i] : []))).toEqual([23, 24, 123, 124]);
  });

  test('a box that reaches far outside covers what it shares with the picture', () => {
    for (const method of ['frost', 'solid', 'blur', 'pixelate'] as const) {
      const pixels = picture('NV12', 21, 15, () => 255);
      const data = covered(pixels, [{ trackId: 1, box: { x: -1e7, y: -1e7, width: 2e7, height: 2e7 } }], method);
      expect(data.every((value) => value < 255)).toBe(true);
      const away = covered(pixels, [{ trackId: 1, box: { x: 30, y: 0, width: 5, height: 5 } }], method);
      expect(Buffer.compare(away, pixels.data)).toBe(0);
    }
  });

  test('reaches no further than it says', () => {
    expect(reachPx({ x0: 0, y0: 0, x1: 1, y1: 1 })).toBe(4);
    expect(reachPx({ x0: 0, y0: 0, x1: 2000, y1: 2000 })).toBe(24);
  });
});

describe('coverWhole', () => {
  test.each(FORMATS)('fills every byte of %s with an opaque neutral gradient', (format) => {
    const shape = picture(format, 33, 21, () => 0);
    const whole = coverWhole(shape);
    expect(whole.data.length).toBe(planesOf(format, shape).byteLength);
    if (format === 'I420' || format === 'NV12') {
      expect(whole.data.subarray(33 * 21).every((value) => value === 128)).toBe(true);
      expect(whole.data[0]).toBeGreaterThan(whole.data[33 * 20] ?? 255);
      expect(whole.data.subarray(0, 33 * 21).every((value) => value > 50 && value < 110)).toBe(true);
    } else {
      for (let i = 0; i < whole.data.length; i += 4) {
        const [r, g, b, a] = whole.data.subarray(i, i + 4);
        expect([g, b, a]).toEqual([r, r, 255]);
      }
    }
  });
});
