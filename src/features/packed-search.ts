import { distanceAt, type PackedBits } from './packed-bits.ts';
import { openTemplateMemory, type TemplateMemory } from './template-memory.ts';

/** A template found by {@link TemplateSet.search}. */
export interface Hit {
  readonly templateId: string;
  /** Bits that differ. */
  readonly distance: number;
}

/** Number of bits in which two templates differ. @throws RangeError when they are not of one length. */
export function hammingDistance(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== b.length) throw new RangeError(`templates of ${a.length} and ${b.length} words cannot be compared.`);
  return distanceAt(a, 0, b);
}

/** The templates of one gallery in the order in which they were put, packed for searching. */
export class TemplateSet {
  readonly #wordsPerTemplate: number;
  readonly #memory: TemplateMemory;
  #ids: string[] = [];
  readonly #places = new Map<string, number>();

  /** @param wordsPerTemplate 32-bit words of a template. @param memory taken. */
  constructor(wordsPerTemplate: number, memory: TemplateMemory = openTemplateMemory(wordsPerTemplate)) {
    this.#wordsPerTemplate = wordsPerTemplate;
    this.#memory = memory;
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
    return place === undefined ? null : this.#memory.words.slice(place * this.#wordsPerTemplate, (place + 1) * this.#wordsPerTemplate);
  }

  /** Adds a template, or replaces the bits of one that is there. Copies `bits`. @throws RangeError for another length. */
  put(templateId: string, bits: Uint32Array): void {
    if (bits.length !== this.#wordsPerTemplate) throw new RangeError(`a template has ${this.#wordsPerTemplate} words, got ${bits.length}.`);
    let place = this.#places.get(templateId);
    if (place === undefined) {
      this.#memory.reserve(this.#ids.length + 1);
      place = this.#ids.push(templateId) - 1;
      this.#places.set(templateId, place);
    }
    this.#memory.words.set(bits, place * this.#wordsPerTemplate);
  }

  /** Removes templates and overwrites their bits; the order of the others stays. Unknown ids are no fault. */
  delete(templateIds: readonly string[]): void {
    const gone = new Set(templateIds.filter((id) => this.#places.has(id)));
    if (gone.size === 0) return;
    const n = this.#wordsPerTemplate;
    const { words } = this.#memory;
    const kept: string[] = [];
    this.#ids.forEach((id, from) => {
      if (gone.has(id)) return;
      const to = kept.push(id) - 1;
      if (to !== from) words.copyWithin(to * n, from * n, (from + 1) * n);
    });
    words.fill(0, kept.length * n, this.#ids.length * n);
    this.#ids = kept;
    this.#places.clear();
    kept.forEach((id, place) => this.#places.set(id, place));
  }

  /** All templates as they lie in memory; valid until the next change. Borrowed, not to be written. */
  packed(): PackedBits & { readonly templateIds: readonly string[] } {
    return { count: this.#ids.length, wordsPerTemplate: this.#wordsPerTemplate, words: this.#memory.words, templateIds: this.#ids };
  }

  /** The `limit` templates that differ in the fewest bits, the nearest first; of equally near ones, the earlier. */
  search(bits: Uint32Array, limit: number): Hit[] {
    if (bits.length !== this.#wordsPerTemplate) throw new RangeError(`a template has ${this.#wordsPerTemplate} words, got ${bits.length}.`);
    const best: { place: number; distance: number }[] = [];
    this.#memory.scan(bits, this.#ids.length, (place, distance) => {
      let rank = best.length;
      while (rank > 0 && best[rank - 1]!.distance > distance) rank--;
      best.splice(rank, 0, { place, distance });
      if (best.length > limit) best.pop();
      return best.length < limit ? Infinity : best[limit - 1]!.distance;
    });
    return best.map(({ place, distance }) => ({ templateId: this.#ids[place]!, distance }));
  }

  /** Overwrites and forgets all. */
  clear(): void {
    this.#memory.words.fill(0);
    this.#ids = [];
    this.#places.clear();
  }
}
