import { isFaster } from '../../../core/contest.ts';
import { FacePrivacyError } from '../../../core/errors.ts';
import type { Size } from '../../../core/geometry.ts';
import type { FrameView } from '../../../core/pixels.ts';
import type { PipelineSettings } from '../../../core/protocol.ts';
import type { RedactionPlan } from '../../../core/redaction.ts';
import type { Milliseconds } from '../../../core/time.ts';
import { createFrameSampler, type FrameSampler } from '../../frame/frame-sampler.ts';
import { createGpuFrameSampler } from '../../frame/gpu-frame-sampler.ts';
import { readFrame } from '../../frame/read-frame.ts';
import { createCompositorSet, type CompositorSet } from '../choose-compositor.ts';
import type { Compositor } from '../compositor.ts';
import { randomSeed } from '../cover/seeded-noise.ts';
import { proveCompositor } from './known-picture.ts';
import { createWebGpuCompositor } from './webgpu-compositor.ts';

/** What the contest is about: an ordinary frame with some faces. */
const CONTEST_SIZE: Size = { width: 1280, height: 720 };
const CONTEST_PLAN: RedactionPlan = {
  kind: 'regions',
  regions: [150, 400, 650, 900].map((x, trackId) => ({ trackId, box: { x, y: 200 + 50 * trackId, width: 140, height: 180 } })),
};

/** What {@link createWebGpuCompositorSet} needs. */
export interface WebGpuSetOptions {
  /** Borrowed; null where there is none. */
  readonly device: GPUDevice | null;
  readonly settings: Pick<PipelineSettings, 'compositor' | 'delayFrames' | 'style'>;
  readonly now: () => Milliseconds;
  /** Of the frames that are timed, default 1280 x 720. */
  readonly contestSize?: Size;
}

/**
 * The compositors of the WebGPU worker. With `auto` the GPU gets what it covers rightly (a known picture says) and
 * faster than the others (a few frames, timed here): all frames, or only those whose planes cannot be had, or none.
 * When it is lost or fails at a frame, that frame comes to nothing and all later ones go to the other compositors, for good.
 * @throws FacePrivacyError ERR_UNSUPPORTED or ERR_COMPOSITOR_FAILED when `webgpu` was asked for and cannot be had.
 */
export async function createWebGpuCompositorSet({ device, settings, now, contestSize = CONTEST_SIZE }: WebGpuSetOptions): Promise<CompositorSet> {
  const { compositor: choice } = settings;
  if (choice === 'planar' || choice === 'canvas2d') return createCompositorSet(choice);
  const seed = randomSeed();
  const others = createCompositorSet('auto', seed);
  if (device === null) {
    if (choice === 'auto') return others;
    throw new FacePrivacyError('ERR_UNSUPPORTED', 'This browser gives no WebGPU device here.');
  }
  let works = true;
  let gpu: Compositor | null = null;
  try {
    gpu = await createWebGpuCompositor(device, seed, () => {
      works = false;
    });
    await proveCompositor(gpu);
    const sampler = await createGpuFrameSampler(device);
    const takes = choice === 'webgpu' ? 'all' : await share({ device, gpu, sampler, others, settings, now, contestSize });
    if (takes === 'none') {
      gpu.close();
      return others;
    }
    return combine({ gpu, others, takes, isWorking: () => works, sampler, held: settings.delayFrames > 0 });
  } catch (error) {
    gpu?.close();
    if (choice === 'auto') return others;
    others.close();
    throw error;
  }
}

interface Contest extends Required<WebGpuSetOptions> {
  readonly device: GPUDevice;
  readonly gpu: Compositor;
  readonly sampler: FrameSampler;
  readonly others: CompositorSet;
}

/** Which frames the GPU is faster at. Frames are timed from reading to the finished frame. */
async function share({ device, gpu, sampler, others, settings, now, contestSize }: Contest): Promise<'all' | 'opaque' | 'none'> {
  const { style } = settings;
  const canvas = createFrameSampler();
  const onGpu = (open: (size: Size) => VideoFrame) => async (): Promise<void> => {
    const frame = await gpu.compose(await readFrame(open(contestSize), sampler, 'opaque'), CONTEST_PLAN, style);
    await device.queue.onSubmittedWorkDone();
    frame.close();
  };
  const elsewhere = (open: (size: Size) => VideoFrame, wanted: FrameView['kind']) => async (): Promise<void> => {
    const view = await readFrame(open(contestSize), canvas, wanted);
    (await others.compositorFor(view.kind).compose(view, CONTEST_PLAN, style)).close();
  };
  // Frames that are held back must not stay in the camera's few buffers.
  if (settings.delayFrames === 0 && (await isFaster(onGpu(frameInMemory), elsewhere(frameInMemory, 'planes'), { now }))) return 'all';
  return (await isFaster(onGpu(frameOnCanvas), elsewhere(frameOnCanvas, 'opaque'), { now })) ? 'opaque' : 'none';
}

function frameInMemory({ width, height }: Size): VideoFrame {
  return new VideoFrame(new Uint8Array((width * height * 3) / 2).fill(128), { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 });
}

function frameOnCanvas({ width, height }: Size): VideoFrame {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.fillRect(0, 0, 1, 1);
  return new VideoFrame(canvas, { timestamp: 0 });
}

interface Combination {
  readonly gpu: Compositor;
  readonly others: CompositorSet;
  readonly takes: 'all' | 'opaque';
  readonly sampler: FrameSampler;
  /** True when frames wait before they are covered. */
  readonly held: boolean;
  readonly isWorking: () => boolean;
}

function combine({ gpu, others, takes, sampler, held, isWorking }: Combination): CompositorSet {
  const all = { wanted: held ? 'planes' : 'opaque', sampler } as const;
  const opaque = { wanted: 'planes', sampler } as const;
  return {
    get reading() {
      if (!isWorking()) return null;
      return takes === 'all' ? all : opaque;
    },
    compositorFor: (kind) => (isWorking() && (takes === 'all' || kind === 'opaque') ? gpu : others.compositorFor(kind)),
    close() {
      gpu.close();
      others.close();
    },
  };
}
