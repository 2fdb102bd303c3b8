import { FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import { grow, intersect, isProper, wholeOf, type Size } from '../../core/geometry.ts';
import type { Milliseconds } from '../../core/time.ts';

/** A face may reach this far beyond the picture: what a box claims outside of the picture grown by this is cut off. */
const FARTHEST = 2;

/**
 * Waits for an engine, but not for ever. The engine's promise is not cancelled: the caller has to wait for it to settle
 * before it calls the engine again.
 * @throws FacePrivacyError ERR_DETECTOR_TIMEOUT, or whatever `work` rejects with.
 */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: Milliseconds): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new FacePrivacyError('ERR_DETECTOR_TIMEOUT', `The detector did not answer within ${timeoutMs} ms.`, { details: { timeoutMs } }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Takes only what makes sense from an engine: boxes that miss the picture are dropped, those that reach far beyond it
 * are cut.
 * @throws FacePrivacyError ERR_DETECTOR_FAILED when a number is not finite: then nothing of the answer is to be trusted.
 */
export function plausibleDetections(found: readonly Detection[], display: Size): Detection[] {
  const picture = wholeOf(display);
  const surroundings = grow(picture, FARTHEST);
  const plausible: Detection[] = [];
  for (const detection of found) {
    const { box, confidence, keypoints, model } = detection;
    const numbers = [box.x, box.y, box.width, box.height, confidence, ...keypoints.flatMap((p) => [p.x, p.y])];
    if (!numbers.every(Number.isFinite)) {
      throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${model} returned numbers that are not finite.`, { details: { model } });
    }
    if (!isProper(intersect(box, picture))) continue;
    plausible.push({ ...detection, box: intersect(box, surroundings), confidence: Math.min(Math.max(confidence, 0), 1) });
  }
  return plausible;
}
