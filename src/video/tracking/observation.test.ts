import { describe, expect, it } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import type { Box, Point } from '../../core/geometry.ts';
import { observe } from './observation.ts';

describe('a head in profile', () => {
  const at = (x: number): Point => ({ x, y: 120 });
  const coverOf = (ear: number): Box => {
    const keypoints = [at(115), at(120), at(110), at(118), at(150), at(ear)];
    const detection: Detection = { box: { x: 100, y: 100, width: 100, height: 100 }, confidence: 0.8, keypoints, model: 'back' };
    return observe([detection], { width: 640, height: 360 }).observations[0]!.cover;
  };

  it('is covered as far as its ear', () => {
    const cover = coverOf(225);
    expect(cover.x).toBe(100);
    expect(cover.x + cover.width).toBeCloseTo(230, 9);
  });

  it('not as far as an ear that cannot be its own', () => {
    const cover = coverOf(900);
    expect(cover.x + cover.width).toBeCloseTo(240, 9);
    expect(coverOf(Number.NaN).width).toBe(100);
  });
});
