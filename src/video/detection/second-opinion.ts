import type { Detection } from '../../core/faces.ts';
import { iou, type Box } from '../../core/geometry.ts';
import type { Milliseconds } from '../../core/time.ts';

/**
 * How much further from 0 to 1 than the threshold the near-range model is sure, and how much further it is believed by itself: below, what no other
 * look saw was wrong 16 times of 16 (docs/decisions/0006-confidence.md).
 */
const SURE_RESERVE = 4 / 7;
const ALONE_RESERVE = 3 / 7;
/** Boxes that overlap by so much (intersection over union) are of one face. */
const SAME_FACE_IOU = 0.3;
/** In a stream the models look in turns: within this time each of them has looked. */
const LATELY_MS: Milliseconds = 200;

/**
 * Weighs what the near-range model is not sure of against what the other looks see: its false alarms are large, and in a stream each lingers; and where
 * others see the face, its boxes are the looser ones.
 */
export interface SecondOpinion {
  /**
   * Leaves out doubtful boxes of the near-range model: those too doubtful to stand by themselves, and those of a face that another look saw in
   * this frame or lately.
   * @param found of all looks of the frame of `frameMs`, not joined yet.
   */
  weigh(found: readonly Detection[], frameMs: Milliseconds): Detection[];
  /** Another picture follows. */
  forget(): void;
}

/** @param threshold the app's, 0 to 1. */
export function createSecondOpinion(threshold: number): SecondOpinion {
  const [sure, alone] = [SURE_RESERVE, ALONE_RESERVE].map((reserve) => threshold + (1 - threshold) * reserve) as [number, number];
  let lately: { readonly box: Box; readonly frameMs: Milliseconds }[] = [];
  return {
    weigh(found, frameMs) {
      const others = found.filter(({ model }) => model !== 'short').map(({ box }) => ({ box, frameMs }));
      lately = [...lately.filter((seen) => frameMs - seen.frameMs <= LATELY_MS), ...others];
      const isSeen = (box: Box): boolean => lately.some((seen) => iou(seen.box, box) >= SAME_FACE_IOU);
      return found.filter(({ model, confidence, box }) => model !== 'short' || confidence >= sure || (confidence >= alone && !isSeen(box)));
    },
    forget() {
      lately = [];
    },
  };
}
