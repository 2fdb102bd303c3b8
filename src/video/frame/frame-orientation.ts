import type { Size } from '../../core/geometry.ts';
import type { Orientation } from '../../core/pixels.ts';

/** What newer browsers have on a `VideoFrame` and take in its constructor (WebCodecs, 2025), which the DOM types lack. */
export interface OrientationInit {
  readonly rotation?: number;
  readonly flip?: boolean;
}

/** Rotation and flip of a frame; none where the browser does not know them. */
export function orientationOf(frame: VideoFrame): Orientation {
  const { rotation = 0, flip = false } = frame as VideoFrame & OrientationInit;
  switch (rotation) {
    case 90:
    case 180:
    case 270:
      return { rotation, flip };
    default:
      return { rotation: 0, flip };
  }
}

/** True when the shown picture has its sides swapped. */
export function isTurned({ rotation }: Orientation): boolean {
  return rotation === 90 || rotation === 270;
}

/** Width and height swapped if the orientation swaps the sides. Its own inverse. */
export function turnedSize(size: Size, orientation: Orientation): Size {
  return isTurned(orientation) ? { width: size.height, height: size.width } : { width: size.width, height: size.height };
}
