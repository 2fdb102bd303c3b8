/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point in pixels, origin top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An axis-aligned rectangle in pixels, origin top left; may be fractional and may reach outside the picture. */
export interface Box extends Point, Size {}

/** The box of a whole picture. */
export function wholeOf(size: Size): Box {
  return { x: 0, y: 0, width: size.width, height: size.height };
}

/** Area in square pixels; 0 for an empty or inverted box. */
export function area(box: Size): number {
  return Math.max(0, box.width) * Math.max(0, box.height);
}

/** The overlap of two boxes; width and height are 0 where they do not meet. */
export function intersect(a: Box, b: Box): Box {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

/** The smallest box that holds both. */
export function unite(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Intersection over union, 0 to 1. */
export function iou(a: Box, b: Box): number {
  const shared = area(intersect(a, b));
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** The share of `inner` that lies in `outer`, 0 to 1; 0 for an empty `inner`. */
export function containment(inner: Box, outer: Box): number {
  const own = area(inner);
  return own > 0 ? area(intersect(inner, outer)) / own : 0;
}

/** The same centre, `factor` times the width and height. */
export function grow(box: Box, factor: number): Box {
  const width = box.width * factor;
  const height = box.height * factor;
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** The part of the box that lies in the picture. */
export function clip(box: Box, size: Size): Box {
  return intersect(box, wholeOf(size));
}

/** True when all four numbers are finite and the box has an area. */
export function isProper(box: Box): boolean {
  return (
    Number.isFinite(box.x) &&
    Number.isFinite(box.y) &&
    Number.isFinite(box.width) &&
    Number.isFinite(box.height) &&
    box.width > 0 &&
    box.height > 0
  );
}

/** How a camera moved between two frames: what was at `p` is at `centre + scale * (p - centre) + shift` now, with the picture's centre. */
export interface CameraMotion {
  /** Above 1: it came closer. */
  readonly scale: number;
  /** Display pixels. */
  readonly shift: Point;
}
