import type { PixelBuffer } from '../../../core/pixels.ts';
import type { RedactionRegion, RedactionStyle } from '../../../core/redaction.ts';
import { borderColours, ringDepthPx } from './border-colours.ts';
import { type Channel, channelsOf, greyValue } from './channels.ts';
import { type ControlGrid, type SurfaceWeights, cellBitsFor, fieldNodes, surfaceWeights } from './colour-field.ts';
import { frostGrid } from './frost.ts';
import { type PackedGrain, packedGrain } from './packed-grain.ts';
import { nodeRect, paintPlane, samplesPerWordOf } from './paint-field.ts';
import { fillRect, paintCells } from './paint-flat.ts';
import { regionSamples } from './region-samples.ts';
import { scratch } from './scratch.ts';
import { GRAIN_SIDE } from './seeded-noise.ts';
import { type PixelRect, type StoredRegion, growRect, toStoredRegions } from './stored-regions.ts';

/** Brightness of `solid`, 0 to 1. */
export const SOLID_LEVEL = 0.28;
/** Soft edge around a `frost` or `blur` cover: share of the shorter side of the region, and bounds in pixels. */
const FEATHER_SHARE = 0.08;
const FEATHER_MIN_PX = 4;
const FEATHER_MAX_PX = 16;
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
 * function of the pixels outside all regions, the boxes, the track ids, the style and the seed: no covered pixel has a part in it.
 * @param pixels Borrowed; written in place.
 * @param seed From `randomSeed`, the same for all frames of a stream, so that covers hold still.
 * @returns false, with nothing written, if a box cannot be trusted (not finite, no area): cover the whole frame then.
 */
export function coverRegions(pixels: PixelBuffer, regions: readonly RedactionRegion[], style: RedactionStyle, seed: number): boolean {
  const stored = toStoredRegions(pixels, regions, seed);
  if (!stored) return false;
  coverStoredRegions(pixels, stored, style);
  return true;
}

/** {@link coverRegions} for regions that are mapped already. */
export function coverStoredRegions(pixels: PixelBuffer, regions: readonly StoredRegion[], style: RedactionStyle): void {
  scratch.clear();
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
  const planes = colourPlanes(colour, style);
  regions.forEach((region, i) => {
    const grid = grids[i];
    if (!grid) {
      if (channels.fourth) fillRect(data, channels.fourth, region.rect, 255);
      for (const channel of colour) fillRect(data, channel, shifted(region.rect, channel.shift), greyValue(channel, SOLID_LEVEL));
    } else if (style.method === 'pixelate') {
      if (channels.fourth) fillRect(data, channels.fourth, region.rect, 255);
      colour.forEach((channel, c) => {
        const values = Uint8ClampedArray.from(grid.values[c]!.subarray(0, grid.side * grid.side), (value) => Math.min(channel.high, Math.max(channel.low, Math.round(value))));
        paintCells(data, channel, shifted(region.rect, channel.shift), grid.side, values);
      });
    } else {
      paintSurface(pixels, region, grid, planes);
    }
  });
}

/** Largest deviation of the grain of a `frost` or `blur` cover, in grey levels of brightness. */
export function grainLevels({ method, strength }: RedactionStyle): number {
  return GRAIN + (method === 'frost' ? GRAIN_BY_STRENGTH * strength : 0);
}

/** Channels that share a plane, and the grain painted on it. */
interface ColourPlane {
  readonly channels: readonly { readonly channel: Channel; readonly index: 0 | 1 | 2 }[];
  readonly grain: PackedGrain;
  readonly levels: number;
}

function colourPlanes(colour: readonly [Channel, Channel, Channel], style: RedactionStyle): ColourPlane[] {
  const [a, b, c] = [
    { channel: colour[0], index: 0 },
    { channel: colour[1], index: 1 },
    { channel: colour[2], index: 2 },
  ] as const;
  const groups = a.channel.step === 4 ? [[a, b, c]] : b.channel.step === 2 ? [[a], [b, c]] : [[a], [b], [c]];
  let chroma: PackedGrain | null = null;
  return groups.map((channels) => {
    const { channel } = channels[0] ?? a;
    const levels = channel.bright ? grainLevels(style) : CHROMA_GRAIN;
    const grain: PackedGrain = (!channel.bright && chroma) || packedGrain(samplesPerWordOf(channel), levels);
    if (!channel.bright) chroma = grain;
    return { channels, grain, levels };
  });
}

function paintSurface(pixels: PixelBuffer, region: StoredRegion, grid: ControlGrid, planes: readonly ColourPlane[]): void {
  const featherPicture = featherPx(region.rect);
  const outerPicture = growRect(region.rect, featherPicture, pixels);
  let weights: SurfaceWeights | null = null;
  let weightsShift = -1;
  for (const { channels, grain, levels } of planes) {
    const shift = channels[0]?.channel.shift ?? 0;
    const inner = shifted(region.rect, shift);
    const feather = featherPicture >> shift;
    if (!weights || weightsShift !== shift) weights = surfaceWeights(grid, nodeRect(inner, feather), shift, cellBitsFor(inner), region.box);
    weightsShift = shift;
    const surface = weights;
    paintPlane(pixels.data, {
      inner,
      outer: shifted(outerPicture, shift),
      feather,
      fields: channels.map(({ channel, index }) => ({
        channel,
        nodes: fieldNodes(grid.values[index], grid.side, surface, channel.low + levels + 1, channel.high - levels - 1),
      })),
      grain,
      grainX: region.seed % GRAIN_SIDE,
      grainY: (region.seed >>> 8) % GRAIN_SIDE,
    });
  }
}

/** Width of the soft edge in pixels. Even, so that it ends on a whole sample of every plane. */
export function featherPx(rect: PixelRect): number {
  const side = Math.min(rect.x1 - rect.x0, rect.y1 - rect.y0);
  return 2 * Math.round(Math.min(FEATHER_MAX_PX, Math.max(FEATHER_MIN_PX, side * FEATHER_SHARE)) / 2);
}

/** Picture pixels to samples of a plane; the far edge is rounded up, which matters at the end of an odd-sized picture. */
function shifted(rect: PixelRect, shift: number): PixelRect {
  const up = (1 << shift) - 1;
  return { x0: rect.x0 >> shift, y0: rect.y0 >> shift, x1: (rect.x1 + up) >> shift, y1: (rect.y1 + up) >> shift };
}

