import { seededRandom } from '../seeded.mjs';

/** Of an interval. */
const LEVEL = 0.95;

/**
 * Interval of a figure by drawing people, not pairs, with replacement: pictures of one person are not independent.
 * @param {readonly string[]} people
 * @param {(times: ReadonlyMap<string, number>) => readonly number[]} figures of a sample in which each person is so many times.
 * @param {{ replicates: number, seed: number }} options
 * @returns {{ low: number, high: number }[]} the middle 95 % of each figure; of a figure that is not a number in some samples, of the others.
 */
export function intervalsOf(people, figures, { replicates, seed }) {
  const random = seededRandom(seed);
  /** @type {number[][]} */
  const drawn = [];
  for (let i = 0; i < replicates; i++) {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (let n = 0; n < people.length; n++) {
      const person = people[Math.floor(random() * people.length)];
      times.set(person, (times.get(person) ?? 0) + 1);
    }
    figures(times).forEach((figure, at) => (drawn[at] ??= []).push(figure));
  }
  return drawn.map((values) => {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? NaN;
    return { low: at((1 - LEVEL) / 2), high: at((1 + LEVEL) / 2) };
  });
}

/** How often each pair counts in such a sample. @param {readonly { first: string, second: string }[]} pairs @param {ReadonlyMap<string, number>} times */
export function pairWeights(pairs, times) {
  return Float64Array.from(pairs, ({ first, second }) => (first === second ? (times.get(first) ?? 0) : (times.get(first) ?? 0) * (times.get(second) ?? 0)));
}
