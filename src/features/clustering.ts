import { FaceGroups, type FacePair } from './face-groups.ts';
import { differingBits, type PackedBits } from './packed-bits.ts';
import { PairQueue, type Pair } from './pair-queue.ts';

/** What is to be grouped, and what is known of it. */
export interface GroupingRequest {
  readonly bits: PackedBits;
  /** Per face the number of the group that it is in, or -1: groups of two and more stay as they are, and only grow. */
  readonly standing: Int32Array;
  /** Said by the person to be two. Always followed: nobody is called somebody else against the person's word. */
  readonly apart: readonly FacePair[];
  /** Mean share of equal bits from which two groups are one person, above 0.5, to 1. */
  readonly threshold: number;
  /** Awaited every few ten milliseconds, so that the thread can do other work; what it throws ends the grouping. */
  readonly pause: () => Promise<void>;
}

/** A face is compared with all others, and remembers this many that are most like it: what bounds memory, and time. */
const NEIGHBOURS = 32;
const COMPARISONS_BETWEEN_PAUSES = 200_000;
const LINKAGES_BETWEEN_PAUSES = 10_000;

/**
 * Groups faces by average linkage (UPGMA; Sokal and Michener 1958): the two groups whose faces are on average most alike become one, again and again,
 * while that average reaches the threshold. Only groups are tried of which two faces reach it by themselves, 32 pairs a face at most: an average
 * reaches it in no other case. A pair waits in the queue with the last average that was computed for it and is computed anew when its turn
 * comes. The same input gives the same groups; faces that stand in one group stay together, and groups of two and more are
 * never joined. See docs/decisions/0008-album-grouping.md.
 * @returns per face the number of its group; groups are numbered by their first face.
 */
export async function groupFaces(request: GroupingRequest): Promise<Int32Array> {
  const { threshold, pause } = request;
  const groups = new FaceGroups(request);
  const queue = await alikePairs(request, groups);
  /** The pair of faces that waits for two groups, whichever of their faces brought it: no second one need wait. */
  const waiting = new Map<number, Pair>();
  let computed = 0;
  for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
    const [a, b] = [groups.of(pair.a), groups.of(pair.b)];
    const place = Math.min(a, b) * request.bits.count + Math.max(a, b);
    const first = waiting.get(place);
    if (first !== undefined && first !== pair) continue;
    waiting.delete(place);
    if (!groups.mayJoin(a, b)) continue;
    const linkage = groups.linkage(a, b);
    if (linkage >= pair.linkage) {
      groups.join(a, b);
    } else if (linkage >= threshold) {
      const again = { ...pair, linkage };
      waiting.set(place, again);
      queue.push(again);
    }
    if (++computed % LINKAGES_BETWEEN_PAUSES === 0) await pause();
  }
  return groups.labels();
}

async function alikePairs({ bits, threshold, pause }: GroupingRequest, groups: FaceGroups): Promise<PairQueue> {
  const places = bits.wordsPerTemplate * 32;
  const limit = Math.floor(places * (1 - threshold) + 1e-9);
  const nearest = Array.from({ length: bits.count }, () => new Nearest(limit));
  // Two that stand in groups already are not compared: they stay where they are.
  const settled = Uint8Array.from(nearest, (_, face) => Number(groups.isSettled(groups.of(face))));
  let compared = 0;
  for (let i = 0; i < bits.count; i++) {
    const mine = nearest[i]!;
    for (let j = 0; j < i; j++) {
      if (settled[i] === 1 && settled[j] === 1) continue;
      const asked = Math.max(mine.limit, nearest[j]!.limit);
      const differing = differingBits(bits, i, j, asked);
      if (differing <= asked) {
        mine.offer(j, differing);
        nearest[j]!.offer(i, differing);
      }
      if (++compared % COMPARISONS_BETWEEN_PAUSES === 0) await pause();
    }
  }
  const queue = new PairQueue();
  for (const [i, { faces, differing }] of nearest.entries()) {
    for (const [at, j] of faces.entries()) {
      // A pair that both remember is one pair.
      if (j < i || !nearest[j]!.faces.includes(i)) queue.push({ linkage: 1 - differing[at]! / places, a: Math.min(i, j), b: Math.max(i, j) });
    }
  }
  return queue;
}

/** The faces most like one face. */
class Nearest {
  readonly faces: number[] = [];
  /** Bits in which each differs, in rising order. */
  readonly differing: number[] = [];
  /** A face that differs in more bits is not taken. */
  limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  offer(face: number, differing: number): void {
    if (differing > this.limit) return;
    let at = this.faces.length;
    if (at === NEIGHBOURS) at -= 1;
    for (; at > 0 && this.differing[at - 1]! > differing; at--) {
      this.faces[at] = this.faces[at - 1]!;
      this.differing[at] = this.differing[at - 1]!;
    }
    this.faces[at] = face;
    this.differing[at] = differing;
    // Who is remembered stays unless another is more like it.
    if (this.faces.length === NEIGHBOURS) this.limit = this.differing[NEIGHBOURS - 1]! - 1;
  }
}
