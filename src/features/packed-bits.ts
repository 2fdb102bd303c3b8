/** Bit strings of one length in one array: string `i` lies at `words[i * wordsPerTemplate]` and on. */
export interface PackedBits {
  readonly count: number;
  /** 32 bits each. */
  readonly wordsPerTemplate: number;
  readonly words: Uint32Array;
}

/** Number of ones in 32 bits. */
export function onesIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** In how many bits two strings differ; above `limit` any number above it, because nobody asks then. */
export function differingBits({ words, wordsPerTemplate }: PackedBits, i: number, j: number, limit: number): number {
  let differing = 0;
  const end = (i + 1) * wordsPerTemplate;
  for (let a = i * wordsPerTemplate, b = j * wordsPerTemplate; a < end && differing <= limit; a += 4, b += 4) {
    const stop = Math.min(4, end - a);
    for (let k = 0; k < stop; k++) differing += onesIn(words[a + k]! ^ words[b + k]!);
  }
  return differing;
}
