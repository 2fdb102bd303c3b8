import { describe, expect, it } from 'vitest';
import { type FrameView, type PixelBuffer, planesOf } from '../../../core/pixels.ts';
import type { RedactionMethod, RedactionPlan } from '../../../core/redaction.ts';
import { pixelsToFrame } from '../../frame/pixels-to-frame.ts';
import { createCanvas2dCompositor } from '../canvas2d-compositor.ts';
import type { Compositor } from '../compositor.ts';
import { testCompositor } from '../compositor.contract.ts';
import { NEEDS_ADAPTER, openTestDevice } from './software-adapter.contract.ts';
import { createWebGpuCompositor } from './webgpu-compositor.ts';

const SIZE = { width: 160, height: 120 };
const INFO = { timestampUs: 0, durationUs: null, display: SIZE };
const PLAN: RedactionPlan = {
  kind: 'regions',
  regions: [
    { trackId: 1, box: { x: 30, y: 20.5, width: 60, height: 70 } },
    { trackId: 2, box: { x: 80, y: 60, width: 50, height: 40 } },
    { trackId: 3, box: { x: 140, y: -10, width: 40, height: 40 } },
  ],
};
const SEED = 7;

const device = await openTestDevice();

describe.skipIf(device === null)(NEEDS_ADAPTER, () => {
  testCompositor('webgpu', {
    make: () => createWebGpuCompositor(device!),
    views: ['planes', 'opaque'],
    keepsLayout: false,
    bleedPx: 4,
    // A software adapter takes ten seconds for a cover of 4096 x 2160.
    largest: { width: 1280, height: 720 },
  });

  it.each(['frost', 'solid', 'blur', 'pixelate'] as const)('%s looks as it does on the canvas', async (method) => {
    const drawn = await bytesOf(createCanvas2dCompositor(SEED), method);
    const painted = await bytesOf(await createWebGpuCompositor(device!, SEED), method);
    const differences = drawn.map((value, i) => Math.abs(value - painted[i]!));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    // The canvas is bilinear between nodes, and its grain begins elsewhere.
    expect(mean).toBeLessThan(1);
    expect(Math.max(...differences)).toBeLessThanOrEqual(12);
  });

  it('a lost device gives no frame that is not covered, and closes its input', async () => {
    const other = (await openTestDevice())!;
    const compositor = await createWebGpuCompositor(other);
    const whole = { x: 0, y: 0, ...SIZE };
    const covered: RedactionPlan = { kind: 'regions', regions: [{ trackId: 1, box: whole }] };
    const before = await compositor.compose(opaqueView(), covered, { method: 'solid', strength: 0.5 });
    const asBefore = await rgbaOf(before);
    const meanwhile = opaqueView();
    const composing = compositor.compose(meanwhile, covered, { method: 'solid', strength: 0.5 });
    other.destroy();
    const outcome: unknown = await composing.catch((error: unknown) => error);
    // Chromium 156 gives none; 150 may give what was painted before the loss, or black.
    if (outcome instanceof VideoFrame) expect([asBefore, asBefore.map((_, i) => (i % 4 === 3 ? 255 : 0))]).toContainEqual(await rgbaOf(outcome));
    else expect(outcome).toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
    await other.lost;
    const later = opaqueView();
    await expect(compositor.compose(later, PLAN, { method: 'frost', strength: 0.5 })).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
    for (const view of [meanwhile, later]) expect(view.kind === 'opaque' && view.frame.codedWidth).toBe(0);
    compositor.close();
  });

  it('has only as much of the picture in its canvas as was covered, when memory for a plan cannot be had', async () => {
    const starved = new Proxy(device!, {
      get(target, key) {
        // What a driver without memory gives: a buffer that is void.
        if (key === 'createBuffer') {
          return (descriptor: GPUBufferDescriptor) => target.createBuffer(descriptor.mappedAtCreation === true && descriptor.size < 4096 ? { ...descriptor, usage: 0x8 } : descriptor);
        }
        const value = Reflect.get(target, key, target) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
    const compositor = await createWebGpuCompositor(starved);
    await expect(compositor.compose(opaqueView(), PLAN, { method: 'frost', strength: 0.5 })).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
    compositor.close();
  });
});

/** A smooth picture, so that what differs is the covers. */
function picture(): PixelBuffer {
  const { planes, byteLength } = planesOf('RGBX', SIZE);
  const data = new Uint8Array(byteLength);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) data.set([40 + x, 220 - y, 90 + ((x + y) >> 2), 255], 4 * (y * SIZE.width + x));
  }
  return { ...SIZE, format: 'RGBX', data, planes, colour: { matrix: 'bt709', fullRange: true }, orientation: { rotation: 0, flip: false }, display: SIZE };
}

function opaqueView(): FrameView {
  return { kind: 'opaque', info: INFO, frame: pixelsToFrame(picture(), INFO, null), sample: picture() };
}

async function bytesOf(compositor: Compositor, method: RedactionMethod): Promise<Uint8Array> {
  const data = await rgbaOf(await compositor.compose(opaqueView(), PLAN, { method, strength: 0.5 }));
  compositor.close();
  return data;
}

/** **Takes** the frame. */
async function rgbaOf(frame: VideoFrame): Promise<Uint8Array> {
  const data = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
  await frame.copyTo(data, { format: 'RGBA' });
  frame.close();
  return data;
}
