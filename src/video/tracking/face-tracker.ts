import type { Detection, FaceTrack } from '../../core/faces.ts';
import { containment, iou, isProper, wholeOf, type Point, type Size } from '../../core/geometry.ts';
import type { TrackingSettings } from '../../core/protocol.ts';
import type { Microseconds } from '../../core/time.ts';
import { associate } from './association.ts';
import { commonMotion } from './common-motion.ts';
import { createFaceLife, type FaceLife, type SearchedPart } from './face-life.ts';
import { observe, type Observation } from './observation.ts';

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
}

/** Follows faces from frame to frame. Holds no pixels. */
export interface FaceTracker {
  /**
   * Takes in one frame and returns every face that must be covered in it, lost ones included. Call it for every frame,
   * also where no look ran. Never throws on odd numbers; see {@link FaceTracker.trusted}.
   */
  update(input: TrackerInput): FaceTrack[];
  /** Forgets all faces; nothing is trusted until the whole picture was searched. Ids are not used again. */
  reset(): void;
  /**
   * False when the tracks do not tell where the faces are, so the whole picture must be covered: before the first look
   * at the whole picture, after {@link FaceTracker.restarts}, and after a detection that could not be placed. True
   * again from the next clean look at the whole picture on.
   */
  readonly trusted: boolean;
  /**
   * How often the tracker started afresh: time ran backwards or leapt ahead by more than two seconds, the picture
   * changed its size, or `reset` was called. When it rises, earlier looks say nothing about the picture: the owner of
   * the schedule must forget them, too.
   */
  readonly restarts: number;
}

/** A longer gap between frames shows another scene. */
const LONGEST_GAP_US = 2_000_000;
/** Share of the picture that a look must hold to count as a look at the whole. */
const WHOLE_SHARE = 0.999;
/** An unseen face that lay over a seen one for this long is the same face. */
const SAME_FACE_IOU = 0.5;
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
  const shadowedSinceUs = new Map<number, Microseconds>();

  function restart(): void {
    lives = [];
    lastUs = null;
    size = null;
    common = { x: 0, y: 0 };
    trusted = false;
    restarts += 1;
    shadowedSinceUs.clear();
  }

  function moveTo(nowUs: Microseconds, display: Size): void {
    const leapt = lastUs !== null && (nowUs < lastUs || nowUs - lastUs > LONGEST_GAP_US);
    const resized = size !== null && (size.width !== display.width || size.height !== display.height);
    if (leapt || resized) restart();
    const dtS = lastUs === null ? 0 : (nowUs - lastUs) / 1e6;
    lastUs = nowUs;
    size = { width: display.width, height: display.height };
    for (const life of lives) life.predict(dtS, common);
  }

  function takeIn(observations: readonly Observation[], { timestampUs, display, searched }: TrackerInput): void {
    const faceOf = associate(lives, observations);
    const known = lives;
    observations.forEach((observation, index) => {
      const life = known[faceOf[index] ?? -1];
      if (life !== undefined) life.see(observation, timestampUs);
      else lives = [...lives, createFaceLife(nextTrackId++, observation, timestampUs, settings.holdMs)];
    });
    for (const life of lives) {
      if (!life.seenNow) life.miss(searched, timestampUs, display);
    }
  }

  /** The seen one stays and takes over what the shadow covered. */
  function isShadow(life: FaceLife, nowUs: Microseconds): boolean {
    const seen = lives.filter((other) => other.seenNow);
    if (seen.length === 0) return false; // no look, no news
    const own = life.motion.expected;
    const other = life.seenNow ? undefined : seen.find((candidate) => iou(candidate.motion.expected, own) >= SAME_FACE_IOU);
    if (other === undefined) {
      shadowedSinceUs.delete(life.trackId);
      return false;
    }
    const sinceUs = shadowedSinceUs.get(life.trackId) ?? nowUs;
    shadowedSinceUs.set(life.trackId, sinceUs);
    if (nowUs - sinceUs < MERGE_AFTER_US) return false;
    other.motion.include(life.motion.box);
    return true;
  }

  return {
    update(input) {
      const { detections, timestampUs, display, searched } = input;
      if (!Number.isFinite(timestampUs) || !isProper(wholeOf(display))) {
        restart();
        return [];
      }
      moveTo(timestampUs, display);
      const { observations, malformed } = observe(detections, display);
      takeIn(observations, input);
      lives = lives.filter((life) => !life.isOver(timestampUs, display) && !isShadow(life, timestampUs));
      for (const trackId of shadowedSinceUs.keys()) {
        if (!lives.some((life) => life.trackId === trackId)) shadowedSinceUs.delete(trackId);
      }
      if (lives.some((life) => life.seenNow)) common = commonMotion(lives);
      if (malformed) trusted = false;
      else if (searched.some(({ window }) => containment(wholeOf(display), window) >= WHOLE_SHARE)) trusted = true;
      return lives.map((life) => life.report());
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
