import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupFaces } from './clustering.ts';
import type { FacePair } from './face-groups.ts';
import type { PackedBits } from './packed-bits.ts';

const WORDS = 8;
const pause = () => Promise.resolve();

/** Mulberry32: the same faces in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bit strings of these persons, in this order: each person's own string, with a share of its bits wrong. */
function facesOf(persons: readonly number[], { seed = 1, wrong = 0.12 } = {}): PackedBits {
  const random = randomFrom(seed);
  const own = new Map<number, Uint32Array>();
  const words = new Uint32Array(persons.length * WORDS);
  for (const [face, person] of persons.entries()) {
    const ideal = own.get(person) ?? Uint32Array.from({ length: WORDS }, () => random() * 2 ** 32);
    own.set(person, ideal);
    for (let word = 0; word < WORDS; word++) {
      let noise = 0;
      for (let bit = 0; bit < 32; bit++) if (random() < wrong) noise |= 1 << bit;
      words[face * WORDS + word] = ideal[word]! ^ noise;
    }
  }
  return { count: persons.length, wordsPerTemplate: WORDS, words };
}

interface Known {
  readonly standing?: readonly number[];
  readonly apart?: readonly FacePair[];
  readonly threshold?: number;
}

async function grouped(bits: PackedBits, { standing, apart = [], threshold = 0.7 }: Known = {}): Promise<number[]> {
  return [...(await groupFaces({ bits, standing: Int32Array.from({ length: bits.count }, (_, i) => standing?.[i] ?? -1), apart, threshold, pause }))];
}

/** Groups by their first member: what two lists of labels have in common whatever the numbers. */
function normalised(labels: readonly number[]): number[] {
  return labels.map((label) => labels.indexOf(label));
}

const persons = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 40 });
const seed = fc.nat({ max: 1000 });

describe('grouping [TEN-album]', () => {
  it('finds the persons', async () => {
    const truth = Array.from({ length: 200 }, (_, i) => (i * 7) % 23);
    expect(normalised(await grouped(facesOf(truth)))).toEqual(normalised(truth));
  });

  it('has nothing to say of no face, and one group for one', async () => {
    expect(await grouped(facesOf([]))).toEqual([]);
    expect(await grouped(facesOf([4]))).toEqual([0]);
  });

  it('averages: a face between two persons does not make one of them', async () => {
    const bits = facesOf([0, 0, 0, 0, 1, 1, 1, 1, 2], { wrong: 0.05 });
    // The last is half the one and half the other: alike enough to a single face of each, as single linkage would have it.
    for (let word = 0; word < WORDS; word++) bits.words[8 * WORDS + word] = bits.words[(word < WORDS / 2 ? 0 : 4) * WORDS + word]!;
    const labels = await grouped(bits, { threshold: 0.7 });
    expect(labels[0]).not.toBe(labels[4]);
  });

  it('says the same of the same', async () => {
    await fc.assert(
      fc.asyncProperty(persons, seed, async (truth, seed) => {
        const bits = facesOf(truth, { seed, wrong: 0.25 });
        expect(await grouped(bits)).toEqual(await grouped(bits));
      }),
    );
  });

  it('never joins what the person set apart, and keeps what stands together otherwise', async () => {
    const pair = fc.tuple(fc.nat({ max: 39 }), fc.nat({ max: 39 }));
    await fc.assert(
      fc.asyncProperty(persons, seed, fc.array(pair, { maxLength: 6 }), fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 40, maxLength: 40 }), async (truth, seed, parted, standing) => {
        const apart = parted.filter(([a, b]) => a < truth.length && b < truth.length && a !== b);
        const labels = await grouped(facesOf(truth, { seed, wrong: 0.25 }), { standing, apart });
        for (const [a, b] of apart) expect(labels[a]).not.toBe(labels[b]);
        const free = await grouped(facesOf(truth, { seed, wrong: 0.25 }), { standing });
        truth.forEach((_, a) => {
          for (let b = 0; b < a; b++) if (standing[a] === standing[b] && standing[a] !== -1) expect(free[a]).toBe(free[b]);
        });
      }),
    );
  });

  it('leaves what stands when faces come: groups only grow, and two that stand are never joined', async () => {
    await fc.assert(
      fc.asyncProperty(persons, seed, fc.double({ min: 0.1, max: 0.35, noNaN: true }), async (truth, seed, wrong) => {
        const bits = facesOf(truth, { seed, wrong });
        const half = Math.ceil(truth.length / 2);
        const before = await grouped({ ...bits, count: half });
        const after = await grouped(bits, { standing: before });
        for (let a = 0; a < half; a++) {
          for (let b = 0; b < a; b++) {
            const sizes = [a, b].map((face) => before.filter((label) => label === before[face]).length);
            if (before[a] === before[b]) expect(after[a]).toBe(after[b]);
            else if (sizes.every((size) => size > 1)) expect(after[a]).not.toBe(after[b]);
          }
        }
      }),
    );
  });

  it('comes to the same whether faces come at once or one after the other, where persons are clear', async () => {
    const truth = [0, 1, 0, 2, 1, 0, 3, 2, 1, 3, 0, 4];
    const bits = facesOf(truth, { wrong: 0.06 });
    let standing: number[] = [];
    for (let count = 1; count <= truth.length; count++) standing = await grouped({ ...bits, count }, { standing });
    expect(normalised(standing)).toEqual(normalised(await grouped(bits)));
  });

  it('ends when it is told to at a pause', async () => {
    const bits = facesOf(Array.from({ length: 800 }, (_, i) => i % 40));
    const stop = () => Promise.reject(new Error('enough'));
    await expect(groupFaces({ bits, standing: new Int32Array(800).fill(-1), apart: [], threshold: 0.7, pause: stop })).rejects.toThrow('enough');
  });

  it('remembers a bounded number of neighbours, and still makes one group of a thousand faces of one person', async () => {
    expect(new Set(await grouped(facesOf(new Array<number>(1000).fill(0)))).size).toBe(1);
  });
});
