import { onesIn, type PackedBits } from './packed-bits.ts';

/** A template found by {@link TemplateSet.search}. */
export interface Hit {
  readonly templateId: string;
  /** Bits that differ. */
  readonly distance: number;
}

const FIRST_CAPACITY = 64;

/** Number of bits in which two templates differ. @throws RangeError when they are not of one length. */
export function hammingDistance(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== b.length) throw new RangeError(`templates of ${a.length} and ${b.length} words cannot be compared.`);
  return distanceAt(a, 0, b);
}

/**
 * Number of bits in which `bits` differs from as many words from `at` on. Eight words at a time are added up bit by bit first (carry-save
 * adders; Harley and Seal, in Hacker's Delight 5-1), so that ones are counted in one word of eight.
 */
function distanceAt(words: Uint32Array, at: number, bits: Uint32Array): number {
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

/** The templates of one gallery in the order in which they were put, packed for searching. */
export class TemplateSet {
  readonly #wordsPerTemplate: number;
  #words: Uint32Array<ArrayBuffer>;
  #ids: string[] = [];
  readonly #places = new Map<string, number>();

  /** @param wordsPerTemplate 32-bit words of a template. */
  constructor(wordsPerTemplate: number) {
    this.#wordsPerTemplate = wordsPerTemplate;
    this.#words = new Uint32Array(FIRST_CAPACITY * wordsPerTemplate);
  }

  get size(): number {
    return this.#ids.length;
  }

  has(templateId: string): boolean {
    return this.#places.has(templateId);
  }

  /** A copy of one template's bits, or null. */
  bitsOf(templateId: string): Uint32Array<ArrayBuffer> | null {
    const place = this.#places.get(templateId);
    return place === undefined ? null : this.#words.slice(place * this.#wordsPerTemplate, (place + 1) * this.#wordsPerTemplate);
  }

  /** Adds a template, or replaces the bits of one that is there. Copies `bits`. @throws RangeError for another length. */
  put(templateId: string, bits: Uint32Array): void {
    if (bits.length !== this.#wordsPerTemplate) throw new RangeError(`a template has ${this.#wordsPerTemplate} words, got ${bits.length}.`);
    let place = this.#places.get(templateId);
    if (place === undefined) {
      place = this.#ids.push(templateId) - 1;
      this.#places.set(templateId, place);
      if (this.#ids.length * this.#wordsPerTemplate > this.#words.length) this.#grow();
    }
    this.#words.set(bits, place * this.#wordsPerTemplate);
  }

  /** Removes templates and overwrites their bits; the order of the others stays. Unknown ids are no fault. */
  delete(templateIds: readonly string[]): void {
    const gone = new Set(templateIds.filter((id) => this.#places.has(id)));
    if (gone.size === 0) return;
    const n = this.#wordsPerTemplate;
    const kept: string[] = [];
    this.#ids.forEach((id, from) => {
      if (gone.has(id)) return;
      const to = kept.push(id) - 1;
      if (to !== from) this.#words.copyWithin(to * n, from * n, (from + 1) * n);
    });
    this.#words.fill(0, kept.length * n, this.#ids.length * n);
    this.#ids = kept;
    this.#places.clear();
    kept.forEach((id, place) => this.#places.set(id, place));
  }

  /** All templates as they lie in memory; valid until the next change. Borrowed, not to be written. */
  packed(): PackedBits & { readonly templateIds: readonly string[] } {
    return { count: this.#ids.length, wordsPerTemplate: this.#wordsPerTemplate, words: this.#words, templateIds: this.#ids };
  }

  /** The `limit` templates that differ in the fewest bits, the nearest first; of equally near ones, the earlier. */
  search(bits: Uint32Array, limit: number): Hit[] {
    if (bits.length !== this.#wordsPerTemplate) throw new RangeError(`a template has ${this.#wordsPerTemplate} words, got ${bits.length}.`);
    const best: { place: number; distance: number }[] = [];
    let worst = Infinity;
    for (let place = 0; place < this.#ids.length; place++) {
      const distance = distanceAt(this.#words, place * this.#wordsPerTemplate, bits);
      if (distance >= worst) continue;
      let rank = best.length;
      while (rank > 0 && best[rank - 1]!.distance > distance) rank--;
      best.splice(rank, 0, { place, distance });
      if (best.length > limit) best.pop();
      if (best.length === limit) worst = best[limit - 1]!.distance;
    }
    return best.map(({ place, distance }) => ({ templateId: this.#ids[place]!, distance }));
  }

  /** Overwrites and forgets all. */
  clear(): void {
    this.#words.fill(0);
    this.#ids = [];
    this.#places.clear();
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(before.length * 2);
    this.#words.set(before);
    before.fill(0);
  }
}
