// Groups of an album against who is in them, and what a thousand pictures cost.
import { intervalsOf } from '../people/bootstrap.mjs';
import { filesOf, hasPairs, identityOf, NO_PAIRS, peopleIn, readPairs, urlOf } from '../people/pairs.mjs';
import { floatsIn, mainFace, passesChosen, readFaces, textOf } from '../people/read-faces.mjs';
import { reportAlbum } from './report.mjs';
import { scoreGroups } from './score.mjs';

const SET = 'lfw';
const REPLICATES = 500;
const KEY = 0;
/** Pictures that are added through the published API, in two goes: the second shows whether memory grows with them. */
const ADDED = [100, 900];

/** @type {import('../index.mjs').Measure} */
export const album = {
  name: 'album',
  find: (data) => (hasPairs(data) && readPairs(data).has(SET) ? { parts: [SET], missing: [] } : { parts: [], missing: [`${data} holds no ${NO_PAIRS} with pairs of ${SET}`] }),
  run: async (context) => {
    const { data, options, log, progress, harness } = context;
    const chosen = peopleIn(filesOf(readPairs(data).get(SET) ?? []), { limit: options.limit, seed: options.seed, least: 1 });
    const files = [...chosen.values()].flat().sort();
    log(`album: ${files.length} pictures of ${chosen.size} people, seed ${options.seed}`);
    const { pictures } = await readFaces(files, context, 'album');
    // As an album takes them: every face that passes, in the order of the pictures; who is known is the one in the middle.
    const faces = files.flatMap((file) => {
      const picture = /** @type {import('../people/read-faces.mjs').ReadPicture} */ (pictures.get(file));
      const main = mainFace(picture);
      return picture.faces.filter(passesChosen).map((face) => ({ person: face === main ? identityOf(file) : null, vector: floatsIn(face.vector) }));
    });
    const vectors = new Float32Array(faces.flatMap(({ vector }) => [...vector]));
    progress(`album: grouping ${faces.length} faces`);
    const { bits } = await harness.call('judging', ['protect', [textOf(vectors), KEY]]);
    const { groups, ms } = await harness.call('judging', ['group', [bits]]);
    const known = faces.flatMap(({ person }, i) => (person === null ? [] : [{ person, group: groups[i] }]));
    const people = [...new Set(known.map(({ person }) => person))];
    const whole = scoreGroups(known, null);
    const ranges = intervalsOf(people, (times) => Object.values(scoreGroups(known, times)), { replicates: REPLICATES, seed: options.seed });
    return {
      set: SET,
      pictures: files.length,
      people: people.length,
      faces: faces.length,
      known: known.length,
      refused: files.length - known.length,
      groups: new Set(known.map(({ group }) => group)).size,
      figures: Object.fromEntries(Object.entries(whole).map(([name, value], i) => [name, { value, ...ranges[i] }])),
      groupMs: ms,
      replicates: REPLICATES,
      added: await addAll(files, context),
    };
  },
  report: reportAlbum,
};

/** Time and memory of a large album. */
async function addAll(/** @type {string[]} */ files, /** @type {import('../index.mjs').Context} */ { harness, progress }) {
  await harness.call('openAlbum', []);
  const goes = [];
  let from = 0;
  for (const wanted of ADDED) {
    const urls = files.slice(from, from + wanted).map(urlOf);
    from += urls.length;
    if (urls.length === 0) continue;
    const { peakMiB, value } = await peakOf(harness, () => harness.call('addToAlbum', [urls], (/** @type {number} */ done) => progress(`album: adding ${done} of ${urls.length}`)));
    goes.push({ pictures: urls.length, peakMiB, ...value });
  }
  await harness.call('close', []);
  return { goes };
}

async function peakOf(/** @type {import('../index.mjs').Context['harness']} */ harness, /** @type {() => Promise<any>} */ work) {
  const stop = await harness.probeMemory();
  try {
    return { value: await work(), peakMiB: await stop() };
  } finally {
    await stop();
  }
}
