import type { Point } from '../core/geometry.ts';

/** How a head is held, degrees. 0, 0, 0 looks straight into the camera. */
export interface FacePose {
  /** Positive: the subject looks towards the right edge of the picture. */
  readonly yawDeg: number;
  /** Positive: up. */
  readonly pitchDeg: number;
  /** Clockwise in the picture. */
  readonly rollDeg: number;
}

/** Height of nose tip and mouth below the eyes and their place before the plane of the eyes, in distances between the eyes, of a usual face. */
const NOSE = { down: 0.6, out: 0.5 };
const MOUTH = { down: 1.1, out: 0.2 };

/**
 * The pose of a head by where the nose tip lies between eyes and mouth: a few degrees right for faces turned a little, and too
 * small for profiles, whose far eye the detector only guesses.
 * @param keypoints six in the order of `KEYPOINT_NAMES`, display pixels.
 */
export function poseOf(keypoints: readonly Point[]): FacePose | null {
  const [rightEye, leftEye, nose, mouth] = keypoints;
  if (rightEye === undefined || leftEye === undefined || nose === undefined || mouth === undefined) return null;
  const across = { x: leftEye.x - rightEye.x, y: leftEye.y - rightEye.y };
  const eyes = Math.hypot(across.x, across.y);
  if (!(eyes > 0)) return null;
  const middle = { x: (leftEye.x + rightEye.x) / 2, y: (leftEye.y + rightEye.y) / 2 };
  const [x, y] = [across.x / eyes, across.y / eyes];
  const sideways = (point: Point) => (point.x - middle.x) * x + (point.y - middle.y) * y;
  const below = (point: Point) => (point.y - middle.y) * x - (point.x - middle.x) * y;
  // Turned by t, eyes that were 1 apart are cos t apart, and a nose that stands out by `out` moves sideways by out * sin t.
  const yaw = Math.atan2(sideways(nose) / eyes, NOSE.out);
  // Raised by t, a point `down` below and `out` before the eyes is shown down * cos t - out * sin t below them.
  const ratio = below(nose) / Math.max(below(mouth), 0.1 * eyes);
  const pitch = Math.atan2(NOSE.down - ratio * MOUTH.down, NOSE.out - ratio * MOUTH.out);
  return { yawDeg: degrees(yaw), pitchDeg: degrees(pitch), rollDeg: degrees(Math.atan2(y, x)) };
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
