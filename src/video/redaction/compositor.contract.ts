import { describe, expect, test } from 'vitest';
import type { Box, Size } from '../../core/geometry.ts';
import { displayToStored, mapBox } from '../../core/orientation.ts';
import { type FrameView, type Orientation, type PixelBuffer, type WorkableFormat, planesOf } from '../../core/pixels.ts';
import type { RedactionMethod, RedactionPlan, RedactionRegion, RedactionStyle } from '../../core/redaction.ts';
import { pixelsToFrame } from '../frame/pixels-to-frame.ts';
import type { Compositor } from './compositor.ts';
import { reachPx } from './cover/cover-regions.ts';
import { hash32 } from './cover/seeded-noise.ts';

/** What the suite needs to know of a compositor. */
export interface CompositorUnderTest {
  make(): Compositor | Promise<Compositor>;
  /** Kinds of view it takes. */
  readonly views: readonly FrameView['kind'][];
  /** True if the result has the stored layout, colour space and orientation of the input; else it is upright RGB. */
  readonly keepsLayout: boolean;
  /** How many pixels more than the plan says it covers. */
  readonly bleedPx: number;
  /** The largest picture to try, default 4096 x 2160. */
  readonly largest?: Size;
}

interface Shape extends Size {
  readonly format: WorkableFormat;
  readonly orientation: Orientation;
  readonly display: Size;
}

const UPRIGHT: Orientation = { rotation: 0, flip: false };
const FORMATS: readonly WorkableFormat[] = ['I420', 'NV12', 'RGBA', 'BGRA'];
const METHODS: readonly RedactionMethod[] = ['frost', 'solid', 'blur', 'pixelate'];
const INFO = { timestampUs: 123_456, durationUs: 33_333 };
const COLOR_SPACE: VideoColorSpaceInit = { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m', fullRange: false };

/** The suite that every {@link Compositor} must pass. */
export function testCompositor(name: string, subject: CompositorUnderTest): void {
  describe(`${name} compositor`, () => {
    for (const viewKind of subject.views) {
      describe(`given ${viewKind}`, () => {
        for (const method of ['frost', 'solid'] as const) {
          for (let seed = 1; seed <= 24; seed++) {
            test(`${method}: covered pixels have no part in the result, seed ${seed}`, async () => {
              const random = randomOf(seed);
              const shape = randomShape(random, seed);
              const regions = randomRegions(random, shape.display);
              const style = { method, strength: random() };
              const first = noisePicture(shape, seed);
              const second = scrambled(first, regions, seed + 1000);
              const compositor = await subject.make();
              const a = await redact(compositor, viewOf(viewKind, first), regions, style);
              const b = await redact(compositor, viewOf(viewKind, second), regions, style);
              compositor.close();
              expect(anyDifference(a.data, b.data)).toBe(-1);
              // And they are covered at all: what is shown is not what was there.
              if (subject.keepsLayout) expect(shareUnchanged(first, a.data, regions)).toBeLessThan(0.1);
            });
          }
        }

        for (const method of METHODS) {
          for (let seed = 1; seed <= 8; seed++) {
            test(`${method}: pixels away from the regions stay as they are, seed ${seed}`, async () => {
              const random = randomOf(seed * 77);
              const shape = randomShape(random, seed);
              const regions = randomRegions(random, shape.display).slice(0, 2);
              const picture = noisePicture(shape, seed);
              const compositor = await subject.make();
              const untouched = await redact(compositor, viewOf(viewKind, copyOf(picture)), [], { method, strength: 0.5 });
              const covered = await redact(compositor, viewOf(viewKind, copyOf(picture)), regions, { method, strength: 0.5 });
              compositor.close();
              if (subject.keepsLayout) expect(anyDifference(untouched.data, picture.data)).toBe(-1);
              const result: PixelBuffer = subject.keepsLayout ? picture : uprightPicture(covered, shape.display);
              const away = maskOf(result, regions.map((region) => region.box), (rect) => reachPx(grown(rect, subject.bleedPx)) + subject.bleedPx);
              expect(firstDifferenceWhere(untouched.data, covered.data, away, false)).toBe(-1);
            });
          }
        }

        for (const method of METHODS) {
          test(`${method}: the cover stays the same over time while its surroundings do`, async () => {
            const shape = shapeOf('I420', { width: 96, height: 64 });
            const regions = [{ trackId: 7, box: { x: 20, y: 10, width: 40, height: 40 } }];
            const compositor = await subject.make();
            const picture = noisePicture(shape, 3);
            const a = await redact(compositor, viewOf(viewKind, copyOf(picture)), regions, { method, strength: 0.5 });
            const b = await redact(compositor, viewOf(viewKind, copyOf(picture)), regions, { method, strength: 0.5 });
            compositor.close();
            expect(anyDifference(a.data, b.data)).toBe(-1);
          });
        }

        test('a whole plan reads nothing of the picture', async () => {
          for (const format of FORMATS) {
            const shape = shapeOf(format, { width: 33, height: 21 });
            const compositor = await subject.make();
            const a = await compose(compositor, viewOf(viewKind, noisePicture(shape, 1)), { kind: 'whole', reason: 'starting' });
            const b = await compose(compositor, viewOf(viewKind, noisePicture(shape, 2)), { kind: 'whole', reason: 'paused' });
            compositor.close();
            expect(anyDifference(a.data, b.data)).toBe(-1);
          }
        });

        test.each([
          ['NaN', { x: Number.NaN, y: 1, width: 5, height: 5 }],
          ['inverted', { x: 8, y: 1, width: -5, height: 5 }],
          ['infinite', { x: 8, y: 1, width: 5, height: Number.POSITIVE_INFINITY }],
          ['empty', { x: 8, y: 1, width: 0, height: 5 }],
        ])('a box that is %s covers the whole frame', async (_, box) => {
          const shape = shapeOf('I420', { width: 32, height: 20 });
          const compositor = await subject.make();
          const plan: RedactionPlan = { kind: 'regions', regions: [{ trackId: 1, box: { x: 1, y: 1, width: 4, height: 4 } }, { trackId: 2, box }] };
          const doubtful = await compose(compositor, viewOf(viewKind, noisePicture(shape, 1)), plan);
          const whole = await compose(compositor, viewOf(viewKind, noisePicture(shape, 2)), { kind: 'whole', reason: 'paused' });
          compositor.close();
          expect(anyDifference(doubtful.data, whole.data)).toBe(-1);
        });

        test.each([
          { width: 1, height: 1 },
          { width: 2, height: 2 },
          { width: 3, height: 1 },
          subject.largest ?? { width: 4096, height: 2160 },
        ])('works at $width x $height', async (size) => {
          const shape = shapeOf('I420', size);
          const compositor = await subject.make();
          const box = { x: 0, y: 0, width: size.width, height: size.height };
          for (const plan of [{ kind: 'regions', regions: [{ trackId: 1, box }] }, { kind: 'whole', reason: 'paused' }] as const) {
            const result = await compose(compositor, viewOf(viewKind, noisePicture(shape, 1)), plan);
            expect(result.display).toEqual(size);
          }
          compositor.close();
        });

        test.each(['regions', 'whole'] as const)('keeps times, display size and colour space (%s)', async (kind) => {
          for (const orientation of orientations()) {
            const shape: Shape = { format: 'I420', width: 40, height: 30, orientation, display: { width: 120, height: 50 } };
            const plan: RedactionPlan =
              kind === 'whole' ? { kind, reason: 'paused' } : { kind, regions: [{ trackId: 1, box: { x: 30, y: 10, width: 40, height: 20 } }] };
            const compositor = await subject.make();
            const result = await compose(compositor, viewOf(viewKind, noisePicture(shape, 1)), plan);
            compositor.close();
            expect(result).toMatchObject({ ...INFO, display: shape.display });
            if (subject.keepsLayout) expect(result).toMatchObject({ orientation, colorSpace: COLOR_SPACE });
          }
        });

        test('closes its input when it succeeds and when it fails', async () => {
          const shape = shapeOf('I420', { width: 32, height: 20 });
          const open = await subject.make();
          const closed = await subject.make();
          closed.close();
          closed.close();
          for (const [compositor, style, fails] of [
            [open, { method: 'frost', strength: 0.5 }, false],
            [open, { method: 'frost', strength: Number.NaN }, true],
            [open, { method: 'sepia' as RedactionMethod, strength: 0.5 }, true],
            [closed, { method: 'frost', strength: 0.5 }, true],
          ] as const) {
            const view = viewOf(viewKind, noisePicture(shape, 1));
            const composed = compositor.compose(view, { kind: 'regions', regions: [] }, style);
            if (fails) await expect(composed).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
            else (await composed).close();
            if (view.kind === 'opaque') expect(view.frame.codedWidth).toBe(0);
          }
          open.close();
        });
      });
    }

    test('pixels that do not fit their layout give no frame', async () => {
      const compositor = await subject.make();
      const picture = noisePicture(shapeOf('I420', { width: 32, height: 20 }), 1);
      const view = viewOf('planes', { ...picture, data: new Uint8Array(10) });
      const composed = compositor.compose(view, { kind: 'regions', regions: [] }, { method: 'frost', strength: 0.5 });
      await expect(composed).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
      compositor.close();
    });

    test('a closed frame gives no frame', async () => {
      const compositor = await subject.make();
      const view = viewOf('opaque', noisePicture(shapeOf('I420', { width: 32, height: 20 }), 1));
      if (view.kind === 'opaque') view.frame.close();
      const composed = compositor.compose(view, { kind: 'regions', regions: [] }, { method: 'frost', strength: 0.5 });
      await expect(composed).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
      compositor.close();
    });
  });
}

/** What came out: the bytes and everything else that a holder can see. The frame is closed. */
interface Result {
  readonly data: Uint8Array;
  readonly size: Size;
  readonly display: Size;
  readonly timestampUs: number;
  readonly durationUs: number | null;
  readonly orientation: { rotation: unknown; flip: unknown };
  readonly colorSpace: VideoColorSpaceInit;
}

async function compose(compositor: Compositor, view: FrameView, plan: RedactionPlan, style: RedactionStyle = { method: 'frost', strength: 0.5 }): Promise<Result> {
  const frame = await compositor.compose(view, plan, style);
  const data = new Uint8Array(frame.allocationSize());
  await frame.copyTo(data);
  const { rotation, flip } = frame as unknown as { rotation: unknown; flip: unknown };
  const result: Result = {
    data,
    size: { width: frame.visibleRect?.width ?? 0, height: frame.visibleRect?.height ?? 0 },
    display: { width: frame.displayWidth, height: frame.displayHeight },
    timestampUs: frame.timestamp,
    durationUs: frame.duration,
    orientation: { rotation, flip },
    colorSpace: frame.colorSpace.toJSON(),
  };
  frame.close();
  return result;
}

function redact(compositor: Compositor, view: FrameView, regions: readonly RedactionRegion[], style: RedactionStyle): Promise<Result> {
  return compose(compositor, view, { kind: 'regions', regions }, style);
}

function viewOf(kind: FrameView['kind'], pixels: PixelBuffer): FrameView {
  const info = { ...INFO, display: pixels.display };
  const colorSpace = pixels.planes.length > 1 ? COLOR_SPACE : null;
  if (kind === 'planes') return { kind, info, pixels, colorSpace };
  return { kind, info, frame: pixelsToFrame(copyOf(pixels), info, colorSpace), sample: noisePicture(shapeOf('RGBA', { width: 2, height: 2 }), 1) };
}

function randomOf(seed: number): () => number {
  let n = 0;
  return () => hash32(seed, n++) / 2 ** 32;
}

function orientations(): Orientation[] {
  return ([0, 90, 180, 270] as const).flatMap((rotation) => [false, true].map((flip) => ({ rotation, flip })));
}

function shapeOf(format: WorkableFormat, size: Size): Shape {
  return { format, ...size, orientation: UPRIGHT, display: size };
}

function randomShape(random: () => number, seed: number): Shape {
  const width = 1 + Math.floor(random() * 180);
  const height = 1 + Math.floor(random() * 140);
  const orientation = orientations()[Math.floor(random() * 8)] ?? UPRIGHT;
  const turned = orientation.rotation % 180 !== 0;
  const scale = random() < 0.5 ? 1 : 0.5 + random() * 2;
  const display = {
    width: Math.max(1, Math.round((turned ? height : width) * scale)),
    height: Math.max(1, Math.round((turned ? width : height) * (random() < 0.5 ? scale : 1))),
  };
  return { format: FORMATS[seed % FORMATS.length] ?? 'I420', width, height, orientation, display };
}

/** One to six regions: tiny, huge, fractional, overlapping, at and over the edges. */
function randomRegions(random: () => number, display: Size): RedactionRegion[] {
  return Array.from({ length: 1 + Math.floor(random() * 6) }, (_, trackId) => {
    const tiny = random() < 0.2;
    const huge = random() < 0.1;
    const width = tiny ? 0.2 + random() : display.width * (huge ? 1.5 : 0.05 + 0.4 * random());
    const height = tiny ? 0.2 + random() : display.height * (huge ? 1.5 : 0.05 + 0.4 * random());
    const box: Box = { x: random() * (display.width + width) - width, y: random() * (display.height + height) - height, width, height };
    const whole = random() < 0.3;
    return { trackId, box: whole ? { x: Math.floor(box.x), y: Math.floor(box.y), width: Math.ceil(width), height: Math.ceil(height) } : box };
  });
}

function noisePicture(shape: Shape, seed: number): PixelBuffer {
  const { planes, byteLength } = planesOf(shape.format, shape);
  const data = new Uint8Array(byteLength);
  let state = hash32(seed, 99) | 1;
  for (let i = 0; i < byteLength; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state;
  }
  // The canvas has no alpha and premultiplies: a picture that both can be compared on is opaque.
  if (planes.length === 1) for (let i = 3; i < byteLength; i += 4) data[i] = 255;
  return { ...shape, data, planes, colour: { matrix: 'bt601', fullRange: false } };
}

function copyOf(pixels: PixelBuffer): PixelBuffer {
  return { ...pixels, data: pixels.data.slice() };
}

function uprightPicture(result: Result, display: Size): PixelBuffer {
  const shape = shapeOf('RGBA', result.size);
  return { ...noisePicture({ ...shape, width: 1, height: 1 }, 1), ...shape, display, data: new Uint8Array(0), planes: planesOf('RGBA', result.size).planes };
}

function grown(rect: { x0: number; y0: number; x1: number; y1: number }, by: number): { x0: number; y0: number; x1: number; y1: number } {
  return { x0: rect.x0 - by, y0: rect.y0 - by, x1: rect.x1 + by, y1: rect.y1 + by };
}

/**
 * One byte for each byte of the picture: 1 where its sample belongs to a pixel that a box touches, after rounding
 * outwards to whole samples of every plane and growing by `margin`. Written apart from the code under test.
 */
function maskOf(picture: PixelBuffer, boxes: readonly Box[], margin: (rect: { x0: number; y0: number; x1: number; y1: number }) => number): Uint8Array {
  const mask = new Uint8Array(planesOf(picture.format, picture).byteLength);
  const unit = Math.max(...picture.planes.map((plane) => plane.subsampling));
  for (const box of boxes) {
    const stored = mapBox(displayToStored(picture), box);
    const rect = {
      x0: Math.max(0, unit * Math.floor(stored.x / unit)),
      y0: Math.max(0, unit * Math.floor(stored.y / unit)),
      x1: Math.min(picture.width, unit * Math.ceil((stored.x + stored.width) / unit)),
      y1: Math.min(picture.height, unit * Math.ceil((stored.y + stored.height) / unit)),
    };
    if (rect.x0 >= rect.x1 || rect.y0 >= rect.y1) continue;
    const by = margin(rect);
    for (const plane of picture.planes) {
      for (let y = 0; y < plane.height; y++) {
        for (let x = 0; x < plane.width; x++) {
          const px = x * plane.subsampling;
          const py = y * plane.subsampling;
          if (px + plane.subsampling <= rect.x0 - by || px >= rect.x1 + by || py + plane.subsampling <= rect.y0 - by || py >= rect.y1 + by) continue;
          const at = plane.offset + y * plane.stride + x * plane.channels;
          mask.fill(1, at, at + plane.channels);
        }
      }
    }
  }
  return mask;
}

/** The same picture with every covered byte changed at random; alpha stays, see `noisePicture`. */
function scrambled(picture: PixelBuffer, regions: readonly RedactionRegion[], seed: number): PixelBuffer {
  const copy = copyOf(picture);
  const mask = maskOf(picture, regions.map((region) => region.box), () => 0);
  const packed = picture.planes.length === 1;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] && !(packed && i % 4 === 3)) copy.data[i] = hash32(seed, i);
  }
  return copy;
}

/** Share of covered bytes (alpha apart) that are as before. Chance alone leaves about 1 in 50. */
function shareUnchanged(picture: PixelBuffer, after: Uint8Array, regions: readonly RedactionRegion[]): number {
  const mask = maskOf(picture, regions.map((region) => region.box), () => 0);
  const packed = picture.planes.length === 1;
  let covered = 0;
  let same = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i] || (packed && i % 4 === 3)) continue;
    covered++;
    if (picture.data[i] === after[i]) same++;
  }
  return covered < 100 ? 0 : same / covered;
}

function anyDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  return a.findIndex((value, i) => value !== b[i]);
}

function firstDifferenceWhere(a: Uint8Array, b: Uint8Array, mask: Uint8Array, where: boolean): number {
  expect(a.length).toBe(b.length);
  expect(mask.length).toBe(a.length);
  return a.findIndex((value, i) => (mask[i] === 1) === where && value !== b[i]);
}
