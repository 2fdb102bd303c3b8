import type { Size } from '../../core/geometry.ts';
import { evenSize, placeIn } from '../../core/recording.ts';
import type { RedactedFrame } from '../../core/redacted.ts';
import { drawFrame } from '../frame/draw-frame.ts';

/**
 * Gives every frame one size: that of the first, as it was shown, with even sides. A frame of another size or one that has to be turned is drawn
 * into the middle, as large as fits, never stretched, the rest black.
 */
export class FrameFitter {
  #size: Size | null = null;
  #canvas: OffscreenCanvas | null = null;

  /** Null before the first frame. */
  get size(): Size | null {
    return this.#size;
  }

  /** **Takes** the frame; the caller closes the one returned, which has this time. @throws DOMException when the frame cannot be drawn; it is closed then. */
  fit(frame: RedactedFrame, timestampUs: number): VideoFrame {
    try {
      const display = { width: frame.displayWidth, height: frame.displayHeight };
      const size = (this.#size ??= evenSize(display));
      const times = { timestamp: timestampUs, ...(frame.duration === null ? {} : { duration: frame.duration }) };
      if (isPlain(frame, size)) return new VideoFrame(frame, times);
      const canvas = (this.#canvas ??= new OffscreenCanvas(size.width, size.height));
      const context = canvas.getContext('2d', { alpha: false });
      if (context === null) throw new DOMException('There is no canvas to fit a frame on.', 'NotSupportedError');
      context.fillStyle = '#000';
      context.fillRect(0, 0, size.width, size.height);
      const { scale, x, y } = placeIn(display, size);
      drawFrame(context, frame, x, y, display.width * scale, display.height * scale);
      return new VideoFrame(canvas, { ...times, alpha: 'discard' });
    } finally {
      frame.close();
    }
  }
}

/** True when an encoder can take the frame as it is. */
function isPlain(frame: VideoFrame, { width, height }: Size): boolean {
  const { rotation = 0, flip = false } = frame as VideoFrame & { readonly rotation?: number; readonly flip?: boolean };
  const visible = frame.visibleRect;
  return rotation === 0 && !flip && visible?.width === width && visible.height === height && frame.displayWidth === width && frame.displayHeight === height;
}
