import type { Detection } from '../../core/faces.ts';
import type { Box, Size } from '../../core/geometry.ts';
import type { PixelBuffer } from '../../core/pixels.ts';

/** The models a detector can look with. */
export type DetectorModel = 'short' | 'full' | 'back';

/** One way of looking at a picture: a model and the part of the picture it is shown. */
export interface Look {
  /** Unique within a detector, for example `short` or `back@1,0/2x2`. */
  readonly id: string;
  readonly model: DetectorModel;
  /** The part of the picture to look at, for a picture of the given display size, display pixels. */
  window(display: Size): Box;
}

/**
 * Finds faces. One engine, several looks; which look runs on which frame is the schedule's business. Coordinates are
 * display pixels. Implementations must answer the contract suite in `face-detector.contract.ts`.
 */
export interface FaceDetector {
  readonly engine: 'onnx' | 'mediapipe' | 'fake';
  /** All looks on offer, the most important first. */
  readonly looks: readonly Look[];
  /**
   * Runs one look. Borrows `pixels`. Returns faces in no order, already thinned within the look (weighted NMS), boxes
   * finite, possibly reaching outside the picture.
   * @throws FacePrivacyError ERR_DETECTOR_FAILED when the engine fails or returns numbers that are not finite.
   */
  detect(pixels: PixelBuffer, look: Look): Promise<Detection[]>;
  /** Frees the engine. Idempotent. */
  close(): void;
}
