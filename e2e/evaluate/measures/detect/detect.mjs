// Stills: which annotated faces are covered, and how much else.
import { quantile } from '../../../bench/harness/samples.mjs';
import { sample } from '../seeded.mjs';
import { readSet, setsIn } from './dataset.mjs';
import { reportDetect } from './report.mjs';
import { createScore } from './score.mjs';

/** The default threshold of the library is among them; `operating` in the result names it. */
const THRESHOLDS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
export const DEFAULT_THRESHOLD = 0.3;

const ALL_LOOKS = 'all looks of stills';
/** Parts of the detector by themselves, at every threshold. */
const VIEWS = [
  { name: 'short', effort: 'still', model: 'short', wholeOnly: true },
  { name: 'full', effort: 'still', model: 'full', wholeOnly: true },
  { name: 'back', effort: 'still', model: 'back', wholeOnly: true },
  { name: 'back and its tiles', effort: 'still', model: 'back', wholeOnly: false },
  { name: 'looks of the live worker', effort: 'live', model: null, wholeOnly: false },
  { name: ALL_LOOKS, effort: 'still', model: null, wholeOnly: false },
];

/** @type {import('../index.mjs').Measure} */
export const detect = {
  name: 'detect',
  find(data) {
    const sets = setsIn(data);
    return { parts: sets.map(({ name }) => name), missing: sets.length > 0 ? [] : [`${data} holds no detect/annotations.json`] };
  },
  run: async ({ harness, data, options, progress, log }) => {
    /** @type {Record<string, any>} */
    const results = {};
    for (const set of setsIn(data)) {
      const all = readSet(data, set);
      const pictures = sample(all, options.limit, options.seed);
      log(`detect/${set.name}: ${pictures.length} of ${all.length} pictures, seed ${options.seed}`);
      results[set.name] = await measureSet(pictures, { harness, options, progress, name: set.name });
    }
    return { sets: results, thresholds: THRESHOLDS, defaultThreshold: DEFAULT_THRESHOLD };
  },
  report: reportDetect,
};

/** @param {import('./dataset.mjs').AnnotatedPicture[]} pictures */
async function measureSet(pictures, /** @type {any} */ { harness, options, progress, name }) {
  const { worsen } = options;
  const still = createScore();
  const live = createScore();
  const byView = VIEWS.map((view) => ({ view, looks: 0, scores: THRESHOLDS.map(createScore) }));
  /** @type {Record<string, number>} */
  const liveLooks = {};
  const failures = new Set();
  /** @type {number[]} */
  const stillMs = [];
  let agreeing = 0;
  let compared = 0;
  for (const [index, picture] of pictures.entries()) {
    progress(`detect/${name}: ${index + 1} of ${pictures.length}`);
    const [redacted, views] = await Promise.all([
      // One after the other in one lane, beside the other lane: two workers, two cores.
      harness.call('still', [picture.url, { worsen }]).then(async (/** @type {any} */ stilled) => ({ stilled, lived: await harness.call('live', [picture.url, { worsen }]) })),
      worsen === null ? harness.call('views', [picture.url, VIEWS, THRESHOLDS]) : null,
    ]);
    const { stilled, lived } = redacted;
    const verdicts = still.add(picture, stilled.regions, stilled.whole);
    live.add(picture, lived.regions, lived.whole);
    stillMs.push(stilled.ms);
    for (const [eye, times] of Object.entries(lived.looks)) liveLooks[eye] = (liveLooks[eye] ?? 0) + Number(times);
    for (const failure of lived.failures) failures.add(failure);
    if (views === null) continue;
    for (const entry of byView) {
      const { looks, regions } = views[entry.view.name];
      entry.looks += looks;
      for (const [i, score] of entry.scores.entries()) {
        const others = score.add(picture, regions[i]);
        if (entry.view.name !== ALL_LOOKS || THRESHOLDS[i] !== DEFAULT_THRESHOLD) continue;
        compared += verdicts.length;
        agreeing += verdicts.filter((verdict, face) => verdict === others[face]).length;
      }
    }
  }
  const count = Math.max(1, pictures.length);
  return {
    pictures: pictures.length,
    still: still.result(),
    /** Beside a second busy worker: what a still costs here and now, not what it costs. */
    stillMs: { p50: quantile(stillMs, 0.5), p95: quantile(stillMs, 0.95) },
    live: { ...live.result(), looksPerPicture: Object.fromEntries(Object.entries(liveLooks).map(([eye, times]) => [eye, times / count])) },
    views: worsen !== null ? {} : Object.fromEntries(byView.map(({ view, looks, scores }) => [view.name, { looksPerPicture: looks / count, byThreshold: scores.map((score) => score.result()) }])),
    /** Share of the faces of which the published search and the view of all its looks say the same. */
    agreement: compared === 0 ? null : agreeing / compared,
    failures: [...failures],
  };
}
