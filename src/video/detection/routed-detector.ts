import type { DetectorModel, FaceDetector } from './face-detector.ts';

/** Two detectors of the same looks, and who is asked for what. */
export interface RoutedDetectorOptions {
  /** Asked for `models`, until it fails once. */
  readonly first: FaceDetector;
  readonly models: ReadonlySet<DetectorModel>;
  /** Asked for everything else. */
  readonly spare: FaceDetector;
  /** True when `first` must not be asked or believed any more. */
  readonly isLost: () => boolean;
}

/**
 * A detector that has another to fall back on. The call at which the first one fails, fails: its frame is covered and
 * every model is tested anew. All later calls go to the spare. Takes both detectors.
 */
export function createRoutedDetector({ first, models, spare, isLost }: RoutedDetectorOptions): FaceDetector {
  let failed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const isUsable = (): boolean => !failed && !isLost();
  return {
    get engine() {
      return isUsable() ? first.engine : spare.engine;
    },
    looksFor: (display, effort) => spare.looksFor(display, effort),
    detect(pixels, look) {
      const ask = async () => {
        if (!models.has(look.model) || !isUsable()) return spare.detect(pixels, look);
        try {
          const found = await first.detect(pixels, look);
          if (!isLost()) return found;
        } catch (error) {
          failed = true;
          throw error;
        }
        // What came from a device that was lost meanwhile is not to be believed.
        return spare.detect(pixels, look);
      };
      // They share a runtime, which answers one call at a time.
      const answer = turn.then(ask);
      turn = answer.catch(() => null);
      return answer;
    },
    close() {
      first.close();
      spare.close();
    },
  };
}
