import type { Detection, FaceTrack } from '../../core/faces.ts';
import { containment, iou, isProper, wholeOf, type CameraMotion, type Point, type Size } from '../../core/geometry.ts';
import type { TrackingSettings } from '../../core/protocol.ts';
import type { Microseconds } from '../../core/time.ts';
import { associate } from './association.ts';
import { commonMotion } from './common-motion.ts';
import { createFaceLife, type FaceLife, type SearchedPart } from './face-life.ts';
import { observe, type Observation } from './observation.ts';
import { doubtOfSighting, evidenceOf, type TrackDoubt, type TrackEvidence } from './track-evidence.ts';

/** What is known of one frame. */
export interface TrackerInput {
  /** Faces found in this very frame, of all looks that ran, in any order; empty when none ran. */
  readonly detections: readonly Detection[];
  /** Capture time of the frame. */
  readonly timestampUs: Microseconds;
  /** Size of the picture as shown. */
  readonly display: Size;
  /** The looks that ran on this very frame; empty when none did. A face is missed only where its models looked. */
  readonly searched: readonly SearchedPart[];
  /** True when this frame shows another scene than the one before and every look searched it; default false. */
  readonly cut?: boolean;
  /** How the camera moved since the frame before; null or left out where that is not known. */
  readonly cameraMotion?: CameraMotion | null;
}

/** Follows faces from frame to frame. Holds no pixels. */
export interface FaceTracker {
  /**
   * Takes in one frame and returns every face that must be covered in it, lost ones included. Call it for every frame,
   * also where no look ran. Never throws on odd numbers; see {@link FaceTracker.trusted}.
   */
  update(input: TrackerInput): FaceTrack[];
  /** What the latest frame says about a track to whoever relies on it being one and the same person. */
  evidenceOf(trackId: number): TrackEvidence;
  /** Forgets all faces; nothing is trusted until the whole picture was searched. Ids are not used again. */
  reset(): void;
  /**
   * False when the tracks do not tell where the faces are, so the whole picture must be covered: before the first look
   * at the whole picture, after {@link FaceTracker.restarts}, and after a detection that could not be placed. True
   * again from the next clean look at the whole picture on.
   */
  readonly trusted: boolean;
  /**
   * How often the tracker started afresh: time ran backwards, stood still or leapt ahead by more than two seconds, the picture
   * changed its size, or `reset` was called. When it rises, earlier looks say nothing about the picture: the owner of
   * the schedule must forget them, too.
   */
  readonly restarts: number;
}

/** A longer gap between frames shows another scene. */
const LONGEST_GAP_US = 2_000_000;
/** A face that a search of a new scene did not find is held only this long: time enough to see it again after a flash that looked like a cut. */
const CUT_HOLD_US = 150_000;
/** A sighting that overlaps the face where it was seen and where it is expected by less than this may be of a neighbour. */
const DOUBTFUL_IOU = 0.15;
/** Then the place where the face was expected stays covered this long: until each look was there again. */
const DOUBT_HOLD_US = 500_000;
/** Share of the picture that a look must hold to count as a look at the whole. */
const WHOLE_SHARE = 0.999;
/** Two faces that overlap so much for so long and are never seen in the same frame are one face. */
const SAME_FACE_IOU = 0.4;
const MERGE_AFTER_US = 400_000;

/** Creates a tracker for one session. `settings` are trusted to be validated. */
export function createFaceTracker(settings: TrackingSettings): FaceTracker {
  let lives: FaceLife[] = [];
  let nextTrackId = 1;
  let lastUs: Microseconds | null = null;
  let size: Size | null = null;
  let common: Point = { x: 0, y: 0 };
  let trusted = false;
  let restarts = 0;
  const twinsSinceUs = new Map<number, Microseconds>();
  /** Of the latest frame. */
  const doubts = new Map<number, TrackDoubt>();

  function restart(): void {
    lives = [];
    lastUs = null;
    size = null;
    common = { x: 0, y: 0 };
    trusted = false;
    restarts += 1;
    twinsSinceUs.clear();
    doubts.clear();
  }

  function moveTo(nowUs: Microseconds, display: Size, camera: CameraMotion | null): void {
    // Time that stands still tells as little as time that runs backwards: nothing would ever expire.
    const leapt = lastUs !== null && (nowUs <= lastUs || nowUs - lastUs > LONGEST_GAP_US);
    const resized = size !== null && (size.width !== display.width || size.height !== display.height);
    if (leapt || resized) restart();
    const dtS = lastUs === null ? 0 : (nowUs - lastUs) / 1e6;
    lastUs = nowUs;
    size = { width: display.width, height: display.height };
    for (const { motion } of lives) motion.carry(camera, display, dtS);
    for (const life of lives) life.predict(dtS, common);
  }

  function takeIn(observations: readonly Observation[], { timestampUs, display, searched, cut }: TrackerInput): void {
    // Who was where in another scene says nothing about who is who in this one.
    const who = cut === true ? null : associate(lives, observations);
    const known = lives;
    observations.forEach((observation, index) => {
      const life = known[who?.faceOf[index] ?? -1];
      if (life !== undefined) {
        const doubt = doubtOfSighting(life, observation, who?.contested[index] ?? true, timestampUs);
        if (doubt !== null) doubts.set(life.trackId, doubt);
        if (isDoubtful(life, observation)) stayBehind(life, timestampUs);
        life.see(observation, timestampUs);
      } else lives = [...lives, createFaceLife(nextTrackId++, observation, timestampUs, settings.holdMs)];
    });
    for (const life of lives) {
      if (life.seenNow) continue;
      if (cut === true) life.leaveBehind(timestampUs, timestampUs + CUT_HOLD_US);
      else life.miss(searched, timestampUs, display);
    }
  }

  /** Of two tracks of one face, the one seen now stays and takes over what the other covered. */
  function mergeTwins(nowUs: Microseconds): void {
    const dropped = new Set<FaceLife>();
    const places = lives.map((life) => life.motion.expected);
    lives.forEach((younger, index) => {
      // Two sightings in one frame are two faces; without a sighting there is no such evidence.
      const older = lives.find((other, i) => {
        const [a, b] = [places[i], places[index]];
        if (i >= index || a === undefined || b === undefined || (other.seenNow && younger.seenNow)) return false;
        return !dropped.has(other) && iou(a, b) >= SAME_FACE_IOU;
      });
      if (older === undefined) {
        twinsSinceUs.delete(younger.trackId);
        return;
      }
      const sinceUs = twinsSinceUs.get(younger.trackId) ?? nowUs;
      twinsSinceUs.set(younger.trackId, sinceUs);
      if (nowUs - sinceUs < MERGE_AFTER_US || younger.seenNow === older.seenNow) return;
      const [kept, gone] = younger.seenNow ? [younger, older] : [older, younger];
      kept.motion.include(gone.motion.box);
      for (const { trackId } of [kept, gone]) doubts.set(trackId, 'faces-merged');
      dropped.add(gone);
    });
    lives = lives.filter((life) => !dropped.has(life));
    for (const trackId of twinsSinceUs.keys()) {
      if (!lives.some((life) => life.trackId === trackId)) twinsSinceUs.delete(trackId);
    }
  }

  function isDoubtful({ motion, lastSeenBox }: FaceLife, { box }: Observation): boolean {
    return Math.max(iou(motion.expected, box), iou(lastSeenBox, box)) < DOUBTFUL_IOU;
  }

  /** Covers the place where a face was expected before it is believed to be somewhere else. */
  function stayBehind({ motion, lastSeenUs }: FaceLife, nowUs: Microseconds): void {
    const there: Observation = { box: motion.expected, cover: motion.box, confidence: 0, keypoints: [], models: [] };
    const ghost = createFaceLife(nextTrackId++, there, lastSeenUs, settings.holdMs);
    ghost.leaveBehind(nowUs, nowUs + DOUBT_HOLD_US);
    lives = [...lives, ghost];
  }

  return {
    update(input) {
      const { detections, timestampUs, display, searched } = input;
      if (!Number.isFinite(timestampUs) || !isProper(wholeOf(display))) {
        restart();
        return [];
      }
      doubts.clear();
      moveTo(timestampUs, display, input.cameraMotion ?? null);
      const { observations, malformed } = observe(detections, display);
      takeIn(observations, input);
      lives = lives.filter((life) => !life.isOver(timestampUs, display));
      mergeTwins(timestampUs);
      if (lives.some((life) => life.seenNow)) common = commonMotion(lives);
      if (malformed) trusted = false;
      else if (searched.some(({ window }) => containment(wholeOf(display), window) >= WHOLE_SHARE)) trusted = true;
      return lives.map((life) => life.report());
    },
    evidenceOf(trackId) {
      return evidenceOf(trackId, lives, doubts, lastUs ?? 0);
    },
    reset: restart,
    get trusted() {
      return trusted;
    },
    get restarts() {
      return restarts;
    },
  };
}
