/**
 * Numbers from 0 to 1 that are the same for the same seed (mulberry32).
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `limit` of the items, drawn with the seed and in their own order; all where the limit is null or not below their number.
 * @template T
 * @param {readonly T[]} items
 * @param {number | null} limit
 * @param {number} seed
 * @returns {T[]}
 */
export function sample(items, limit, seed) {
  if (limit === null || limit >= items.length) return [...items];
  const random = seededRandom(seed);
  const order = items.map((_, index) => ({ index, rank: random() })).sort((a, b) => a.rank - b.rank);
  const chosen = new Set(order.slice(0, limit).map(({ index }) => index));
  return items.filter((_, index) => chosen.has(index));
}
