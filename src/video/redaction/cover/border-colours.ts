import { type Channel, greyValue } from './channels.ts';
import { type PixelRect, growRect, rectsMeet } from './stored-regions.ts';

/** How many colours a cover takes from each side of its region. */
export const COLOURS_PER_SIDE = 6;
/** Sample points per colour, along and across the border: few, so that the cost does not grow with the region. */
export const POINTS_ALONG = 6;
export const POINTS_ACROSS = 4;
/** Depth of the ring that is looked at, in pixels, as a share of the region's shorter side and within bounds. */
const RING_SHARE = 1 / 10;
const RING_MIN_PX = 4;
const RING_MAX_PX = 24;

/** Colours around a region, each with its place relative to it (0 to 1 from edge to edge). */
export interface BorderColours {
  readonly count: number;
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** `values[channel][i]`, 0 to 255. */
  readonly values: readonly [Float32Array, Float32Array, Float32Array];
}

/** Depth in pixels of the ring around a region that its border colours come from. */
export function ringDepthPx(rect: PixelRect): number {
  const side = Math.min(rect.x1 - rect.x0, rect.y1 - rect.y0);
  return Math.round(Math.min(RING_MAX_PX, Math.max(RING_MIN_PX, side * RING_SHARE)));
}

/**
 * Averages colours in a ring just outside `rect`. Reads no pixel that lies in `rect`, in any of `covered`, or outside the
 * picture. A stretch of the border with no such pixel takes the mean of its nearest neighbours along the border; with no
 * pixel at all around the region, everything is neutral grey.
 */
export function borderColours(
  data: Uint8Array,
  colour: readonly [Channel, Channel, Channel],
  picture: { width: number; height: number },
  rect: PixelRect,
  covered: readonly PixelRect[],
): BorderColours {
  const depth = ringDepthPx(rect);
  const ring = growRect(rect, depth, picture);
  const nearby = covered.filter((other) => other !== rect && rectsMeet(other, ring));
  const count = 4 * COLOURS_PER_SIDE;
  const border = {
    count,
    u: new Float32Array(count),
    v: new Float32Array(count),
    values: [new Float32Array(count), new Float32Array(count), new Float32Array(count)] as const,
  };
  const found = new Uint8Array(count);
  const width = rect.x1 - rect.x0;
  const height = rect.y1 - rect.y0;
  // Clockwise from the top left, so that neighbours in the list are neighbours along the border.
  for (let i = 0; i < count; i++) {
    const side = Math.floor(i / COLOURS_PER_SIDE);
    const along = i % COLOURS_PER_SIDE;
    const centre = (along + 0.5) / COLOURS_PER_SIDE;
    border.u[i] = side === 0 ? centre : side === 1 ? 1 : side === 2 ? 1 - centre : 0;
    border.v[i] = side === 0 ? 0 : side === 1 ? centre : side === 2 ? 1 : 1 - centre;
    let points = 0;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    for (let a = 0; a < POINTS_ALONG; a++) {
      const t = (along + (a + 0.5) / POINTS_ALONG) / COLOURS_PER_SIDE;
      for (let b = 0; b < POINTS_ACROSS; b++) {
        const out = Math.floor(((b + 0.5) / POINTS_ACROSS) * depth);
        const x = side === 0 ? rect.x0 + Math.floor(t * width) : side === 1 ? rect.x1 + out : side === 2 ? rect.x1 - 1 - Math.floor(t * width) : rect.x0 - 1 - out;
        const y = side === 0 ? rect.y0 - 1 - out : side === 1 ? rect.y0 + Math.floor(t * height) : side === 2 ? rect.y1 + out : rect.y1 - 1 - Math.floor(t * height);
        if (x < 0 || y < 0 || x >= picture.width || y >= picture.height || isCovered(nearby, x, y)) continue;
        points++;
        sum0 += sampleAt(data, colour[0], x, y);
        sum1 += sampleAt(data, colour[1], x, y);
        sum2 += sampleAt(data, colour[2], x, y);
      }
    }
    if (points === 0) continue;
    found[i] = 1;
    border.values[0][i] = sum0 / points;
    border.values[1][i] = sum1 / points;
    border.values[2][i] = sum2 / points;
  }
  fillGaps(border.values, found, colour);
  return border;
}

function isCovered(rects: readonly PixelRect[], x: number, y: number): boolean {
  for (const rect of rects) {
    if (x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1) return true;
  }
  return false;
}

function sampleAt(data: Uint8Array, channel: Channel, x: number, y: number): number {
  return data[channel.offset + (y >> channel.shift) * channel.stride + (x >> channel.shift) * channel.step] ?? 0;
}

/** Gives each place without a colour the mean of the nearest ones before and after it, weighted by nearness. */
function fillGaps(values: BorderColours['values'], found: Uint8Array, colour: readonly Channel[]): void {
  const count = found.length;
  const any = found.includes(1);
  for (let i = 0; i < count; i++) {
    if (found[i]) continue;
    let before = 1;
    let after = 1;
    while (any && !found[(i - before + count) % count]) before++;
    while (any && !found[(i + after) % count]) after++;
    values.forEach((channelValues, c) => {
      const channel = colour[c];
      const a = channelValues[(i - before + count) % count] ?? 0;
      const b = channelValues[(i + after) % count] ?? 0;
      channelValues[i] = any ? (a * after + b * before) / (before + after) : channel ? greyValue(channel, 0.5) : 128;
    });
  }
}
