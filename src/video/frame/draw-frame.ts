import { isTurned, orientationOf, type OrientationInit } from './frame-orientation.ts';

/**
 * Draws a frame upright, scaled to `width` x `height` at (`x`, `y`). **Borrows** it. The turning is done here: of a turned frame that is shown in its
 * own size, `drawImage` of Chromium 150 draws another part (156 does not).
 * @throws DOMException when the frame cannot be drawn.
 */
export function drawFrame(context: CanvasDrawImage & CanvasTransform, frame: VideoFrame, x: number, y: number, width: number, height: number): void {
  const orientation = orientationOf(frame);
  const { rotation, flip } = orientation;
  if (rotation === 0 && !flip) {
    context.drawImage(frame, x, y, width, height);
    return;
  }
  // Turned back: what a frame is given is added to what it has.
  const back: OrientationInit = { rotation: flip ? rotation : (360 - rotation) % 360, flip };
  const stored = new VideoFrame(frame, back);
  try {
    const [cos, sin] = ([[1, 0], [0, 1], [-1, 0], [0, -1]] as const)[rotation / 90]!;
    const sign = flip ? -1 : 1;
    const [w, h] = isTurned(orientation) ? [height, width] : [width, height];
    context.setTransform(sign * cos, sin, -sign * sin, cos, x + width / 2, y + height / 2);
    context.drawImage(stored, -w / 2, -h / 2, w, h);
  } finally {
    context.resetTransform();
    stored.close();
  }
}
