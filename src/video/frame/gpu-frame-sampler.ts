import { FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { BUFFER_USAGE, MAP_MODE, TEXTURE_USAGE } from '../../core/gpu-flags.ts';
import { samplePixels, sampleSize, type FrameSampler } from './frame-sampler.ts';

/** Rows of a copied texture begin at multiples of this (WebGPU, 12.5 "GPUTexelCopyBufferLayout"). */
const ROW_ALIGNMENT = 256;

/** Enough bilinear taps that every pixel of the picture has a part in the sample. */
const SHADER = /* wgsl */ `
@group(0) @binding(0) var frame: texture_external;
@group(0) @binding(1) var taps: sampler;
@group(0) @binding(2) var<uniform> size: vec2f;

@vertex
fn whole(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn shrink(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let scale = vec2f(textureDimensions(frame)) / size;
  let count = max(vec2i(1), vec2i(ceil(scale / 2.0)));
  var sum = vec3f();
  for (var y = 0; y < count.y; y++) {
    for (var x = 0; x < count.x; x++) {
      let offset = (vec2f(f32(x), f32(y)) + 0.5) / vec2f(count);
      sum += textureSampleBaseClampToEdge(frame, taps, (floor(at.xy) + offset) / size).rgb;
    }
  }
  return vec4f(sum / f32(count.x * count.y), 1.0);
}
`;

/** What belongs to one size of sample. */
interface Target {
  readonly size: Size;
  readonly stride: number;
  readonly texture: GPUTexture;
  readonly sizes: GPUBuffer;
  readonly memory: GPUBuffer;
}

/**
 * Samples frames on the GPU: what is read back is the sample, not the frame. One call at a time.
 * @param device Borrowed.
 */
export async function createGpuFrameSampler(device: GPUDevice): Promise<FrameSampler> {
  const module = device.createShaderModule({ code: SHADER });
  const pipeline = await device.createRenderPipelineAsync({
    layout: 'auto',
    vertex: { module, entryPoint: 'whole' },
    fragment: { module, entryPoint: 'shrink', targets: [{ format: 'rgba8unorm' }] },
  });
  const taps = device.createSampler({ minFilter: 'linear', magFilter: 'linear' });
  let target: Target | null = null;

  function targetFor(size: Size): Target {
    if (target?.size.width === size.width && target.size.height === size.height) return target;
    target?.texture.destroy();
    target?.sizes.destroy();
    target?.memory.destroy();
    const stride = Math.ceil((4 * size.width) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    const sizes = device.createBuffer({ size: 8, usage: BUFFER_USAGE.UNIFORM, mappedAtCreation: true });
    new Float32Array(sizes.getMappedRange()).set([size.width, size.height]);
    sizes.unmap();
    target = {
      size,
      stride,
      texture: device.createTexture({ size: [size.width, size.height], format: 'rgba8unorm', usage: TEXTURE_USAGE.RENDER_ATTACHMENT | TEXTURE_USAGE.COPY_SRC }),
      sizes,
      memory: device.createBuffer({ size: stride * size.height, usage: BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ }),
    };
    return target;
  }

  function draw(frame: VideoFrame, { size, stride, texture, sizes, memory }: Target): void {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginRenderPass({ colorAttachments: [{ view: texture.createView(), loadOp: 'clear', storeOp: 'store' }] });
    const entries = [
      { binding: 0, resource: device.importExternalTexture({ source: frame }) },
      { binding: 1, resource: taps },
      { binding: 2, resource: { buffer: sizes } },
    ];
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.draw(3);
    pass.end();
    encoder.copyTextureToBuffer({ texture }, { buffer: memory, bytesPerRow: stride }, [size.width, size.height]);
    device.queue.submit([encoder.finish()]);
  }

  return {
    async sample(frame) {
      const display: Size = { width: frame.displayWidth, height: frame.displayHeight };
      const at = targetFor(sampleSize(display));
      const { size, stride, memory } = at;
      device.pushErrorScope('validation');
      let checked: Promise<GPUError | null>;
      try {
        draw(frame, at);
      } finally {
        checked = device.popErrorScope();
        // Where drawing threw, nobody awaits it, and a lost device rejects it.
        checked.catch(() => undefined);
      }
      const [complaint] = await Promise.all([checked, memory.mapAsync(MAP_MODE.READ)]);
      const rows = new Uint8Array(memory.getMappedRange());
      const data = new Uint8Array(4 * size.width * size.height);
      for (let y = 0; y < size.height; y++) data.set(rows.subarray(y * stride, y * stride + 4 * size.width), 4 * y * size.width);
      memory.unmap();
      // Memory that nothing was drawn on is transparent: in it no face would be found, and the picture would be shown.
      if (complaint !== null || data[3] !== 255 || data.at(-1) !== 255) {
        throw new FacePrivacyError('ERR_FRAME_INVALID', `The GPU did not sample a frame (${complaint?.message ?? 'nothing was drawn'}); it was dropped.`);
      }
      return samplePixels(data, size, display);
    },
  };
}
