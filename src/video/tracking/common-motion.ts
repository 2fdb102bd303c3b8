import type { Point } from '../../core/geometry.ts';
import type { FaceLife } from './face-life.ts';

/** With fewer faces in sight, a common motion cannot be told from one person's. */
const FEWEST_FACES = 3;

/**
 * The motion all faces share, pixels per second: the median velocity of the confirmed faces in sight, zero when there
 * are too few. When the camera pans, a missing face moves with the others instead of staying behind.
 */
export function commonMotion(lives: readonly FaceLife[]): Point {
  const velocities = lives.filter((life) => life.seenNow && life.state === 'confirmed').map((life) => life.motion.velocity);
  if (velocities.length < FEWEST_FACES) return { x: 0, y: 0 };
  return { x: median(velocities.map((v) => v.x)), y: median(velocities.map((v) => v.y)) };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  const upper = values[half] ?? 0;
  return values.length % 2 === 1 ? upper : (upper + (values[half - 1] ?? upper)) / 2;
}
