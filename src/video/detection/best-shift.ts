import type { Point, Size } from '../../core/geometry.ts';

/** Finds the shift of `b` against `a` (both row by row, of one size) by up to `reach` cells each way that leaves the least mean difference of what both show. */
export function bestShift(a: Float32Array, b: Float32Array, size: Size, reach: number): { readonly shift: Point; readonly difference: number } {
  // Not moving first: it is the best so often that nearly all others are given up early.
  let shift = { x: 0, y: 0 };
  let difference = differenceAt(a, b, size, 0, 0, Infinity);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const other = differenceAt(a, b, size, x, y, difference);
      if (other < difference) {
        difference = other;
        shift = { x, y };
      }
    }
  }
  return { shift, difference };
}

/** The mean difference under a shift; Infinity as soon as it cannot be less than `least` any more, and where the two share no cell. */
function differenceAt(a: Float32Array, b: Float32Array, { width, height }: Size, dx: number, dy: number, least: number): number {
  if (Math.abs(dx) >= width || Math.abs(dy) >= height) return Infinity;
  const count = (width - Math.abs(dx)) * (height - Math.abs(dy));
  const most = least * count;
  const other = dy * width + dx;
  let sum = 0;
  for (let y = Math.max(0, -dy); y < height - Math.max(0, dy); y++) {
    if (sum >= most) return Infinity;
    const end = y * width + width - Math.max(0, dx);
    for (let i = y * width + Math.max(0, -dx); i < end; i++) sum += Math.abs(a[i]! - b[i + other]!);
  }
  return sum / count;
}
