// How well scores tell pairs of one person from pairs of two. A score is the higher the more alike; pairs may have weights.

/**
 * Pairs in order of their scores: what every figure below is computed from. Ties stay ties.
 * @param {ArrayLike<number>} scores @param {ArrayLike<boolean | number>} same
 */
export function ranked(scores, same) {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  return { order, scores, same };
}

/**
 * @param {ReturnType<typeof ranked>} pairs
 * @param {readonly number[]} fars rates of false accepts that TAR is asked for at.
 * @param {ArrayLike<number> | null} [weights] of the pairs; each counts once where null.
 * @returns {{ auc: number, accuracy: number, tar: number[], thresholds: number[] }} `accuracy`: at the threshold that is best for these pairs, both kinds
 *   counted equally; `tar`: share of the pairs of one person that are accepted where no more than that share of the others is; NaN without pairs of both kinds.
 */
export function rocOf({ order, scores, same }, fars, weights = null) {
  let [genuine, impostor] = [0, 0];
  for (const i of order) {
    const weight = weights === null ? 1 : weights[i];
    if (same[i]) genuine += weight;
    else impostor += weight;
  }
  if (genuine === 0 || impostor === 0) return { auc: NaN, accuracy: NaN, tar: fars.map(() => NaN), thresholds: fars.map(() => NaN) };
  const tar = fars.map(() => 0);
  const thresholds = fars.map(() => Infinity);
  let [accepted, falsely, area, accuracy] = [0, 0, 0, 0.5];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]];
    let [more, moreFalsely] = [0, 0];
    for (; at < order.length && scores[order[at]] === score; at++) {
      const weight = weights === null ? 1 : weights[order[at]];
      if (same[order[at]]) more += weight;
      else moreFalsely += weight;
    }
    area += moreFalsely * (accepted + more / 2);
    accepted += more;
    falsely += moreFalsely;
    accuracy = Math.max(accuracy, (accepted / genuine + 1 - falsely / impostor) / 2);
    for (const [i, far] of fars.entries()) {
      if (falsely / impostor > far + 1e-12) continue;
      tar[i] = accepted / genuine;
      thresholds[i] = score;
    }
  }
  return { auc: area / (genuine * impostor), accuracy, tar, thresholds };
}

/** Shares of both kinds at or above a threshold. @param {ArrayLike<number>} scores @param {ArrayLike<boolean | number>} same @param {number} threshold */
export function acceptedAt(scores, same, threshold) {
  const counts = { genuine: 0, accepted: 0, impostor: 0, falsely: 0 };
  for (let i = 0; i < scores.length; i++) {
    counts[same[i] ? 'genuine' : 'impostor'] += 1;
    if (scores[i] >= threshold) counts[same[i] ? 'accepted' : 'falsely'] += 1;
  }
  return { tar: counts.accepted / counts.genuine, far: counts.falsely / counts.impostor, falsely: counts.falsely, impostors: counts.impostor };
}
