import type { Point } from '../../core/geometry.ts';
import type { FaceLife } from './face-life.ts';

/** With fewer faces in sight, a common motion cannot be told from one person's. */
const FEWEST_FACES = 3;
/** The share of the faces that must move alike; people who walk the same way past one who sits are no camera motion. */
const AGREEING_SHARE = 0.75;
/** Alike: within this share of the speed, or this many face sizes per second. */
const AGREEMENT_OF_SPEED = 0.3;
const AGREEMENT_IN_SIZES = 0.5;

/**
 * The motion all faces share beside the camera's that is known, pixels per second: the median velocity of the confirmed faces in sight; zero when there
 * are too few or they disagree. When the camera pans, a missing face moves with the others instead of staying behind.
 */
export function commonMotion(lives: readonly FaceLife[]): Point {
  const seen = lives.filter((life) => life.seenNow && life.state === 'confirmed');
  if (seen.length < FEWEST_FACES) return { x: 0, y: 0 };
  const velocities = seen.map((life) => life.motion.ownVelocity);
  const common = { x: median(velocities.map((v) => v.x)), y: median(velocities.map((v) => v.y)) };
  const bySpeed = AGREEMENT_OF_SPEED * Math.hypot(common.x, common.y);
  const agreeing = seen.filter(({ motion }) => {
    const apart = Math.hypot(motion.ownVelocity.x - common.x, motion.ownVelocity.y - common.y);
    return apart <= Math.max(bySpeed, AGREEMENT_IN_SIZES * motion.sizePx);
  });
  return agreeing.length >= AGREEING_SHARE * seen.length ? common : { x: 0, y: 0 };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const half = values.length >> 1;
  const upper = values[half] ?? 0;
  return values.length % 2 === 1 ? upper : (upper + (values[half - 1] ?? upper)) / 2;
}
