import { type Channel, greyValue } from './channels.ts';
import { scratch } from './scratch.ts';
import { type PixelRect, growRect, rectsMeet } from './stored-regions.ts';

/** How many colours a cover takes from each side of its region. */
export const COLOURS_PER_SIDE = 6;
/** Sample points per colour, along and across the border: few, so that the cost does not grow with the region. */
export const POINTS_ALONG = 6;
export const POINTS_ACROSS = 4;
const STRETCH = COLOURS_PER_SIDE * POINTS_ALONG;
/** Written anew for each line: where its samples lie, and whether they may be read. */
const alongs = new Int32Array(STRETCH);
const open = new Uint8Array(STRETCH);
/** Depth of the ring that is looked at, in pixels, as a share of the region's shorter side and within bounds. */
const RING_SHARE = 1 / 10;
const RING_MIN_PX = 4;
const RING_MAX_PX = 24;

/**
 * Where the colours lie, relative to the region (0 to 1 from edge to edge): clockwise from the top left, so that neighbours in the list
 * are neighbours along the border.
 */
export const BORDER_PLACES = placesOnBorder();

function placesOnBorder(): { readonly count: number; readonly u: readonly number[]; readonly v: readonly number[] } {
  const count = 4 * COLOURS_PER_SIDE;
  const places = Array.from({ length: count }, (_, i) => {
    const along = ((i % COLOURS_PER_SIDE) + 0.5) / COLOURS_PER_SIDE;
    return ([[along, 0], [1, along], [1 - along, 1], [0, 1 - along]] as const)[Math.floor(i / COLOURS_PER_SIDE)]!;
  });
  return { count, u: places.map(([u]) => u), v: places.map(([, v]) => v) };
}

/** Colours around a region, in the order of {@link BORDER_PLACES}. */
export interface BorderColours {
  /** `values[channel][i]`, 0 to 255; from {@link scratch}. */
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
  const isFree = nearby.length === 0;
  const { count } = BORDER_PLACES;
  const values = [scratch.floats(count).fill(0), scratch.floats(count).fill(0), scratch.floats(count).fill(0)] as const;
  const points = scratch.bytes(count).fill(0);
  for (let side = 0; side < 4; side++) {
    // Sides 0 and 2 run along x, 0 and 1 from the smaller coordinate to the larger one.
    const isLevel = side === 0 || side === 2;
    const from = isLevel ? rect.x0 : rect.y0;
    const to = isLevel ? rect.x1 : rect.y1;
    for (let n = 0; n < STRETCH; n++) {
      const way = Math.floor(((n + 0.5) / STRETCH) * (to - from));
      alongs[n] = side < 2 ? from + way : to - 1 - way;
    }
    for (let b = 0; b < POINTS_ACROSS; b++) {
      const out = Math.floor(((b + 0.5) / POINTS_ACROSS) * depth);
      const across = side === 0 ? rect.y0 - 1 - out : side === 1 ? rect.x1 + out : side === 2 ? rect.y1 + out : rect.x0 - 1 - out;
      if (across < 0 || across >= (isLevel ? picture.height : picture.width)) continue;
      for (let i = 0, n = 0; i < COLOURS_PER_SIDE; i++) {
        let found = isFree ? POINTS_ALONG : 0;
        for (const end = n + POINTS_ALONG; n < end && !isFree; n++) {
          const along = alongs[n]!;
          open[n] = isCovered(nearby, isLevel ? along : across, isLevel ? across : along) ? 0 : 1;
          found += open[n]!;
        }
        points[side * COLOURS_PER_SIDE + i]! += found;
      }
      colour.forEach((channel, c) => {
        addLine(values[c]!, side * COLOURS_PER_SIDE, data, channel, across, isLevel, isFree);
      });
    }
  }
  for (const sums of values) for (let i = 0; i < count; i++) if (points[i]! > 0) sums[i]! /= points[i]!;
  fillGaps(values, points, colour);
  return { values };
}

function isCovered(rects: readonly PixelRect[], x: number, y: number): boolean {
  for (const rect of rects) {
    if (x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1) return true;
  }
  return false;
}

/** Adds the open samples (all of them where the border `isFree` of other regions) of one line beside the region to the sums of the colours from `first` on. */
function addLine(sums: Float32Array, first: number, data: Uint8Array, { offset, stride, step, shift }: Channel, across: number, isLevel: boolean, isFree: boolean): void {
  const start = offset + (across >> shift) * (isLevel ? stride : step);
  const pitch = isLevel ? step : stride;
  for (let n = 0, i = first; n < alongs.length; i++) {
    let sum = 0;
    // Nearly every border lies free.
    if (isFree) for (const end = n + POINTS_ALONG; n < end; n++) sum += data[start + (alongs[n]! >> shift) * pitch]!;
    else for (const end = n + POINTS_ALONG; n < end; n++) if (open[n] === 1) sum += data[start + (alongs[n]! >> shift) * pitch]!;
    sums[i]! += sum;
  }
}

/** Gives each place without a colour the mean of the nearest ones before and after it, weighted by nearness. */
function fillGaps(values: BorderColours['values'], found: Uint8Array, colour: readonly Channel[]): void {
  const { count } = BORDER_PLACES;
  const any = found.some((points) => points > 0);
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
