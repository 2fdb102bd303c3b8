import { describe, expect, it } from 'vitest';
import { alignmentOf, CHIP_POINTS, cropFace, sampleChip } from './face-alignment.ts';
import { CROP_SIDE } from './face-crop.ts';
import type { Point } from './geometry.ts';
import { displayToStored, mapPoint, type Affine } from './orientation.ts';
import { planesOf, type Orientation, type PixelBuffer, type WorkableFormat, type YuvColour } from './pixels.ts';

type Rgb = readonly [red: number, green: number, blue: number];
const UPRIGHT: Orientation = { rotation: 0, flip: false };
const BT709: YuvColour = { matrix: 'bt709', fullRange: false };
const FORMATS = ['I420', 'NV12', 'RGBA', 'RGBX', 'BGRA', 'BGRX'] as const satisfies readonly WorkableFormat[];
const ORIENTATIONS = ([0, 90, 180, 270] as const).flatMap((rotation) => [false, true].map((flip) => ({ rotation, flip })));

/** Six points of an upright face whose eyes are 100 px apart, nose and mouth as dlib's mean face has them. */
const FACE: readonly Point[] = [
  { x: 250, y: 200 },
  { x: 350, y: 200 },
  { x: 300, y: 255 },
  { x: 300, y: 310 },
  { x: 210, y: 220 },
  { x: 390, y: 220 },
];

/** Turned clockwise around the face's middle, scaled and shifted. */
function moved(points: readonly Point[], { degrees = 0, scale = 1, x = 0, y = 0 }): Point[] {
  const turn = (degrees * Math.PI) / 180;
  return points.map((point) => {
    const u = (point.x - 300) * scale;
    const v = (point.y - 240) * scale;
    return { x: 300 + u * Math.cos(turn) - v * Math.sin(turn) + x, y: 240 + u * Math.sin(turn) + v * Math.cos(turn) + y };
  });
}

interface PictureOptions {
  readonly width: number;
  readonly height: number;
  readonly format: WorkableFormat;
  readonly colour?: YuvColour;
  readonly orientation?: Orientation;
  readonly display?: { width: number; height: number };
  /** Colour of the stored pixel whose middle is shown here, display pixels. */
  at(shown: Point): Rgb;
}

function picture({ width, height, format, colour = BT709, orientation = UPRIGHT, display, at }: PictureOptions): PixelBuffer {
  const turned = orientation.rotation === 90 || orientation.rotation === 270;
  const shown = display ?? (turned ? { width: height, height: width } : { width, height });
  const { planes, byteLength } = planesOf(format, { width, height });
  const data = new Uint8Array(byteLength);
  const pixels: PixelBuffer = { width, height, format, data, planes, colour, orientation, display: shown };
  const back = inverse(displayToStored(pixels));
  const colourAt = (x: number, y: number): Rgb => at(mapPoint(back, { x: x + 0.5, y: y + 0.5 }));
  const [first, second, third] = planes;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = colourAt(x, y);
      if (third === undefined && second === undefined) data.set(format.startsWith('RGB') ? [r, g, b, 255] : [b, g, r, 255], first!.offset + y * first!.stride + 4 * x);
      else data[y * width + x] = toYuv([r, g, b])[0];
    }
  }
  if (second === undefined) return pixels;
  for (let y = 0; y < second.height; y++) {
    for (let x = 0; x < second.width; x++) {
      const [, u, v] = toYuv(at(mapPoint(back, { x: 2 * x + 1, y: 2 * y + 1 })));
      data[second.offset + y * second.stride + x * second.channels] = u;
      data[third === undefined ? second.offset + y * second.stride + 2 * x + 1 : third.offset + y * third.stride + x] = v;
    }
  }
  return pixels;
}

/** ITU-R BT.709, limited range, as in the recommendation. */
function toYuv([r, g, b]: Rgb): [number, number, number] {
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const numbers = [16 + (luma * 219) / 255, 128 + (((b - luma) / 1.8556) * 224) / 255, 128 + (((r - luma) / 1.5748) * 224) / 255];
  return numbers.map(Math.round) as [number, number, number];
}

function inverse(m: Affine): Affine {
  const scale = 1 / (m.a * m.d - m.b * m.c);
  const [a, b, c, d] = [m.d * scale, -m.b * scale, -m.c * scale, m.a * scale];
  return { a, b, c, d, e: -(a * m.e + c * m.f), f: -(b * m.e + d * m.f) };
}

function chipPixel(rgb: Uint8Array, x: number, y: number): Rgb {
  const o = 3 * (y * CROP_SIDE + x);
  return [rgb[o]!, rgb[o + 1]!, rgb[o + 2]!];
}

/** A slope of three colours, so that every place has its own. */
const slope = ({ x, y }: Point): Rgb => [40 + 0.25 * x, 40 + 0.3 * y, 200 - 0.15 * (x + y)];

/** Largest difference of the chip's inner pixels from what the scene shows there. */
function worstError(rgb: Uint8Array, chipToDisplay: Affine, at: (shown: Point) => Rgb): number {
  let worst = 0;
  for (let y = 5; y < CROP_SIDE - 5; y += 7) {
    for (let x = 5; x < CROP_SIDE - 5; x += 7) {
      const expected = at(mapPoint(chipToDisplay, { x: x + 0.5, y: y + 0.5 }));
      chipPixel(rgb, x, y).forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - expected[i]!));
      });
    }
  }
  return worst;
}

describe('alignmentOf', () => {
  it.each([{}, { degrees: 35 }, { degrees: -160 }, { scale: 0.2 }, { scale: 6, degrees: 10 }, { x: -90, y: 400 }])('puts eyes and mouth where dlib has them, face moved by %o', (move) => {
    const points = moved(FACE, move);
    const chipToDisplay = alignmentOf(points)!;
    const [right, left, mouth] = CHIP_POINTS.map((point) => mapPoint(chipToDisplay, point));
    const pitch = Math.hypot(chipToDisplay.a, chipToDisplay.b);
    // The mean face is not this one: up to two pixels of the chip remain.
    expect(Math.hypot(right!.x - points[0]!.x, right!.y - points[0]!.y) / pitch).toBeLessThan(2);
    expect(Math.hypot(left!.x - points[1]!.x, left!.y - points[1]!.y) / pitch).toBeLessThan(2);
    expect(Math.hypot(mouth!.x - points[3]!.x, mouth!.y - points[3]!.y) / pitch).toBeLessThan(2);
    expect(pitch).toBeCloseTo((move.scale ?? 1) * alignedPitch(), 5);
  });

  const alignedPitch = () => Math.hypot(alignmentOf(FACE)!.a, alignmentOf(FACE)!.b);

  it('turns and scales, and never shears or mirrors', () => {
    const { a, b, c, d } = alignmentOf(moved(FACE, { degrees: 20, scale: 1.7 }))!;
    expect([c, d]).toEqual([-b, a]);
    expect((Math.atan2(b, a) * 180) / Math.PI).toBeCloseTo(20, 0);
  });

  it('has the eyes where get_face_chip_details has them in 150 pixels with a padding of 0.25', () => {
    const [right, left, mouth] = CHIP_POINTS;
    expect([right!.x, right!.y, left!.x, left!.y, mouth!.x, mouth!.y].map(Math.round)).toEqual([48, 47, 100, 47, 74, 105]);
  });

  it.each([
    ['no points', []],
    ['two points', FACE.slice(0, 2)],
    ['three points', FACE.slice(0, 3)],
    ['eyes in one place', [FACE[0]!, FACE[0]!, FACE[2]!, FACE[3]!]],
    ['points that are no numbers', FACE.map((point) => ({ x: NaN, y: point.y }))],
    ['a mouth at infinity', [FACE[0]!, FACE[1]!, FACE[2]!, { x: Infinity, y: 0 }]],
  ])('gives null for %s', (_, points) => {
    expect(alignmentOf(points)).toBeNull();
  });
});

describe('sampleChip', () => {
  const cases = FORMATS.flatMap((format) => ORIENTATIONS.map((orientation) => ({ format, orientation })));
  it.each(cases)('shows what is shown: $format, $orientation', ({ format, orientation }) => {
    const pixels = picture({ width: 480, height: 400, format, orientation, at: slope });
    const chipToDisplay = alignmentOf(moved(FACE, { degrees: 25, scale: 0.8, x: -80, y: -20 }))!;
    expect(worstError(sampleChip(pixels, chipToDisplay), chipToDisplay, slope)).toBeLessThan(4);
  });

  it.each(FORMATS)('follows a display size that is not the stored size: %s', (format) => {
    const pixels = picture({ width: 240, height: 400, format, display: { width: 640, height: 480 }, at: slope });
    const chipToDisplay = alignmentOf(moved(FACE, { degrees: -12 }))!;
    expect(worstError(sampleChip(pixels, chipToDisplay), chipToDisplay, slope)).toBeLessThan(4);
  });

  it.each([1, 2.5, 5, 12])('makes fine stripes grey and does not let them alias, shrunk by about %d', (scale) => {
    const stripes = ({ x }: Point): Rgb => (Math.floor(x) % 2 === 0 ? [0, 0, 0] : [250, 250, 250]);
    const pixels = picture({ width: 2000, height: 1800, format: 'RGBX', at: stripes });
    const chipToDisplay = { a: scale, b: 0, c: 0, d: scale, e: 20, f: 20 };
    const rgb = sampleChip(pixels, chipToDisplay);
    const values = Array.from({ length: CROP_SIDE }, (_, x) => chipPixel(rgb, x, 70)[0]);
    if (scale === 1) expect(values.slice(0, 4)).toEqual([0, 250, 0, 250]);
    // Taps that do not divide evenly leave a little.
    else expect(Math.max(...values) - Math.min(...values)).toBeLessThan(scale === 2.5 ? 130 : 70);
  });

  it('repeats the border beyond the picture', () => {
    const pixels = picture({ width: 100, height: 100, format: 'I420', at: slope });
    const rgb = sampleChip(pixels, { a: 1, b: 0, c: 0, d: 1, e: -75, f: 0 });
    expect(chipPixel(rgb, 0, 50)).toEqual(chipPixel(rgb, 74, 50));
    expect(chipPixel(rgb, 149, 149)).toEqual(chipPixel(rgb, 149, 120));
  });

  it('honours strides and offsets of planes that lie in a larger buffer', () => {
    const tight = picture({ width: 480, height: 400, format: 'NV12', at: slope });
    const planes = tight.planes.map((plane, i) => ({ ...plane, offset: 64 + plane.offset + 32 * (i * 400), stride: plane.stride + 32 }));
    const data = new Uint8Array(64 + tight.data.length + 32 * 700).fill(77);
    tight.planes.forEach((plane, i) => {
      for (let y = 0; y < plane.height; y++) {
        const from = plane.offset + y * plane.stride;
        data.set(tight.data.subarray(from, from + plane.stride), planes[i]!.offset + y * planes[i]!.stride);
      }
    });
    const chipToDisplay = alignmentOf(FACE)!;
    expect(Buffer.compare(sampleChip({ ...tight, data, planes }, chipToDisplay), sampleChip(tight, chipToDisplay))).toBe(0);
  });
});

describe('cropFace', () => {
  const box = { x: 220, y: 160, width: 160, height: 180 };

  it('cuts the face out and tells where it was', () => {
    const pixels = picture({ width: 600, height: 500, format: 'I420', at: slope });
    const crop = cropFace(pixels, { box, confidence: 0.9, keypoints: FACE }, 2)!;
    expect(crop.rgb).toHaveLength(CROP_SIDE * CROP_SIDE * 3);
    expect(crop.face).toEqual({ sidePx: 180, keypoints: FACE, confidence: 0.9, display: { width: 600, height: 500 }, others: 2 });
    expect(Buffer.compare(crop.rgb, sampleChip(pixels, alignmentOf(FACE)!))).toBe(0);
  });

  it('gives null where there is nothing to align by, and leaves the picture as it is', () => {
    const pixels = picture({ width: 600, height: 500, format: 'I420', at: slope });
    const before = pixels.data.slice();
    expect(cropFace(pixels, { box, confidence: 0.9, keypoints: [] }, 0)).toBeNull();
    cropFace(pixels, { box, confidence: 0.9, keypoints: FACE }, 0);
    expect(Buffer.compare(pixels.data, before)).toBe(0);
  });
});
