import type { Size } from '../../../core/geometry.ts';
import type { RedactionMethod, RedactionStyle } from '../../../core/redaction.ts';
import { ringDepthPx } from '../cover/border-colours.ts';
import { featherPx, grainLevels } from '../cover/cover-regions.ts';
import { BLOTCH_BRIGHT, BLOTCH_BRIGHT_BY_STRENGTH } from '../cover/frost.ts';
import { cellsPerSide } from '../cover/region-samples.ts';
import type { StoredRegion } from '../cover/stored-regions.ts';

/** What a plan begins with: memory that was never written holds zeros. */
export const PLAN_MAGIC = 0x42415554;

/** How the shader knows the methods. */
export const METHOD_CODES = { frost: 0, blur: 1, pixelate: 2, solid: 3 } as const satisfies Record<RedactionMethod, number>;

/** Layout of the shader's `Plan` and `Region`, in bytes. */
const HEADER_BYTES = 32;
const REGION_BYTES = 48;

/** Size in bytes of the plan for so many regions; a binding must hold at least one. */
export function planBytes(regions: number): number {
  return HEADER_BYTES + REGION_BYTES * Math.max(1, regions);
}

/** Writes a plan for the shader. Regions that cannot be told apart from nothing do not exist: all were clipped to the picture. */
export function writePlan(target: ArrayBuffer, regions: readonly StoredRegion[], style: RedactionStyle, picture: Size): void {
  const view = new DataView(target);
  const header = [PLAN_MAGIC, regions.length, picture.width, picture.height, METHOD_CODES[style.method]];
  header.forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  view.setFloat32(20, BLOTCH_BRIGHT + BLOTCH_BRIGHT_BY_STRENGTH * style.strength, true);
  view.setFloat32(24, grainLevels(style), true);
  regions.forEach(({ rect, box, seed }, i) => {
    const at = HEADER_BYTES + REGION_BYTES * i;
    [rect.x0, rect.y0, rect.x1, rect.y1].forEach((value, n) => {
      view.setInt32(at + 4 * n, value, true);
    });
    [box.x, box.y, box.width, box.height].forEach((value, n) => {
      view.setFloat32(at + 16 + 4 * n, value, true);
    });
    view.setUint32(at + 32, seed, true);
    [featherPx(rect), ringDepthPx(rect), cellsPerSide(rect, style.strength)].forEach((value, n) => {
      view.setInt32(at + 36 + 4 * n, value, true);
    });
  });
}
