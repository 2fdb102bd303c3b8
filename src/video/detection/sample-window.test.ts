import { describe, expect, it } from 'vitest';
import { planesOf, type Orientation, type PixelBuffer, type WorkableFormat, type YuvColour } from '../../core/pixels.ts';
import { createWindowSampler } from './sample-window.ts';

type Rgb = readonly [red: number, green: number, blue: number];
const UPRIGHT: Orientation = { rotation: 0, flip: false };
const BT601: YuvColour = { matrix: 'bt601', fullRange: false };

/** ITU-R BT.601 and BT.709, written out as in the recommendations (E'Y, then the scaled colour differences). */
function toYuv([r, g, b]: Rgb, { matrix, fullRange }: YuvColour): [number, number, number] {
  const [kr, kb] = matrix === 'bt601' ? [0.299, 0.114] : matrix === 'bt709' ? [0.2126, 0.0722] : [0.2627, 0.0593];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const cb = (b - y) / (2 * (1 - kb));
  const cr = (r - y) / (2 * (1 - kr));
  return fullRange ? [y, cb + 128, cr + 128] : [16 + (y * 219) / 255, 128 + (cb * 224) / 255, 128 + (cr * 224) / 255];
}

interface PictureOptions {
  readonly width: number;
  readonly height: number;
  readonly format: WorkableFormat;
  readonly colour?: YuvColour;
  readonly orientation?: Orientation;
  readonly display?: { width: number; height: number };
  /** Colour of a stored pixel. */
  at(x: number, y: number): Rgb;
}

function picture({ width, height, format, colour = BT601, orientation = UPRIGHT, display = { width, height }, at }: PictureOptions): PixelBuffer {
  const { planes, byteLength } = planesOf(format, { width, height });
  const data = new Uint8Array(byteLength);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = at(x, y);
      if (format === 'I420' || format === 'NV12') {
        const [luma, u, v] = toYuv(rgb, colour).map(Math.round) as [number, number, number];
        data[y * width + x] = luma;
        const chroma = planes[1]!;
        const o = chroma.offset + (y >> 1) * chroma.stride + (x >> 1) * chroma.channels;
        data[o] = u;
        if (format === 'NV12') data[o + 1] = v;
        else data[planes[2]!.offset + (y >> 1) * planes[2]!.stride + (x >> 1)] = v;
      } else {
        const [r, g, b] = rgb;
        data.set(format.startsWith('RGB') ? [r, g, b, 255] : [b, g, r, 255], 4 * (y * width + x));
      }
    }
  }
  return { width, height, format, data, planes, colour, orientation, display };
}

/** The RGB bytes at an output pixel. */
function pixel(out: Float32Array, size: number, x: number, y: number): Rgb {
  const value = (plane: number): number => Math.round((out[plane * size * size + y * size + x]! + 1) * 127.5);
  return [value(0), value(1), value(2)];
}

function expectClose(actual: Rgb, expected: Rgb, tolerance: number): void {
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `${actual.join()} against ${expected.join()}`).toBeLessThanOrEqual(tolerance);
  });
}

const whole = (p: PixelBuffer) => ({ x: 0, y: 0, ...p.display });
const ORANGE: Rgb = [230, 120, 40];
/** Four coloured quarters: red, green, blue, white from the top left, row by row. */
const QUARTERS: readonly Rgb[] = [[250, 10, 10], [10, 250, 10], [10, 10, 250], [245, 245, 245]];
const quarterAt = (width: number, height: number) => (x: number, y: number): Rgb => QUARTERS[(y * 2 >= height ? 2 : 0) + (x * 2 >= width ? 1 : 0)]!;

describe('createWindowSampler', () => {
  const yuvs = (['I420', 'NV12'] as const).flatMap((format) =>
    (['bt601', 'bt709', 'bt2020'] as const).flatMap((matrix) => [true, false].map((fullRange) => ({ format, colour: { matrix, fullRange } }))),
  );
  it.each(yuvs)('gives the colour of $format, $colour.matrix, full range $colour.fullRange', ({ format, colour }) => {
    const p = picture({ width: 30, height: 20, format, colour, at: () => ORANGE });
    expectClose(pixel(createWindowSampler({ width: 8, height: 8 }).floats(p, whole(p)), 8, 3, 4), ORANGE, 3);
  });

  it.each(['RGBA', 'RGBX', 'BGRA', 'BGRX'] as const)('gives the colour of %s', (format) => {
    const p = picture({ width: 30, height: 20, format, at: () => ORANGE });
    expect(pixel(createWindowSampler({ width: 8, height: 8 }).floats(p, whole(p)), 8, 3, 4)).toEqual(ORANGE);
  });

  it.each([
    [{ rotation: 0, flip: false }, [0, 1, 2, 3]],
    [{ rotation: 90, flip: false }, [2, 0, 3, 1]],
    [{ rotation: 180, flip: false }, [3, 2, 1, 0]],
    [{ rotation: 270, flip: false }, [1, 3, 0, 2]],
    [{ rotation: 0, flip: true }, [1, 0, 3, 2]],
    [{ rotation: 90, flip: true }, [0, 2, 1, 3]],
  ] as const)('shows the picture upright: %o', (orientation, order) => {
    const turned = orientation.rotation % 180 !== 0;
    for (const format of ['I420', 'NV12', 'RGBA'] as const) {
      const display = turned ? { width: 40, height: 60 } : { width: 60, height: 40 };
      const p = picture({ width: 60, height: 40, format, orientation, display, at: quarterAt(60, 40) });
      const out = createWindowSampler({ width: 10, height: 10 }).floats(p, whole(p));
      const seen = [pixel(out, 10, 2, 2), pixel(out, 10, 7, 2), pixel(out, 10, 2, 7), pixel(out, 10, 7, 7)];
      seen.forEach((rgb, i) => expectClose(rgb, QUARTERS[order[i]!]!, 4));
    }
  });

  it('takes display pixels where they differ from stored ones', () => {
    const p = picture({ width: 20, height: 40, format: 'RGBA', display: { width: 80, height: 40 }, at: quarterAt(20, 40) });
    const out = createWindowSampler({ width: 4, height: 4 }).floats(p, { x: 40, y: 0, width: 40, height: 20 });
    expect(pixel(out, 4, 0, 0)).toEqual(QUARTERS[1]);
  });

  it('fills an output that is not square', () => {
    const p = picture({ width: 60, height: 40, format: 'I420', at: quarterAt(60, 40) });
    const out = createWindowSampler({ width: 12, height: 8 }).floats(p, whole(p));
    const at = (x: number, y: number): Rgb => [0, 1, 2].map((plane) => Math.round((out[plane * 96 + y * 12 + x]! + 1) * 127.5)) as unknown as Rgb;
    [at(2, 2), at(9, 2), at(2, 6), at(9, 6)].forEach((rgb, i) => expectClose(rgb, QUARTERS[i]!, 4));
  });

  it('mirrors the picture at its edges, and repeats the last line where it is too short for that', () => {
    const sampler = createWindowSampler({ width: 16, height: 16 });
    const p = picture({ width: 8, height: 8, format: 'RGBA', at: quarterAt(8, 8) });
    const out = sampler.floats(p, { x: -4, y: -4, width: 16, height: 16 });
    const [topLeft, topRight, bottomLeft, bottomRight] = QUARTERS;
    for (const [x, y, quarter] of [[0, 0, topLeft], [3, 4, topLeft], [15, 0, topRight], [12, 5, topRight], [0, 15, bottomLeft], [6, 12, bottomLeft], [15, 15, bottomRight]] as const) {
      expect(pixel(out, 16, x, y)).toEqual(quarter);
    }
    const far = sampler.floats(p, { x: 100, y: 100, width: 16, height: 16 });
    expect(pixel(far, 16, 3, 9)).toEqual(topLeft);
  });

  it.each([3, 9])('averages when it shrinks %i times: a fine chequerboard becomes grey', (factor) => {
    const p = picture({ width: 16 * factor, height: 16 * factor, format: 'RGBA', at: (x, y) => ((Math.floor(x / 1) + Math.floor(y / 1)) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]) });
    const out = createWindowSampler({ width: 16, height: 16 }).floats(p, whole(p));
    let sum = 0;
    for (let i = 0; i < 256; i++) sum += out[i]!;
    expect(Math.abs(sum / 256)).toBeLessThan(0.15);
  });

  it.each([[1, 1], [3, 5], [7, 1]])('reads a %i x %i picture', (width, height) => {
    for (const format of ['I420', 'NV12', 'BGRA'] as const) {
      const p = picture({ width, height, format, at: () => ORANGE });
      const out = createWindowSampler({ width: 4, height: 4 }).floats(p, whole(p));
      expectClose(pixel(out, 4, 0, 0), ORANGE, 3);
      expectClose(pixel(out, 4, 3, 3), ORANGE, 3);
    }
  });

  it('keeps every value within -1 and 1, also for codes that no camera makes', () => {
    const p = picture({ width: 8, height: 8, format: 'I420', at: () => ORANGE });
    p.data.forEach((_, i) => (p.data[i] = (i * 97) % 256));
    expect(createWindowSampler({ width: 8, height: 8 }).floats(p, whole(p)).every((value) => value >= -1 && value <= 1)).toBe(true);
  });

  it('gives the same picture as bytes, reuses its buffers and borrows the pixels', () => {
    const p = picture({ width: 60, height: 40, format: 'NV12', at: quarterAt(60, 40) });
    const before = p.data.slice();
    const sampler = createWindowSampler({ width: 10, height: 10 });
    const floats = sampler.floats(p, whole(p));
    const expected = pixel(floats, 10, 7, 2);
    const bytes = sampler.bytes(p, whole(p));
    expect([...bytes.slice(4 * 27, 4 * 27 + 4)]).toEqual([...expected, 255]);
    expect(sampler.floats(p, whole(p))).toBe(floats);
    expect(sampler.bytes(p, whole(p))).toBe(bytes);
    expect(p.data).toEqual(before);
  });
});
