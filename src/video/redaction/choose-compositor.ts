import type { FrameView } from '../../core/pixels.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import type { PipelineSettings } from '../../core/protocol.ts';
import type { FrameSampler } from '../frame/frame-sampler.ts';
import { createCanvas2dCompositor } from './canvas2d-compositor.ts';
import type { Compositor } from './compositor.ts';
import { randomSeed } from './cover/seeded-noise.ts';
import { createPlanarCompositor } from './planar-compositor.ts';

/** See {@link PipelineSettings.compositor}. */
export type CompositorChoice = PipelineSettings['compositor'];

/** How frames are to be read for the compositors of a set. */
export interface FrameReading {
  /** `opaque`: a frame stays where it is, on the GPU. */
  readonly wanted: FrameView['kind'];
  readonly sampler: FrameSampler;
}

/** Holds the compositors of one session and gives each view the one that suits it. */
export interface CompositorSet {
  /** Asked for each frame: it changes when a GPU is lost. Null or absent: into memory wherever that can be done. */
  readonly reading?: FrameReading | null;
  compositorFor(kind: FrameView['kind']): Compositor;
  /** Closes all. Idempotent. */
  close(): void;
}

/**
 * The compositors that every worker has. Makes none before it is needed; after `close` those it gives are closed and
 * refuse every frame.
 * @param choice With `planar`, frames whose planes cannot be had are refused.
 * @param seed Of the noise in covers; keep it secret.
 * @throws FacePrivacyError ERR_UNSUPPORTED for `webgpu`, which only the WebGPU worker has.
 */
export function createCompositorSet(choice: CompositorChoice, seed: number = randomSeed()): CompositorSet {
  if (choice === 'webgpu') throw new FacePrivacyError('ERR_UNSUPPORTED', 'This worker has no WebGPU compositor; use the engine onnx-webgpu.');
  let planar: Compositor | null = null;
  let canvas2d: Compositor | null = null;
  let closed = false;
  return {
    compositorFor(kind) {
      const wanted =
        choice === 'planar' || (kind === 'planes' && choice === 'auto') ? (planar ??= createPlanarCompositor(seed)) : (canvas2d ??= createCanvas2dCompositor(seed));
      if (closed) wanted.close();
      return wanted;
    },
    close() {
      closed = true;
      planar?.close();
      canvas2d?.close();
    },
  };
}
