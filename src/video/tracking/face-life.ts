import type { FaceTrack, FaceTrackState } from '../../core/faces.ts';
import { area, containment, clip, grow, intersect, wholeOf, type Box, type Point, type Size } from '../../core/geometry.ts';
import type { Microseconds, Milliseconds } from '../../core/time.ts';
import { createFaceMotion, type FaceMotion } from './motion-model.ts';
import type { Observation } from './observation.ts';

/** A part of the picture that a model was shown in this frame. */
export interface SearchedPart {
  /** As in `Detection.model`. */
  readonly model: string;
  /** Display pixels. */
  readonly window: Box;
}

/** Sightings that make a face confirmed. */
const CONFIRM_SIGHTINGS = 3;
/**
 * The confidences of a face's sightings add up to this much evidence; then it is held for all of `holdMs`, with less for less: seen at
 * all is reason to cover, seen once and doubtfully is not reason to linger.
 */
const FULL_EVIDENCE = 1.5;
const LEAST_HOLD_SHARE = 0.1;
/** The place of a face that is hardly one does not spread as far, either. */
const LEAST_SPREAD_SHARE = 0.3;
/** A face whose expected place is outside the picture is held for this share of `holdMs`. */
const OUTSIDE_HOLD_SHARE = 0.25;
/** Where it is expected is not known to the pixel: it is outside when its place is, grown by this factor. */
const OUTSIDE_GROWTH = 1.3;
/** Unseen for so long, but nobody looked: twice the hold, or this, whichever is longer; then the face is dropped. */
const UNSEARCHED_LIMIT_MS = 1500;
/** A model that saw the face within this time is expected to see it again. */
const MODEL_MEMORY_US = 2_000_000;
/** Share of the face a window must hold for its silence to count. */
const SEARCHED_SHARE = 0.9;

/** One face from its first sighting until it is dropped. */
export interface FaceLife {
  readonly trackId: number;
  readonly motion: FaceMotion;
  readonly state: FaceTrackState;
  readonly sightings: number;
  readonly lastSeenUs: Microseconds;
  /** As measured then. */
  readonly lastSeenBox: Box;
  readonly seenNow: boolean;
  /** The highest confidence it was ever seen with. */
  readonly surest: number;
  /** What was seen of it in this very frame; null where nothing was. */
  readonly sighting: Observation | null;
  /** True from the first look that should have seen the face and did not, until it is seen again. */
  readonly missing: boolean;
  /** True after {@link FaceLife.leaveBehind}, until it is seen again. */
  readonly leftBehind: boolean;
  predict(dtS: number, common: Point): void;
  see(observation: Observation, nowUs: Microseconds): void;
  /** Weighs the looks of a frame in which it was not seen. */
  miss(searched: readonly SearchedPart[], nowUs: Microseconds, display: Size): void;
  /** It is probably gone or somebody else: held until this time and no longer, unless it is seen again. */
  leaveBehind(atUs: Microseconds, untilUs: Microseconds): void;
  /** True when it need not be covered any more. */
  isOver(nowUs: Microseconds, display: Size): boolean;
  report(): FaceTrack;
}

/**
 * Starts the life of a face. tentative -> confirmed after three sightings; confirmed -> lost when a look that should
 * have seen it did not; lost -> confirmed when it is seen again; over when it was missing for the hold time.
 *
 * Only a look by a model that saw this face in the last two seconds, over a window that holds its expected place, is
 * evidence of absence: a near-range model that never saw a far face says nothing about it. The hold time runs from the
 * first such miss, so a face that only a rarely scheduled look can see is not dropped in between.
 */
export function createFaceLife(trackId: number, first: Observation, nowUs: Microseconds, holdMs: Milliseconds): FaceLife {
  const motion = createFaceMotion(first.box, first.cover);
  const seenBy = new Map<string, Microseconds>();
  let state: FaceTrackState = 'tentative';
  let sightings = 0;
  let confidence = first.confidence;
  let surest = 0;
  let evidence = 0;
  let lastSeenUs = nowUs;
  let lastSeenBox = first.box;
  let missingSinceUs: Microseconds | null = null;
  let heldUntilUs: Microseconds = Infinity;
  let sighting: Observation | null = first;

  function note(observation: Observation, atUs: Microseconds): void {
    for (const model of observation.models) seenBy.set(model, atUs);
    sightings += 1;
    confidence = observation.confidence;
    surest = Math.max(surest, observation.confidence);
    evidence += observation.confidence;
    lastSeenUs = atUs;
    lastSeenBox = observation.box;
    missingSinceUs = null;
    heldUntilUs = Infinity;
    sighting = observation;
    if (sightings >= CONFIRM_SIGHTINGS) state = 'confirmed';
  }
  note(first, nowUs);

  return {
    trackId,
    motion,
    get state() {
      return state;
    },
    get sightings() {
      return sightings;
    },
    get lastSeenUs() {
      return lastSeenUs;
    },
    get lastSeenBox() {
      return lastSeenBox;
    },
    get seenNow() {
      return sighting !== null;
    },
    get surest() {
      return surest;
    },
    get sighting() {
      return sighting;
    },
    get missing() {
      return missingSinceUs !== null;
    },
    get leftBehind() {
      return heldUntilUs < Infinity;
    },
    predict(dtS, common) {
      motion.predict(dtS, missingSinceUs !== null, common);
      sighting = null;
    },
    see(observation, atUs) {
      motion.correct(observation.box, observation.cover);
      note(observation, atUs);
    },
    miss(searched, atUs, display) {
      if (missingSinceUs !== null) return;
      const place = clip(motion.expected, display);
      const isExpected = (model: string): boolean => atUs - (seenBy.get(model) ?? -Infinity) <= MODEL_MEMORY_US;
      const shouldHaveSeen = (part: SearchedPart): boolean =>
        isExpected(part.model) && (area(place) === 0 || containment(place, part.window) >= SEARCHED_SHARE);
      if (!searched.some(shouldHaveSeen)) return;
      missingSinceUs = atUs;
      if (state === 'confirmed') state = 'lost';
    },
    leaveBehind(atUs, untilUs) {
      heldUntilUs = Math.min(heldUntilUs, untilUs);
      missingSinceUs ??= atUs;
      if (state === 'confirmed') state = 'lost';
    },
    isOver(atUs, display) {
      if (atUs > heldUntilUs) return true;
      const share = Math.min(1, Math.max(LEAST_HOLD_SHARE, evidence / FULL_EVIDENCE));
      const outside = area(intersect(grow(motion.expected, OUTSIDE_GROWTH), wholeOf(display))) === 0;
      const hold = holdMs * 1000 * Math.min(share, outside ? OUTSIDE_HOLD_SHARE : 1);
      if (outside && atUs - lastSeenUs > hold) return true;
      if (missingSinceUs !== null) return atUs - missingSinceUs > hold;
      return atUs - lastSeenUs > Math.max(2 * hold, UNSEARCHED_LIMIT_MS * 1000);
    },
    report() {
      return {
        trackId,
        state,
        box: motion.box,
        velocity: motion.velocity,
        confidence,
        lastSeenUs,
        uncertaintyPx: motion.uncertaintyPx * Math.min(1, Math.max(LEAST_SPREAD_SHARE, evidence)),
      };
    },
  };
}
