import type { Box, Point } from './geometry.ts';
import type { Microseconds } from './time.ts';

/** The order of the six BlazeFace keypoints; left and right as seen in the picture's subject. */
export const KEYPOINT_NAMES = ['rightEye', 'leftEye', 'noseTip', 'mouthCentre', 'rightEarTragion', 'leftEarTragion'] as const;

/** One face seen by one detector in one frame. */
export interface Detection {
  /** The face as the detector frames it (BlazeFace: forehead to chin, ends below the hair line), display pixels. */
  readonly box: Box;
  /** 0 to 1. */
  readonly confidence: number;
  /** Six points in display pixels in the order of {@link KEYPOINT_NAMES}; empty where a detector gives none. */
  readonly keypoints: readonly Point[];
  /** Which eye saw it: a model, or a model over tiles; for example `short` or `back-tile`. */
  readonly model: string;
}

/** `tentative`: seen once or twice; `confirmed`: seen repeatedly; `lost`: not seen now, still covered for a bounded time. */
export type FaceTrackState = 'tentative' | 'confirmed' | 'lost';

/** One face followed through time. */
export interface FaceTrack {
  /** Unique within a session, never reused. */
  readonly trackId: number;
  readonly state: FaceTrackState;
  /** Where the face is expected at the time of the frame, display pixels, without margins. */
  readonly box: Box;
  /** Movement of the box centre in display pixels per second. */
  readonly velocity: Point;
  /** Confidence of the latest detection, 0 to 1. */
  readonly confidence: number;
  /** Timestamp of the frame in which a detector last saw it. */
  readonly lastSeenUs: Microseconds;
  /** How far the true box may be from {@link FaceTrack.box} on each side, in display pixels; grows while unseen. */
  readonly uncertaintyPx: number;
}
