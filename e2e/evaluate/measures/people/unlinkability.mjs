/** Cells of the histograms of scores. */
const BINS = 30;

/**
 * How far scores across two keys tell that two templates are of one person: the global measure D of Gomez-Barrero, Galbally, Rathgeb and
 * Busch, "General framework to evaluate unlinkability in biometric template protection systems" (IEEE TIFS 2018), prior odds 1. 0: not at
 * all, 1: always. Estimated from histograms it is above 0 by chance: hold it beside that of scores without any difference.
 * @param {readonly number[]} mated @param {readonly number[]} nonMated
 */
export function unlinkability(mated, nonMated, bins = BINS) {
  let [low, high] = [Infinity, -Infinity];
  for (const score of [mated, nonMated].flatMap((scores) => [scores.reduce((a, b) => Math.min(a, b), Infinity), scores.reduce((a, b) => Math.max(a, b), -Infinity)])) [low, high] = [Math.min(low, score), Math.max(high, score)];
  const shares = (/** @type {readonly number[]} */ scores) => {
    const cells = new Float64Array(bins);
    for (const score of scores) cells[Math.min(bins - 1, Math.floor(((score - low) / (high - low || 1)) * bins))] += 1 / scores.length;
    return cells;
  };
  const [ofMated, ofNonMated] = [shares(mated), shares(nonMated)];
  let total = 0;
  for (let cell = 0; cell < bins; cell++) {
    // D(s) = p(mated | s) - p(not mated | s), and nothing where that is below 0.
    const both = ofMated[cell] + ofNonMated[cell];
    if (both > 0) total += ofMated[cell] * Math.max(0, (ofMated[cell] - ofNonMated[cell]) / both);
  }
  return total;
}
