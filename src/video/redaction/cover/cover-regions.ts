import type { PixelBuffer } from '../../../core/pixels.ts';
import type { RedactionRegion, RedactionStyle } from '../../../core/redaction.ts';
import { borderColours, ringDepthPx } from './border-colours.ts';
import { type Channel, channelsOf, greyValue } from './channels.ts';
import { type ControlGrid, fieldNodes, surfaceWeights } from './colour-field.ts';
import { frostGrid } from './frost.ts';
import { PAINT_BITS, paintField } from './paint-field.ts';
import { fillRect, paintCells } from './paint-flat.ts';
import { regionSamples } from './region-samples.ts';
import { GRAIN_SIDE, grainTile } from './seeded-noise.ts';
import { type PixelRect, type StoredRegion, growRect, toStoredRegions } from './stored-regions.ts';

/** Brightness of `solid`, 0 to 1. */
const SOLID_LEVEL = 0.28;
/** Soft edge around a `frost` or `blur` cover: share of the shorter side of the region, and bounds in pixels. */
const FEATHER_SHARE = 0.14;
const FEATHER_MIN_PX = 4;
const FEATHER_MAX_PX = 40;
/** Fine grain in grey levels: enough at strength 0 to keep smooth gradients from banding. */
const GRAIN = 1.2;
const GRAIN_BY_STRENGTH = 5;
const CHROMA_GRAIN = 0.6;

/** How far outside a region a cover may read or change pixels. Outside this everything stays as it was. */
export function reachPx(rect: PixelRect): number {
  return Math.max(featherPx(rect), ringDepthPx(rect));
}

/**
 * Covers `regions` (display pixels) in place. Each is rounded outwards to whole samples of every plane and clipped to
 * the picture; `frost` and `blur` also fade into the few pixels around it. With `frost` and `solid` the result is a
 * function of the pixels outside all regions, the boxes, the track ids and the style: no covered pixel has a part in it.
 * @param pixels Borrowed; written in place.
 * @returns false, with nothing written, if a box cannot be trusted (not finite, no area): cover the whole frame then.
 */
export function coverRegions(pixels: PixelBuffer, regions: readonly RedactionRegion[], style: RedactionStyle): boolean {
  const stored = toStoredRegions(pixels, regions);
  if (!stored) return false;
  coverStoredRegions(pixels, stored, style);
  return true;
}

/** {@link coverRegions} for regions that are mapped already. */
export function coverStoredRegions(pixels: PixelBuffer, regions: readonly StoredRegion[], style: RedactionStyle): void {
  const { data } = pixels;
  const channels = channelsOf(pixels);
  const { colour } = channels;
  const rects = regions.map((region) => region.rect);
  // Everything is read before anything is written: the order of regions has no part in what is known of the picture.
  const grids = regions.map(({ rect, seed }): ControlGrid | null => {
    switch (style.method) {
      case 'frost':
        return frostGrid(borderColours(data, colour, pixels, rect, rects), colour, seed, style.strength);
      case 'blur':
      case 'pixelate':
        return regionSamples(data, colour, rect, seed, style.strength);
      case 'solid':
        return null;
    }
  });
  const brightGrain = grainLevels(true, style);
  const grain = grainTile(brightGrain * (1 << PAINT_BITS));
  const chromaGrain = brightGrain === CHROMA_GRAIN ? grain : grainTile(CHROMA_GRAIN * (1 << PAINT_BITS));
  regions.forEach((region, i) => {
    const grid = grids[i];
    // The fourth channel first: a soft edge must not see what was in it.
    if (channels.fourth) fillRect(data, channels.fourth, region.rect, 255);
    if (!grid) {
      for (const channel of colour) fillRect(data, channel, shifted(region.rect, channel.shift), greyValue(channel, SOLID_LEVEL));
    } else if (style.method === 'pixelate') {
      colour.forEach((channel, c) => {
        const values = Uint8ClampedArray.from(grid.values[c] ?? [], (value) => Math.min(channel.high, Math.max(channel.low, Math.round(value))));
        paintCells(data, channel, shifted(region.rect, channel.shift), grid.side, values);
      });
    } else {
      paintSurface(pixels, region, grid, colour, { bright: grain, chroma: chromaGrain }, style);
    }
  });
}

function paintSurface(
  pixels: PixelBuffer,
  region: StoredRegion,
  grid: ControlGrid,
  colour: readonly [Channel, Channel, Channel],
  grain: { readonly bright: Int32Array; readonly chroma: Int32Array },
  style: RedactionStyle,
): void {
  const feather = featherPx(region.rect);
  const outerPicture = growRect(region.rect, feather, pixels);
  let weights = null;
  let weightsShift = -1;
  for (const [c, channel] of colour.entries()) {
    const inner = shifted(region.rect, channel.shift);
    const outer = shifted(outerPicture, channel.shift);
    if (!weights || weightsShift !== channel.shift) {
      weights = surfaceWeights(grid, outer, channel.shift, region.box);
      weightsShift = channel.shift;
    }
    const margin = grainLevels(channel.bright, style) + 1;
    const values = grid.values[c];
    if (!values) continue;
    paintField(pixels.data, channel, {
      inner,
      outer,
      featherPx: feather >> channel.shift,
      nodes: fieldNodes(values, grid.side, weights, channel.low + margin, channel.high - margin),
      grain: channel.bright ? grain.bright : grain.chroma,
      grainX: region.seed % GRAIN_SIDE,
      grainY: (region.seed >>> 8) % GRAIN_SIDE,
    });
  }
}

function grainLevels(bright: boolean, style: RedactionStyle): number {
  if (!bright) return CHROMA_GRAIN;
  return GRAIN + (style.method === 'frost' ? GRAIN_BY_STRENGTH * style.strength : 0);
}

/** Even, so that it ends on a whole sample of every plane. */
function featherPx(rect: PixelRect): number {
  const side = Math.min(rect.x1 - rect.x0, rect.y1 - rect.y0);
  return 2 * Math.round(Math.min(FEATHER_MAX_PX, Math.max(FEATHER_MIN_PX, side * FEATHER_SHARE)) / 2);
}

/** Picture pixels to samples of a plane; the far edge is rounded up, which matters at the end of an odd-sized picture. */
function shifted(rect: PixelRect, shift: number): PixelRect {
  const up = (1 << shift) - 1;
  return { x0: rect.x0 >> shift, y0: rect.y0 >> shift, x1: (rect.x1 + up) >> shift, y1: (rect.y1 + up) >> shift };
}

