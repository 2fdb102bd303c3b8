import { type Box, isProper } from '../../../core/geometry.ts';
import { displayToStored, mapBox } from '../../../core/orientation.ts';
import type { PixelBuffer } from '../../../core/pixels.ts';
import type { RedactionRegion } from '../../../core/redaction.ts';
import { alignmentOf } from './channels.ts';
import { hash32 } from './seeded-noise.ts';

/** A rectangle of whole pixels; x1 and y1 are just outside. */
export interface PixelRect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A region in stored pixels. */
export interface StoredRegion {
  /** What is covered: rounded outwards to whole samples of every plane and clipped to the picture. */
  readonly rect: PixelRect;
  /** The box before rounding; may be fractional and reach outside. Noise is anchored to it, so that it moves smoothly. */
  readonly box: Box;
  readonly seed: number;
}

/** True when the two rectangles share a pixel. */
export function rectsMeet(a: PixelRect, b: PixelRect): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/** The rectangle with `by` more pixels on each side, clipped to the picture. */
export function growRect(rect: PixelRect, by: number, picture: { width: number; height: number }): PixelRect {
  return {
    x0: Math.max(0, rect.x0 - by),
    y0: Math.max(0, rect.y0 - by),
    x1: Math.min(picture.width, rect.x1 + by),
    y1: Math.min(picture.height, rect.y1 + by),
  };
}

/**
 * Maps regions of the display to the stored picture, rounded outwards: where 4:2:0 chroma is touched, all its luma is in.
 * Regions that lie outside the picture drop out.
 * @param seed Mixed with each track id into the region's own seed.
 * @returns null if any region cannot be trusted (not finite, no area, also after mapping): cover the whole frame then.
 */
export function toStoredRegions(
  pixels: Pick<PixelBuffer, 'width' | 'height' | 'planes' | 'orientation' | 'display'>,
  regions: readonly RedactionRegion[],
  seed: number,
): StoredRegion[] | null {
  const map = displayToStored(pixels);
  const unit = alignmentOf(pixels);
  const stored: StoredRegion[] = [];
  for (const region of regions) {
    if (!isProper(region.box)) return null;
    const box = mapBox(map, region.box);
    if (!isProper(box)) return null;
    const rect = {
      x0: Math.max(0, floorTo(box.x, unit)),
      y0: Math.max(0, floorTo(box.y, unit)),
      x1: Math.min(pixels.width, ceilTo(box.x + box.width, unit)),
      y1: Math.min(pixels.height, ceilTo(box.y + box.height, unit)),
    };
    if (rect.x0 < rect.x1 && rect.y0 < rect.y1) stored.push({ rect, box, seed: hash32(region.trackId ?? 0, seed) });
  }
  return stored;
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}

function ceilTo(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
