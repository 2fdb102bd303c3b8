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
  let distance = 0;
  for (let i = 0; i < a.length; i++) distance += onesIn(a[i]! ^ b[i]!);
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
    const n = this.#wordsPerTemplate;
    const words = this.#words;
    let worst = Infinity;
    for (let place = 0, at = 0; place < this.#ids.length; place++) {
      let distance = 0;
      for (let i = 0; i < n; i++, at++) {
        // As in onesIn(), in line: a call here is half of the search's time.
        let word = words[at]! ^ bits[i]!;
        word -= (word >>> 1) & 0x55555555;
        word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
        distance += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
      }
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
