import type { DetectionReport } from './detection/face-finder.ts';
import type { DetectionStatus } from './redaction/plan.ts';

/** What the plan has to know of how a frame was searched. */
export function detectionStatusOf({ healthy, steady, oldestWholeLookAgeMs, newBorder }: DetectionReport): DetectionStatus {
  return { healthy, steady, oldestWholeLookAgeMs, searchedAtThisSize: Number.isFinite(oldestWholeLookAgeMs), newBorder };
}
