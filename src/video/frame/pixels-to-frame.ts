import type { FrameInfo, PixelBuffer } from '../../core/pixels.ts';
import { type OrientationInit, turnedSize } from './frame-orientation.ts';

/**
 * Wraps pixels in a new `VideoFrame` with the given times, display size, colour space and orientation.
 * @param pixels Taken: its buffer is transferred to the frame, `pixels.data` is empty afterwards (where the browser
 * does not know `transfer` it is copied).
 * @returns A frame whose holder closes it.
 */
export function pixelsToFrame(pixels: PixelBuffer, info: FrameInfo, colorSpace: VideoColorSpaceInit | null): VideoFrame {
  const { orientation } = pixels;
  // The constructor takes the display size as it is before rotation, the frame gives it as it is after.
  const display = turnedSize(info.display, orientation);
  const init: VideoFrameBufferInit & OrientationInit & { transfer: ArrayBuffer[] } = {
    format: pixels.format,
    codedWidth: pixels.width,
    codedHeight: pixels.height,
    displayWidth: display.width,
    displayHeight: display.height,
    timestamp: info.timestampUs,
    layout: pixels.planes.map(({ offset, stride }) => ({ offset, stride })),
    rotation: orientation.rotation,
    flip: orientation.flip,
    transfer: [pixels.data.buffer],
    ...(info.durationUs === null ? {} : { duration: info.durationUs }),
    ...(colorSpace === null ? {} : { colorSpace }),
  };
  return new VideoFrame(pixels.data, init);
}
