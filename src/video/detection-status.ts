import type { DetectionReport } from './detection/face-finder.ts';
import type { DetectionStatus } from './redaction/plan.ts';

/**
 * How many frames of a picture are searched before one is shown: at one start in twenty-five a face that the picture's edge cuts off is missed in the first
 * frame or two, while no track makes up for it; none was from the third on (docs/decisions/0016-settling.md).
 */
const SETTLING_FRAMES = 3;

/** What the plan has to know of how a live frame was searched. */
export function detectionStatusOf({ healthy, steady, oldestWholeLookAgeMs, framesOfPicture, newBorder }: DetectionReport): DetectionStatus {
  return { healthy, steady, oldestWholeLookAgeMs, settled: framesOfPicture > SETTLING_FRAMES, newBorder };
}
