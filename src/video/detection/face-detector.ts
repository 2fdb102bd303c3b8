import type { Detection } from '../../core/faces.ts';
import type { Box, Size } from '../../core/geometry.ts';
import type { PixelBuffer } from '../../core/pixels.ts';

/** The models a detector can look with. */
export type DetectorModel = 'short' | 'full' | 'back';

/** `live`: what a stream can afford in turn; `still`: also finer tiles, for one picture that nobody waits a frame for. */
export type LookEffort = 'live' | 'still';

/** One way of looking at a picture of a given size: a model and the part of the picture it is shown. */
export interface Look {
  /** Unique within a detector, for example `short` or `back@1,0/2x1`. */
  readonly id: string;
  readonly model: DetectorModel;
  /** `whole`: sees the whole picture and a little beyond its edges; `tile`: sees a part of it, larger. */
  readonly scope: 'whole' | 'tile';
  /** The rectangle to look at, display pixels; of a shape that the model takes in; may reach outside the picture. */
  readonly window: Box;
}

/**
 * Finds faces. One engine, several looks; which look runs on which frame is the schedule's business. Coordinates are
 * display pixels. Implementations must answer the contract suite in `face-detector.contract.ts`.
 */
export interface FaceDetector {
  readonly engine: 'onnx' | 'onnx-webgpu' | 'mediapipe' | 'fake';
  /**
   * The looks on offer for pictures of this display size, the most important first. Each model has exactly one whole
   * look. The same array for the same size and effort.
   */
  looksFor(display: Size, effort: LookEffort): readonly Look[];
  /**
   * Runs one look. Borrows `pixels` until the promise settles. One call at a time. Returns faces in no order, already
   * thinned within the look (weighted NMS), boxes finite, possibly reaching outside the picture.
   * @throws FacePrivacyError ERR_DETECTOR_FAILED when the engine fails or returns numbers that are not finite;
   * ERR_SESSION_CLOSED after {@link FaceDetector.close}.
   */
  detect(pixels: PixelBuffer, look: Look): Promise<Detection[]>;
  /** Frees the engine. Idempotent. */
  close(): void;
}

/**
 * What a look is called in detections and towards the tracker: tiles see other faces than the whole look of the same
 * model, so that the one's silence says nothing about what the other saw.
 */
export function eyeOf(look: Look): string {
  return look.scope === 'tile' ? `${look.model}-tile` : look.model;
}
