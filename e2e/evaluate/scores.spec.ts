import { expect, test } from '@playwright/test';
import { scoreGroups } from './measures/album/score.mjs';
import { intervalsOf, pairWeights } from './measures/people/bootstrap.mjs';
import { acceptedAt, ranked, rocOf } from './measures/people/roc.mjs';
import { unlinkability } from './measures/people/unlinkability.mjs';
import { fitDiscriminant } from './measures/reid/discriminant.mjs';
import { differenceOf, hitShare, identified, nearestScores } from './measures/reid/identify.mjs';
import { seededRandom } from './measures/seeded.mjs';
import { likenessOf } from './measures/verify/compare.mjs';

const SEED = 5;

test('AUC, accuracy and TAR of scores whose figures are known', () => {
  // Of the nine pairs of a genuine and an impostor score, seven are in order and one is a tie.
  const scores = [0.9, 0.7, 0.3, 0.7, 0.2, 0.1];
  const same = [true, true, true, false, false, false];
  const { auc, accuracy, tar, thresholds } = rocOf(ranked(scores, same), [0, 0.4, 1]);
  expect(auc).toBeCloseTo(7.5 / 9, 12);
  expect(accuracy).toBeCloseTo((1 + 2 / 3) / 2, 12);
  expect(tar).toEqual([1 / 3, 1, 1]);
  expect(thresholds).toEqual([0.9, 0.3, 0.1]);
  expect(acceptedAt(scores, same, 0.7)).toEqual({ tar: 2 / 3, far: 1 / 3, falsely: 1, impostors: 3 });
});

test('TAR of evenly spread scores is what the distributions say', () => {
  // Genuine 0.5 to 1.5, impostor 0 to 1: 1 % of the impostors are above 0.99, and 51 % of the genuine.
  const count = 10_000;
  const scores = Array.from({ length: 2 * count }, (_, i) => (i % count) / count + (i < count ? 0.5 : 0));
  const same = scores.map((_, i) => i < count);
  const { auc, tar } = rocOf(ranked(scores, same), [0.01]);
  expect(auc).toBeCloseTo(0.875, 3);
  expect(tar[0]).toBeCloseTo(0.51, 3);
  // A pair that counts twice is as two.
  const twice = Float64Array.from(same, (one) => (one ? 2 : 1));
  expect(rocOf(ranked(scores, same), [0.01], twice).auc).toBeCloseTo(auc, 12);
});

test(`intervals by people hold the figure, are wider for fewer people, and the same for a seed (${SEED})`, () => {
  const figureOf = (people: number): { low: number; high: number } => {
    const names = Array.from({ length: people }, (_, i) => String(i));
    const value = new Map(names.map((name, i) => [name, i % 5 === 0 ? 0 : 1]));
    const mean = (times: ReadonlyMap<string, number>): number[] => {
      const total = names.reduce((sum, name) => sum + (times.get(name) ?? 0), 0);
      return [names.reduce((sum, name) => sum + (times.get(name) ?? 0) * value.get(name)!, 0) / total];
    };
    const options = { replicates: 300, seed: SEED };
    const [range] = intervalsOf(names, mean, options);
    expect(intervalsOf(names, mean, options)).toEqual([range]);
    expect(range!.low).toBeLessThan(0.8);
    expect(range!.high).toBeGreaterThan(0.8);
    return range!;
  };
  const [few, many] = [figureOf(40), figureOf(1000)];
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
  // A pair counts as often as both are there, a pair of one person as often as that person.
  expect([...pairWeights([{ first: 'a', second: 'a' }, { first: 'a', second: 'b' }, { first: 'a', second: 'c' }], new Map([['a', 2], ['b', 3]]))]).toEqual([2, 6, 0]);
});

test('linkability is 0 for equal scores, 1 for scores apart, and the share in between', () => {
  const evenly = (from: number, to: number): number[] => Array.from({ length: 3000 }, (_, i) => from + ((i + 0.5) / 3000) * (to - from));
  expect(unlinkability(evenly(0, 1), evenly(0, 1))).toBeCloseTo(0, 12);
  expect(unlinkability(evenly(0, 1), evenly(2, 3))).toBeCloseTo(1, 12);
  // Half of the mated scores lie where no other is.
  expect(unlinkability(evenly(0, 1), evenly(0.5, 1.5))).toBeCloseTo(0.5, 6);
});

test('groups are scored pair by pair and face by face', () => {
  const faces = [{ person: 'a', group: 0 }, { person: 'a', group: 0 }, { person: 'b', group: 0 }, { person: 'b', group: 1 }];
  const figures = scoreGroups(faces, null);
  expect(figures.pairPrecision).toBeCloseTo(1 / 3, 12);
  expect(figures.pairRecall).toBeCloseTo(1 / 2, 12);
  expect(figures.cubedPrecision).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, 12);
  expect(figures.cubedRecall).toBeCloseTo(3 / 4, 12);
  expect(scoreGroups(faces, new Map([['a', 1], ['b', 1]]))).toEqual(figures);
  // What only one person's faces meet, the others still in the groups: a pair of their own, and half of two pairs with somebody else.
  const ofOne = scoreGroups(faces, new Map([['a', 2]]));
  expect(ofOne).toMatchObject({ pairRecall: 1, cubedRecall: 1, pairPrecision: 1 / 2 });
  expect(ofOne.cubedPrecision).toBeCloseTo(2 / 3, 12);
  const right = faces.map(({ person }) => ({ person, group: person === 'a' ? 0 : 1 }));
  expect(Object.values(scoreGroups(right, null))).toEqual([1, 1, 1, 1, 1, 1]);
});

test('equal scores are guesses, and the nearest of a person\'s pictures counts', () => {
  expect(hitShare([1, 1, 1, 1], 2, 1)).toBe(0.25);
  expect(hitShare([3, 2, 1, 0], 2, 1)).toBe(0);
  expect(hitShare([3, 2, 2, 0], 2, 2)).toBe(0.5);
  const gallery = [[0, 0], [4, 0], [1, 0]].map(([x, y], i) => ({ person: i === 2 ? 0 : i, vector: Float32Array.of(x!, y!) }));
  expect([...nearestScores(Float32Array.of(1, 1), gallery, 2)]).toEqual([-1, -Math.sqrt(10)]);
  expect(likenessOf(Uint32Array.of(0xff, 0), Uint32Array.of(0x0f, 0))).toBe(1 - 4 / 64);
});

/** Faces of 12 x 12 colours, each person's own but for expression and light, and what a cover lets through. */
function attackOn(cover: (face: Float64Array, random: () => number) => ArrayLike<number>): ReturnType<typeof identified> {
  const [people, pictures, samples, random] = [40, 5, 6, seededRandom(SEED)];
  const noise = (): number => random() + random() + random() - 1.5;
  const persons = Array.from({ length: people }, () => Float64Array.from({ length: 144 }, () => 128 + 40 * noise()));
  const shown = persons.map((face) => Array.from({ length: pictures }, () => {
    const light = 20 * noise();
    return face.map((value) => value + light + 20 * noise());
  }));
  const train = shown.flatMap((own, person) => own.slice(1).flatMap((face, i) => Array.from({ length: samples }, () => ({ person, picture: person * pictures + i, features: cover(face, random) }))));
  const { scores } = fitDiscriminant(train, people);
  return identified(shown.map(([face], person) => ({ person, scores: scores(cover(face!, random)) })), { replicates: 200, seed: SEED });
}

test(`who trains on covered faces recognises them under a weak cover, and guesses under one that reads nothing (seed ${SEED})`, () => {
  const cells = (face: Float64Array, side: number): Float64Array =>
    Float64Array.from({ length: side * side }, (_, cell) => {
      const inside = [...face].filter((_, i) => Math.floor(((i % 12) * side) / 12) === cell % side && Math.floor((Math.floor(i / 12) * side) / 12) === Math.floor(cell / side));
      return inside.reduce((sum, value) => sum + value, 0) / inside.length;
    });
  const weak = attackOn((face, random) => cells(face, 6).map((value) => value + 10 * (random() - 0.5)));
  expect(weak.ranks[0]!.value).toBeGreaterThan(0.9);
  expect(weak.auc.low).toBeGreaterThan(0.9);
  const coarse = attackOn((face, random) => cells(face, 2).map((value) => value + 60 * (random() - 0.5)));
  expect(coarse.ranks[0]!.value).toBeLessThan(weak.ranks[0]!.value - 0.3);
  const blind = attackOn((_, random) => Float64Array.from({ length: 36 }, () => random()));
  expect(blind.ranks[0]!.low).toBeLessThanOrEqual(blind.ranks[0]!.chance);
  expect(blind.auc.low).toBeLessThan(0.5);
  expect(blind.auc.high).toBeGreaterThan(0.5);
  const flat = attackOn(() => new Float64Array(36).fill(71));
  expect(flat.ranks[0]!.chance).toBe(1 / 40);
  expect(flat.ranks[0]!.value).toBeCloseTo(1 / 40, 12);
  expect(flat.auc.value).toBe(0.5);
  // Beside each other, with the interval of the difference.
  const { above, rank } = differenceOf(weak.each, flat.each, { replicates: 200, seed: SEED });
  expect(rank.low).toBeGreaterThan(0.8);
  expect(above.value).toBeCloseTo(weak.auc.value - 0.5, 1);
});
