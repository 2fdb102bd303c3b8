import type { Point, Size } from './geometry.ts';

/** Side of an aligned crop, pixels: what the embedder takes in. */
export const CROP_SIDE = 150;

/** One face, turned upright and cut out: all that ever reaches the embedder. It holds pixels; its holder overwrites them when done. */
export interface FaceCrop {
  /** {@link CROP_SIDE} x {@link CROP_SIDE} x 3 bytes, RGB, row by row; eyes and mouth lie where the embedder wants them. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** The face in the picture that it was cut from. */
  readonly face: CropOrigin;
}

/** What the quality gate is told of the picture that a crop was cut from. */
export interface CropOrigin {
  /** Longer side of the detector's box, display pixels. */
  readonly sidePx: number;
  /** Six points in display pixels in the order of `KEYPOINT_NAMES`. */
  readonly keypoints: readonly Point[];
  /** 0 to 1, of the detector. */
  readonly confidence: number;
  /** Size of the picture as shown. */
  readonly display: Size;
  /** Other faces in the same picture; of a claimed face, those that reach into the crop. */
  readonly others: number;
}
