import type { Box, Point, Size } from './geometry.ts';
import type { Orientation } from './pixels.ts';

/** x' = a·x + c·y + e, y' = b·x + d·y + f, as in CSS and canvas matrices. */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** The part of a {@link PixelBuffer} that says how stored pixels become the shown picture. */
export interface StoredPicture extends Size {
  readonly orientation: Orientation;
  readonly display: Size;
}

/** The map from display pixels to stored pixels: undoes scale, flip and rotation, in this order. */
export function displayToStored(picture: StoredPicture): Affine {
  const { width, height, display } = picture;
  const { rotation, flip } = picture.orientation;
  const turned = rotation === 90 || rotation === 270;
  const sx = (turned ? height : width) / display.width;
  const sy = (turned ? width : height) / display.height;
  // u, v: display pixels scaled to the turned stored size, with the flip undone: u = ux·x + u0.
  const ux = flip ? -sx : sx;
  const u0 = flip ? sx * display.width : 0;
  switch (rotation) {
    case 0:
      return { a: ux, b: 0, c: 0, d: sy, e: u0, f: 0 };
    case 180:
      return { a: -ux, b: 0, c: 0, d: -sy, e: width - u0, f: height };
    case 90: // shown point (u, v) was stored at (v, height - u)
      return { a: 0, b: -ux, c: sy, d: 0, e: 0, f: height - u0 };
    case 270: // shown point (u, v) was stored at (width - v, u)
      return { a: 0, b: ux, c: -sy, d: 0, e: width, f: u0 };
  }
}

/** Applies the map to a point. */
export function mapPoint(m: Affine, p: Point): Point {
  return { x: m.a * p.x + m.c * p.y + m.e, y: m.b * p.x + m.d * p.y + m.f };
}

/** Applies the map to a box; exact, since rotations are multiples of 90 degrees. */
export function mapBox(m: Affine, box: Box): Box {
  const p = mapPoint(m, box);
  const q = mapPoint(m, { x: box.x + box.width, y: box.y + box.height });
  return { x: Math.min(p.x, q.x), y: Math.min(p.y, q.y), width: Math.abs(q.x - p.x), height: Math.abs(q.y - p.y) };
}
