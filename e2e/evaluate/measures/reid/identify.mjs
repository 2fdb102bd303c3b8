// Who is it? Figures of one attacker over probes, each with a score for everybody.
import { intervalsOf } from '../people/bootstrap.mjs';
import { ranked, rocOf } from '../people/roc.mjs';

/** The person is among this many. */
export const RANKS = [1, 5];

/**
 * @param {readonly { person: number, scores: ArrayLike<number> }[]} probes `scores`: of each person by number.
 * @param {{ replicates: number, seed: number }} options
 * @returns {{ probes: number, people: number, ranks: { value: number, low: number, high: number, chance: number }[], auc: { value: number, low: number, high: number }, each: { person: number, hit: number, above: number }[] }}
 *   `each`: of a probe, whether the first guess is right, and the share of the others who score below the person.
 */
export function identified(probes, options) {
  const people = probes[0]?.scores.length ?? 0;
  const hits = probes.map(({ person, scores }) => RANKS.map((rank) => hitShare(scores, person, rank)));
  const pairs = probes.flatMap(({ person, scores }) => Array.from(scores, (score, other) => ({ score, same: person === other, first: String(person), second: String(other) })));
  const listed = ranked(pairs.map(({ score }) => score), pairs.map(({ same }) => same));
  const figures = (/** @type {ReadonlyMap<string, number> | null} */ times) => {
    const of = (/** @type {number} */ person) => (times === null ? 1 : (times.get(String(person)) ?? 0));
    const total = probes.reduce((sum, { person }) => sum + of(person), 0);
    const ranks = RANKS.map((_, r) => probes.reduce((sum, { person }, i) => sum + of(person) * hits[i][r], 0) / total);
    // Only who is probed is drawn: who else is known stays as it is.
    const weights = times === null ? null : Float64Array.from(pairs, ({ first }) => times.get(first) ?? 0);
    return [...ranks, rocOf(listed, [], weights).auc];
  };
  const [ranges, whole] = [intervalsOf([...new Set(probes.map(({ person }) => String(person)))], figures, options), figures(null)];
  return {
    probes: probes.length,
    people,
    ranks: RANKS.map((rank, r) => ({ value: whole[r], ...ranges[r], chance: Math.min(1, rank / people) })),
    auc: { value: whole[RANKS.length], ...ranges[RANKS.length] },
    each: probes.map(({ person, scores }, i) => ({ person, hit: hits[i][0], above: shareBelow(scores, person) })),
  };
}

/**
 * How much better one attacker does than another on the same probes.
 * @param {ReturnType<typeof identified>['each']} one @param {ReturnType<typeof identified>['each']} other @param {{ replicates: number, seed: number }} options
 */
export function differenceOf(one, other, options) {
  const figures = (/** @type {ReadonlyMap<string, number> | null} */ times) => {
    const of = (/** @type {number} */ person) => (times === null ? 1 : (times.get(String(person)) ?? 0));
    const total = one.reduce((sum, { person }) => sum + of(person), 0);
    return /** @type {const} */ (['hit', 'above']).map((key) => one.reduce((sum, probe, i) => sum + of(probe.person) * (probe[key] - other[i][key]), 0) / total);
  };
  const [ranges, whole] = [intervalsOf([...new Set(one.map(({ person }) => String(person)))], figures, options), figures(null)];
  return { rank: { value: whole[0], ...ranges[0] }, above: { value: whole[1], ...ranges[1] } };
}

/** Share of the others who score below a person, ties half. @param {ArrayLike<number>} scores @param {number} person */
export function shareBelow(scores, person) {
  let below = 0;
  for (let i = 0; i < scores.length; i++) below += i === person ? 0 : scores[i] < scores[person] ? 1 : scores[i] === scores[person] ? 0.5 : 0;
  return below / Math.max(1, scores.length - 1);
}

/** Chance that the person is among the first: certain, impossible, or in between where scores are equal. */
export function hitShare(/** @type {ArrayLike<number>} */ scores, /** @type {number} */ person, /** @type {number} */ rank) {
  let [above, equal] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] > scores[person]) above += 1;
    else if (scores[i] === scores[person]) equal += 1;
  }
  return Math.min(1, Math.max(0, (rank - above) / equal));
}

/** Scores of people by the nearest of their pictures. @param {Float32Array} probe @param {readonly { person: number, vector: Float32Array }[]} gallery @param {number} people */
export function nearestScores(probe, gallery, people) {
  const scores = new Float64Array(people).fill(-Infinity);
  for (const { person, vector } of gallery) {
    let sum = 0;
    for (let i = 0; i < probe.length; i++) sum += (probe[i] - vector[i]) ** 2;
    scores[person] = Math.max(scores[person], -Math.sqrt(sum));
  }
  return scores;
}
