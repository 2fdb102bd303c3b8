import { describe, expect, it } from 'vitest';
import { clip, containment, grow, intersect, iou, isProper, unite } from './geometry.ts';

const a = { x: 0, y: 0, width: 10, height: 10 };
const b = { x: 5, y: 0, width: 10, height: 10 };

describe('geometry', () => {
  it('intersects, unites and compares', () => {
    expect(intersect(a, b)).toEqual({ x: 5, y: 0, width: 5, height: 10 });
    expect(intersect(a, { x: 20, y: 0, width: 1, height: 1 }).width).toBe(0);
    expect(unite(a, b)).toEqual({ x: 0, y: 0, width: 15, height: 10 });
    expect(iou(a, b)).toBeCloseTo(1 / 3);
    expect(containment(b, a)).toBeCloseTo(0.5);
    expect(containment({ ...a, width: 0 }, a)).toBe(0);
  });

  it('grows about the centre and clips to the picture', () => {
    expect(grow(a, 2)).toEqual({ x: -5, y: -5, width: 20, height: 20 });
    expect(clip(grow(a, 2), { width: 12, height: 8 })).toEqual({ x: 0, y: 0, width: 12, height: 8 });
  });

  it('knows an improper box', () => {
    expect(isProper(a)).toBe(true);
    for (const bad of [{ ...a, width: 0 }, { ...a, x: NaN }, { ...a, height: Infinity }, { ...a, width: -1 }]) expect(isProper(bad)).toBe(false);
  });
});
