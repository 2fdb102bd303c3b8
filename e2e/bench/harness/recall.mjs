import { awayFromFaces, grow, shareInUnion } from '../../evaluate/measures/cover.mjs';

/** A face is asked for when this share of it shows, and covered when this share of what shows is. */
export const LEAST_VISIBLE = 0.5;
export const COVERED = 0.85;
/** What an app would do that knows how tight a detector's boxes are. */
export const GROWTH = 1.4;

/**
 * How many of the known faces lay under a cover.
 * @param {readonly { index: number, whole: boolean, regions: readonly Box[] }[]} covers of frames of the clip.
 * @param {{ width: number, height: number, faces: readonly (readonly (Box & { visible: number })[])[] }} truth
 * @typedef {import('../../evaluate/measures/cover.mjs').Box} Box
 * @returns {{ frames: number, faces: number, covered: number | null, coveredGrown: number | null, over: number | null, wholeShare: number | null }}
 *   `covered`, `coveredGrown`: shares of the faces, the second with every box grown {@link GROWTH} times. `over`: share of the
 *   area away from all faces that is covered. Frames that were covered whole cover everything; `wholeShare` says how many.
 */
export function scoreCovers(covers, truth) {
  const count = { faces: 0, covered: 0, grown: 0, away: 0, over: 0, whole: 0 };
  const picture = { x: 0, y: 0, width: truth.width, height: truth.height };
  for (const { index, whole, regions } of covers) {
    const known = truth.faces[index];
    if (known === undefined) throw new RangeError(`the clip has no frame ${index}`);
    const drawn = whole ? [picture] : regions;
    const grown = whole ? [picture] : regions.map((region) => grow(region, GROWTH));
    for (const face of known.filter(({ visible }) => visible >= LEAST_VISIBLE)) {
      count.faces += 1;
      count.covered += shareInUnion(face, drawn) >= COVERED ? 1 : 0;
      count.grown += shareInUnion(face, grown) >= COVERED ? 1 : 0;
    }
    const { away, covered } = awayFromFaces(truth, known, drawn);
    count.away += away;
    count.over += covered;
    count.whole += whole ? 1 : 0;
  }
  const share = (/** @type {number} */ part, /** @type {number} */ all) => (all === 0 ? null : part / all);
  return {
    frames: covers.length,
    faces: count.faces,
    covered: share(count.covered, count.faces),
    coveredGrown: share(count.grown, count.faces),
    over: share(count.over, count.away),
    wholeShare: share(count.whole, covers.length),
  };
}

/**
 * Frames of the clip, told apart, that came out in a stretch of time.
 * @param {object} seen
 * @param {readonly import('./match-frames.mjs').SeenFrame[]} seen.output in order of arrival.
 * @param {number} seen.fromMs
 * @param {number} seen.toMs
 * @param {'timestamp' | 'marker'} seen.matchBy
 * @returns {number} a second.
 */
export function distinctFps({ output, fromMs, toMs, matchBy }) {
  const keyOf = (/** @type {import('./match-frames.mjs').SeenFrame} */ frame) => (matchBy === 'timestamp' ? frame.timestampUs : frame.marker);
  // A number that cannot be read is no frame of its own.
  const during = output.filter((frame) => frame.atMs >= fromMs && frame.atMs < toMs && keyOf(frame) !== null);
  const distinct = during.filter((frame, i) => i === 0 || keyOf(frame) !== keyOf(during[i - 1]));
  return distinct.length / ((toMs - fromMs) / 1000);
}
