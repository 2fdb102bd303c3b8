import type { Box, Size } from '../../core/geometry.ts';
import type { DetectorModel, Look } from './face-detector.ts';

/** What tells how a face looked to the model. */
export type Sight = Pick<Look, 'model' | 'scope' | 'window'>;

/** The longer side of each model's input, pixels. */
export const INPUT_SIDE: Readonly<Record<DetectorModel, number>> = { short: 128, full: 192, back: 256 };

/**
 * How much further from 0 to 1 a threshold lies for a face that looks at least so large to the model, pixels of its input. Fitted on
 * every third picture of the evaluation set: there the near-range model, and large boxes in a tile, that no other look confirms are false
 * alarms nine times in ten, and they are the ones that cover most for nothing. Numbers in docs/decisions/0006-confidence.md.
 */
const RESERVES: Readonly<Record<'short' | 'full' | 'back' | 'back-tile', readonly { readonly fromPx: number; readonly reserve: number }[]>> = {
  short: [{ fromPx: 0, reserve: 1 / 3 }],
  full: [{ fromPx: 0, reserve: 0 }],
  back: [{ fromPx: 0, reserve: 0 }, { fromPx: 16, reserve: 0.14 }, { fromPx: 24, reserve: 0.28 }],
  'back-tile': [{ fromPx: 0, reserve: 0 }, { fromPx: 24, reserve: 0.28 }, { fromPx: 40, reserve: 0.42 }],
};

/** Part of the general threshold from which a small face counts, and one that the edge cuts: of such faces models are never as sure as of others. */
const FAINT_SHARE = 0.5;
/** Below this share of the picture's longer side a face is small; a false alarm of that size covers next to nothing. Numbers in docs/decisions/0006-confidence.md. */
const SMALL_SHARE = 1 / 32;

/** The threshold for small faces (but not by the near-range model) and for those that the picture's edge cuts (docs/decisions/0004-moving-camera.md). */
export function faintThresholdOf(threshold: number): number {
  return threshold * FAINT_SHARE;
}

/**
 * The confidence from which a box is a face, for a general threshold.
 * @param box display pixels, as `Detection.box`.
 * @param picture size of the whole picture, display pixels.
 * @param threshold 0 to 1.
 */
export function leastConfidence({ model, scope, window }: Sight, box: Size, picture: Size, threshold: number): number {
  const side = Math.sqrt(box.width * box.height);
  if (model !== 'short' && isSmall(box, picture)) return faintThresholdOf(threshold);
  const sizePx = (side * INPUT_SIDE[model]) / Math.max(window.width, window.height);
  const steps = RESERVES[model === 'back' && scope === 'tile' ? 'back-tile' : model];
  const { reserve } = steps.findLast(({ fromPx }) => sizePx >= fromPx) ?? steps[0]!;
  return threshold + (1 - threshold) * reserve;
}

/** The least that a model is asked for at this threshold where a face is neither small nor cut by the edge. */
export function lowestConfidence(model: DetectorModel, threshold: number): number {
  return threshold + (1 - threshold) * RESERVES[model][0]!.reserve;
}

/** A box that reaches beyond the picture by more than this share of its side is one of a face at the edge, seen in part. */
const LEAST_OVERHANG = 0.08;

/** True when the picture's edge cuts the box, so that {@link faintThresholdOf} holds. */
export function isCutByEdge({ x, y, width, height }: Box, picture: Size): boolean {
  const beyond = Math.max(-x, x + width - picture.width) / width;
  return Math.max(beyond, Math.max(-y, y + height - picture.height) / height) > LEAST_OVERHANG;
}

function isSmall({ width, height }: Size, picture: Size): boolean {
  return Math.sqrt(width * height) < SMALL_SHARE * Math.max(picture.width, picture.height);
}

/** True where {@link faintThresholdOf} may hold: no detector tells of anything else below the threshold. */
export function isFaint(box: Box, picture: Size): boolean {
  return isSmall(box, picture) || isCutByEdge(box, picture);
}

/** What a detector hands on: faces, and what may be one that is coming in at the edge; which of the latter count, the face finder decides. */
export function isWorthTelling(sight: Sight, box: Box, confidence: number, picture: Size, threshold: number): boolean {
  if (confidence >= leastConfidence(sight, box, picture, threshold)) return true;
  return isCutByEdge(box, picture) && confidence >= lowestConfidence(sight.model, faintThresholdOf(threshold));
}
