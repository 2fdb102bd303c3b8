import { isFaster } from '../../core/contest.ts';
import type { Milliseconds } from '../../core/time.ts';
import { plausibleDetections } from './engine-call.ts';
import type { DetectorModel, FaceDetector } from './face-detector.ts';
import { createSelfTest } from './self-test.ts';

/** What {@link provenModels} is told. */
export interface ProofOptions {
  /** A detector with the same models, to be faster than; null: being right is enough. */
  readonly rival: FaceDetector | null;
  readonly now: () => Milliseconds;
}

/**
 * The models that a detector is worth asking for on this machine: all see the face of the self-test, and those it names
 * see it sooner than the rival does.
 * @throws FacePrivacyError ERR_SELF_TEST_FAILED when one does not see, or what the detector throws.
 */
export async function provenModels(detector: FaceDetector, { rival, now }: ProofOptions): Promise<Set<DetectorModel>> {
  const test = createSelfTest(detector);
  const { looks, pixels } = test;
  for (const look of looks) test.judge(look, plausibleDetections(await detector.detect(pixels, look), pixels.display));
  const models = new Set<DetectorModel>();
  for (const look of looks) {
    const isWorthIt = rival === null || (await isFaster(() => detector.detect(pixels, look), () => rival.detect(pixels, look), { now }));
    if (isWorthIt) models.add(look.model);
  }
  return models;
}
