import { describe, expect, it } from 'vitest';
import { containment, wholeOf } from '../../core/geometry.ts';
import { createLookList, inputFor, SQUARE, tileWindows, wholeWindow } from './looks.ts';

const TILES = [
  { model: 'back', share: 0.6, effort: 'live', smallestSidePx: 256 },
  { model: 'back', share: 0.4, effort: 'still', smallestSidePx: 256 },
] as const;

const MODELS = [
  { model: 'short', shape: SQUARE },
  { model: 'back', shape: { inputSize: 256, multiple: 32 } },
] as const;

describe('wholeWindow', () => {
  it.each([
    [1280, 720, { width: 256, height: 160 }],
    [720, 1280, { width: 160, height: 256 }],
    [640, 480, { width: 256, height: 192 }],
    [500, 500, { width: 256, height: 256 }],
    [1000, 10, { width: 256, height: 32 }],
  ])('of %i x %i fills an input no larger than needed', (width, height, input) => {
    const window = wholeWindow({ width, height }, { inputSize: 256, multiple: 32 });
    expect(inputFor(window, 256)).toEqual(input);
    expect(containment(wholeOf({ width, height }), window)).toBe(1);
    expect(window.width / input.width).toBeCloseTo(window.height / input.height, 9);
    expect(-window.x).toBeGreaterThanOrEqual(0.03 * Math.max(width, height) - 1e-9);
    expect(-window.y).toBeGreaterThanOrEqual(0.03 * Math.max(width, height) - 1e-9);
  });

  it.each([[1280, 720], [480, 640], [1, 1]])('is a square around a %i x %i picture and its edges', (width, height) => {
    const window = wholeWindow({ width, height }, SQUARE);
    expect(window.width).toBe(window.height);
    expect(containment(wholeOf({ width, height }), window)).toBe(1);
    expect(window.x).toBeLessThan(0);
    expect(window.y).toBeLessThan(0);
  });
});

describe('tileWindows', () => {
  it.each([[1280, 720, 768], [640, 480, 384], [720, 1280, 300], [1000, 1000, 999], [333, 77, 50]])('covers each pixel of %i x %i with squares of %i', (width, height, side) => {
    const { windows, columns, rows } = tileWindows({ width, height }, side);
    expect(windows).toHaveLength(columns * rows);
    for (let y = 0.5; y < height; y += 7) {
      for (let x = 0.5; x < width; x += 7) {
        expect(windows.some((w) => x >= w.x && x < w.x + w.width && y >= w.y && y < w.y + w.height)).toBe(true);
      }
    }
  });

  it('lets neighbours overlap by a fifth at least', () => {
    const { windows, columns } = tileWindows({ width: 1280, height: 400 }, 400);
    for (let i = 1; i < columns; i++) expect(windows[i - 1]!.x + 400 - windows[i]!.x).toBeGreaterThanOrEqual(80);
  });
});

describe('createLookList', () => {
  it('offers one whole look per model, then tiles where they show more', () => {
    const looksFor = createLookList(MODELS, TILES);
    expect(looksFor({ width: 320, height: 240 }, 'live').map(({ id }) => id)).toEqual(['short', 'back']);
    expect(looksFor({ width: 1280, height: 720 }, 'live').map(({ id }) => id)).toEqual(['short', 'back', 'back@0,0/2x1', 'back@1,0/2x1']);
    expect(looksFor({ width: 1280, height: 720 }, 'still').length).toBeGreaterThan(4);
  });

  it('gives each look an id of its own and the same array for the same question', () => {
    const looksFor = createLookList(MODELS, TILES);
    const looks = looksFor({ width: 1920, height: 1080 }, 'still');
    expect(new Set(looks.map(({ id }) => id)).size).toBe(looks.length);
    expect(looksFor({ width: 1920, height: 1080 }, 'still')).toBe(looks);
  });
});
