import { describe, expect, it } from 'vitest';
import { BLAZEFACE_LAYOUTS, anchorsOf, decodeFaces, faceOf, sigmoid, type BlazeFaceLayout } from './blazeface-decode.ts';

/** Four anchors at (2, 2), (6, 2), (2, 6), (6, 6). */
const TINY: BlazeFaceLayout = { model: 'full', inputSize: 8, multiple: 4, layers: [{ stride: 4, anchorsPerCell: 1 }] };
const INPUT = { width: 8, height: 8 };
const VIEW = { model: 'full', scope: 'whole', input: INPUT, anchors: anchorsOf(TINY, INPUT), window: { x: 100, y: 50, width: 80, height: 80 }, picture: { width: 640, height: 360 } } as const;

function outputOf(rows: readonly { logit: number; numbers?: readonly number[] }[]) {
  const boxes = new Float32Array(rows.length * 16);
  rows.forEach(({ numbers = [] }, i) => boxes.set(numbers, i * 16));
  return { boxes, scores: Float32Array.from(rows, ({ logit }) => logit) };
}
const quiet = { logit: -9 };

describe('anchorsOf', () => {
  it('lays out as many anchors as the models have rows', () => {
    expect(anchorsOf(BLAZEFACE_LAYOUTS.short, { width: 128, height: 128 }).length / 2).toBe(896);
    expect(anchorsOf(BLAZEFACE_LAYOUTS.full, { width: 192, height: 192 }).length / 2).toBe(2304);
    expect(anchorsOf(BLAZEFACE_LAYOUTS.back, { width: 256, height: 256 }).length / 2).toBe(896);
  });

  it('goes row by row through cell centres, layer by layer', () => {
    expect([...anchorsOf(TINY, INPUT)]).toEqual([2, 2, 6, 2, 2, 6, 6, 6]);
    expect([...anchorsOf(TINY, { width: 12, height: 4 })]).toEqual([2, 2, 6, 2, 10, 2]);
    const short = anchorsOf(BLAZEFACE_LAYOUTS.short, { width: 128, height: 128 });
    expect([...short.slice(0, 6)]).toEqual([4, 4, 4, 4, 12, 4]);
    expect([...short.slice(2 * 512, 2 * 512 + 2)]).toEqual([8, 8]);
    expect([...short.slice(-2)]).toEqual([120, 120]);
  });
});

describe('sigmoid', () => {
  it('is the logistic function, finite everywhere', () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 12);
    expect(sigmoid(-1e9)).toBeGreaterThan(0);
    expect(sigmoid(1e9)).toBe(1);
  });
});

describe('decodeFaces', () => {
  it('turns one row into display pixels', () => {
    // Anchor (6, 2): centre (6 - 1, 2 + 0.5) = (5, 2.5) input pixels, each 10 display pixels; size 2 x 4.
    const numbers = [-1, 0.5, 2, 4, 0, 0, 1, 1];
    const [face, ...rest] = decodeFaces(outputOf([quiet, { logit: Math.log(3), numbers }, quiet, quiet]), VIEW, 0.5);
    expect(rest).toEqual([]);
    expect(face?.box).toEqual(faceOf('full', { x: 140, y: 55, width: 20, height: 40 }));
    expect(face?.confidence).toBeCloseTo(0.75, 6);
    expect(face?.model).toBe('full');
    expect(face?.keypoints).toHaveLength(6);
    expect(face?.keypoints[0]).toEqual({ x: 160, y: 70 });
    expect(face?.keypoints[1]).toEqual({ x: 170, y: 80 });
  });

  it('keeps what reaches the threshold and drops what does not', () => {
    const numbers = [0, 0, 4, 4];
    const rows = [{ logit: -0.01, numbers }, quiet, quiet, { logit: 0.01, numbers }];
    expect(decodeFaces(outputOf(rows), VIEW, 0.5)).toHaveLength(1);
    expect(decodeFaces(outputOf(rows), VIEW, 0.4)).toHaveLength(2);
  });

  it('asks half as much of a face that is small in the picture', () => {
    const numbers = [0, 0, 1, 1];
    const wide = { ...VIEW, picture: { width: 1000, height: 300 } };
    expect(decodeFaces(outputOf([{ logit: -1, numbers }, quiet, quiet, quiet]), wide, 0.5)).toHaveLength(1);
    expect(decodeFaces(outputOf([{ logit: -1.2, numbers }, quiet, quiet, quiet]), wide, 0.5)).toHaveLength(0);
    expect(decodeFaces(outputOf([{ logit: -1, numbers: [0, 0, 4, 4] }, quiet, quiet, quiet]), wide, 0.5)).toHaveLength(0);
  });

  it('asks less of a face that the edge of the picture cuts', () => {
    const numbers = [0, 0, 4, 4];
    const rows = [{ logit: -0.5, numbers }, quiet, quiet, quiet];
    expect(decodeFaces(outputOf(rows), VIEW, 0.5)).toHaveLength(0);
    // The first anchor lies 20 px from the window's left edge, the box is 40 px wide: a window that begins outside cuts it.
    const atEdge = { ...VIEW, window: { ...VIEW.window, x: -20 } };
    expect(decodeFaces(outputOf(rows), atEdge, 0.5)).toHaveLength(1);
    expect(decodeFaces(outputOf([{ logit: -1.2, numbers }, quiet, quiet, quiet]), atEdge, 0.5)).toHaveLength(0);
  });

  it('drops boxes without an area', () => {
    expect(decodeFaces(outputOf([{ logit: 5, numbers: [0, 0, -2, 4] }, quiet, quiet, quiet]), VIEW, 0.5)).toEqual([]);
  });

  it.each([
    ['a NaN score', { logit: Number.NaN, numbers: [0, 0, 1, 1] }],
    ['an infinite score', { logit: Infinity, numbers: [0, 0, 1, 1] }],
    ['a score of minus infinity', { logit: -Infinity, numbers: [0, 0, 1, 1] }],
    ['a NaN width', { logit: 3, numbers: [0, 0, Number.NaN, 1] }],
    ['an infinite keypoint', { logit: 3, numbers: [0, 0, 1, 1, 0, Infinity] }],
  ])('fails on %s', (_, row) => {
    const decode = () => decodeFaces(outputOf([quiet, quiet, row, quiet]), VIEW, 0.5);
    expect(decode).toThrowError(expect.objectContaining({ code: 'ERR_DETECTOR_FAILED' }));
  });

  it('fails on an output of another length', () => {
    const decode = () => decodeFaces(outputOf([quiet]), VIEW, 0.5);
    expect(decode).toThrowError(expect.objectContaining({ code: 'ERR_DETECTOR_FAILED' }));
  });
});

describe('faceOf', () => {
  it('is narrower and reaches higher than each model draws it', () => {
    for (const model of ['short', 'full', 'back'] as const) {
      const face = faceOf(model, { x: 100, y: 100, width: 100, height: 100 });
      expect(face.x + face.width / 2).toBeCloseTo(150, 9);
      expect(face.width).toBeLessThan(100);
      expect(face.y).toBeLessThan(95);
      expect(face.height).toBeGreaterThan(face.width);
    }
  });
});
