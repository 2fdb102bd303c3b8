import type { FrameView } from '../../core/pixels.ts';
import { createCanvas2dCompositor } from './canvas2d-compositor.ts';
import type { Compositor } from './compositor.ts';
import { randomSeed } from './cover/seeded-noise.ts';
import { createPlanarCompositor } from './planar-compositor.ts';

/** `auto`: planes in memory go to the planar compositor, opaque frames to the canvas. `canvas2d`: everything does. */
export type CompositorChoice = 'auto' | 'canvas2d';

/** Holds the compositors of one session and gives each view the one that suits it. */
export interface CompositorSet {
  compositorFor(kind: FrameView['kind']): Compositor;
  /** Closes all. Idempotent. */
  close(): void;
}

/**
 * Makes no compositor before it is needed; after `close` those it gives are closed and refuse every frame. A WebGPU one
 * for opaque frames would be a third line here.
 */
export function createCompositorSet(choice: CompositorChoice): CompositorSet {
  let planar: Compositor | null = null;
  let canvas2d: Compositor | null = null;
  const seed = randomSeed();
  let closed = false;
  return {
    compositorFor(kind) {
      const wanted =
        kind === 'planes' && choice === 'auto' ? (planar ??= createPlanarCompositor(seed)) : (canvas2d ??= createCanvas2dCompositor(seed));
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
