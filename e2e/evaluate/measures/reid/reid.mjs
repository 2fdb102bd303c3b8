// Can a covered face be recognised?
import { hasPairs, NO_PAIRS, peopleIn, filesOf, readPairs, urlOf } from '../people/pairs.mjs';
import { bytesIn, floatsIn, mainFace, readFaces } from '../people/read-faces.mjs';
import { seededRandom } from '../seeded.mjs';
import { CASES } from './covers.mjs';
import { fitDiscriminant } from './discriminant.mjs';
import { differenceOf, identified, nearestScores } from './identify.mjs';
import { reportReid } from './report.mjs';

const SET = 'lfw';
/** Of each person who is attacked: at least two to train on, and those to be recognised. */
const LEAST_PICTURES = 4;
const MOST_PICTURES = 8;
const PROBES = 2;
/** Covered samples of each picture for those who train. */
const SAMPLES = 10;
/** Samples of a picture whose vectors are computed, for those who train on vectors: the costly part. */
const VECTOR_SAMPLES = 1;
const MOST_JITTER = 0.08;
const REPLICATES = 200;

/** @type {import('../index.mjs').Measure} */
export const reid = {
  name: 'reid',
  find: (data) => (hasPairs(data) && readPairs(data).has(SET) ? { parts: [SET], missing: [] } : { parts: [], missing: [`${data} holds no ${NO_PAIRS} with pairs of ${SET}`] }),
  run: (context) => attackCovers(context, CASES),
  report: reportReid,
};

/** @param {import('../index.mjs').Context} context @param {readonly import('./covers.mjs').Case[]} attacked */
export async function attackCovers(context, attacked) {
  const { data, options, log, progress, harness } = context;
  const chosen = peopleIn(filesOf(readPairs(data).get(SET) ?? []), { limit: options.limit, seed: options.seed, least: LEAST_PICTURES });
  const files = [...chosen.values()].flatMap((own) => own.slice(0, MOST_PICTURES));
  const { pictures } = await readFaces(files, context, 'reid');
  const subjects = await openSubjects(files, pictures, context);
  // Who has too few pictures left cannot be trained on.
  const numbers = new Map([...chosen].filter(([person]) => subjects.filter((subject) => subject.person === person).length >= LEAST_PICTURES).map(([person], i) => [person, i]));
  const known = subjects.filter(({ person }) => numbers.has(person)).map((subject) => ({ ...subject, who: numbers.get(subject.person) ?? 0 }));
  const probes = [...numbers.values()].flatMap((who) => known.filter((subject) => subject.who === who).slice(-PROBES));
  const gallery = known.filter((subject) => !probes.includes(subject));
  log(`reid: ${numbers.size} people, ${gallery.length} pictures to learn from, ${probes.length} to recognise, seed ${options.seed}`);
  /** @type {any[]} */
  const cases = [];
  for (const [i, one] of attacked.entries()) {
    for (const scene of one.scenes) {
      const told = (/** @type {string} */ what) => progress(`reid: ${one.name}, ${scene} surroundings (${i + 1} of ${attacked.length}): ${what}`);
      cases.push({ name: one.name, control: one.control, scene, attacks: await attack({ one, scene, gallery, probes, people: numbers.size }, { harness, told, seed: options.seed + 1000 * i }) });
    }
  }
  const beside = besideSolid(cases, { replicates: REPLICATES, seed: options.seed });
  for (const { attacks } of cases) for (const figures of Object.values(attacks)) delete figures.each;
  const blind = [];
  for (const { name, cover } of attacked.filter((one) => !one.control)) blind.push({ name, same: await harness.call('blind', [known.map(({ number }) => number), cover, options.seed]), of: known.length });
  return { set: SET, people: numbers.size, gallery: gallery.length, probes: probes.length, uncovered: files.length - subjects.length, samples: SAMPLES, vectorSamples: VECTOR_SAMPLES, replicates: REPLICATES, cases, beside, blind };
}

/** What a cover tells beyond what is around it: the attacker who sees both, against the one who sees a flat grey in its place. */
function besideSolid(/** @type {any[]} */ cases, /** @type {{ replicates: number, seed: number }} */ options) {
  const own = cases.filter(({ scene, control }) => scene === 'own' && !control);
  const solid = own.find(({ name }) => name === 'solid');
  return own.filter((one) => one !== solid).map(({ name, attacks }) => ({ name, ...differenceOf(attacks.trainedWithSurroundings.each, solid.attacks.trainedWithSurroundings.each, options) }));
}

/** The pictures of which the library covers the main face. */
async function openSubjects(/** @type {string[]} */ files, /** @type {Map<string, any>} */ pictures, /** @type {import('../index.mjs').Context} */ { harness, progress, options }) {
  const wanted = files.flatMap((file, number) => {
    const face = mainFace(pictures.get(file));
    return face === null ? [] : [{ file, number, url: urlOf(file), face, seed: options.seed + number }];
  });
  const opened = await harness.call('openCovered', [wanted.map(({ number, url, face: { box, keypoints }, seed }) => ({ number, url, face: { box, keypoints }, seed }))], (/** @type {number} */ done) => progress(`reid: covering picture ${done} of ${wanted.length} as published`));
  return wanted.filter((_, i) => opened[i]).map(({ file, number, face }) => ({ file, number, person: file.split('/').slice(0, 2).join('/'), clear: floatsIn(face.vector) }));
}

async function attack(/** @type {any} */ { one, scene, gallery, probes, people }, /** @type {any} */ { harness, told, seed }) {
  const random = seededRandom(seed);
  const others = [...gallery, ...probes];
  const sampleOf = (/** @type {any} */ subject, /** @type {boolean} */ jittered) => {
    const grow = jittered ? MOST_JITTER * random() : 0;
    return {
      picture: subject.number,
      surroundings: scene === 'own' ? null : strangerTo(subject, others, random).number,
      seed: Math.floor(random() * 2 ** 32),
      // Moved by no more than it grows: what was covered stays covered.
      jitter: { grow, x: grow * (random() - 0.5), y: grow * (random() - 0.5) },
    };
  };
  const covered = async (/** @type {any[]} */ subjects, /** @type {number} */ times, /** @type {boolean} */ withVectors, /** @type {string} */ what) => {
    const list = subjects.flatMap((subject) => Array.from({ length: times }, (_, i) => ({ subject, sample: sampleOf(subject, i > 0) })));
    const parts = await harness.call('cover', [list.map(({ sample }) => sample), one.cover, withVectors], (/** @type {number} */ done) => told(`${what} ${done} of ${list.length}`));
    /** @type {any[]} */
    const all = [];
    for (const { indices, region, window, vectors } of parts) {
      const [regions, windows, floats] = [bytesIn(region), bytesIn(window), floatsIn(vectors)];
      for (const [i, at] of indices.entries()) {
        const cut = (/** @type {any} */ numbers) => numbers.subarray((i * numbers.length) / indices.length, ((i + 1) * numbers.length) / indices.length);
        all[at] = { person: list[at].subject.who, picture: list[at].subject.number, region: cut(regions), window: cut(windows), vector: cut(floats) };
      }
    }
    return all;
  };
  const shown = await covered(probes, 1, true, 'probe');
  const kept = await covered(gallery, VECTOR_SAMPLES, true, 'gallery');
  const more = [...kept, ...(await covered(gallery, SAMPLES - VECTOR_SAMPLES, false, 'sample'))];
  const clear = gallery.map((/** @type {any} */ { who, clear: vector }) => ({ person: who, vector }));
  const options = { replicates: REPLICATES, seed };
  const judged = (/** @type {(probe: any) => ArrayLike<number>} */ scores) => identified(shown.map((probe) => ({ person: probe.person, scores: scores(probe) })), options);
  const trained = (/** @type {any[]} */ samples, /** @type {string} */ on) => {
    told(`training on ${on}`);
    const fitted = fitDiscriminant(samples.map((sample) => ({ features: sample[on], person: sample.person, picture: sample.picture })), people);
    return { samples: samples.length, shrinkage: fitted.shrinkage, ...judged((probe) => fitted.scores(probe[on])) };
  };
  const attacks = {
    naive: judged(({ vector }) => nearestScores(vector, clear, people)),
    parrot: judged(({ vector }) => nearestScores(vector, kept, people)),
    trainedOnVectors: trained(kept, 'vector'),
    trainedOnPixels: trained(more, 'region'),
  };
  return scene === 'own' ? { ...attacks, trainedWithSurroundings: trained(more, 'window') } : attacks;
}

/** Somebody else's picture that the same worker has open. */
function strangerTo(/** @type {any} */ subject, /** @type {any[]} */ others, /** @type {() => number} */ random) {
  const strangers = others.filter((other) => other.who !== subject.who && other.number % 2 === subject.number % 2);
  if (strangers.length === 0) throw new Error('nobody else is there to lend surroundings: take more people');
  return strangers[Math.floor(random() * strangers.length)];
}
