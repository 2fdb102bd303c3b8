import { describe, expect, it } from 'vitest';
import { CROP_SIDE } from '../core/face-crop.ts';
import { lightOf } from './crop-light.ts';
import { drawnCrop } from './embedder-self-test.ts';

function filled(at: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: 3 * CROP_SIDE * CROP_SIDE }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return at(pixel % CROP_SIDE, Math.floor(pixel / CROP_SIDE));
  });
}

/** Box blur of 2 * radius + 1 pixels, along both axes. */
function blurred(rgb: Uint8Array, radius: number): Uint8Array {
  const along = (source: Uint8Array, step: number, position: (i: number) => number): Uint8Array =>
    source.map((_, i) => {
      let sum = 0;
      let count = 0;
      for (let d = -radius; d <= radius; d++) {
        const at = position(Math.floor(i / 3)) + d;
        if (at < 0 || at >= CROP_SIDE) continue;
        sum += source[i + 3 * d * step]!;
        count++;
      }
      return sum / count;
    });
  return along(along(rgb, 1, (i) => i % CROP_SIDE), CROP_SIDE, (i) => Math.floor(i / CROP_SIDE));
}

describe('lightOf', () => {
  it('tells brightness and contrast in levels', () => {
    const { meanLevel, contrastLevel } = lightOf(filled((x) => (x % 4 < 2 ? 90 : 110)));
    expect(meanLevel).toBeCloseTo(100, 0);
    expect(contrastLevel).toBeCloseTo(10, 1);
  });

  it('does not look at hair and background', () => {
    const inner = filled((x, y) => (x >= 30 && x < 120 && y >= 32 && y < 126 ? 100 + (x % 3) : 255));
    expect(lightOf(inner).meanLevel).toBeCloseTo(101, 0);
  });

  it('has no sharpness where there is no contrast', () => {
    expect(lightOf(filled(() => 128))).toEqual({ meanLevel: 128, contrastLevel: 0, sharpness: 0 });
  });

  it('finds a face the less sharp the more it is blurred', () => {
    const { rgb } = drawnCrop(false);
    const sharpness = [0, 1, 2, 4, 7].map((radius) => lightOf(blurred(rgb, radius)).sharpness);
    expect(sharpness).toEqual(sharpness.toSorted((a, b) => b - a));
    expect(sharpness[4]!).toBeLessThan(sharpness[0]! / 4);
  });

  it('does not take noise for detail', () => {
    const soft = blurred(drawnCrop(false).rgb, 7);
    let state = 5;
    const noisy = soft.map((value) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return value + ((state >>> 28) - 8) / 4;
    });
    expect(lightOf(noisy).sharpness).toBeLessThan(lightOf(soft).sharpness + 0.04);
  });

  it('finds a face as sharp in dim light as in bright', () => {
    const { rgb } = drawnCrop(false);
    const dim = rgb.map((value) => value / 3);
    expect(lightOf(dim).sharpness / lightOf(rgb).sharpness).toBeCloseTo(1, 1);
  });
});
