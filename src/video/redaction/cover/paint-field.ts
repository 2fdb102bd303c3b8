import type { Channel } from './channels.ts';
import { CELL_BITS, FIELD_BITS, type FieldNodes } from './colour-field.ts';
import { GRAIN_SIDE } from './seeded-noise.ts';
import type { PixelRect } from './stored-regions.ts';

/** Fractional bits of a value interpolated along both axes: the node's plus a cell each way. Fits 31 bits. */
export const PAINT_BITS = FIELD_BITS + 2 * CELL_BITS;
const CELL = 1 << CELL_BITS;
const CELL_MASK = CELL - 1;
const GRAIN_MASK = GRAIN_SIDE - 1;
/** Fractional bits of the weights of the soft edge. */
const WEIGHT_BITS = 8;

/** Where and how one channel is painted, in sample coordinates of that channel. */
export interface FieldPainting {
  /** Covered: every sample is replaced. */
  readonly inner: PixelRect;
  /** `inner` and the soft edge around it, where outside samples fade into the cover; the nodes span this. */
  readonly outer: PixelRect;
  /** Width of the soft edge before clipping, 0 for none. */
  readonly featherPx: number;
  readonly nodes: FieldNodes;
  /** From `grainTile`, in units of 1 / 2^{@link PAINT_BITS}. */
  readonly grain: Int32Array;
  /** Where in the tile the top left sample of the region begins. */
  readonly grainX: number;
  readonly grainY: number;
}

/** Paints one channel in place. Samples in `inner` are written without being read. */
export function paintField(data: Uint8Array, channel: Channel, painting: FieldPainting): void {
  const { inner, outer, nodes, grain } = painting;
  const columns = nodes.columns;
  const row = new Int32Array(columns);
  const rise = new Int32Array(columns);
  const fade = fadeWeights(painting.featherPx);
  const { step, stride, offset } = channel;
  for (let y = outer.y0; y < outer.y1; y++) {
    advanceRow(nodes, y - outer.y0, row, rise);
    const grainRow = ((y - inner.y0 + painting.grainY) & GRAIN_MASK) * GRAIN_SIDE;
    const start = offset + y * stride;
    const below = y < inner.y0 ? inner.y0 - 1 - y : y >= inner.y1 ? y - inner.y1 : -1;
    const weightY = below < 0 ? 1 << WEIGHT_BITS : (fade[below] ?? 0);
    const grainShift = painting.grainX - inner.x0;
    // Left of, over, and right of the columns of the covered rectangle; above and below it all three are soft edge.
    for (let x = outer.x0; x < inner.x0; x++) {
      const weight = (weightY * (fade[inner.x0 - 1 - x] ?? 0)) >> WEIGHT_BITS;
      blendSample(data, start + x * step, weight, fieldAt(row, x - outer.x0) + (grain[grainRow + ((x + grainShift) & GRAIN_MASK)] ?? 0));
    }
    if (below >= 0) {
      for (let x = inner.x0; x < inner.x1; x++) {
        blendSample(data, start + x * step, weightY, fieldAt(row, x - outer.x0) + (grain[grainRow + ((x + grainShift) & GRAIN_MASK)] ?? 0));
      }
    } else {
      writeRow(data, start, step, row, painting, grainRow, grainShift);
    }
    for (let x = inner.x1; x < outer.x1; x++) {
      const weight = (weightY * (fade[x - inner.x1] ?? 0)) >> WEIGHT_BITS;
      blendSample(data, start + x * step, weight, fieldAt(row, x - outer.x0) + (grain[grainRow + ((x + grainShift) & GRAIN_MASK)] ?? 0));
    }
  }
}

/** Moves the row of node values down by one sample row; exact, since a cell is a power of two. */
function advanceRow(nodes: FieldNodes, y: number, row: Int32Array, rise: Int32Array): void {
  const columns = nodes.columns;
  if ((y & CELL_MASK) === 0) {
    const upper = (y >> CELL_BITS) * columns;
    const lower = Math.min(nodes.rows - 1, (y >> CELL_BITS) + 1) * columns;
    for (let n = 0; n < columns; n++) {
      const value = nodes.values[upper + n] ?? 0;
      row[n] = value << CELL_BITS;
      rise[n] = (nodes.values[lower + n] ?? 0) - value;
    }
    return;
  }
  for (let n = 0; n < columns; n++) row[n] = (row[n] ?? 0) + (rise[n] ?? 0);
}

function fieldAt(row: Int32Array, x: number): number {
  const n = x >> CELL_BITS;
  const left = row[n] ?? 0;
  return (left << CELL_BITS) + ((row[n + 1] ?? left) - left) * (x & CELL_MASK);
}

function blendSample(data: Uint8Array, at: number, weight: number, value: number): void {
  const before = data[at] ?? 0;
  data[at] = before + ((((value >> PAINT_BITS) - before) * weight) >> WEIGHT_BITS);
}

/** The hot loop: one addition, one table look-up and one store a sample. */
function writeRow(data: Uint8Array, start: number, step: number, row: Int32Array, painting: FieldPainting, grainRow: number, grainShift: number): void {
  const { inner, outer, grain } = painting;
  let x = inner.x0;
  while (x < inner.x1) {
    const n = (x - outer.x0) >> CELL_BITS;
    const end = Math.min(inner.x1, outer.x0 + ((n + 1) << CELL_BITS));
    const left = row[n] as number;
    const slope = (row[n + 1] as number) - left;
    let value = (left << CELL_BITS) + slope * ((x - outer.x0) & CELL_MASK);
    let at = start + x * step;
    for (; x < end; x++) {
      data[at] = (value + (grain[grainRow + ((x + grainShift) & GRAIN_MASK)] as number)) >> PAINT_BITS;
      value += slope;
      at += step;
    }
  }
}

/** Weight of the cover by distance from the covered rectangle: a smooth step from nearly all to nearly nothing. */
function fadeWeights(featherPx: number): Int32Array {
  return Int32Array.from({ length: featherPx }, (_, i) => {
    const t = 1 - (i + 1) / (featherPx + 1);
    return Math.round(t * t * (3 - 2 * t) * (1 << WEIGHT_BITS));
  });
}
