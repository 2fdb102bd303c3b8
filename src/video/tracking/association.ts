import { iou, type Box } from '../../core/geometry.ts';
import { assign } from './assignment.ts';
import type { FaceLife } from './face-life.ts';
import type { Observation } from './observation.ts';

/** Farthest the centre may be from where it is expected, in face sizes, before uncertainty is added. */
const GATE_DISTANCE = 0.9;
/** Added for a face seen once, whose speed nobody knows. */
const GATE_FIRST = 0.8;
/** Largest believable ratio of sizes (side lengths) from one sighting to the next. */
const GATE_SIZE_RATIO = 2;
/** Overlap at which a face that was left behind is believed to be there still. */
const LEFT_BEHIND_IOU = 0.3;
const IOU_WEIGHT = 0.5;
const SIZE_WEIGHT = 0.5;
/** Faces that are seen win over ghosts: behind another face, the lost one must not take the sighting of the front one. */
const LOST_PENALTY = 0.5;
const TENTATIVE_PENALTY = 0.25;
/** Another pairing that costs less than this more might be the right one. */
const CONTESTED_MARGIN = 0.5;
/** Beyond every cost the gates let pass, so a sighting inside a gate always finds a track if one is free. */
const SKIP_COST = 8;

/** Who is who in one frame. */
export interface Association {
  /** For each observation the index of its face, or -1. No two observations share a face. */
  readonly faceOf: Int32Array;
  /** True where that face might as well have been another's, or the face have another observation. */
  readonly contested: readonly boolean[];
}

/**
 * Decides which observation belongs to which face.
 *
 * Cost = centre distance in face sizes + overlap lost + difference in size, between the observation and the *predicted*
 * face, inside gates. The assignment is global, not greedy: where faces pass each other or a row of people moves by
 * one seat, the nearest pair first steals the observation of a neighbour and the identities swap. The gates leave few
 * candidates, so the exact solution is cheap: with 50 faces the whole of tracking and planning takes under a
 * millisecond a frame (`scenes.test.ts` prints it).
 */
export function associate(lives: readonly FaceLife[], observations: readonly Observation[]): Association {
  const rows = observations.length;
  const columns = lives.length;
  const costs = new Float64Array(rows * columns).fill(Infinity);
  lives.forEach((life, column) => {
    const expected = life.motion.expected;
    const slack = life.motion.uncertaintyPx;
    observations.forEach((observation, row) => {
      costs[row * columns + column] = costOf(life, expected, slack, observation.box);
    });
  });
  const faceOf = assign(costs, rows, columns, SKIP_COST);
  // Penalties say who is preferred, not how far off the others are.
  const plain = (row: number, column: number): number => (costs[row * columns + column] ?? Infinity) - penaltyOf(lives[column]);
  const contested = observations.map((_, row) => {
    const column = faceOf[row] ?? -1;
    if (column < 0) return false;
    const limit = plain(row, column) + CONTESTED_MARGIN;
    for (let other = 0; other < columns; other++) if (other !== column && plain(row, other) < limit) return true;
    for (let other = 0; other < rows; other++) if (other !== row && plain(other, column) < limit) return true;
    return false;
  });
  return { faceOf, contested };
}

function penaltyOf(life: FaceLife | undefined): number {
  if (life === undefined) return 0;
  return life.missing ? LOST_PENALTY : life.state === 'tentative' ? TENTATIVE_PENALTY : 0;
}

function costOf(life: FaceLife, expected: Box, slackPx: number, seen: Box): number {
  const expectedSize = Math.sqrt(expected.width * expected.height);
  const seenSize = Math.sqrt(seen.width * seen.height);
  const ratio = Math.abs(Math.log(seenSize / expectedSize));
  if (!(ratio <= Math.log(GATE_SIZE_RATIO))) return Infinity;
  const size = (expectedSize + seenSize) / 2;
  const dx = seen.x + seen.width / 2 - (expected.x + expected.width / 2);
  const dy = seen.y + seen.height / 2 - (expected.y + expected.height / 2);
  const distance = Math.hypot(dx, dy) / size;
  const gate = GATE_DISTANCE + slackPx / size + (life.sightings === 1 ? GATE_FIRST : 0);
  if (!(distance <= gate)) return Infinity;
  // What was given up comes back only where it was left: it must not draw sightings away from those who are followed.
  if (life.leftBehind && iou(expected, seen) < LEFT_BEHIND_IOU) return Infinity;
  return distance + IOU_WEIGHT * (1 - iou(expected, seen)) + SIZE_WEIGHT * ratio + penaltyOf(life);
}
