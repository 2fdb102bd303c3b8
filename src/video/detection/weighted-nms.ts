import type { Detection } from '../../core/faces.ts';
import { area, containment, iou } from '../../core/geometry.ts';

/** Boxes that overlap by more than this (intersection over union) are one face: the value of the BlazeFace paper's pipeline. */
export const SAME_FACE_IOU = 0.3;
/** A box of which this share lies in a surer and larger one adds nothing to what is covered. */
const SWALLOWED = 0.9;

/**
 * Joins detections of the same face: boxes and keypoints become their mean weighted by confidence, the confidence and
 * model are those of the surest. Bazarevsky et al., "BlazeFace" (2019), section 3.4: steadier than keeping the best.
 */
export function weightedNms(detections: readonly Detection[]): Detection[] {
  const rest = [...detections].sort((a, b) => b.confidence - a.confidence);
  const kept: Detection[] = [];
  while (rest.length > 0) {
    const best = rest[0]!;
    const group: Detection[] = [];
    let open = 0;
    for (const other of rest) {
      if (other === best || iou(best.box, other.box) > SAME_FACE_IOU) group.push(other);
      else rest[open++] = other;
    }
    rest.length = open;
    kept.push(group.length === 1 ? best : meanOf(group, best));
  }
  return kept.filter((face, i) => !kept.some((other, j) => j < i && isSwallowed(face, other)));
}

function isSwallowed(face: Detection, other: Detection): boolean {
  return area(other.box) > area(face.box) && containment(face.box, other.box) >= SWALLOWED;
}

function meanOf(group: readonly Detection[], best: Detection): Detection {
  let total = 0;
  let x = 0;
  let y = 0;
  let width = 0;
  let height = 0;
  for (const { box, confidence } of group) {
    total += confidence;
    x += box.x * confidence;
    y += box.y * confidence;
    width += box.width * confidence;
    height += box.height * confidence;
  }
  const withPoints = group.filter((d) => d.keypoints.length === best.keypoints.length);
  const pointTotal = withPoints.reduce((sum, d) => sum + d.confidence, 0);
  const keypoints = best.keypoints.map((_, i) => ({
    x: withPoints.reduce((sum, d) => sum + d.keypoints[i]!.x * d.confidence, 0) / pointTotal,
    y: withPoints.reduce((sum, d) => sum + d.keypoints[i]!.y * d.confidence, 0) / pointTotal,
  }));
  return { ...best, box: { x: x / total, y: y / total, width: width / total, height: height / total }, keypoints };
}
