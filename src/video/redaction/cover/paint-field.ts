import type { Channel } from './channels.ts';
import { FIELD_BITS, type FieldNodes, cellBitsFor } from './colour-field.ts';
import { LANE_BITS, type PackedGrain, type SamplesPerWord, packLanes } from './packed-grain.ts';
import { scratch } from './scratch.ts';
import { GRAIN_SIDE } from './seeded-noise.ts';
import type { PixelRect } from './stored-regions.ts';

const OPAQUE_LANE = 255 << LANE_BITS;
/** Fractional bits of the weights of the soft edge. */
const WEIGHT_BITS = 8;
const OPAQUE = 1 << WEIGHT_BITS;
const EVEN_BYTES = 0x00ff00ff;
const ODD_BYTES = 0xff00ff00 | 0;
const ALPHA_BYTE = 0xff000000 | 0;

/** One channel of a plane with the surface to paint on it. */
export interface ChannelField {
  readonly channel: Channel;
  /** From {@link nodeRect} on. */
  readonly nodes: FieldNodes;
}

/** Where and how one plane is painted, in sample coordinates of that plane. */
export interface PlanePainting {
  /** Covered: every sample is replaced. */
  readonly inner: PixelRect;
  /** `inner` and the soft edge around it, where outside samples fade into the cover. */
  readonly outer: PixelRect;
  /** Width of the soft edge before clipping, 0 for none. */
  readonly feather: number;
  /** All channels of colour of the plane, in the order of their bytes. */
  readonly fields: readonly ChannelField[];
  readonly grain: PackedGrain;
  /** Where in the grain the region begins; the column is rounded down to a multiple of four. */
  readonly grainX: number;
  readonly grainY: number;
}

/** The rectangle that nodes are needed for: cells begin exactly at the covered rectangle, so that its rows are whole cells. */
export function nodeRect(inner: PixelRect, feather: number): PixelRect {
  const mask = (1 << cellBitsFor(inner)) - 1;
  const lead = (feather + mask) & ~mask;
  return { x0: inner.x0 - lead, y0: inner.y0 - lead, x1: inner.x1 + feather, y1: inner.y1 + feather };
}

/**
 * Paints one plane in place. Samples in `inner` are written without being read; the fourth byte of packed RGB becomes
 * 255 there and stays as it is in the soft edge.
 */
export function paintPlane(data: Uint8Array<ArrayBuffer>, { inner, outer, feather, fields, grain, grainX, grainY }: PlanePainting): void {
  const [first] = fields;
  if (!first) return;
  const { step, stride, offset } = first.channel;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const rows = fields.map(({ nodes }) => scratch.ints(nodes.columns));
  const edge = (softEdges[feather] ??= softEdge(feather));
  const { cellBits } = first.nodes;
  const span = nodeRect(inner, feather);
  const innerColumn = (inner.x0 - span.x0) >> cellBits;
  const grainStart = (grainX & ~3) / grain.samplesPerWord;
  for (let y = outer.y0, next = y; y < outer.y1; y = next) {
    const away = y < inner.y0 ? inner.y0 - y : Math.max(0, y - inner.y1 + 1);
    // Every other covered row is the one above again: half the arithmetic, and a grain that survives compression better.
    next = away === 0 ? Math.min(y + 2, inner.y1) : y + 1;
    const below = (next - y - 1) * stride;
    const shares = edge[away] as Int32Array;
    for (let c = 0; c < fields.length; c++) {
      const { channel, nodes } = fields[c] as ChannelField;
      const row = rows[c] as Int32Array;
      fillRow(row, nodes, y - span.y0);
      const start = channel.offset + y * stride;
      blendSpan(data, start, step, row, cellBits, span.x0, outer.x0, inner.x0, shares, inner.x0 - outer.x0, -1, below);
      blendSpan(data, start, step, row, cellBits, span.x0, inner.x1, outer.x1, shares, 1, 1, below);
    }
    const at = offset + y * stride + inner.x0 * step;
    const grainRow = ((y - span.y0 + grainY) % GRAIN_SIDE) * grain.rowWords;
    paintRow(view, at, inner.x1 - inner.x0, rows, innerColumn, cellBits, grain, grainRow, grainStart, (shares[0] as number) >> WEIGHT_BITS, below);
  }
}

/** The surface in one row of samples, at its nodes; exact, since a cell is a power of two. */
function fillRow(row: Int32Array, { values, columns, rows, cellBits }: FieldNodes, y: number): void {
  const cellY = y >> cellBits;
  const down = y - (cellY << cellBits);
  const upper = cellY * columns;
  const lower = Math.min(rows - 1, cellY + 1) * columns;
  for (let n = 0; n < columns; n++) {
    const value = values[upper + n] as number;
    row[n] = (value << cellBits) + Math.imul((values[lower + n] as number) - value, down);
  }
}

/**
 * Paints the columns of the covered rectangle in one row, and with full weight the same `below` bytes further on: with full weight without
 * reading what is there, with less (above and below the rectangle) as a blend. The hot loop: a word of one to four samples takes two additions for the
 * slope, two for the grain and one store, since its bytes are computed as lanes of two integers. Lanes cannot spill:
 * node values keep the grain's distance from 0 and 255.
 */
function paintRow(view: DataView, start: number, samples: number, rows: readonly Int32Array[], column: number, cellBits: number, grain: PackedGrain, grainRow: number, grainStart: number, weight: number, below: number): void {
  const { samplesPerWord, rowWords } = grain;
  const toLevelLane = FIELD_BITS + cellBits - LANE_BITS;
  const toSlopeLane = toLevelLane + cellBits;
  const grainEven = grain.even;
  const grainOdd = grain.odd;
  const mask = rowWords - 1;
  const bytesPerSample = 4 / samplesPerWord;
  const end = start + samples * bytesPerSample;
  const kept = samplesPerWord === 1 ? ALPHA_BYTE : 0;
  const bytesPerCell = bytesPerSample << cellBits;
  const one = rows[0] as Int32Array;
  const two = rows[1] ?? one;
  const three = rows[2] ?? one;
  let at = start;
  let g = grainStart;
  for (let n = column; at < end; n++) {
    const a = one[n] as number;
    const da = (one[n + 1] as number) - a;
    const laneA = a >> toLevelLane;
    let even: number;
    let odd: number;
    let evenStep: number;
    let oddStep: number;
    if (samplesPerWord === 4) {
      even = packLanes(laneA, laneA + ((2 * da) >> toSlopeLane));
      odd = packLanes(laneA + (da >> toSlopeLane), laneA + ((3 * da) >> toSlopeLane));
      evenStep = oddStep = packLanes((4 * da) >> toSlopeLane, (4 * da) >> toSlopeLane);
    } else {
      const b = two[n] as number;
      const db = (two[n + 1] as number) - b;
      const laneB = b >> toLevelLane;
      if (samplesPerWord === 2) {
        even = packLanes(laneA, laneA + (da >> toSlopeLane));
        odd = packLanes(laneB, laneB + (db >> toSlopeLane));
        evenStep = packLanes((2 * da) >> toSlopeLane, (2 * da) >> toSlopeLane);
        oddStep = packLanes((2 * db) >> toSlopeLane, (2 * db) >> toSlopeLane);
      } else {
        const c = three[n] as number;
        const dc = (three[n + 1] as number) - c;
        even = packLanes(laneA, c >> toLevelLane);
        odd = packLanes(laneB, OPAQUE_LANE);
        evenStep = packLanes(da >> toSlopeLane, dc >> toSlopeLane);
        oddStep = db >> toSlopeLane;
      }
    }
    const cellEnd = Math.min(end, at + bytesPerCell);
    if (weight === OPAQUE) {
      for (; at + 4 <= cellEnd; at += 4, g++) {
        const i = grainRow + (g & mask);
        const cover = (((even + (grainEven[i] as number)) >>> LANE_BITS) & EVEN_BYTES) | ((odd + (grainOdd[i] as number)) & ODD_BYTES);
        view.setInt32(at, cover, true);
        view.setInt32(at + below, cover, true);
        even = (even + evenStep) | 0;
        odd = (odd + oddStep) | 0;
      }
    } else {
      for (; at + 4 <= cellEnd; at += 4, g++) {
        const i = grainRow + (g & mask);
        const cover = (((even + (grainEven[i] as number)) >>> LANE_BITS) & EVEN_BYTES) | ((odd + (grainOdd[i] as number)) & ODD_BYTES);
        view.setInt32(at, blendWord(view.getInt32(at, true), cover, weight, kept), true);
        even = (even + evenStep) | 0;
        odd = (odd + oddStep) | 0;
      }
    }
    if (at < cellEnd) {
      const i = grainRow + (g & mask);
      const cover = (((even + (grainEven[i] as number)) >>> LANE_BITS) & EVEN_BYTES) | ((odd + (grainOdd[i] as number)) & ODD_BYTES);
      const word = weight === OPAQUE ? cover : blendWord(readBytes(view, at, cellEnd), cover, weight, kept);
      writeBytes(view, at, cellEnd, word);
      if (below > 0) writeBytes(view, at + below, cellEnd + below, word);
      at = cellEnd;
    }
  }
}

/** Four bytes at once, as two lanes of two: 255 times 256 still fits a lane. Bits in `kept` stay as they were. */
function blendWord(before: number, cover: number, weight: number, kept: number): number {
  const rest = OPAQUE - weight;
  const even = (Math.imul(before & EVEN_BYTES, rest) + Math.imul(cover & EVEN_BYTES, weight)) >>> WEIGHT_BITS;
  const odd = Math.imul((before >>> 8) & EVEN_BYTES, rest) + Math.imul((cover >>> 8) & EVEN_BYTES, weight);
  return (((even & EVEN_BYTES) | (odd & ODD_BYTES)) & ~kept) | (before & kept);
}

/** Fewer than four bytes, at the end of a row. */
function readBytes(view: DataView, from: number, to: number): number {
  let word = 0;
  for (let at = to - 1; at >= from; at--) word = (word << 8) | view.getUint8(at);
  return word;
}

function writeBytes(view: DataView, from: number, to: number, bytes: number): void {
  for (let at = from, rest = bytes; at < to; at++, rest >>>= 8) view.setUint8(at, rest & 0xff);
}

/** Fades samples from `from` to `to` into the cover, and those `below` bytes further on. `shares[nearest]` belongs to the first, and so on in steps of `direction`. */
function blendSpan(data: Uint8Array, start: number, step: number, row: Int32Array, cellBits: number, spanX: number, from: number, to: number, shares: Int32Array, nearest: number, direction: number, below: number): void {
  const toLevel = FIELD_BITS + 2 * cellBits;
  let at = start + from * step;
  let k = nearest;
  for (let x = from; x < to; ) {
    const n = (x - spanX) >> cellBits;
    const cellStart = spanX + (n << cellBits);
    const end = Math.min(to, cellStart + (1 << cellBits));
    const left = row[n] as number;
    const slope = (row[n + 1] as number) - left;
    let value = (left << cellBits) + slope * (x - cellStart);
    for (; x < end; x++, at += step, k += direction) {
      const cover = value >> toLevel;
      const share = shares[k] as number;
      const before = data[at] as number;
      data[at] = before + (Math.imul(cover - before, share) >> (2 * WEIGHT_BITS));
      if (below > 0) {
        const beforeBelow = data[at + below] as number;
        data[at + below] = beforeBelow + (Math.imul(cover - beforeBelow, share) >> (2 * WEIGHT_BITS));
      }
      value = (value + slope) | 0;
    }
  }
}

/** By width; there are few, since a soft edge has its bounds. */
const softEdges: Int32Array[][] = [];

/**
 * How much of the cover shows, with {@link WEIGHT_BITS} bits for each axis: `[down][across]`, samples away from the covered rectangle, 0 within it. A smooth
 * step from nearly all to nearly nothing.
 */
function softEdge(feather: number): Int32Array[] {
  const weights = [OPAQUE];
  for (let i = 0; i < feather; i++) {
    const t = 1 - (i + 1) / (feather + 1);
    weights.push(Math.round(t * t * (3 - 2 * t) * OPAQUE));
  }
  return weights.map((down) => Int32Array.from(weights, (across) => down * across));
}

/** How many samples of the plane of a channel fill one 32-bit word. */
export function samplesPerWordOf(channel: Channel): SamplesPerWord {
  return channel.step === 1 ? 4 : channel.step === 2 ? 2 : 1;
}
