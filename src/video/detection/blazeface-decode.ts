import { FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { Box, Size } from '../../core/geometry.ts';
import { faintThresholdOf, INPUT_SIDE, isWorthTelling, lowestConfidence } from './face-confidence.ts';
import type { DetectorModel, Look } from './face-detector.ts';
import { weightedNms } from './weighted-nms.ts';

/** What has to be known of a BlazeFace model to read its numbers; as in its model card. */
export interface BlazeFaceLayout {
  readonly model: DetectorModel;
  /** The longer side of the input in pixels; the size that the model was trained with, as a square. */
  readonly inputSize: number;
  /** Where the input need not be a square: both sides must be multiples of this. */
  readonly multiple: number;
  /** Layer by layer: pixels from one anchor to the next, and anchors at each place. */
  readonly layers: readonly { readonly stride: number; readonly anchorsPerCell: number }[];
}

/** The three models, see models/manifest.json. */
export const BLAZEFACE_LAYOUTS: Readonly<Record<DetectorModel, BlazeFaceLayout>> = {
  short: { model: 'short', inputSize: INPUT_SIDE.short, multiple: 16, layers: [{ stride: 8, anchorsPerCell: 2 }, { stride: 16, anchorsPerCell: 6 }] },
  full: { model: 'full', inputSize: INPUT_SIDE.full, multiple: 32, layers: [{ stride: 4, anchorsPerCell: 1 }] },
  back: { model: 'back', inputSize: INPUT_SIDE.back, multiple: 32, layers: [{ stride: 16, anchorsPerCell: 2 }, { stride: 32, anchorsPerCell: 6 }] },
};

/**
 * How a face (hair line to chin, ear to ear, as people draw boxes) lies in each model's box, in shares of the box: how far inside its
 * sides, above its top and below its bottom. Medians over the faces of 24 px and more in every sixth picture of the evaluation set.
 */
const FRAMING: Readonly<Record<DetectorModel, { readonly inside: number; readonly above: number; readonly below: number }>> = {
  short: { inside: 0.1, above: 0.15, below: -0.02 },
  full: { inside: 0.07, above: 0.09, below: 0.04 },
  back: { inside: 0.03, above: 0.17, below: 0 },
};

/** The face that a model's box means: models frame faces differently, and what follows them would take that for motion. */
export function faceOf(model: DetectorModel, { x, y, width, height }: Box): Box {
  const { inside, above, below } = FRAMING[model];
  return { x: x + inside * width, y: y - above * height, width: width * (1 - 2 * inside), height: height * (1 + above + below) };
}

/** Numbers per anchor: x, y, width, height and six keypoints. */
export const NUMBERS_PER_ANCHOR = 16;
/** e^-x does not overflow within this, and nothing beyond it changes the result. */
const LOGIT_LIMIT = 80;

/** Centres of the anchors for an input of this size, in input pixels: x, y, x, y, ... in the order of the model's rows. */
export function anchorsOf({ layers }: BlazeFaceLayout, input: Size): Float32Array {
  const centres: number[] = [];
  for (const { stride, anchorsPerCell } of layers) {
    const columns = Math.ceil(input.width / stride);
    const rows = Math.ceil(input.height / stride);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let i = 0; i < anchorsPerCell; i++) centres.push((column + 0.5) * stride, (row + 0.5) * stride);
      }
    }
  }
  return Float32Array.from(centres);
}

/** The logistic function; finite for every number. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-Math.min(Math.max(logit, -LOGIT_LIMIT), LOGIT_LIMIT)));
}

function logitOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** How a model was shown a picture. */
export interface ModelView {
  readonly model: DetectorModel;
  readonly scope: Look['scope'];
  /** Size of the input in pixels. */
  readonly input: Size;
  /** As from {@link anchorsOf}. */
  readonly anchors: Float32Array;
  /** The part of the picture that filled the input, display pixels. */
  readonly window: Box;
  /** The whole picture. */
  readonly picture: Size;
}

/**
 * Reads a model's output for one view of a picture, keeps what is worth telling at the general `threshold`
 * (0 to 1, not 0; see `isWorthTelling`) and thins it by weighted NMS.
 * @throws FacePrivacyError ERR_DETECTOR_FAILED on numbers that are not finite or arrays of the wrong length.
 */
export function decodeFaces(
  output: { readonly boxes: Float32Array; readonly scores: Float32Array },
  { model, scope, input, anchors, window, picture }: ModelView,
  threshold: number,
): Detection[] {
  const { boxes, scores } = output;
  const count = anchors.length / 2;
  if (scores.length !== count || boxes.length !== count * NUMBERS_PER_ANCHOR) {
    throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${model} returned ${scores.length} scores and ${boxes.length} box numbers for ${count} anchors.`, {
      details: { model, anchors: count, scores: scores.length, boxNumbers: boxes.length },
    });
  }
  const sx = window.width / input.width;
  const sy = window.height / input.height;
  const lowestLogit = logitOf(lowestConfidence(model, faintThresholdOf(threshold)));
  const found: Detection[] = [];
  for (let i = 0; i < count; i++) {
    const logit = scores[i]!;
    if (logit < lowestLogit && logit !== -Infinity) continue;
    const at = i * NUMBERS_PER_ANCHOR;
    requireFinite(logit, boxes, at, model);
    const centreX = window.x + (anchors[2 * i]! + boxes[at]!) * sx;
    const centreY = window.y + (anchors[2 * i + 1]! + boxes[at + 1]!) * sy;
    const width = boxes[at + 2]! * sx;
    const height = boxes[at + 3]! * sy;
    if (width <= 0 || height <= 0) continue;
    const box = faceOf(model, { x: centreX - width / 2, y: centreY - height / 2, width, height });
    const confidence = sigmoid(logit);
    if (!isWorthTelling({ model, scope, window }, box, confidence, picture, threshold)) continue;
    const keypoints = [];
    for (let k = at + 4; k < at + NUMBERS_PER_ANCHOR; k += 2) {
      keypoints.push({ x: window.x + (anchors[2 * i]! + boxes[k]!) * sx, y: window.y + (anchors[2 * i + 1]! + boxes[k + 1]!) * sy });
    }
    found.push({ box, confidence, keypoints, model });
  }
  return weightedNms(found);
}

function requireFinite(logit: number, boxes: Float32Array, at: number, model: DetectorModel): void {
  let finite = Number.isFinite(logit);
  for (let i = at; finite && i < at + NUMBERS_PER_ANCHOR; i++) finite = Number.isFinite(boxes[i]);
  if (!finite) throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${model} returned numbers that are not finite.`, { details: { model } });
}
