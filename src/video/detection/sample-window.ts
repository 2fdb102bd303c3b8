import type { Box, Size } from '../../core/geometry.ts';
import { displayToStored } from '../../core/orientation.ts';
import type { PixelBuffer, Plane } from '../../core/pixels.ts';
import { rgbCoefficients } from '../../core/yuv-to-rgb.ts';

/** Taps per axis and output pixel; the step is where the result of 2 x 2 begins to alias visibly. */
const FEW_TAPS = 2;
const MANY_TAPS = 4;
const MANY_TAPS_FROM_SCALE = 6;

/** Turns windows of pictures into small pictures of one size. Results are reused by the next call. */
export interface WindowSampler {
  /** Of the output, in pixels. */
  readonly size: Size;
  /**
   * Borrows `pixels`. Planes R, G, B of values in [-1, 1] (`value / 127.5 - 1`), row by row. The window is in display
   * pixels and is stretched where its shape is not that of the output. Beyond its edge the picture is mirrored: half a face
   * at the edge becomes a whole one (docs/decisions/0003-when-to-look.md).
   */
  floats(pixels: PixelBuffer, window: Box): Float32Array;
  /** Borrows `pixels`. The same picture as opaque RGBA bytes. */
  bytes(pixels: PixelBuffer, window: Box): Uint8ClampedArray<ArrayBuffer>;
}

/** Where the taps of one output axis lie: byte offsets to add to those of the other axis. */
interface AxisTable {
  /** Taps per output pixel. */
  readonly samples: Int32Array;
  /** One per output pixel, into the chroma planes. */
  readonly chromaU: Int32Array;
  readonly chromaV: Int32Array;
}

/** How one display axis runs through the stored picture: stored = step * display + start, along x or y. */
interface StoredAxis {
  readonly along: 'x' | 'y';
  readonly step: number;
  readonly start: number;
}

/** Creates a sampler for model inputs of this size. Allocates here and never again. */
export function createWindowSampler(size: Size): WindowSampler {
  const { width, height } = size;
  const count = width * height;
  const floats = new Float32Array(3 * count);
  const sums = new Int32Array(width);
  let rgba: Uint8ClampedArray<ArrayBuffer> | null = null;
  const columns = createAxisTable(width);
  const rows = createAxisTable(height);

  const sample = (pixels: PixelBuffer, window: Box): Float32Array => {
    const map = displayToStored(pixels);
    const across: StoredAxis = map.a !== 0 ? { along: 'x', step: map.a, start: map.e } : { along: 'y', step: map.b, start: map.f };
    const down: StoredAxis = map.d !== 0 ? { along: 'y', step: map.d, start: map.f } : { along: 'x', step: map.c, start: map.e };
    const scale = Math.max(Math.abs(across.step) * window.width / width, Math.abs(down.step) * window.height / height);
    const taps = scale > MANY_TAPS_FROM_SCALE ? MANY_TAPS : FEW_TAPS;
    fillAxis(columns, pixels, across, window.x, window.width / width, width, taps);
    fillAxis(rows, pixels, down, window.y, window.height / height, height, taps);
    if (pixels.format === 'I420' || pixels.format === 'NV12') sampleYuv(floats, pixels, columns, rows, sums, taps);
    else samplePacked(floats, pixels, columns, rows, sums, taps);
    return floats;
  };

  return {
    size,
    floats: sample,
    bytes(pixels, window) {
      sample(pixels, window);
      rgba ??= new Uint8ClampedArray(4 * count).fill(255);
      for (let i = 0, o = 0; i < count; i++, o += 4) {
        rgba[o] = floats[i]! * 127.5 + 127.5;
        rgba[o + 1] = floats[count + i]! * 127.5 + 127.5;
        rgba[o + 2] = floats[2 * count + i]! * 127.5 + 127.5;
      }
      return rgba;
    },
  };
}

function createAxisTable(size: number): AxisTable {
  return {
    samples: new Int32Array(size * MANY_TAPS),
    chromaU: new Int32Array(size),
    chromaV: new Int32Array(size),
  };
}

/** Rotations are multiples of 90 degrees, so an offset is always a part for the column plus a part for the row. */
function fillAxis(table: AxisTable, pixels: PixelBuffer, axis: StoredAxis, from: number, pitch: number, size: number, taps: number): void {
  const luma = pixels.planes[0]!;
  const u = pixels.planes[1];
  const v = pixels.planes[2] ?? u;
  for (let i = 0; i < size; i++) {
    const centre = from + (i + 0.5) * pitch;
    for (let t = 0; t < taps; t++) {
      const at = axis.step * (from + (i + (t + 0.5) / taps) * pitch) + axis.start;
      table.samples[i * taps + t] = offsetIn(luma, axis.along, at);
    }
    if (u === undefined || v === undefined) continue;
    const at = (axis.step * centre + axis.start) / u.subsampling;
    table.chromaU[i] = offsetIn(u, axis.along, at);
    table.chromaV[i] = offsetIn(v, axis.along, at);
  }
}

function offsetIn(plane: Plane, along: 'x' | 'y', position: number): number {
  return along === 'x' ? mirrored(position, plane.width) * plane.channels : mirrored(position, plane.height) * plane.stride;
}

/** The sample that stands at a position; farther out than the picture is long, its other end. */
function mirrored(position: number, length: number): number {
  const index = Math.floor(position);
  const inside = index < 0 ? -1 - index : index >= length ? 2 * length - 1 - index : index;
  return Math.min(Math.max(inside, 0), length - 1);
}

/** Adds one row of samples to the sums of the output pixels. */
function addRow(sums: Int32Array, data: Uint8Array, row: number, columns: AxisTable, taps: number): void {
  const { samples } = columns;
  const end = sums.length;
  if (taps === FEW_TAPS) {
    for (let x = 0; x < end; x++) sums[x]! += data[row + samples[2 * x]!]! + data[row + samples[2 * x + 1]!]!;
    return;
  }
  for (let x = 0, i = 0; x < end; x++, i += MANY_TAPS) {
    sums[x]! += data[row + samples[i]!]! + data[row + samples[i + 1]!]! + data[row + samples[i + 2]!]! + data[row + samples[i + 3]!]!;
  }
}

function samplePacked(out: Float32Array, pixels: PixelBuffer, columns: AxisTable, rows: AxisTable, sums: Int32Array, taps: number): void {
  const { data, format } = pixels;
  const width = sums.length;
  const planeSize = out.length / 3;
  const height = planeSize / width;
  const red = format === 'RGBA' || format === 'RGBX' ? 0 : 2;
  const gain = 1 / (127.5 * taps * taps);
  for (const [plane, channel] of [red, 1, 2 - red].entries()) {
    const base = pixels.planes[0]!.offset + channel;
    for (let y = 0; y < height; y++) {
      sums.fill(0);
      for (let t = y * taps; t < (y + 1) * taps; t++) addRow(sums, data, base + rows.samples[t]!, columns, taps);
      const o = plane * planeSize + y * width;
      for (let x = 0; x < width; x++) out[o + x] = sums[x]! * gain - 1;
    }
  }
}

function sampleYuv(out: Float32Array, pixels: PixelBuffer, columns: AxisTable, rows: AxisTable, sums: Int32Array, taps: number): void {
  const { data } = pixels;
  const width = sums.length;
  const lumaBase = pixels.planes[0]!.offset;
  const uBase = pixels.planes[1]!.offset;
  const vBase = pixels.format === 'NV12' ? uBase + 1 : pixels.planes[2]!.offset;
  const { lumaGain, lumaStart, redV, greenU, greenV, blueU } = rgbCoefficients(pixels.colour);
  const gain = lumaGain / (taps * taps);
  const { chromaU, chromaV } = columns;
  const planeSize = out.length / 3;
  const height = planeSize / width;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let t = y * taps; t < (y + 1) * taps; t++) addRow(sums, data, lumaBase + rows.samples[t]!, columns, taps);
    const uRow = uBase + rows.chromaU[y]!;
    const vRow = vBase + rows.chromaV[y]!;
    for (let x = 0, o = y * width; x < width; x++, o++) {
      const luma = sums[x]! * gain + lumaStart;
      const u = data[uRow + chromaU[x]!]! - 128;
      const v = data[vRow + chromaV[x]!]! - 128;
      out[o] = within(luma + redV * v);
      out[planeSize + o] = within(luma + greenU * u + greenV * v);
      out[2 * planeSize + o] = within(luma + blueU * u);
    }
  }
}

function within(value: number): number {
  return value < -1 ? -1 : value > 1 ? 1 : value;
}
