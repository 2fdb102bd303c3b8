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

/**
 * Number of bits in which `bits` differs from as many words from `at` on. Eight words at a time are added up bit by bit first (carry-save
 * adders; Harley and Seal, in Hacker's Delight 5-1), so that ones are counted in one word of eight.
 */
export function distanceAt(words: Uint32Array, at: number, bits: Uint32Array): number {
  const whole = bits.length & ~7;
  let eights = 0;
  let ones = 0;
  let twos = 0;
  let fours = 0;
  for (let i = 0; i < whole; i += 8) {
    const from = at + i;
    let a = words[from]! ^ bits[i]!;
    let b = words[from + 1]! ^ bits[i + 1]!;
    let sum = ones ^ a;
    const twosA = (ones & a) | (sum & b);
    ones = sum ^ b;
    a = words[from + 2]! ^ bits[i + 2]!;
    b = words[from + 3]! ^ bits[i + 3]!;
    sum = ones ^ a;
    const twosB = (ones & a) | (sum & b);
    ones = sum ^ b;
    sum = twos ^ twosA;
    const foursA = (twos & twosA) | (sum & twosB);
    twos = sum ^ twosB;
    a = words[from + 4]! ^ bits[i + 4]!;
    b = words[from + 5]! ^ bits[i + 5]!;
    sum = ones ^ a;
    const twosC = (ones & a) | (sum & b);
    ones = sum ^ b;
    a = words[from + 6]! ^ bits[i + 6]!;
    b = words[from + 7]! ^ bits[i + 7]!;
    sum = ones ^ a;
    const twosD = (ones & a) | (sum & b);
    ones = sum ^ b;
    sum = twos ^ twosC;
    const foursB = (twos & twosC) | (sum & twosD);
    twos = sum ^ twosD;
    sum = fours ^ foursA;
    eights += onesIn((fours & foursA) | (sum & foursB));
    fours = sum ^ foursB;
  }
  let distance = 8 * eights + 4 * onesIn(fours) + 2 * onesIn(twos) + onesIn(ones);
  for (let i = whole; i < bits.length; i++) distance += onesIn(words[at + i]! ^ bits[i]!);
  return distance;
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
