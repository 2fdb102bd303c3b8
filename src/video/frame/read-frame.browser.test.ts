import { describe, expect, test } from 'vitest';
import { type Orientation, type PixelBuffer, type WorkableFormat, planesOf } from '../../core/pixels.ts';
import type { OrientationInit } from './frame-orientation.ts';
import { createFrameSampler } from './frame-sampler.ts';
import { pixelsToFrame } from './pixels-to-frame.ts';
import { readFrame } from './read-frame.ts';

const FORMATS: readonly WorkableFormat[] = ['I420', 'NV12', 'RGBA', 'RGBX', 'BGRA', 'BGRX'];
const SIZES = [
  { width: 8, height: 6 },
  { width: 7, height: 5 },
  { width: 1, height: 1 },
  { width: 3, height: 1 },
];

type Init = Partial<VideoFrameBufferInit> & OrientationInit;

function counted(byteLength: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: byteLength }, (_, i) => (i * 7 + (i >> 5)) & 255);
}

function frameOf(format: VideoPixelFormat, size: { width: number; height: number }, bytes: Uint8Array<ArrayBuffer>, init: Init = {}): VideoFrame {
  return new VideoFrame(bytes, { format, codedWidth: size.width, codedHeight: size.height, timestamp: 77, duration: 33, ...init });
}

async function planesView(frame: VideoFrame): Promise<{ pixels: PixelBuffer; view: Extract<Awaited<ReturnType<typeof readFrame>>, { kind: 'planes' }> }> {
  const view = await readFrame(frame);
  expect(frame.codedWidth).toBe(0);
  if (view.kind !== 'planes') throw new Error(`expected planes, got ${view.kind}`);
  return { pixels: view.pixels, view };
}

describe('readFrame', () => {
  for (const format of FORMATS) {
    test.each(SIZES)(`copies ${format} of $width x $height byte for byte and closes the frame`, async (size) => {
      const bytes = counted(planesOf(format, size).byteLength);
      const { pixels, view } = await planesView(frameOf(format, size, bytes));
      expect(pixels).toMatchObject({ format, ...size, display: size, orientation: { rotation: 0, flip: false } });
      expect(pixels.data).toEqual(bytes);
      expect(view.info).toEqual({ timestampUs: 77, durationUs: 33, display: size });
    });
  }

  test('copies the visible rectangle only', async () => {
    const size = { width: 8, height: 8 };
    const bytes = counted(planesOf('I420', size).byteLength);
    const whole = frameOf('I420', size, bytes);
    const part = new VideoFrame(whole, { visibleRect: { x: 2, y: 4, width: 3, height: 3 } });
    whole.close();
    expect(part.visibleRect?.x).toBe(2);
    const { pixels } = await planesView(part);
    expect(pixels).toMatchObject({ width: 3, height: 3 });
    expect([...pixels.data.subarray(0, 3)]).toEqual([...bytes.subarray(4 * 8 + 2, 4 * 8 + 5)]);
    // Cb begins at the chroma sample (1, 2) of 4 x 4.
    expect([...pixels.data.subarray(9, 11)]).toEqual([...bytes.subarray(64 + 2 * 4 + 1, 64 + 2 * 4 + 3)]);
  });

  test.each([0, 90, 180, 270].flatMap((rotation) => [{ rotation, flip: false }, { rotation, flip: true }]))(
    'keeps rotation $rotation, flip $flip and a display size of its own, there and back',
    async ({ rotation, flip }) => {
      const size = { width: 8, height: 6 };
      const bytes = counted(planesOf('NV12', size).byteLength);
      // The constructor takes the display size before rotation.
      const { pixels, view } = await planesView(frameOf('NV12', size, bytes, { rotation, flip, displayWidth: 100, displayHeight: 50 }));
      const display = rotation % 180 === 0 ? { width: 100, height: 50 } : { width: 50, height: 100 };
      expect(pixels).toMatchObject({ ...size, display, orientation: { rotation, flip } });
      const again = pixelsToFrame(pixels, view.info, view.colorSpace);
      const expected: Orientation & { displayWidth: number; displayHeight: number; timestamp: number; duration: number } = {
        rotation: pixels.orientation.rotation,
        flip,
        displayWidth: display.width,
        displayHeight: display.height,
        timestamp: 77,
        duration: 33,
      };
      expect(again).toMatchObject(expected);
      again.close();
    },
  );

  test.each<[VideoColorSpaceInit, PixelBuffer['colour']]>([
    [{ matrix: 'bt709', fullRange: true }, { matrix: 'bt709', fullRange: true }],
    [{ matrix: 'smpte170m', fullRange: false }, { matrix: 'bt601', fullRange: false }],
    [{ matrix: 'bt470bg', fullRange: true }, { matrix: 'bt601', fullRange: true }],
    [{ matrix: 'bt2020-ncl' as VideoMatrixCoefficients }, { matrix: 'bt2020', fullRange: false }],
    [{}, { matrix: 'bt601', fullRange: false }],
  ])('reads colour space %j and gives it back', async (colorSpace, colour) => {
    const size = { width: 8, height: 6 };
    const { pixels, view } = await planesView(frameOf('I420', size, counted(planesOf('I420', size).byteLength), { colorSpace }));
    expect(pixels.colour).toEqual(colour);
    const again = pixelsToFrame(pixels, view.info, view.colorSpace);
    expect(again.colorSpace.toJSON()).toMatchObject(colorSpace);
    again.close();
  });

  test('takes a frame that does not say its colours as the browser itself does', async () => {
    const size = { width: 16, height: 16 };
    const bytes = new Uint8Array(planesOf('I420', size).byteLength).fill(120, 0, 256).fill(90, 256, 320).fill(180, 320);
    const shown = async (colorSpace: VideoColorSpaceInit): Promise<number[]> => {
      const frame = frameOf('I420', size, bytes.slice(), { colorSpace });
      const rgba = new Uint8Array(16 * 16 * 4);
      await frame.copyTo(rgba, { format: 'RGBA' });
      frame.close();
      return [...rgba.subarray(0, 3)];
    };
    expect(await shown({})).toEqual(await shown({ matrix: 'smpte170m', fullRange: false }));
    expect(await shown({})).not.toEqual(await shown({ matrix: 'bt709', fullRange: false }));
  });

  test.each([
    ['I422', 8 * 6 * 2],
    ['I444', 8 * 6 * 3],
    ['I420A', 8 * 6 * 2.5],
    ['I420P10', 8 * 6 * 3],
  ])('converts %s to RGBA as drawing does', async (format, byteLength) => {
    // Ten-bit samples have empty upper bits.
    const bytes = format === 'I420P10' ? counted(byteLength).map((value, i) => (i & 1 ? value & 3 : value)) : counted(byteLength);
    const size = { width: 8, height: 6 };
    const frame = frameOf(format as VideoPixelFormat, size, bytes, { rotation: 90, displayWidth: 16, displayHeight: 12 });
    const drawn = frame.clone();
    const { pixels } = await planesView(frame);
    expect(pixels).toMatchObject({ format: 'RGBA', ...size, display: { width: 12, height: 16 }, orientation: { rotation: 90, flip: false } });
    const context = new OffscreenCanvas(6, 8).getContext('2d', { willReadFrequently: true });
    context?.drawImage(drawn, 0, 0, 6, 8);
    drawn.close();
    const upright = context?.getImageData(0, 0, 6, 8).data;
    // Shown (x, y) is stored (y, height - 1 - x); alpha makes the canvas round.
    if (format === 'I420A') return;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 6; x++) expect(upright?.[(y * 6 + x) * 4]).toBe(pixels.data[((5 - x) * 8 + y) * 4]);
    }
  });

  test('a frame whose planes cannot be had stays open and comes with a small upright sample', async () => {
    const size = { width: 1300, height: 640 };
    const frame = frameOf('I420', size, new Uint8Array(planesOf('I420', size).byteLength).fill(128), { rotation: 90 });
    Object.defineProperty(frame, 'format', { value: null });
    const view = await readFrame(frame, createFrameSampler());
    if (view.kind !== 'opaque') throw new Error('expected an opaque view');
    expect(view.frame.codedWidth).toBe(1300);
    expect(view.sample).toMatchObject({ format: 'RGBA', width: 315, height: 640, display: { width: 640, height: 1300 }, orientation: { rotation: 0, flip: false } });
    expect([...view.sample.data.subarray(0, 4)]).toEqual([130, 130, 130, 255]);
    view.frame.close();
  });

  test('a visible rectangle inside a chroma sample makes the view opaque', async () => {
    const size = { width: 8, height: 6 };
    const frame = frameOf('I420', size, counted(planesOf('I420', size).byteLength));
    Object.defineProperty(frame, 'visibleRect', { value: new DOMRectReadOnly(1, 0, 4, 4) });
    const view = await readFrame(frame);
    expect(view.kind).toBe('opaque');
    frame.close();
  });

  test('a closed frame is refused', async () => {
    const size = { width: 8, height: 6 };
    const frame = frameOf('I420', size, counted(planesOf('I420', size).byteLength));
    frame.close();
    await expect(readFrame(frame)).rejects.toMatchObject({ code: 'ERR_FRAME_INVALID' });
  });

  test.each([
    ['copying fails', 'copyTo', () => Promise.reject(new DOMException('gone', 'OperationError'))],
    ['its colour space cannot be read', 'colorSpace', null],
  ])('the frame is closed and the error typed when %s', async (_, name, value) => {
    const size = { width: 8, height: 6 };
    const frame = frameOf('I420', size, counted(planesOf('I420', size).byteLength));
    Object.defineProperty(frame, name, { value });
    await expect(readFrame(frame)).rejects.toMatchObject({ code: 'ERR_FRAME_INVALID' });
    expect(frame.codedWidth).toBe(0);
  });

  test('the frame is closed when no sample can be drawn', async () => {
    const size = { width: 8, height: 6 };
    const frame = frameOf('I420', size, counted(planesOf('I420', size).byteLength));
    Object.defineProperty(frame, 'format', { value: null });
    const sampler = {
      sample(): never {
        throw new Error('no context');
      },
    };
    await expect(readFrame(frame, sampler)).rejects.toMatchObject({ code: 'ERR_FRAME_INVALID' });
    expect(frame.codedWidth).toBe(0);
  });
});
