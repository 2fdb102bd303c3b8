import { describe, expect, test } from 'vitest';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import type { Point } from '../core/geometry.ts';
import type { FrameView } from '../core/pixels.ts';
import { createCropCutter } from './crop-cutter.ts';
import { readFrame } from './frame/read-frame.ts';
import type { Sighting } from './tracking/track-evidence.ts';

const SIZE = { width: 640, height: 480 };

/** A picture in which each place has its own colour: a soft gradient with a grid. */
function picture(display: { width: number; height: number } = SIZE): VideoFrame {
  const data = new Uint8Array(SIZE.width * SIZE.height * 4);
  for (let y = 0, o = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++, o += 4) {
      const grid = Math.round(40 * Math.sin(x / 9) * Math.sin(y / 7));
      data.set([(x * 255) / SIZE.width, (y * 255) / SIZE.height, 128 + grid, 255], o);
    }
  }
  return new VideoFrame(data, { format: 'RGBA', codedWidth: SIZE.width, codedHeight: SIZE.height, displayWidth: display.width, displayHeight: display.height, timestamp: 5000 });
}

/** A face around a point, its head tilted by so many degrees. */
function face(x: number, y: number, side: number, tiltDeg = 0): Sighting {
  const [c, s] = [Math.cos((tiltDeg * Math.PI) / 180), Math.sin((tiltDeg * Math.PI) / 180)];
  const at = (dx: number, dy: number): Point => ({ x: x + side * (c * dx - s * dy), y: y + side * (s * dx + c * dy) });
  const keypoints = [at(-0.2, -0.2), at(0.2, -0.2), at(0, 0.05), at(0, 0.25), at(-0.45, -0.1), at(0.45, -0.1)];
  return { box: { x: x - side / 2, y: y - side / 2, width: side, height: side }, confidence: 0.9, keypoints };
}

async function cutBothWays(sighting: Sighting, display?: { width: number; height: number }): Promise<{ planes: FaceCrop; opaque: FaceCrop }> {
  const cutter = createCropCutter();
  const cut = async (wanted: FrameView['kind']): Promise<FaceCrop> => {
    const view = await readFrame(picture(display), undefined, wanted);
    expect(view.kind).toBe(wanted);
    const crop = cutter.cut(view, sighting, 2);
    if (view.kind === 'opaque') {
      // Borrowed: it is the compositor's to close.
      expect(view.frame.codedWidth).toBe(SIZE.width);
      view.frame.close();
    }
    return crop!;
  };
  return { planes: await cut('planes'), opaque: await cut('opaque') };
}

function meanDifference(a: FaceCrop, b: FaceCrop): number {
  return a.rgb.reduce((sum, value, i) => sum + Math.abs(value - b.rgb[i]!), 0) / a.rgb.length;
}

describe('a face cut out of a frame that cannot be read', () => {
  test.each<[string, Sighting, { width: number; height: number } | undefined]>([
    ['upright', face(320, 240, 120), undefined],
    ['tilted by 25 degrees', face(300, 220, 150, 25), undefined],
    ['small', face(400, 100, 40), undefined],
    ['at the corner of the picture', face(20, 30, 110), undefined],
    ['in a picture that is shown twice as wide', face(700, 240, 160), { width: 1280, height: 480 }],
  ])('is the one that the planes give: %s', async (_, sighting, display) => {
    const { planes, opaque } = await cutBothWays(sighting, display);
    expect(opaque.face).toEqual(planes.face);
    expect(opaque.face).toMatchObject({ others: 2, keypoints: sighting.keypoints, display: display ?? SIZE });
    expect(opaque.rgb).toHaveLength(CROP_SIDE * CROP_SIDE * 3);
    expect(meanDifference(opaque, planes)).toBeLessThan(2);
    // Another place of the picture is far off.
    const { opaque: elsewhere } = await cutBothWays(face(520, 380, 120), display);
    expect(meanDifference(elsewhere, planes)).toBeGreaterThan(20);
  });

  test('is none without keypoints, and none wholly outside the picture', async () => {
    const cutter = createCropCutter();
    const view = await readFrame(picture(), undefined, 'opaque');
    if (view.kind !== 'opaque') throw new Error('not opaque');
    expect(cutter.cut(view, { ...face(320, 240, 100), keypoints: [] }, 0)).toBeNull();
    expect(cutter.cut(view, face(-900, 240, 100), 0)).toBeNull();
    view.frame.close();
  });
});

describe('a region of a frame', () => {
  test.each<[string, { x: number; y: number; width: number; height: number }, { width: number; height: number }]>([
    ['in whole pixels', { x: 100.4, y: 50.6, width: 200, height: 150 }, { width: 201, height: 151 }],
    ['clipped to the picture', { x: -30, y: 400, width: 100, height: 200 }, { width: 70, height: 80 }],
    ['made smaller', { x: 0, y: 0, width: 640, height: 480 }, { width: 320, height: 240 }],
  ])('is the same, whether its planes can be read or not: %s', async (_, box, size) => {
    const cutter = createCropCutter();
    const cut = async (kind: FrameView['kind']) => {
      const view = await readFrame(picture(), undefined, kind);
      const region = cutter.cutRegion(view, box, 320)!;
      if (view.kind === 'opaque') view.frame.close();
      return region;
    };
    const [planes, opaque] = [await cut('planes'), await cut('opaque')];
    expect(planes).toMatchObject(size);
    expect(opaque).toMatchObject({ ...size, box: planes.box });
    const difference = opaque.rgb.reduce((sum, value, i) => sum + Math.abs(value - planes.rgb[i]!), 0) / opaque.rgb.length;
    expect(difference).toBeLessThan(2);
    // Its first pixel is that of the picture's place.
    expect(Math.abs(planes.rgb[0]! - (planes.box.x * 255) / SIZE.width)).toBeLessThan(3);
    expect(planes.rgb).toHaveLength(size.width * size.height * 3);
  });

  test('is none outside the picture', async () => {
    const view = await readFrame(picture(), undefined, 'planes');
    const cutter = createCropCutter();
    expect(cutter.cutRegion(view, { x: 700, y: 0, width: 50, height: 50 }, 320)).toBeNull();
    expect(cutter.cutRegion(view, { x: Number.NaN, y: 0, width: 50, height: 50 }, 320)).toBeNull();
  });
});
