/**
 * The value at `share` of the samples by nearest rank, or null when there is none.
 * @param {readonly number[]} samples
 * @param {number} share 0 to 1.
 * @returns {number | null}
 */
export function quantile(samples, share) {
  const sorted = samples.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/**
 * @param {readonly number[]} samples
 * @returns {{ p50: number | null, p95: number | null }}
 */
export const quantiles = (samples) => ({ p50: quantile(samples, 0.5), p95: quantile(samples, 0.95) });

/** @param {readonly number[]} samples */
export const median = (samples) => quantile(samples, 0.5);

/** @param {readonly number[]} samples @returns {number | null} */
export const mean = (samples) => (samples.length === 0 ? null : samples.reduce((sum, sample) => sum + sample, 0) / samples.length);

/**
 * Rounds every number in a result to what a reader can use.
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function rounded(value) {
  if (typeof value === 'number') return /** @type {T} */ (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);
  if (Array.isArray(value)) return /** @type {T} */ (value.map(rounded));
  if (value !== null && typeof value === 'object') {
    return /** @type {T} */ (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)])));
  }
  return value;
}
