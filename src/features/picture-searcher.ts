import type { Detection } from '../core/faces.ts';
import type { PixelBuffer } from '../core/pixels.ts';

/** Finds the faces of a still picture; the port behind which the features worker has its detector. */
export interface PictureSearcher {
  /**
   * Every face, in no order, each once, with its keypoints; display pixels. Borrows `pixels`. One call at a time.
   * @throws FacePrivacyError ERR_SELF_TEST_FAILED, ERR_DETECTOR_FAILED, ERR_DETECTOR_TIMEOUT, ERR_SESSION_CLOSED: the picture was
   * not searched then.
   */
  search(pixels: PixelBuffer): Promise<readonly Detection[]>;
  /** Frees the engine. Idempotent. */
  close(): void;
}
