/** Side of the grain tile in samples; a power of two, so that a mask wraps around. */
export const GRAIN_SIDE = 64;

/**
 * A 32-bit hash of up to four integers (the finaliser of MurmurHash3 after each). Not for secrets: it only makes noise
 * that is the same for the same track in every frame.
 */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  return mix(mix(mix(mix(0x9e3779b9, a), b), c), d) >>> 0;
}

function mix(before: number, part: number): number {
  let h = before ^ part;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A seed that nobody outside can know. Track ids are small numbers that an app sees: noise seeded by them alone could
 * be computed by anyone and taken off again.
 */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Evenly spread noise in -1 to 1, a function of its arguments alone. */
export function seededNoise(seed: number, x: number, y: number, channel: number): number {
  return hash32(seed, x, y, channel) / 0x7fffffff - 1;
}

/** One tile of zero-mean noise in -1 to 1, triangular, row by row. Fixed: tracks differ by where they start in it. */
const GRAIN = makeGrain();

function makeGrain(): Float32Array {
  const tile = new Float32Array(GRAIN_SIDE * GRAIN_SIDE);
  for (let i = 0; i < tile.length; i++) tile[i] = (seededNoise(1, i, 0, 0) + seededNoise(2, i, 0, 0)) / 2;
  return tile;
}

/** The grain tile times `amplitude`, rounded to integers; add it to fixed-point samples. */
export function grainTile(amplitude: number): Int32Array {
  const tile = new Int32Array(GRAIN.length);
  for (let i = 0; i < tile.length; i++) tile[i] = Math.round((GRAIN[i] ?? 0) * amplitude);
  return tile;
}
