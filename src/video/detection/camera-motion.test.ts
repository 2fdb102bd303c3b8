import { describe, expect, it } from 'vitest';
import { planesOf, type PixelBuffer } from '../../core/pixels.ts';
import { createCameraMotionDetector } from './camera-motion.ts';

const SIZE = { width: 640, height: 360 };

/** A smooth landscape without end: sums of waves, so that every shift and scale of it is known exactly. */
function landscape(x: number, y: number): number {
  const waves = [[0.031, 0.012, 0.3], [-0.017, 0.043, 1.1], [0.009, -0.023, 2.2], [0.052, 0.037, 0.7], [0.006, 0.011, 1.9]] as const;
  return 128 + waves.reduce((sum, [a, b, phase]) => sum + 22 * Math.sin(a * x + b * y + phase), 0);
}

function picture(at: (x: number, y: number) => number): PixelBuffer {
  const { planes, byteLength } = planesOf('I420', SIZE);
  const data = new Uint8Array(byteLength).fill(128);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) data[planes[0]!.offset + y * planes[0]!.stride + x] = Math.max(0, Math.min(255, Math.round(at(x, y))));
  }
  return { ...SIZE, format: 'I420', data, planes, colour: { matrix: 'bt709', fullRange: true }, orientation: { rotation: 0, flip: false }, display: SIZE };
}

/** The landscape seen by a camera that has moved. */
function seen(scale: number, dx: number, dy: number): PixelBuffer {
  return picture((x, y) => landscape((x - 320 - dx) / scale + 320, (y - 180 - dy) / scale + 180));
}

function motionTo(now: PixelBuffer, before = seen(1, 0, 0)) {
  const camera = createCameraMotionDetector();
  expect(camera.compare(before)).toBeNull();
  return camera.compare(now);
}

describe('the motion of the camera', () => {
  it.each([
    ['a slow pan', 1, -3, 1],
    ['a pan', 1, 17, -6],
    ['a fast pan', 1, -46, 10],
    ['a zoom in', 1.04, 0, 0],
    ['a zoom out while panning', 0.95, 12, -5],
    ['frames far apart: a whip through a third of the picture', 1, -210, 40],
    ['frames far apart: a zoom out while panning', 0.72, -90, 40],
    ['frames far apart: a zoom in', 1.4, 10, -20],
  ] as const)('is found for %s', (_name, scale, dx, dy) => {
    const motion = motionTo(seen(scale, dx, dy));
    expect(motion).not.toBeNull();
    expect(Math.abs(motion!.scale - scale) * 320).toBeLessThan(1.5);
    expect(Math.abs(motion!.shift.x - dx)).toBeLessThan(1.5);
    expect(Math.abs(motion!.shift.y - dy)).toBeLessThan(1.5);
  });

  it('is none where nothing moves, and none where only somebody walks by', () => {
    expect(motionTo(seen(1, 0, 0))).toEqual({ scale: 1, shift: { x: 0, y: 0 } });
    const walker = (from: number) => picture((x, y) => (x > from && x < from + 120 && y > 60 ? 30 + ((x - from) * y) % 90 : landscape(x, y)));
    const motion = motionTo(walker(215), walker(200));
    if (motion !== null) expect(Math.hypot(motion.shift.x, motion.shift.y)).toBeLessThan(1);
  });

  it('is not known over a cut, without texture, and for the first frame after a reset or another size', () => {
    expect(motionTo(picture((x, y) => landscape(y * 1.7 + 900, -x * 1.3)))).toBeNull();
    expect(motionTo(picture(() => 90), picture(() => 60))).toBeNull();
    const camera = createCameraMotionDetector();
    camera.compare(seen(1, 0, 0));
    camera.reset();
    expect(camera.compare(seen(1, 5, 0))).toBeNull();
    expect(camera.compare({ ...seen(1, 5, 0), display: { width: 1280, height: 720 } })).toBeNull();
  });

  it('is told in display pixels, upright', () => {
    const turned = (p: PixelBuffer): PixelBuffer => ({ ...p, orientation: { rotation: 90, flip: false }, display: { width: 720, height: 1280 } });
    const camera = createCameraMotionDetector();
    camera.compare(turned(seen(1, 0, 0)));
    // Stored 10 px to the right is 20 display pixels downwards once the picture is turned by a quarter.
    const motion = camera.compare(turned(seen(1, 10, 0)))!;
    expect(Math.abs(motion.shift.x)).toBeLessThan(2);
    expect(Math.abs(motion.shift.y - 20)).toBeLessThan(2);
  });
});
