// One person or two: by raw vectors, by protected templates, under one key and under two.
import { median, quantile } from '../../../bench/harness/samples.mjs';
import { intervalsOf, pairWeights } from '../people/bootstrap.mjs';
import { filesOf, hasPairs, identityOf, NO_PAIRS, readPairs } from '../people/pairs.mjs';
import { floatsIn, mainFace, passesChosen, readFaces, textOf, wordsIn } from '../people/read-faces.mjs';
import { acceptedAt, ranked, rocOf } from '../people/roc.mjs';
import { unlinkability } from '../people/unlinkability.mjs';
import { sample, seededRandom } from '../seeded.mjs';
import { distanceOf, likenessOf, rowOf } from './compare.mjs';
import { reportVerify } from './report.mjs';

/** Rates of false accepts that are asked for. */
export const FARS = [0.01, 0.001];
const KEYS = 5;
const REPLICATES = 500;
const SEARCHED = [1000, 10_000, 100_000];
const PROBES = 30;
/** Pairs of strangers across keys, beside as many of one person: more give no sharper histogram. */
const STRANGERS_ACROSS_KEYS = 20_000;

/** @type {import('../index.mjs').Measure} */
export const verify = {
  name: 'verify',
  find: (data) => (hasPairs(data) ? { parts: ['pairs'], missing: [] } : { parts: [], missing: [`${data} holds no ${NO_PAIRS}`] }),
  run: async (context) => {
    const { data, options, log } = context;
    const sets = [...readPairs(data)].map(([set, all]) => ({ set, pairs: sample(all, options.limit, options.seed), of: all.length }));
    const files = filesOf(sets.flatMap(({ pairs }) => pairs));
    log(`verify: ${sets.map(({ set, pairs, of }) => `${pairs.length} of ${of} pairs of ${set}`).join(', ')}, ${files.length} pictures, seed ${options.seed}`);
    const { pictures, fresh } = await readFaces(files, context, 'verify');
    const subjects = files.flatMap((file) => {
      const face = mainFace(/** @type {any} */ (pictures.get(file)));
      return face === null ? [] : [{ file, person: identityOf(file), face, vector: floatsIn(face.vector) }];
    });
    const keys = await protectAll(subjects, context);
    /** @type {Record<string, any>} */
    const results = {};
    for (const { set, pairs } of sets) results[set] = measureSet(pairs, subjects, keys, options.seed);
    return {
      sets: results,
      everyPair: everyPair(subjects, keys[0]),
      acrossKeys: acrossKeys(subjects, keys, options.seed),
      keys: KEYS,
      replicates: REPLICATES,
      cost: costOf(fresh, [...pictures.values()], keys),
      searchMs: await searchTimes(context),
    };
  },
  report: reportVerify,
};

async function protectAll(/** @type {any[]} */ subjects, /** @type {import('../index.mjs').Context} */ { harness, progress }) {
  const length = subjects[0]?.vector.length ?? 0;
  const vectors = new Float32Array(subjects.length * length);
  for (const [i, { vector }] of subjects.entries()) vectors.set(vector, i * length);
  const keys = [];
  for (let key = 0; key < KEYS; key++) {
    progress(`verify: key ${key + 1} of ${KEYS}`);
    const { bits, ...told } = await harness.call('judging', ['protect', [textOf(vectors), key]]);
    keys.push({ ...told, bits: wordsIn(bits) });
  }
  return keys;
}

function measureSet(/** @type {import('../people/pairs.mjs').Pair[]} */ pairs, /** @type {any[]} */ subjects, /** @type {any[]} */ keys, /** @type {number} */ seed) {
  const placeOf = new Map(subjects.map(({ file }, i) => [file, i]));
  const found = pairs.filter(({ a, b }) => placeOf.has(a) && placeOf.has(b)).map(({ a, b, same }) => ({ same, a: placeOf.get(a) ?? 0, b: placeOf.get(b) ?? 0, first: identityOf(a), second: identityOf(b) }));
  const good = found.filter(({ a, b }) => passesChosen(subjects[a].face) && passesChosen(subjects[b].face));
  const files = filesOf(pairs);
  const faces = files.flatMap((file) => (placeOf.has(file) ? [subjects[placeOf.get(file) ?? 0].face] : []));
  /** @type {Record<string, number>} */
  const refusals = {};
  for (const { quality } of faces) for (const { check } of quality.faults) refusals[check] = (refusals[check] ?? 0) + 1;
  return {
    pictures: files.length,
    people: new Set(files.map(identityOf)).size,
    withoutFace: files.length - faces.length,
    refused: faces.filter((face) => !passesChosen(face)).length,
    refusedAlone: faces.filter(({ quality }) => !quality.passed).length,
    refusals,
    ungated: measurePairs(found, subjects, keys, seed),
    gated: measurePairs(good, subjects, keys, seed),
  };
}

function measurePairs(/** @type {any[]} */ pairs, /** @type {any[]} */ subjects, /** @type {any[]} */ keys, /** @type {number} */ seed) {
  const same = pairs.map((pair) => pair.same);
  const counts = { pairs: pairs.length, same: same.filter(Boolean).length };
  if (counts.same === 0 || counts.same === counts.pairs) return { ...counts, raw: null };
  const raw = pairs.map(({ a, b }) => -distanceOf(subjects[a].vector, subjects[b].vector));
  const protectedBy = keys.map(({ bits, words }) => pairs.map(({ a, b }) => likenessOf(rowOf(bits, words, a), rowOf(bits, words, b))));
  const [first, second] = keys;
  const wrongKey = pairs.map(({ a, b }) => likenessOf(rowOf(first.bits, first.words, a), rowOf(second.bits, second.words, b)));
  const people = [...new Set(pairs.flatMap((pair) => [pair.first, pair.second]))];
  const listed = [raw, protectedBy[0], wrongKey].map((scores) => ranked(scores, same));
  const figuresOf = (/** @type {any[]} */ rocs) => [...rocs.flatMap(({ auc, accuracy, tar }) => [auc, accuracy, ...tar]), rocs[0].tar[0] - rocs[1].tar[0]];
  const whole = listed.map((one) => rocOf(one, FARS));
  const ranges = intervalsOf(people, (times) => {
    const weights = pairWeights(pairs, times);
    return figuresOf(listed.map((one) => rocOf(one, FARS, weights)));
  }, { replicates: REPLICATES, seed });
  const per = 2 + FARS.length;
  const told = (/** @type {number} */ i) => {
    const { auc, accuracy, tar, thresholds } = whole[i];
    return { auc: { value: auc, ...ranges[i * per] }, accuracy: { value: accuracy, ...ranges[i * per + 1] }, tar: tar.map((value, f) => ({ value, ...ranges[i * per + 2 + f] })), thresholds };
  };
  const byKey = protectedBy.map((scores) => rocOf(ranked(scores, same), FARS));
  return {
    ...counts,
    raw: told(0),
    protected: told(1),
    wrongKey: told(2),
    byKey: byKey.map(({ auc, accuracy, tar }) => ({ auc, accuracy, tar })),
    /** Of TAR at the first rate, mean of the keys; the interval is that of the first key. */
    loss: { value: whole[0].tar[0] - byKey.reduce((sum, { tar }) => sum + tar[0], 0) / byKey.length, ...ranges[3 * per] },
    atMatchThreshold: { threshold: first.matchThreshold, ...acceptedAt(protectedBy[0], same, first.matchThreshold) },
  };
}

/** Every picture against every other of its set: many more strangers than the pairs, for the small rates. */
function everyPair(/** @type {any[]} */ subjects, /** @type {any} */ { bits, words, matchThreshold }) {
  const groups = {
    'lfw, refused ones left out': subjects.map((_, i) => i).filter((i) => subjects[i].file.startsWith('lfw/') && passesChosen(subjects[i].face)),
    'cfp frontals, refused ones left out': subjects.map((_, i) => i).filter((i) => subjects[i].file.includes('/frontal/') && passesChosen(subjects[i].face)),
  };
  return Object.fromEntries(
    Object.entries(groups).map(([name, members]) => {
      const count = (members.length * (members.length - 1)) / 2;
      const [raw, kept] = [new Float32Array(count), new Float32Array(count)];
      const same = new Uint8Array(count);
      let at = 0;
      for (const [n, i] of members.entries()) {
        for (const j of members.slice(0, n)) {
          raw[at] = -distanceOf(subjects[i].vector, subjects[j].vector);
          kept[at] = likenessOf(rowOf(bits, words, i), rowOf(bits, words, j));
          same[at++] = Number(subjects[i].person === subjects[j].person);
        }
      }
      const fars = [...FARS, 0.0001];
      const told = (/** @type {Float32Array} */ scores) => rocOf(ranked(scores, same), fars);
      return [name, { pictures: members.length, genuine: same.reduce((sum, one) => sum + one, 0), pairs: count, fars, raw: told(raw), protected: told(kept), atMatchThreshold: { threshold: matchThreshold, ...acceptedAt(kept, same, matchThreshold) } }];
    }),
  );
}

/** Templates of one person under two keys, of one picture even, against those of strangers under two keys. */
function acrossKeys(/** @type {any[]} */ subjects, /** @type {any[]} */ keys, /** @type {number} */ seed) {
  const random = seededRandom(seed);
  const between = (/** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ a, /** @type {number} */ b) => likenessOf(rowOf(keys[a].bits, keys[a].words, i), rowOf(keys[b].bits, keys[b].words, j));
  /** @type {Map<string, number[]>} */
  const byPerson = new Map();
  for (const [i, { person }] of subjects.entries()) byPerson.set(person, [...(byPerson.get(person) ?? []), i]);
  /** @type {{ samePicture: number[], samePerson: number[], strangers: number[] }} */
  const scores = { samePicture: [], samePerson: [], strangers: [] };
  for (let a = 0; a < keys.length; a++) {
    for (let b = a + 1; b < keys.length; b++) {
      for (let i = 0; i < subjects.length; i++) {
        scores.samePicture.push(between(i, i, a, b));
        const others = (byPerson.get(subjects[i].person) ?? []).filter((j) => j !== i);
        if (others.length > 0) scores.samePerson.push(between(i, others[Math.floor(random() * others.length)], a, b));
      }
    }
  }
  while (scores.strangers.length < STRANGERS_ACROSS_KEYS && byPerson.size > 1) {
    const [i, j] = [0, 0].map(() => Math.floor(random() * subjects.length));
    const a = Math.floor(random() * keys.length);
    if (subjects[i].person !== subjects[j].person) scores.strangers.push(between(i, j, a, (a + 1 + Math.floor(random() * (keys.length - 1))) % keys.length));
  }
  const against = (/** @type {number[]} */ mated) => {
    if (mated.length === 0) return null;
    const [auc] = [rocOf(ranked([...mated, ...scores.strangers], [...mated.map(() => true), ...scores.strangers.map(() => false)]), []).auc];
    // What the same estimate says where there is no difference: strangers against strangers.
    const half = scores.strangers.length / 2;
    return { scores: mated.length, ...momentsOf(mated), auc, d: unlinkability(mated, scores.strangers), dByChance: unlinkability(scores.strangers.slice(0, Math.min(half, mated.length)), scores.strangers.slice(half)) };
  };
  return { samePicture: against(scores.samePicture), samePerson: against(scores.samePerson), strangers: { scores: scores.strangers.length, ...momentsOf(scores.strangers) }, histogram: histogramOf(scores) };
}

function momentsOf(/** @type {number[]} */ values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

/** Shares by score, 0.4 to 0.6. */
function histogramOf(/** @type {Record<string, number[]>} */ scores) {
  const [low, high, bins] = [0.4, 0.6, 40];
  return {
    low, high,
    shares: Object.fromEntries(Object.entries(scores).map(([name, values]) => {
      const cells = new Array(bins).fill(0);
      for (const value of values) cells[Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)))] += 1 / values.length;
      return [name, cells];
    })),
  };
}

function costOf(/** @type {any[]} */ fresh, /** @type {any[]} */ judged, /** @type {any[]} */ keys) {
  const alone = fresh.filter(({ faces }) => faces.length === 1);
  const step = (/** @type {string} */ name) => ({ p5: quantile(alone.map(({ ms }) => ms[name]), 0.05), p50: median(alone.map(({ ms }) => ms[name])) });
  return { pictures: alone.length, decode: step('decode'), search: step('search'), crop: step('crop'), embed: step('embed'), judge: { p50: median(judged.filter(({ faces }) => faces.length === 1).map(({ judgeMs }) => judgeMs)) }, protect: { p50: median(keys.map(({ msEach }) => msEach)) } };
}

async function searchTimes(/** @type {import('../index.mjs').Context} */ { harness, progress }) {
  const times = [];
  for (const templates of SEARCHED) {
    progress(`verify: search among ${templates}`);
    const ms = await harness.call('judging', ['timeSearch', [templates, PROBES]]);
    times.push({ templates, p5: quantile(ms, 0.05), p50: median(ms), p95: quantile(ms, 0.95) });
  }
  return times;
}
