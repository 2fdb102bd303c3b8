import { KEYPOINT_NAMES, type Detection } from '../../core/faces.ts';
import { area, containment, intersect, iou, isProper, unite, wholeOf, type Box, type Point, type Size } from '../../core/geometry.ts';

/** What the detections of one frame say about one face. */
export interface Observation {
  /** The face as measured, for the filter. */
  readonly box: Box;
  /** All that must be covered in this frame: `box`, its duplicates, and where a tilted head ends. */
  readonly cover: Box;
  readonly confidence: number;
  /** Six finite points in the order of `KEYPOINT_NAMES`, of the surest detection that has them; empty where none has. */
  readonly keypoints: readonly Point[];
  /** The models that saw it. */
  readonly models: readonly string[];
}

/** More faces than this in one frame are not followed; the picture is not trusted then. */
export const MAX_OBSERVATIONS = 512;
/** Two detections that overlap so much, or of which one holds the other and the sizes are close, are one face. */
const SAME_FACE_IOU = 0.6;
/** The same for detections of two models: each already thinned its own, and they frame a face differently. */
const SAME_FACE_IOU_ACROSS_MODELS = 0.35;
const SAME_FACE_CONTAINMENT = 0.85;
const SAME_FACE_AREA_RATIO = 2;
/**
 * How far the crown reaches beyond the box along the head's axis, in box heights: as much as the plan adds above an
 * upright head.
 */
const CROWN_REACH = 0.35;
/** A turned head reaches this far beyond its ear or the tip of its nose, in box widths; farther out than {@link FARTHEST} a keypoint is nonsense. */
const BEYOND_KEYPOINT = 0.05;
const FARTHEST = 0.4;
/** Eye line to mouth below this share of the box's height is no reliable axis (profile, nonsense). */
const SHORTEST_AXIS = 0.15;

/**
 * Turns the detections of one frame into observations: boxes far outside are cut to a picture's size around the
 * picture, faces wholly outside are left out, duplicates are merged (their union stays covered).
 *
 * `malformed` is true when something was found that cannot be placed (numbers that are not finite, an inverted box) or
 * when there are more than {@link MAX_OBSERVATIONS}: a face may then be anywhere.
 */
export function observe(detections: readonly Detection[], display: Size): { observations: Observation[]; malformed: boolean } {
  const around: Box = { x: -display.width, y: -display.height, width: 3 * display.width, height: 3 * display.height };
  const observations: Observation[] = [];
  let malformed = false;
  const byConfidence = [...detections].sort((a, b) => b.confidence - a.confidence);
  for (const detection of byConfidence) {
    if (!isProper(detection.box) || !Number.isFinite(detection.confidence)) {
      malformed = true;
      continue;
    }
    if (area(intersect(detection.box, wholeOf(display))) === 0) continue;
    const box = atLeastOnePixel(intersect(detection.box, around));
    const cover = unite(unite(box, tilted(box, detection.keypoints)), turned(box, detection.keypoints));
    const twin = observations.findIndex((other) => isSameFace(box, other.box, !other.models.includes(detection.model)));
    const first = observations[twin];
    if (first !== undefined) {
      const keypoints = first.keypoints.length > 0 ? first.keypoints : wholeSet(detection.keypoints);
      observations[twin] = { ...first, cover: unite(first.cover, cover), keypoints, models: [...new Set([...first.models, detection.model])] };
    } else if (observations.length < MAX_OBSERVATIONS) {
      observations.push({ box, cover, confidence: detection.confidence, keypoints: wholeSet(detection.keypoints), models: [detection.model] });
    } else {
      malformed = true;
    }
  }
  return { observations, malformed };
}

function wholeSet(keypoints: readonly Point[]): readonly Point[] {
  return keypoints.length === KEYPOINT_NAMES.length && keypoints.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)) ? keypoints : [];
}

function isSameFace(a: Box, b: Box, acrossModels: boolean): boolean {
  if (iou(a, b) >= (acrossModels ? SAME_FACE_IOU_ACROSS_MODELS : SAME_FACE_IOU)) return true;
  const [inner, outer] = area(a) < area(b) ? [a, b] : [b, a];
  return area(outer) <= SAME_FACE_AREA_RATIO * area(inner) && containment(inner, outer) >= SAME_FACE_CONTAINMENT;
}

function atLeastOnePixel(box: Box): Box {
  return { x: box.x, y: box.y, width: Math.max(1, box.width), height: Math.max(1, box.height) };
}

/**
 * The box moved to where the crown of a tilted head is, less what the plan adds above any box. The head's axis runs
 * from the mouth to the middle of the eyes (keypoints 3, 0 and 1 of `KEYPOINT_NAMES`); for an upright head, and where
 * keypoints are missing or nonsense, this is the box itself.
 */
function tilted(box: Box, keypoints: readonly Point[]): Box {
  const [rightEye, leftEye, , mouth] = keypoints;
  if (rightEye === undefined || leftEye === undefined || mouth === undefined) return box;
  const dx = (rightEye.x + leftEye.x) / 2 - mouth.x;
  const dy = (rightEye.y + leftEye.y) / 2 - mouth.y;
  const length = Math.hypot(dx, dy);
  if (!(length >= SHORTEST_AXIS * box.height && length <= 2 * box.height)) return box;
  const reach = CROWN_REACH * box.height;
  return { ...box, x: box.x + (dx / length) * reach, y: box.y + (dy / length + 1) * reach };
}

/** The box widened to hold all keypoints: of a head in profile the models frame the face and leave the ear, with the back of the head, out. */
function turned(box: Box, keypoints: readonly Point[]): Box {
  const xs = keypoints.map(({ x }) => x).filter(Number.isFinite);
  const reach = BEYOND_KEYPOINT * box.width;
  const left = Math.max(Math.min(box.x, ...xs.map((x) => x - reach)), box.x - FARTHEST * box.width);
  const right = Math.min(Math.max(box.x + box.width, ...xs.map((x) => x + reach)), box.x + (1 + FARTHEST) * box.width);
  return { ...box, x: left, width: right - left };
}
