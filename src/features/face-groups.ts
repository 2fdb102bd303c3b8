import { differingBits, type PackedBits } from './packed-bits.ts';

/** Two faces by their places in the list. */
export type FacePair = readonly [number, number];

/** What groups begin with. */
export interface FaceGroupsStart {
  readonly bits: PackedBits;
  /** Per face the number of the group that it stands in, or -1. */
  readonly standing: Int32Array;
  readonly apart: readonly FacePair[];
}

/** How many faces a group has, and at each place how many of them have a one there. */
interface Ones {
  readonly at: Float32Array;
  total: number;
}

/**
 * Groups of faces while they grow, each known by one of its faces. The mean share of equal bits between two groups is exact without a look at
 * every pair of their faces: the counts of ones at each place say it.
 */
export class FaceGroups {
  readonly #bits: PackedBits;
  readonly #places: number;
  /** Towards the face that a group is known by (union-find). */
  readonly #parent: Int32Array;
  readonly #size: Int32Array;
  readonly #settled: Uint8Array;
  /** For groups of two and more. */
  readonly #ones = new Map<number, Ones>();
  /** Per group, faces that it must not be joined with. */
  readonly #apart = new Map<number, number[]>();

  constructor({ bits, standing, apart }: FaceGroupsStart) {
    this.#bits = bits;
    this.#places = bits.wordsPerTemplate * 32;
    this.#parent = Int32Array.from({ length: bits.count }, (_, face) => face);
    this.#size = new Int32Array(bits.count).fill(1);
    this.#settled = new Uint8Array(bits.count);
    for (const [a, b] of apart) for (const [face, other] of [[a, b], [b, a]] as const) this.#apartOf(face).push(other);
    const anchors = new Map<number, number>();
    standing.forEach((group, face) => {
      const anchor = anchors.get(group);
      if (group >= 0 && anchor !== undefined) this.#unite(anchor, face);
      else if (group >= 0) anchors.set(group, face);
    });
    for (let face = 0; face < bits.count; face++) if (this.#size[this.of(face)]! > 1) this.#settled[this.of(face)] = 1;
  }

  /** The group that a face is in. */
  of(face: number): number {
    let group = face;
    while (this.#parent[group] !== group) {
      this.#parent[group] = this.#parent[this.#parent[group]!]!;
      group = this.#parent[group]!;
    }
    return group;
  }

  /** Whether it stood when the grouping began. */
  isSettled(group: number): boolean {
    return this.#settled[group] === 1;
  }

  /** False for one and the same, for two that both stood before, and for those that the person set apart. */
  mayJoin(a: number, b: number): boolean {
    if (a === b || (this.isSettled(a) && this.isSettled(b))) return false;
    const [fewer, other] = (this.#apart.get(a)?.length ?? 0) <= (this.#apart.get(b)?.length ?? 0) ? [a, b] : [b, a];
    return this.#apart.get(fewer)?.some((face) => this.of(face) === other) !== true;
  }

  /** Makes one group of two. */
  join(a: number, b: number): void {
    const [kept, gone] = a < b ? [a, b] : [b, a];
    const [ones, more] = [this.#onesOf(kept), this.#onesOf(gone)];
    for (let place = 0; place < this.#places; place++) ones.at[place]! += more.at[place]!;
    ones.total += more.total;
    this.#ones.set(kept, ones);
    this.#ones.delete(gone);
    this.#parent[gone] = kept;
    this.#size[kept]! += this.#size[gone]!;
    this.#settled[kept] = Math.max(this.#settled[kept]!, this.#settled[gone]!);
    const apart = this.#apart.get(gone);
    if (apart !== undefined) this.#apartOf(kept).push(...apart);
    this.#apart.delete(gone);
  }

  /** Mean share of equal bits over all pairs of faces of the two groups. */
  linkage(a: number, b: number): number {
    const places = this.#places;
    const [sizeA, sizeB] = [this.#size[a]!, this.#size[b]!];
    if (sizeA === 1 && sizeB === 1) return 1 - differingBits(this.#bits, a, b, places) / places;
    const [onesA, onesB] = [this.#onesOf(a), this.#onesOf(b)];
    let both = 0;
    for (let place = 0; place < places; place++) both += onesA.at[place]! * onesB.at[place]!;
    // Pairs of equal ones and pairs of equal zeros.
    const equal = 2 * both - sizeA * onesB.total - sizeB * onesA.total + places * sizeA * sizeB;
    return equal / (places * sizeA * sizeB);
  }

  /** Per face the number of its group; groups are numbered by their first face. */
  labels(): Int32Array {
    const numbers = new Map<number, number>();
    return Int32Array.from({ length: this.#bits.count }, (_, face) => {
      const group = this.of(face);
      const known = numbers.get(group) ?? numbers.size;
      numbers.set(group, known);
      return known;
    });
  }

  #unite(face: number, other: number): void {
    const [a, b] = [this.of(face), this.of(other)];
    if (this.mayJoin(a, b)) this.join(a, b);
  }

  #apartOf(group: number): number[] {
    const apart = this.#apart.get(group) ?? [];
    this.#apart.set(group, apart);
    return apart;
  }

  #onesOf(group: number): Ones {
    const known = this.#ones.get(group);
    if (known !== undefined) return known;
    const { words, wordsPerTemplate } = this.#bits;
    const at = new Float32Array(this.#places);
    let total = 0;
    for (let place = 0; place < this.#places; place++) {
      const bit = (words[group * wordsPerTemplate + (place >> 5)]! >>> (place & 31)) & 1;
      at[place] = bit;
      total += bit;
    }
    return { at, total };
  }
}
