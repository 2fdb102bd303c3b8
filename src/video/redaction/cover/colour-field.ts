import type { Box } from '../../../core/geometry.ts';
import { scratch } from './scratch.ts';
import type { PixelRect } from './stored-regions.ts';

/** Fractional bits of the fixed-point values in a {@link FieldNodes}. */
export const FIELD_BITS = 12;
/** Bounds of the distance of field nodes: 8 to 32 samples. With {@link FIELD_BITS} all arithmetic fits 31 bits. */
const MIN_CELL_BITS = 3;
const MAX_CELL_BITS = 5;

/**
 * Distance of field nodes in samples, as a power of two: between nodes a cover is bilinear. At least eight cells over
 * the shorter side where there is room, so that bends do not show, and no more than are needed for it.
 */
export function cellBitsFor(rect: PixelRect): number {
  const side = Math.min(rect.x1 - rect.x0, rect.y1 - rect.y0);
  return Math.min(MAX_CELL_BITS, Math.max(MIN_CELL_BITS, 28 - Math.clz32(side)));
}

/**
 * A handful of colours over a region: the control points of a smooth (cubic B-spline) surface. Point (i, j) lies at
 * (`origin` + i · `spacing`, `origin` + j · `spacing`), 0 to 1 from edge to edge of the region's box.
 */
export interface ControlGrid {
  readonly side: number;
  readonly origin: number;
  readonly spacing: number;
  /** `values[channel][j * side + i]`, 0 to 255; may overshoot. From {@link scratch}, as all arrays here: longer than that, and of one picture. */
  readonly values: readonly [Float32Array, Float32Array, Float32Array];
}

/** The surface of one channel sampled at the corners of cells over a rectangle of that channel, ready to be interpolated. */
export interface FieldNodes {
  readonly cellBits: number;
  readonly columns: number;
  readonly rows: number;
  /** Fixed point, {@link FIELD_BITS} fractional bits. */
  readonly values: Int32Array;
}

/** B-spline weights of every node along one axis: four control indices and four weights each. */
interface AxisWeights {
  readonly nodes: number;
  readonly indices: Uint8Array;
  readonly weights: Float32Array;
}

/** Weights along both axes; shared by the channels of one plane layout. */
export interface SurfaceWeights {
  readonly cellBits: number;
  readonly x: AxisWeights;
  readonly y: AxisWeights;
}

/**
 * Prepares the surface for samples of `rect` (sample coordinates of a channel whose picture coordinates are shifted
 * right by `shift`) over the region `box` (picture coordinates), with a node every 2^`cellBits` samples.
 */
export function surfaceWeights(
  grid: Pick<ControlGrid, 'side' | 'origin' | 'spacing'>,
  rect: PixelRect,
  shift: number,
  cellBits: number,
  box: Box,
): SurfaceWeights {
  const scale = 1 << shift;
  return {
    cellBits,
    x: axisWeights(grid, rect.x1 - rect.x0, cellBits, (rect.x0 * scale - box.x) / box.width, scale / box.width),
    y: axisWeights(grid, rect.y1 - rect.y0, cellBits, (rect.y0 * scale - box.y) / box.height, scale / box.height),
  };
}

function axisWeights(grid: Pick<ControlGrid, 'side' | 'origin' | 'spacing'>, length: number, cellBits: number, start: number, perSample: number): AxisWeights {
  const cell = 1 << cellBits;
  const nodes = ((length + cell - 1) >> cellBits) + 1;
  const indices = scratch.bytes(4 * nodes);
  const weights = scratch.floats(4 * nodes);
  const last = grid.side - 1;
  for (let n = 0; n < nodes; n++) {
    const position = Math.min(last, Math.max(0, (start + n * cell * perSample - grid.origin) / grid.spacing));
    const base = Math.min(last - 1, Math.floor(position));
    const t = position - base;
    const s = 1 - t;
    for (let k = 0; k < 4; k++) indices[4 * n + k] = Math.min(last, Math.max(0, base - 1 + k));
    weights[4 * n] = (s * s * s) / 6;
    weights[4 * n + 1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
    weights[4 * n + 2] = (4 - 6 * s * s + 3 * s * s * s) / 6;
    weights[4 * n + 3] = (t * t * t) / 6;
  }
  return { nodes, indices, weights };
}

/** Evaluates one channel of the surface at the nodes; values are kept between `low` and `high`, plus a half to round. */
export function fieldNodes(values: Float32Array, side: number, { x, y, cellBits }: SurfaceWeights, low: number, high: number): FieldNodes {
  const columns = x.nodes;
  const across = scratch.floats(side * columns);
  for (let n = 0; n < columns; n++) {
    const k = 4 * n;
    const [i0, i1, i2, i3] = [x.indices[k]!, x.indices[k + 1]!, x.indices[k + 2]!, x.indices[k + 3]!];
    const [w0, w1, w2, w3] = [x.weights[k]!, x.weights[k + 1]!, x.weights[k + 2]!, x.weights[k + 3]!];
    for (let j = 0, row = 0; j < side; j++, row += side) {
      across[j * columns + n] = w0 * values[row + i0]! + w1 * values[row + i1]! + w2 * values[row + i2]! + w3 * values[row + i3]!;
    }
  }
  const out = scratch.ints(columns * y.nodes);
  const one = 1 << FIELD_BITS;
  for (let m = 0; m < y.nodes; m++) {
    const k = 4 * m;
    const [r0, r1, r2, r3] = [y.indices[k]! * columns, y.indices[k + 1]! * columns, y.indices[k + 2]! * columns, y.indices[k + 3]! * columns];
    const [w0, w1, w2, w3] = [y.weights[k]!, y.weights[k + 1]!, y.weights[k + 2]!, y.weights[k + 3]!];
    for (let n = 0; n < columns; n++) {
      const value = w0 * across[r0 + n]! + w1 * across[r1 + n]! + w2 * across[r2 + n]! + w3 * across[r3 + n]!;
      out[m * columns + n] = (Math.min(high, Math.max(low, value)) + 0.5) * one;
    }
  }
  return { cellBits, columns, rows: y.nodes, values: out };
}
