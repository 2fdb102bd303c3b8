import { FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { type FrameView, type PixelBuffer, planesOf } from '../../core/pixels.ts';
import type { RedactionStyle } from '../../core/redaction.ts';
import { drawFrame } from '../frame/draw-frame.ts';
import { pixelsToFrame } from '../frame/pixels-to-frame.ts';
import type { Compositor } from './compositor.ts';
import { closeView, compositorError, requireConsistent, requireStyle } from './compositor-input.ts';
import { coverStoredRegions } from './cover/cover-regions.ts';
import { type PictureShape, coverWhole } from './cover/cover-whole.ts';
import { randomSeed } from './cover/seeded-noise.ts';
import type { StoredRegion } from './cover/stored-regions.ts';
import { mintRedactedFrame } from './mint-redacted-frame.ts';
import { inPatch, patchClusters } from './patch-clusters.ts';
import { uprightRegions, uprightShape } from './upright-picture.ts';

/**
 * Covers regions on a 2D canvas: for frames whose planes cannot be had, and for browsers or tests that want it for all.
 * Draws the frame upright, covers patch by patch with the same code as the planar compositor, and makes the new frame
 * from the canvas: packed RGB without alpha, rotation and flip already applied. Takes both kinds of view.
 * @param seed Of the noise in covers; keep it secret.
 */
export function createCanvas2dCompositor(seed: number = randomSeed()): Compositor {
  let closed = false;
  let surface: OffscreenCanvasRenderingContext2D | null = null;

  function contextFor({ width, height }: Size): OffscreenCanvasRenderingContext2D {
    surface ??= new OffscreenCanvas(width, height).getContext('2d', { alpha: false, willReadFrequently: true });
    if (!surface) throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'This browser gives no 2D context for OffscreenCanvas; no frame was made.');
    if (surface.canvas.width !== width) surface.canvas.width = width;
    if (surface.canvas.height !== height) surface.canvas.height = height;
    return surface;
  }

  return {
    kind: 'canvas2d',
    // oxlint-disable-next-line typescript/require-await -- async so that every failure is a rejection
    async compose(view, plan, style) {
      try {
        if (closed) throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The compositor is closed; no frame was made.');
        requireStyle(style);
        const { info } = view;
        const shape = uprightShape(view);
        const regions = uprightRegions(shape, plan, seed);
        if (!regions) return mintRedactedFrame(pixelsToFrame(coverWhole(shape), info, null));
        const context = contextFor(shape);
        drawView(context, view);
        coverPatches(context, shape, regions, style);
        const frame = new VideoFrame(context.canvas, {
          timestamp: info.timestampUs,
          displayWidth: info.display.width,
          displayHeight: info.display.height,
          ...(info.durationUs === null ? {} : { duration: info.durationUs }),
        });
        return mintRedactedFrame(frame);
      } catch (error) {
        throw compositorError(error);
      } finally {
        closeView(view);
      }
    },
    close() {
      closed = true;
      if (surface) {
        surface.canvas.width = 1;
        surface.canvas.height = 1;
      }
      surface = null;
    },
  };
}

function drawView(context: OffscreenCanvasRenderingContext2D, view: FrameView): void {
  const { width, height } = context.canvas;
  // `copy` replaces what the last frame left, also under transparent pixels.
  context.globalCompositeOperation = 'copy';
  if (view.kind === 'opaque') {
    drawFrame(context, view.frame, 0, 0, width, height);
    return;
  }
  requireConsistent(view.pixels);
  const frame = pixelsToFrame(view.pixels, view.info, view.colorSpace);
  try {
    drawFrame(context, frame, 0, 0, width, height);
  } finally {
    frame.close();
  }
}

function coverPatches(context: OffscreenCanvasRenderingContext2D, picture: PictureShape, regions: readonly StoredRegion[], style: RedactionStyle): void {
  context.globalCompositeOperation = 'source-over';
  if (style.method === 'frost' || style.method === 'solid') {
    // Covered pixels are gone before anything is read back.
    context.fillStyle = '#808080';
    for (const { rect } of regions) context.fillRect(rect.x0, rect.y0, rect.x1 - rect.x0, rect.y1 - rect.y0);
  }
  for (const cluster of patchClusters(regions, picture)) {
    const { x0, y0, x1, y1 } = cluster.patch;
    const image = context.getImageData(x0, y0, x1 - x0, y1 - y0);
    const size: Size = { width: image.width, height: image.height };
    const patch: PixelBuffer = {
      ...picture,
      ...size,
      format: 'RGBA',
      data: new Uint8Array(image.data.buffer),
      planes: planesOf('RGBA', size).planes,
      display: size,
    };
    coverStoredRegions(patch, cluster.regions.map((region) => inPatch(region, cluster.patch)), style);
    context.putImageData(image, x0, y0);
  }
}
