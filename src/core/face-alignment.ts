import { CROP_SIDE, type CropOrigin, type FaceCrop } from './face-crop.ts';
import type { Detection } from './faces.ts';
import type { Point, Size } from './geometry.ts';
import { displayToStored, mapPoint, type Affine } from './orientation.ts';
import type { PixelBuffer, Plane } from './pixels.ts';
import { rgbCoefficients } from './yuv-to-rgb.ts';

const CHIP: Size = { width: CROP_SIDE, height: CROP_SIDE };
/** Share of the chip that dlib leaves around the mean face on each side (`get_face_chip_details`). */
const PADDING = 0.25;
/** Where dlib's mean face has its eyes and the middle of its mouth; its own box is 1 x 1. */
const MEAN_FACE = [
  { x: 0.2273, y: 0.2214 }, // the subject's right eye, at the left
  { x: 0.7528, y: 0.2212 },
  { x: 0.4901, y: 0.8 },
] as const;
/** {@link MEAN_FACE} in pixels of the chip. */
export const CHIP_POINTS: readonly Point[] = MEAN_FACE.map(({ x, y }) => ({ x: toChip(x), y: toChip(y) }));
/** Nearer eyes are no face. */
const LEAST_EYE_DISTANCE_PX = 2;
/** Taps per axis: so many keep faces of 1,000 pixels free of aliasing; larger ones have no finer detail than that, either. */
const MOST_TAPS = 8;
/** From so many taps an axis on, the nearest samples are as good as those interpolated between. */
const DENSE_TAPS = 3;

function toChip(share: number): number {
  return ((PADDING + share) / (1 + 2 * PADDING)) * CROP_SIDE;
}

/**
 * The map from pixels of the aligned chip to display pixels: turned, scaled and shifted (never sheared) so that eyes and mouth
 * lie, by least squares, where dlib's mean face has them. The nose is left out: it moves most when a head turns
 * (docs/decisions/0007-face-features.md). Null where the points tell no face.
 * @param keypoints six in the order of `KEYPOINT_NAMES`, display pixels.
 */
export function alignmentOf(keypoints: readonly Point[]): Affine | null {
  const [rightEye, leftEye, , mouth] = keypoints;
  if (rightEye === undefined || leftEye === undefined || mouth === undefined) return null;
  if (!(Math.hypot(leftEye.x - rightEye.x, leftEye.y - rightEye.y) >= LEAST_EYE_DISTANCE_PX)) return null;
  const fitted = similarity(CHIP_POINTS, [rightEye, leftEye, mouth]);
  return Object.values(fitted).every(Number.isFinite) ? fitted : null;
}

/**
 * Cuts a face out, upright and in the embedder's size, straight from the planes. Borrows `pixels`; the crop is the caller's, who
 * overwrites it when done. Beyond the picture's edge, its border is repeated. Null where the detector gave no points to align by.
 * @param others number of other faces in the same picture.
 */
export function cropFace(pixels: PixelBuffer, face: Pick<Detection, 'box' | 'confidence' | 'keypoints'>, others: number): FaceCrop | null {
  const { box, confidence, keypoints } = face;
  const chipToDisplay = alignmentOf(keypoints);
  if (chipToDisplay === null) return null;
  const origin: CropOrigin = { sidePx: Math.max(box.width, box.height), keypoints, confidence, display: pixels.display, others };
  return { rgb: sampleChip(pixels, chipToDisplay), face: origin };
}

/**
 * Samples RGB pixels of a part of the picture, {@link CROP_SIDE} x {@link CROP_SIDE} unless another size is wanted; pixel (i, j) covers the chip
 * from (i, j) to (i + 1, j + 1).
 */
export function sampleChip(pixels: PixelBuffer, chipToDisplay: Affine, size: Size = CHIP): Uint8Array<ArrayBuffer> {
  const map = compose(displayToStored(pixels), chipToDisplay);
  const { data, format, planes } = pixels;
  const [first] = planes;
  const channel = (plane: Plane | undefined, index: number) => sampleChannel(data, plane!, index, map, size);
  const rgb = new Uint8Array(size.width * size.height * 3);
  if (format === 'I420' || format === 'NV12') {
    const [, chroma] = planes;
    const lumas = channel(first, 0);
    const us = channel(chroma, 0);
    const vs = format === 'NV12' ? channel(chroma, 1) : channel(planes[2], 0);
    const { lumaGain, lumaStart, redV, greenU, greenV, blueU } = rgbCoefficients(pixels.colour);
    for (let i = 0, o = 0; i < lumas.length; i++, o += 3) {
      const luma = lumas[i]! * lumaGain + lumaStart;
      const u = us[i]! - 128;
      const v = vs[i]! - 128;
      rgb[o] = toByte(127.5 * (luma + redV * v) + 127.5);
      rgb[o + 1] = toByte(127.5 * (luma + greenU * u + greenV * v) + 127.5);
      rgb[o + 2] = toByte(127.5 * (luma + blueU * u) + 127.5);
    }
    return rgb;
  }
  const red = format === 'RGBA' || format === 'RGBX' ? 0 : 2;
  for (const [to, from] of [red, 1, 2 - red].entries()) {
    const values = channel(first, from);
    for (let i = 0, o = to; i < values.length; i++, o += 3) rgb[o] = toByte(values[i]!);
  }
  return rgb;
}

/** One channel of one plane over the whole chip, 0 to 255: the mean of a grid of taps a pixel, as fine as the plane is there. */
function sampleChannel(data: Uint8Array, plane: Plane, index: number, chipToStored: Affine, size: Size): Float32Array {
  const { subsampling, stride, channels } = plane;
  const [a, b, c, d, e, f] = [chipToStored.a, chipToStored.b, chipToStored.c, chipToStored.d, chipToStored.e, chipToStored.f].map((part) => part / subsampling);
  const pitch = Math.max(Math.hypot(a!, b!), Math.hypot(c!, d!));
  const taps = Math.min(Math.max(Math.ceil(pitch), 1), MOST_TAPS);
  const lastX = plane.width - 1;
  const lastY = plane.height - 1;
  const base = plane.offset + index;
  const values = new Float32Array(size.width * size.height);
  if (taps === 1 && b === 0 && c === 0) {
    const columns = neighboursOf(size.width, a!, e!, lastX);
    const rows = neighboursOf(size.height, d!, f!, lastY);
    for (let row = 0, o = 0; row < size.height; row++) {
      const y0 = base + rows.first[row]! * stride;
      const y1 = base + rows.second[row]! * stride;
      const down = rows.share[row]!;
      for (let column = 0; column < size.width; column++, o++) {
        const x0 = columns.first[column]! * channels;
        const x1 = columns.second[column]! * channels;
        const right = columns.share[column]!;
        const above = data[y0 + x0]! + (data[y0 + x1]! - data[y0 + x0]!) * right;
        const below = data[y1 + x0]! + (data[y1 + x1]! - data[y1 + x0]!) * right;
        values[o] = above + (below - above) * down;
      }
    }
    return values;
  }
  const share = 1 / (taps * taps);
  for (let row = 0, o = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++, o++) {
      let sum = 0;
      for (let tap = 0; tap < taps * taps; tap++) {
        const i = column + ((tap % taps) + 0.5) / taps;
        const j = row + (Math.floor(tap / taps) + 0.5) / taps;
        const x = a! * i + c! * j + e! - 0.5;
        const y = b! * i + d! * j + f! - 0.5;
        if (taps >= DENSE_TAPS) {
          const nearX = Math.min(Math.max(Math.round(x), 0), lastX);
          const nearY = Math.min(Math.max(Math.round(y), 0), lastY);
          sum += data[base + nearY * stride + nearX * channels]!;
          continue;
        }
        const left = Math.floor(x);
        const top = Math.floor(y);
        const x0 = Math.min(Math.max(left, 0), lastX) * channels;
        const x1 = Math.min(Math.max(left + 1, 0), lastX) * channels;
        const y0 = base + Math.min(Math.max(top, 0), lastY) * stride;
        const y1 = base + Math.min(Math.max(top + 1, 0), lastY) * stride;
        const right = x - left;
        const above = data[y0 + x0]! + (data[y0 + x1]! - data[y0 + x0]!) * right;
        const below = data[y1 + x0]! + (data[y1 + x1]! - data[y1 + x0]!) * right;
        sum += above + (below - above) * (y - top);
      }
      values[o] = sum * share;
    }
  }
  return values;
}

/** Of an upright chip, along one side: the two samples that each of its pixels lies between, and how near it is to the second. */
function neighboursOf(length: number, step: number, start: number, last: number) {
  const [first, second, share] = [new Int32Array(length), new Int32Array(length), new Float32Array(length)];
  for (let i = 0; i < length; i++) {
    const at = step * (i + 0.5) + start - 0.5;
    const before = Math.floor(at);
    first[i] = Math.min(Math.max(before, 0), last);
    second[i] = Math.min(Math.max(before + 1, 0), last);
    share[i] = at - before;
  }
  return { first, second, share };
}

/** The similarity that maps `from` nearest to `to` (least squares; Umeyama 1991 in the plane, where it is linear). */
function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const centreFrom = meanOf(from);
  const centreTo = meanOf(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  from.forEach((point, i) => {
    const x = point.x - centreFrom.x;
    const y = point.y - centreFrom.y;
    const u = to[i]!.x - centreTo.x;
    const v = to[i]!.y - centreTo.y;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  });
  const a = along / spread;
  const b = across / spread;
  return { a, b, c: -b, d: a, e: centreTo.x - a * centreFrom.x + b * centreFrom.y, f: centreTo.y - b * centreFrom.x - a * centreFrom.y };
}

function meanOf(points: readonly Point[]): Point {
  return { x: points.reduce((sum, { x }) => sum + x, 0) / points.length, y: points.reduce((sum, { y }) => sum + y, 0) / points.length };
}

/** The map that does `inner` first. */
function compose(outer: Affine, inner: Affine): Affine {
  const { x: e, y: f } = mapPoint(outer, { x: inner.e, y: inner.f });
  return {
    a: outer.a * inner.a + outer.c * inner.b,
    b: outer.b * inner.a + outer.d * inner.b,
    c: outer.a * inner.c + outer.c * inner.d,
    d: outer.b * inner.c + outer.d * inner.d,
    e,
    f,
  };
}

function toByte(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255);
}
