import { asFacePrivacyError } from '../core/errors.ts';
import type { Detection } from '../core/faces.ts';
import type { PixelBuffer } from '../core/pixels.ts';
import type { Milliseconds } from '../core/time.ts';
import { plausibleDetections, withTimeout } from './detection/engine-call.ts';
import type { FaceDetector, Look } from './detection/face-detector.ts';
import { createSelfTest } from './detection/self-test.ts';
import { weightedNms } from './detection/weighted-nms.ts';

/** From which confidence on a box is a face here: a false one would be compared, a small one missed is no loss. */
export const STILL_THRESHOLD = 0.5;
/** For one look. */
export const STILL_TIMEOUT_MS: Milliseconds = 20_000;

/** Finds the faces of stills for those who compare them. */
export interface StillSearcher {
  /**
   * Every face, each once; display pixels. Borrows `pixels`. One call at a time.
   * @throws FacePrivacyError ERR_DETECTOR_FAILED, ERR_DETECTOR_TIMEOUT, ERR_SESSION_CLOSED: the picture was not searched then.
   */
  search(pixels: PixelBuffer): Promise<readonly Detection[]>;
  /** Frees the detector. Idempotent. */
  close(): void;
}

/**
 * Takes the detector, and tests it once. Unlike `searchPicture`, which must miss nobody, this leaves out the finest tiles: faces that only
 * they find are too small to be compared.
 * @throws FacePrivacyError ERR_SELF_TEST_FAILED, ERR_DETECTOR_FAILED, ERR_DETECTOR_TIMEOUT; the detector is closed then.
 */
export async function createStillSearcher(detector: FaceDetector, timeoutMs: Milliseconds): Promise<StillSearcher> {
  const detect = async (pixels: PixelBuffer, look: Look): Promise<Detection[]> => {
    try {
      return plausibleDetections(await withTimeout(detector.detect(pixels, look), timeoutMs), pixels.display);
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
    }
  };
  try {
    const test = createSelfTest(detector);
    for (const look of test.looks) test.judge(look, await detect(test.pixels, look));
  } catch (error) {
    detector.close();
    throw error;
  }
  return {
    async search(pixels) {
      const found: Detection[] = [];
      for (const look of detector.looksFor(pixels.display, 'live')) {
        // An engine answers without ever giving the thread back; timers (a heartbeat, the time limit) need their turn.
        await new Promise((resolve) => setTimeout(resolve));
        found.push(...(await detect(pixels, look)).filter(({ confidence }) => confidence >= STILL_THRESHOLD));
      }
      return weightedNms(found);
    },
    close() {
      detector.close();
    },
  };
}
