import { describe, expect, test } from 'vitest';
import { displayToStored, mapPoint } from '../../core/orientation.ts';
import type { Orientation } from '../../core/pixels.ts';
import { drawFrame } from './draw-frame.ts';

const SIZE = { width: 48, height: 32 };
const QUARTERS = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]] as const;
const ORIENTATIONS = ([0, 90, 180, 270] as const).flatMap((rotation) => [false, true].map((flip): Orientation => ({ rotation, flip })));

/** Four grey quarters, each another. */
function levelAt(x: number, y: number): number {
  return 40 + (x < SIZE.width / 2 ? 0 : 50) + (y < SIZE.height / 2 ? 0 : 100);
}

function frameOf(orientation: Orientation, display: object): VideoFrame {
  const data = new Uint8Array(4 * SIZE.width * SIZE.height).fill(255);
  for (let y = 0; y < SIZE.height; y++) for (let x = 0; x < SIZE.width; x++) data.fill(levelAt(x, y), 4 * (y * SIZE.width + x), 4 * (y * SIZE.width + x) + 3);
  return new VideoFrame(data, { format: 'RGBX', codedWidth: SIZE.width, codedHeight: SIZE.height, timestamp: 0, ...orientation, ...display });
}

describe.each([['in its own size', {}], ['in another size', { displayWidth: 60, displayHeight: 60 }]])('a frame shown %s', (_name, display) => {
  test.each(ORIENTATIONS)('is drawn upright when it is turned by $rotation, flipped: $flip', (orientation) => {
    const frame = frameOf(orientation, display);
    const shown = { width: frame.displayWidth, height: frame.displayHeight };
    const context = new OffscreenCanvas(100, 90).getContext('2d')!;
    drawFrame(context, frame, 10, 20, 80, 60);
    const toStored = displayToStored({ ...SIZE, orientation, display: shown });
    for (const [u, v] of QUARTERS) {
      const stored = mapPoint(toStored, { x: u * shown.width, y: v * shown.height });
      const [level] = context.getImageData(10 + u * 80, 20 + v * 60, 1, 1).data;
      expect(Math.abs(level! - levelAt(stored.x, stored.y)), `${u}, ${v}`).toBeLessThanOrEqual(3);
    }
    // All of its place and nothing else.
    expect([...context.getImageData(9, 50, 1, 1).data, ...context.getImageData(50, 80, 1, 1).data]).toEqual(new Array(8).fill(0));
    expect(context.getImageData(10, 20, 1, 1).data[3]).toBe(255);
    expect(context.getImageData(89, 79, 1, 1).data[3]).toBe(255);
    expect(frame.codedWidth).toBe(SIZE.width);
    frame.close();
  });
});
