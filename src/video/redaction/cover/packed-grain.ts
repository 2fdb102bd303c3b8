import { GRAIN_SIDE, grainTile } from './seeded-noise.ts';

/** How many samples of a plane one 32-bit word holds: 4 (one channel), 2 (interleaved chroma) or 1 (packed RGB). */
export type SamplesPerWord = 1 | 2 | 4;

/** How many tiles are kept, 32 KB each. */
const MOST_KEPT = 8;

/** Fractional bits of a 16-bit lane. */
export const LANE_BITS = 8;

/**
 * The grain tile for painting a word at a time. The four bytes of a word are computed in two integers of two 16-bit
 * lanes each: `even` for bytes 0 and 2, `odd` for bytes 1 and 3.
 */
export interface PackedGrain {
  readonly samplesPerWord: SamplesPerWord;
  /** Words per row; a power of two. */
  readonly rowWords: number;
  readonly even: Int32Array;
  readonly odd: Int32Array;
}

/**
 * Two lanes in one integer. Lanes may be negative as long as sums of packed integers come out with both in range:
 * the arithmetic is that of high · 65536 + low.
 */
export function packLanes(low: number, high: number): number {
  return (Math.imul(high, 0x10000) + low) | 0;
}

const packed = new Map<string, PackedGrain>();

/** The tile at this depth, made once: a style is used for thousands of frames. @param levels Largest deviation in grey levels. */
export function packedGrain(samplesPerWord: SamplesPerWord, levels: number): PackedGrain {
  const key = `${samplesPerWord} ${levels}`;
  const known = packed.get(key);
  if (known) return known;
  // A slider runs through many strengths.
  if (packed.size >= MOST_KEPT) packed.clear();
  const made = packGrain(samplesPerWord, levels);
  packed.set(key, made);
  return made;
}

function packGrain(samplesPerWord: SamplesPerWord, levels: number): PackedGrain {
  const tile = grainTile(levels * (1 << LANE_BITS));
  const rowWords = GRAIN_SIDE / samplesPerWord;
  const even = new Int32Array(tile.length / samplesPerWord);
  const odd = new Int32Array(even.length);
  for (let word = 0; word < even.length; word++) {
    const i = word * samplesPerWord;
    const first = tile[i] ?? 0;
    switch (samplesPerWord) {
      case 1: // red, green, blue alike; nothing on alpha
        even[word] = packLanes(first, first);
        odd[word] = first;
        break;
      case 2: // two samples of Cb, two of Cr
        even[word] = odd[word] = packLanes(first, tile[i + 1] ?? 0);
        break;
      case 4:
        even[word] = packLanes(first, tile[i + 2] ?? 0);
        odd[word] = packLanes(tile[i + 1] ?? 0, tile[i + 3] ?? 0);
    }
  }
  return { samplesPerWord, rowWords, even, odd };
}
