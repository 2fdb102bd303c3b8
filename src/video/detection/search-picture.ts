import { asFacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import type { Milliseconds } from '../../core/time.ts';
import { plausibleDetections, withTimeout } from './engine-call.ts';
import { leastConfidence } from './face-confidence.ts';
import type { FaceDetector, Look } from './face-detector.ts';
import { createSelfTest } from './self-test.ts';
import { weightedNms } from './weighted-nms.ts';

/** What was found in a still picture. */
export interface PictureSearch {
  /** Faces of all looks, joined; display pixels. */
  readonly detections: readonly Detection[];
  /** Every look on offer: all of them ran. */
  readonly looks: readonly Look[];
}

/**
 * Searches one picture with every look there is, finer tiles included, after each model has shown by the self-test that it
 * sees: a still has no later frame on which a blind engine could be found out. What the picture's edge cuts has to be as sure as the rest: nobody is
 * about to come in. Borrows `pixels`.
 * @param threshold the detector's.
 * @throws FacePrivacyError ERR_SELF_TEST_FAILED, ERR_DETECTOR_FAILED, ERR_DETECTOR_TIMEOUT, ERR_SESSION_CLOSED: the
 * picture was not searched then.
 */
export async function searchPicture(detector: FaceDetector, pixels: PixelBuffer, threshold: number, timeoutMs: Milliseconds): Promise<PictureSearch> {
  const looks = detector.looksFor(pixels.display, 'still');
  const found: Detection[] = [];
  try {
    const selfTest = createSelfTest(detector);
    for (const look of selfTest.looks) {
      const seen = await withTimeout(detector.detect(selfTest.pixels, look), timeoutMs);
      selfTest.judge(look, plausibleDetections(seen, selfTest.pixels.display));
    }
    for (const look of looks) {
      // An engine answers without ever giving the thread back; timers (a heartbeat, the time limit) need their turn.
      await new Promise((resolve) => setTimeout(resolve));
      const seen = plausibleDetections(await withTimeout(detector.detect(pixels, look), timeoutMs), pixels.display);
      found.push(...seen.filter(({ box, confidence }) => confidence >= leastConfidence(look, box, pixels.display, threshold)));
    }
  } catch (error) {
    throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
  }
  return { detections: weightedNms(found), looks };
}
