import { asFacePrivacyError, FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { Box, CameraMotion } from '../../core/geometry.ts';
import type { FrameInfo, PixelBuffer } from '../../core/pixels.ts';
import type { DetectionSettings } from '../../core/protocol.ts';
import type { Microseconds, Milliseconds } from '../../core/time.ts';
import { EngineHealth, type SelfTestResult } from './engine-health.ts';
import { createCameraMotionDetector } from './camera-motion.ts';
import { plausibleDetections } from './engine-call.ts';
import { leastConfidence } from './face-confidence.ts';
import { eyeOf, type FaceDetector, type Look } from './face-detector.ts';
import { FrameClock } from './frame-clock.ts';
import { LookBudget } from './look-budget.ts';
import { createLookSchedule } from './look-schedule.ts';
import { createNewBorder } from './new-border.ts';
import { createSceneChangeDetector } from './scene-change.ts';
import { createSecondOpinion } from './second-opinion.ts';
import { weightedNms } from './weighted-nms.ts';

/** Whole looks are due at this share of the age that the caller bears, so that a slow frame does not exceed it. */
const WHOLE_BOUND_SHARE = 0.4;
/** A face that only a tile shows is looked for at least this often. */
const TILE_BOUND_MS: Milliseconds = 400;

/** Half a cut's worth of change: a pan is searched in every other frame, a fast zoom in every frame. */
const WHOLE_CHANGE = 12;
const TILE_CHANGE = 24;

/**
 * Change per {@link STEP_MS} beyond which faces can be neither found nor followed from frame to frame: a whip of the camera, a
 * fast zoom over many faces; in a single step where the camera's motion does not explain it. A cut is no such change, since the new scene is
 * searched at once with every look.
 */
const MOST_CHANGE = 19;
const STEP_MS: Milliseconds = 1000 / 30;

/** What is known after one frame. */
export interface DetectionReport {
  /** Faces found in this very frame by the looks that ran, joined across looks; display pixels. */
  readonly detections: readonly Detection[];
  /** The looks that ran on this frame and answered. */
  readonly looks: readonly Look[];
  /** Age of the whole-picture look that ran longest ago: 0 when all ran on this frame, Infinity where one never did. */
  readonly oldestWholeLookAgeMs: Milliseconds;
  /** The same for tiles; 0 for pictures too small for tiles. */
  readonly oldestTileLookAgeMs: Milliseconds;
  /** False while the engine is not known to see: cover the whole frame. */
  readonly healthy: boolean;
  /** False while the picture changes faster than faces can be followed: cover the whole frame. */
  readonly steady: boolean;
  /** True when the picture is the first, has another size, or shows another scene than the one before. */
  readonly sceneChanged: boolean;
  /** How many frames of this picture were searched, with this one: 1 for the first after a start, a cut or a change of size. */
  readonly framesOfPicture: number;
  /** How the camera moved since the frame before; null where that is not known. */
  readonly cameraMotion: CameraMotion | null;
  /** Parts of the picture that came in a moment ago and have to be covered whatever they hold; display pixels. */
  readonly newBorder: readonly Box[];
  /** Why it is not healthy. */
  readonly failure?: FacePrivacyError;
}

/** What {@link createFaceFinder} needs. */
export interface FaceFinderOptions {
  /** Closed by the finder. */
  readonly detector: FaceDetector;
  readonly settings: DetectionSettings;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now: () => Milliseconds;
  /** Told of each self-test of each model. */
  readonly onSelfTest?: (result: SelfTestResult) => void;
  /** Told once of each failure. */
  readonly onFailure?: (error: FacePrivacyError) => void;
}

/** Looks for faces in frame after frame, and knows how far it can be trusted. */
export interface FaceFinder {
  /**
   * Borrows `pixels` until the promise settles. One call at a time.
   * @throws FacePrivacyError ERR_SESSION_CLOSED after {@link FaceFinder.close}; never anything else.
   */
  find(pixels: PixelBuffer, info: FrameInfo): Promise<DetectionReport>;
  /**
   * Tests every model now, which also warms the engine up; without it the first frame pays for both.
   * @returns whether all passed. Never rejects.
   */
  selfTest(): Promise<boolean>;
  /** Another picture follows: the next frame is searched with every look. */
  forget(): void;
  /** Closes the detector. Idempotent. */
  close(): void;
}

/** Puts detector, schedule, scene changes, self-test and time limits together. */
export function createFaceFinder({ detector, settings, now, onSelfTest, onFailure }: FaceFinderOptions): FaceFinder {
  const health = new EngineHealth({ detector, settings, now, onSelfTest: onSelfTest ?? ignore, onFailure: onFailure ?? ignore });
  const schedule = createLookSchedule({ wholeMs: settings.maxAgeMs * WHOLE_BOUND_SHARE, tileMs: TILE_BOUND_MS, wholeChange: WHOLE_CHANGE, tileChange: TILE_CHANGE });
  const scene = createSceneChangeDetector();
  const camera = createCameraMotionDetector();
  const border = createNewBorder();
  const secondOpinion = createSecondOpinion(settings.threshold);
  const clock = new FrameClock(now);
  const budget = new LookBudget(settings.budgetMs);
  let geometry = '';
  let framesOfPicture = 0;
  let closed = false;

  const forget = (): void => {
    schedule.forget();
    scene.reset();
    camera.reset();
    geometry = '';
  };

  /** `isAnother`: what was seen before says nothing about this picture. */
  const compare = (pixels: PixelBuffer, timestampUs: Microseconds, ownStepMs: Milliseconds, timeBroke: boolean): { isAnother: boolean; isSteady: boolean; cameraMotion: CameraMotion | null } => {
    const { width, height, display, orientation } = pixels;
    const before = geometry;
    geometry = [width, height, display.width, display.height, orientation.rotation, orientation.flip].join(' ');
    if (geometry !== before || timeBroke) scene.reset();
    const { difference, isCut } = scene.compare(pixels);
    schedule.moved(difference);
    const seen = camera.compare(pixels);
    // A fast pan changes every cell as a cut does, but it can be followed.
    const isAnother = (isCut && seen === null) || geometry !== before || timeBroke;
    const cameraMotion = isAnother ? null : seen;
    // By the frames' own time: what comes in does not come in faster where frames are searched slowly.
    border.update(cameraMotion, display, timestampUs / 1000, isAnother);
    // A motion that is known can be followed the farther the longer it took. Of a change that none explains nobody knows what it brought in, however far apart the frames are.
    const steps = cameraMotion === null ? Math.min(1, ownStepMs / STEP_MS) : ownStepMs / STEP_MS;
    return { isAnother, cameraMotion, isSteady: isAnother || difference <= MOST_CHANGE * steps };
  };

  const search = async (pixels: PixelBuffer, looks: readonly Look[], frameMs: Milliseconds, found: Detection[], done: Look[]): Promise<void> => {
    for (const look of looks) {
      const startMs = now();
      const answer = await health.call(() => detector.detect(pixels, look));
      const counted = plausibleDetections(answer, pixels.display).filter(({ box, confidence }) => confidence >= leastConfidence(look, box, pixels.display, settings.threshold) || border.isComingIn(box));
      found.push(...counted.map((face) => ({ ...face, model: eyeOf(look) })));
      done.push(look);
      schedule.ran(look, frameMs, now() - startMs);
    }
  };

  return {
    async find(pixels, info) {
      if (closed) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The face finder is closed.');
      const { frameMs, ownStepMs, stepMs, broke } = clock.tick(info.timestampUs);
      budget.earn(stepMs);
      const startMs = now();
      const found: Detection[] = [];
      const done: Look[] = [];
      let offered: readonly Look[] = [];
      let sceneChanged = true;
      let steady = false;
      let cameraMotion: CameraMotion | null = null;
      let failure: FacePrivacyError | null = null;
      try {
        ({ isAnother: sceneChanged, isSteady: steady, cameraMotion } = compare(pixels, info.timestampUs, ownStepMs, broke));
        if (sceneChanged) {
          schedule.forget();
          secondOpinion.forget();
          framesOfPicture = 0;
        }
        offered = detector.looksFor(pixels.display, 'live');
        await health.ensure();
        budget.spend(now() - startMs);
        const searchedMs = now();
        await search(pixels, schedule.plan(offered, frameMs, budget.leftMs, sceneChanged, budget.mayRest), frameMs, found, done);
        budget.spend(now() - searchedMs);
        if (done.length > 0) {
          health.searched();
          framesOfPicture += 1;
        }
      } catch (error) {
        failure = asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
        health.failed(failure);
        // What was seen before the failure may be wrong as well, so all of it is looked at again.
        schedule.forget();
      }
      return {
        detections: weightedNms(secondOpinion.weigh(found, frameMs)),
        looks: done,
        oldestWholeLookAgeMs: offered.length === 0 ? Infinity : schedule.oldestAgeMs(offered, 'whole', frameMs),
        oldestTileLookAgeMs: schedule.oldestAgeMs(offered, 'tile', frameMs),
        healthy: failure === null,
        steady,
        sceneChanged,
        framesOfPicture,
        cameraMotion,
        newBorder: border.strips,
        ...(failure === null ? {} : { failure }),
      };
    },
    async selfTest() {
      try {
        await health.ensure();
        return true;
      } catch (error) {
        health.failed(asFacePrivacyError(error, 'ERR_DETECTOR_FAILED'));
        return false;
      }
    },
    forget,
    close() {
      if (closed) return;
      closed = true;
      health.close();
      detector.close();
    },
  };
}

function ignore(): void {
  // Nobody listens; the report says the same.
}
