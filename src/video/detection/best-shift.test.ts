import { describe, expect, it } from 'vitest';
import { bestShift } from './best-shift.ts';

const SIZE = { width: 40, height: 24 };

/** A picture of noise, seen `x` to the right of and `y` below where it lies. */
function seenFrom(x: number, y: number, noise = 0): Float32Array {
  const at = (column: number, row: number): number => Math.abs(Math.sin(column * 12.9898 + row * 78.233) * 43758.5453) % 255;
  return Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => at((i % SIZE.width) + x, Math.floor(i / SIZE.width) + y) + noise * Math.sin(i));
}

/** The same by trying everything to the end. */
function triedOut(a: Float32Array, b: Float32Array, reach: number): number {
  const means: number[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const differences: number[] = [];
      for (let y = 0; y < SIZE.height; y++) {
        for (let x = 0; x < SIZE.width; x++) {
          const [u, v] = [x + dx, y + dy];
          if (u >= 0 && v >= 0 && u < SIZE.width && v < SIZE.height) differences.push(Math.abs(a[y * SIZE.width + x]! - b[v * SIZE.width + u]!));
        }
      }
      means.push(differences.reduce((sum, each) => sum + each, 0) / differences.length);
    }
  }
  return Math.min(...means);
}

describe('bestShift', () => {
  it.each([[0, 0], [3, 0], [-2, 4], [5, -5]])('finds a picture that moved by %i, %i', (x, y) => {
    expect(bestShift(seenFrom(0, 0), seenFrom(-x, -y), SIZE, 5)).toEqual({ shift: { x, y }, difference: 0 });
  });

  it.each([0, 3, 40, 200])('is what trying everything finds, noise %i', (noise) => {
    const [a, b] = [seenFrom(0, 0), seenFrom(2, -1, noise)];
    expect(bestShift(a, b, SIZE, 3).difference).toBeCloseTo(triedOut(a, b, 3), 6);
  });

  it('tries no shift under which two small pictures share nothing', () => {
    const size = { width: 4, height: 3 };
    const [a, b] = [Float32Array.from({ length: 12 }, (_, i) => i * 10), new Float32Array(12).fill(200)];
    expect(bestShift(a, b, size, 5).difference).toBeGreaterThan(0);
  });
});
