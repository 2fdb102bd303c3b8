/** Stands in for the module of this name: the real tracker, that forgets at once when told to. */
import { createFaceTracker as createReal, type FaceTracker, type TrackerInput } from '../../../../src/video/tracking/face-tracker.ts';
import { worsening } from '../orders.ts';

export type { FaceTracker, TrackerInput };

export const createFaceTracker: typeof createReal = (settings) => {
  const tracker = createReal(settings);
  if (worsening !== 'no-hold') return tracker;
  return {
    update(input: TrackerInput) {
      return tracker.update(input).filter(({ lastSeenUs }) => lastSeenUs === input.timestampUs);
    },
    evidenceOf: (trackId) => tracker.evidenceOf(trackId),
    reset: () => {
      tracker.reset();
    },
    get trusted() {
      return tracker.trusted;
    },
    get restarts() {
      return tracker.restarts;
    },
  };
};
