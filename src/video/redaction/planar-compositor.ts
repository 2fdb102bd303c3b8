import { FacePrivacyError } from '../../core/errors.ts';
import { pixelsToFrame } from '../frame/pixels-to-frame.ts';
import type { Compositor } from './compositor.ts';
import { closeView, compositorError, requireConsistent, requireStyle, trustedRegions } from './compositor-input.ts';
import { coverRegions } from './cover/cover-regions.ts';
import { coverWhole } from './cover/cover-whole.ts';
import { randomSeed } from './cover/seeded-noise.ts';
import { mintRedactedFrame } from './mint-redacted-frame.ts';

/**
 * Covers regions in place in the planes that were read from the frame and hands the same memory on as a new frame: no
 * conversion, no copy, cost in proportion to the covered area. Takes `planes` views only.
 * @param seed Of the noise in covers; keep it secret.
 */
export function createPlanarCompositor(seed: number = randomSeed()): Compositor {
  let closed = false;
  return {
    kind: 'planar',
    // oxlint-disable-next-line typescript/require-await -- async so that every failure is a rejection
    async compose(view, plan, style) {
      try {
        if (closed) throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The compositor is closed; no frame was made.');
        if (view.kind !== 'planes') throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The planar compositor needs pixels in memory; use the canvas2d one for opaque frames.');
        requireStyle(style);
        const { pixels, info, colorSpace } = view;
        const regions = trustedRegions(plan);
        if (regions) {
          requireConsistent(pixels);
          if (coverRegions(pixels, regions, style, seed)) return mintRedactedFrame(pixelsToFrame(pixels, info, colorSpace));
        }
        return mintRedactedFrame(pixelsToFrame(coverWhole(pixels), info, colorSpace));
      } catch (error) {
        throw compositorError(error);
      } finally {
        closeView(view);
      }
    },
    close() {
      closed = true;
    },
  };
}
