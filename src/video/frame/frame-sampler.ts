import type { Size } from '../../core/geometry.ts';
import { type PixelBuffer, planesOf } from '../../core/pixels.ts';
import { drawFrame } from './draw-frame.ts';

/** Longer side of the sample at most, in pixels: what the largest detector input needs. */
const SAMPLE_SIDE_PX = 640;

/** The size of the sample of a picture shown at this size. */
export function sampleSize(display: Size): Size {
  const scale = Math.min(1, SAMPLE_SIDE_PX / Math.max(display.width, display.height));
  return { width: Math.max(1, Math.round(display.width * scale)), height: Math.max(1, Math.round(display.height * scale)) };
}

/** The upright RGBA picture that a sampler gives. */
export function samplePixels(data: Uint8Array<ArrayBuffer>, size: Size, display: Size): PixelBuffer {
  return {
    ...size,
    format: 'RGBA',
    data,
    planes: planesOf('RGBA', size).planes,
    colour: { matrix: 'bt709', fullRange: true },
    orientation: { rotation: 0, flip: false },
    display,
  };
}

/** Draws small RGBA samples of frames whose planes cannot or need not be had. */
export interface FrameSampler {
  /**
   * The upright picture, scaled down to {@link SAMPLE_SIDE_PX}; its `display` is that of the frame.
   * @param frame Borrowed.
   * @throws Error if the browser gives no 2D context or cannot draw the frame.
   */
  sample(frame: VideoFrame): PixelBuffer | Promise<PixelBuffer>;
}

/** Draws on a canvas; makes none before the first opaque frame: most streams have none. */
export function createFrameSampler(): FrameSampler {
  let surface: OffscreenCanvasRenderingContext2D | null = null;
  return {
    sample(frame) {
      surface ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      const context = surface;
      if (!context) throw new Error('this browser gives no 2D context for OffscreenCanvas');
      const { canvas } = context;
      const display: Size = { width: frame.displayWidth, height: frame.displayHeight };
      const { width, height } = sampleSize(display);
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      } else {
        context.clearRect(0, 0, width, height);
      }
      drawFrame(context, frame, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      context.clearRect(0, 0, width, height);
      return samplePixels(new Uint8Array(data.buffer), { width, height }, display);
    },
  };
}
