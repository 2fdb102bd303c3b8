import { FacePrivacyError } from '../../../core/errors.ts';
import type { Size } from '../../../core/geometry.ts';
import type { FrameView } from '../../../core/pixels.ts';
import type { RedactionMethod, RedactionStyle } from '../../../core/redaction.ts';
import { pixelsToFrame } from '../../frame/pixels-to-frame.ts';
import type { Compositor } from '../compositor.ts';
import { closeView, compositorError, requireConsistent, requireStyle } from '../compositor-input.ts';
import { coverWhole } from '../cover/cover-whole.ts';
import { GRAIN_SIDE, grainTile, randomSeed } from '../cover/seeded-noise.ts';
import type { StoredRegion } from '../cover/stored-regions.ts';
import { mintRedactedFrame } from '../mint-redacted-frame.ts';
import { uprightRegions, uprightShape } from '../upright-picture.ts';
import { BINDINGS, CONTROLS, COVER_SHADER, GRID_ENTRY } from './cover-shader.ts';
import { BUFFER_USAGE, SHADER_STAGE } from '../../../core/gpu-flags.ts';
import { planBytes, writePlan } from './plan-buffer.ts';

const FORMAT = 'rgba8unorm';
const CONTROL_BYTES = 16;
const GRAIN_UNIT = 1 << 16;
const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;

/** All pipelines, compiled. */
interface Pipelines {
  readonly grid: Readonly<Record<RedactionMethod, GPUComputePipeline | null>>;
  readonly gridLayout: GPUBindGroupLayout;
  readonly paint: GPURenderPipeline;
  readonly paintLayout: GPUBindGroupLayout;
  readonly grain: GPUBuffer;
}

/**
 * Covers regions on the GPU: the frame goes in as an external texture, all regions are covered in one pass over the
 * picture, and the new frame is made from the canvas without reading anything back: packed RGB without alpha, rotation
 * and flip already applied. Takes both kinds of view.
 *
 * It fails closed by construction: what a frame is covered with exists for that frame only, so that memory that cannot
 * be had makes the whole submission void and leaves the canvas black; what the GPU complains of is waited for before the
 * frame is handed out, and none is once the device is known to be lost.
 * @param device Borrowed.
 * @param seed Of the noise in covers; keep it secret.
 * @param onBroken Told when the GPU is lost or has failed at a frame: from then on another compositor should do the work.
 * @throws FacePrivacyError ERR_COMPOSITOR_FAILED when the shaders do not compile.
 */
export async function createWebGpuCompositor(device: GPUDevice, seed: number = randomSeed(), onBroken: () => void = () => undefined): Promise<Compositor> {
  let pipelines: Pipelines;
  try {
    pipelines = await createPipelines(device);
  } catch (error) {
    throw compositorError(error);
  }
  let closed = false;
  let lost = false;
  void device.lost.then(() => {
    lost = true;
    onBroken();
  });
  let surface: GPUCanvasContext | null = null;

  function contextFor({ width, height }: Size): GPUCanvasContext {
    const most = device.limits.maxTextureDimension2D;
    if (width > most || height > most) {
      throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', `This GPU takes pictures of at most ${String(most)} pixels a side; no frame was made.`, { details: { width, height } });
    }
    if (surface === null) {
      // The DOM types do not know this context of an OffscreenCanvas.
      surface = new OffscreenCanvas(width, height).getContext('webgpu' as OffscreenRenderingContextId) as GPUCanvasContext | null;
      if (surface === null) throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'This browser gives no WebGPU context for OffscreenCanvas; no frame was made.');
      surface.configure({ device, format: FORMAT, alphaMode: 'opaque' });
    }
    if (surface.canvas.width !== width) surface.canvas.width = width;
    if (surface.canvas.height !== height) surface.canvas.height = height;
    return surface;
  }

  /** Everything from the import on happens in one task, as long as an external texture lives. */
  function paint(frame: VideoFrame, picture: Size, regions: readonly StoredRegion[], style: RedactionStyle): OffscreenCanvas {
    const context = contextFor(picture);
    const plan = device.createBuffer({ size: planBytes(regions.length), usage: BUFFER_USAGE.STORAGE, mappedAtCreation: true });
    const grids = device.createBuffer({ size: CONTROL_BYTES * CONTROLS * Math.max(1, regions.length), usage: BUFFER_USAGE.STORAGE });
    try {
      writePlan(plan.getMappedRange(), regions, style, picture);
      plan.unmap();
      const source = device.importExternalTexture({ source: frame });
      const encoder = device.createCommandEncoder();
      const grid = pipelines.grid[style.method];
      if (grid !== null && regions.length > 0) {
        const pass = encoder.beginComputePass();
        pass.setPipeline(grid);
        pass.setBindGroup(0, bind(device, pipelines.gridLayout, { frame: source, plan, gridsOut: grids }));
        pass.dispatchWorkgroups(regions.length);
        pass.end();
      }
      const view = context.getCurrentTexture().createView();
      const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] });
      pass.setPipeline(pipelines.paint);
      pass.setBindGroup(0, bind(device, pipelines.paintLayout, { frame: source, plan, grain: pipelines.grain, gridsIn: grids }));
      pass.draw(3);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return context.canvas as OffscreenCanvas;
    } finally {
      // What is submitted keeps them as long as it needs them.
      plan.destroy();
      grids.destroy();
    }
  }

  return {
    kind: 'webgpu',
    async compose(view, plan, style) {
      let made: VideoFrame | null = null;
      try {
        if (closed) throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The compositor is closed; no frame was made.');
        if (lost) throw lostError();
        requireStyle(style);
        const { info } = view;
        const shape = uprightShape(view);
        const regions = uprightRegions(shape, plan, seed);
        if (!regions) return mintRedactedFrame(pixelsToFrame(coverWhole(shape), info, null));
        const source = openUnscaled(view);
        const complaints: Promise<GPUError | null>[] = [];
        try {
          for (const scope of SCOPES) device.pushErrorScope(scope);
          try {
            made = new VideoFrame(paint(source, shape, regions, style), {
              timestamp: info.timestampUs,
              displayWidth: info.display.width,
              displayHeight: info.display.height,
              ...(info.durationUs === null ? {} : { duration: info.durationUs }),
            });
          } finally {
            complaints.push(...SCOPES.map(() => device.popErrorScope()));
            // Where painting threw, nobody awaits them, and a lost device rejects them.
            for (const complaint of complaints) complaint.catch(() => undefined);
          }
        } finally {
          source.close();
        }
        const complaint = (await Promise.all(complaints)).find((error) => error !== null);
        if (complaint) {
          onBroken();
          throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', `The GPU could not cover a frame (${complaint.message}); no frame was made.`);
        }
        if (lost) throw lostError();
        return mintRedactedFrame(made);
      } catch (error) {
        made?.close();
        throw compositorError(error);
      } finally {
        closeView(view);
      }
    },
    close() {
      closed = true;
      surface?.unconfigure();
      surface = null;
      pipelines.grain.destroy();
    },
  };
}

/** The frame of a view, shown in its stored size: an external texture is scaled to the display size. The caller closes it. */
function openUnscaled(view: FrameView): VideoFrame {
  if (view.kind === 'planes') {
    requireConsistent(view.pixels);
    const { width, height, orientation } = view.pixels;
    const turned = orientation.rotation % 180 !== 0;
    const display = turned ? { width: height, height: width } : { width, height };
    return pixelsToFrame(view.pixels, { ...view.info, display }, view.colorSpace);
  }
  const { frame } = view;
  const { width = 0, height = 0 } = frame.visibleRect ?? {};
  return new VideoFrame(frame, { displayWidth: width, displayHeight: height });
}

type Bound = Partial<Record<keyof typeof BINDINGS, GPUExternalTexture | GPUBuffer>>;

function bind(device: GPUDevice, layout: GPUBindGroupLayout, bound: Bound): GPUBindGroup {
  const entries = (Object.entries(bound) as [keyof typeof BINDINGS, GPUExternalTexture | GPUBuffer][]).map(([name, resource]) => ({
    binding: BINDINGS[name],
    resource: resource instanceof GPUBuffer ? { buffer: resource } : resource,
  }));
  return device.createBindGroup({ layout, entries });
}

async function createPipelines(device: GPUDevice): Promise<Pipelines> {
  const module = device.createShaderModule({ code: COVER_SHADER });
  const faults = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error');
  if (faults.length > 0) {
    const [first] = faults;
    throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', `The shader does not compile (line ${String(first?.lineNum)}: ${String(first?.message)}).`);
  }
  const { COMPUTE, FRAGMENT } = SHADER_STAGE;
  const gridLayout = device.createBindGroupLayout({
    entries: [
      { binding: BINDINGS.frame, visibility: COMPUTE, externalTexture: {} },
      { binding: BINDINGS.plan, visibility: COMPUTE, buffer: { type: 'read-only-storage' } },
      { binding: BINDINGS.gridsOut, visibility: COMPUTE, buffer: { type: 'storage' } },
    ],
  });
  const paintLayout = device.createBindGroupLayout({
    entries: [
      { binding: BINDINGS.frame, visibility: FRAGMENT, externalTexture: {} },
      { binding: BINDINGS.plan, visibility: FRAGMENT, buffer: { type: 'read-only-storage' } },
      { binding: BINDINGS.grain, visibility: FRAGMENT, buffer: { type: 'read-only-storage' } },
      { binding: BINDINGS.gridsIn, visibility: FRAGMENT, buffer: { type: 'read-only-storage' } },
    ],
  });
  const compute = (entryPoint: string): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({ layout: device.createPipelineLayout({ bindGroupLayouts: [gridLayout] }), compute: { module, entryPoint } });
  const [frost, samples, paint] = await Promise.all([
    compute(GRID_ENTRY.frost),
    compute(GRID_ENTRY.blur),
    device.createRenderPipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: [paintLayout] }),
      vertex: { module, entryPoint: 'wholePicture' },
      fragment: { module, entryPoint: 'paint', targets: [{ format: FORMAT }] },
    }),
  ]);
  const grain = device.createBuffer({ size: 4 * GRAIN_SIDE * GRAIN_SIDE, usage: BUFFER_USAGE.STORAGE, mappedAtCreation: true });
  new Float32Array(grain.getMappedRange()).set(Float32Array.from(grainTile(GRAIN_UNIT), (value) => value / GRAIN_UNIT));
  grain.unmap();
  return { grid: { frost, blur: samples, pixelate: samples, solid: null }, gridLayout, paint, paintLayout, grain };
}

function lostError(): FacePrivacyError {
  return new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The GPU was lost; no frame was made.');
}
