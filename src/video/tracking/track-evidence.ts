import type { ClaimEndReason } from '../../core/claim-protocol.ts';
import { iou, type Box, type Point } from '../../core/geometry.ts';
import type { Microseconds } from '../../core/time.ts';
import type { FaceLife } from './face-life.ts';
import type { Observation } from './observation.ts';

/** Why a track may no longer be the person that it was. */
export type TrackDoubt = Extract<ClaimEndReason, 'face-lost' | 'faces-merged' | 'faces-crossed' | 'doubtful-motion'>;

/** What one frame says about one track to whoever relies on it being one and the same person. */
export interface TrackEvidence {
  /** The detection of this very frame; null where there was none. */
  readonly sighting: Sighting | null;
  readonly doubt: TrackDoubt | null;
}

/** A face as it was detected in this very frame, display pixels. */
export interface Sighting {
  readonly box: Box;
  /** 0 to 1. */
  readonly confidence: number;
  /** Six points in the order of `KEYPOINT_NAMES`, or none. */
  readonly keypoints: readonly Point[];
}

/**
 * Centres nearer than this, in mean face sizes, may have changed places: detector boxes that touch side by side. In 20,000
 * simulated meetings (`track-evidence.test.ts`) 1,645 tracks went over to the other face; none had not come within 0.94.
 */
export const CROSSING_DISTANCE = 1;
/** Faces whose sizes (side lengths) differ by more than this do not pass for each other: association lets twice the size through. */
const LIKE_SIZE_RATIO = 2.5;
/**
 * What was never seen with so much confidence is nobody to be taken for. Of the test clips' faces with three sightings or more, each
 * was seen with 0.47 at least; what looks like a face and is none mostly stays below 0.3, and would end claims for nothing.
 */
const RIVAL_CONFIDENCE = 0.3;
/** A sighting that overlaps the face where it was seen and where it is expected by less may be of a neighbour: stricter than the tracker is for covering. */
const DOUBTFUL_IOU = 0.3;
/** Nobody knows who came and went in so long a time unseen, look or no look. */
const LONGEST_UNSEEN_US = 1_000_000;

/**
 * What this frame says about a track. To be asked after each update; `noted` are the doubts that the update itself came upon.
 * A track that is not followed any more is lost.
 */
export function evidenceOf(trackId: number, lives: readonly FaceLife[], noted: ReadonlyMap<number, TrackDoubt>, nowUs: Microseconds): TrackEvidence {
  const own = lives.find((life) => life.trackId === trackId);
  const doubt = noted.get(trackId) ?? (own === undefined ? 'face-lost' : doubtOf(own, lives, nowUs));
  return { sighting: own?.sighting ?? null, doubt };
}

/**
 * What makes a sighting doubtful, before the face takes it in.
 * @param contested as in `Association`.
 */
export function doubtOfSighting({ motion, lastSeenBox, lastSeenUs }: FaceLife, { box }: Observation, contested: boolean, nowUs: Microseconds): TrackDoubt | null {
  if (nowUs - lastSeenUs > LONGEST_UNSEEN_US) return 'face-lost';
  if (contested) return 'faces-crossed';
  return Math.max(iou(motion.expected, box), iou(lastSeenBox, box)) < DOUBTFUL_IOU ? 'doubtful-motion' : null;
}

function doubtOf(own: FaceLife, lives: readonly FaceLife[], nowUs: Microseconds): TrackDoubt | null {
  if (own.missing || own.state === 'lost' || nowUs - own.lastSeenUs > LONGEST_UNSEEN_US) return 'face-lost';
  // A newcomer is seen apart from it in the same frame; from its confirmation on it is somebody to be taken for.
  const rival = lives.some((other) => other !== own && other.state !== 'tentative' && other.surest >= RIVAL_CONFIDENCE && isWithinReach(own, other));
  return rival ? 'faces-crossed' : null;
}

function isWithinReach(own: FaceLife, other: FaceLife): boolean {
  const [a, b] = [own.motion, other.motion];
  if (Math.max(a.sizePx / b.sizePx, b.sizePx / a.sizePx) > LIKE_SIZE_RATIO) return false;
  const [p, q] = [centreOf(a.expected), centreOf(b.expected)];
  const apart = Math.hypot(p.x - q.x, p.y - q.y) - a.uncertaintyPx - b.uncertaintyPx;
  return apart < (CROSSING_DISTANCE * (a.sizePx + b.sizePx)) / 2;
}

function centreOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}
