import { describe, expect, it } from 'vitest';
import { createFrameSampler } from '../../frame/frame-sampler.ts';
import { createGpuFrameSampler } from '../../frame/gpu-frame-sampler.ts';
import { readFrame } from '../../frame/read-frame.ts';
import type { RedactionPlan } from '../../../core/redaction.ts';
import type { CompositorSet } from '../choose-compositor.ts';
import { NEEDS_ADAPTER, openTestDevice } from './software-adapter.contract.ts';
import { createWebGpuCompositorSet } from './webgpu-compositor-set.ts';

const STYLE = { method: 'frost', strength: 0.5 } as const;
const PLAN: RedactionPlan = { kind: 'regions', regions: [{ trackId: 1, box: { x: 20, y: 10, width: 40, height: 40 } }] };
const settings = (compositor: 'auto' | 'planar' | 'canvas2d' | 'webgpu', delayFrames = 0) => ({ compositor, delayFrames, style: STYLE });
const now = () => performance.now();
/** The clock of these contests is not the real one, and a software adapter takes its time. */
const contestSize = { width: 64, height: 36 };

/** A clock by which the incumbent and the challenger of a contest take these times, in turn. */
function clockOf(incumbentMs: number, challengerMs: number): () => number {
  let calls = 0;
  let time = 0;
  return () => {
    const step = calls++ % 4;
    if (step === 1) time += incumbentMs;
    if (step === 3) time += challengerMs;
    return time;
  };
}

function frameOf(width = 96, height = 64): VideoFrame {
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let i = 0; i < width * height; i++) data[i] = 40 + ((i * 7) % 150);
  return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 5 });
}

/** Reads and covers a frame as the pipeline does. */
async function pass(set: CompositorSet): Promise<string> {
  const { reading } = set;
  const view = await readFrame(frameOf(), reading?.sampler ?? createFrameSampler(), reading?.wanted);
  const compositor = set.compositorFor(view.kind);
  (await compositor.compose(view, PLAN, STYLE)).close();
  return compositor.kind;
}

describe.skipIf((await openTestDevice()) === null)(NEEDS_ADAPTER, () => {
  it('takes all frames, where they are, when asked to', async () => {
    const set = await createWebGpuCompositorSet({ device: await openTestDevice(), settings: settings('webgpu'), now });
    expect(set.reading?.wanted).toBe('opaque');
    expect(await pass(set)).toBe('webgpu');
    set.close();
  });

  it('does not hold frames of the camera back', async () => {
    const set = await createWebGpuCompositorSet({ device: await openTestDevice(), settings: settings('webgpu', 5), now });
    expect(set.reading?.wanted).toBe('planes');
    expect(await pass(set)).toBe('webgpu');
    set.close();
  });

  it('hands over to the others when the device is lost', async () => {
    const device = (await openTestDevice())!;
    const set = await createWebGpuCompositorSet({ device, settings: settings('webgpu'), now });
    expect(await pass(set)).toBe('webgpu');
    const view = await readFrame(frameOf(), set.reading!.sampler, 'opaque');
    const composing = set.compositorFor('opaque').compose(view, PLAN, STYLE);
    device.destroy();
    // Whether a frame on its way still comes out is the browser's; what it may hold, `webgpu-compositor.webgpu.test.ts` says.
    await composing.then((frame) => { frame.close(); }, (error: unknown) => { expect(error).toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' }); });
    await device.lost;
    expect(set.reading).toBe(null);
    expect(await pass(set)).toBe('planar');
    expect(set.compositorFor('opaque').kind).toBe('canvas2d');
    set.close();
  });

  it.each([
    [10, 5, 'webgpu', 'opaque'],
    [10, 30, 'planar', undefined],
  ] as const)('auto: others take %i ms, the GPU %i: %s', async (otherMs, gpuMs, kind, wanted) => {
    const set = await createWebGpuCompositorSet({ device: await openTestDevice(), settings: settings('auto'), now: clockOf(otherMs, gpuMs), contestSize });
    expect(set.reading?.wanted).toBe(wanted);
    expect(await pass(set)).toBe(kind);
    set.close();
  });

  it('auto: with frames held back, only those whose planes cannot be had', async () => {
    const set = await createWebGpuCompositorSet({ device: await openTestDevice(), settings: settings('auto', 3), now: clockOf(10, 5), contestSize });
    expect(await pass(set)).toBe('planar');
    expect(set.compositorFor('opaque').kind).toBe('webgpu');
    set.close();
  });

  it('auto: a device that is lost already is none', async () => {
    const device = (await openTestDevice())!;
    device.destroy();
    const set = await createWebGpuCompositorSet({ device, settings: settings('auto'), now: clockOf(10, 5), contestSize });
    expect(await pass(set)).toBe('planar');
    set.close();
  });

  it('fails, typed, when it is asked for and not there', async () => {
    await expect(createWebGpuCompositorSet({ device: null, settings: settings('webgpu'), now })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    const lost = (await openTestDevice())!;
    lost.destroy();
    await expect(createWebGpuCompositorSet({ device: lost, settings: settings('webgpu'), now })).rejects.toMatchObject({ code: 'ERR_COMPOSITOR_FAILED' });
    for (const choice of ['auto', 'planar', 'canvas2d'] as const) {
      const set = await createWebGpuCompositorSet({ device: null, settings: settings(choice), now });
      expect(await pass(set)).toBe(choice === 'canvas2d' ? 'canvas2d' : 'planar');
      set.close();
    }
  });

  it.each([0, 90])('samples a frame turned by %i as the canvas does', async (rotation) => {
    const source = frameOf(768, 432);
    const frame = new VideoFrame(source, { rotation });
    const sampler = await createGpuFrameSampler((await openTestDevice())!);
    const a = await createFrameSampler().sample(frame);
    const b = await sampler.sample(frame);
    source.close();
    frame.close();
    expect({ ...b, data: null }).toEqual({ ...a, data: null });
    const mean = a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
    expect(mean).toBeLessThan(4);
  });

  it('gives no sample of a device that is lost', async () => {
    const device = (await openTestDevice())!;
    const sampler = await createGpuFrameSampler(device);
    device.destroy();
    const frame = frameOf();
    await expect(sampler.sample(frame)).rejects.toThrow();
    frame.close();
  });
});
