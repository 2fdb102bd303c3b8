/** Two groups and how alike they are. */
export interface Pair {
  readonly linkage: number;
  readonly a: number;
  readonly b: number;
}

/** Pairs, the most alike first; among equals the ones with the lower numbers, so that the order is always the same. A binary heap. */
export class PairQueue {
  readonly #pairs: Pair[] = [];

  push(pair: Pair): void {
    const pairs = this.#pairs;
    let at = pairs.push(pair) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(pair, pairs[parent]!)) break;
      pairs[at] = pairs[parent]!;
      at = parent;
    }
    pairs[at] = pair;
  }

  /** Takes out the first, or undefined when there is none. */
  pop(): Pair | undefined {
    const pairs = this.#pairs;
    const first = pairs[0];
    const last = pairs.pop();
    if (first === undefined || last === undefined || pairs.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= pairs.length) break;
      if (child + 1 < pairs.length && before(pairs[child + 1]!, pairs[child]!)) child += 1;
      if (!before(pairs[child]!, last)) break;
      pairs[at] = pairs[child]!;
      at = child;
    }
    pairs[at] = last;
    return first;
  }
}

function before(one: Pair, other: Pair): boolean {
  if (one.linkage !== other.linkage) return one.linkage > other.linkage;
  return one.a !== other.a ? one.a < other.a : one.b < other.b;
}
