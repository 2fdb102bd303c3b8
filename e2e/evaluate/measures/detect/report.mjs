import { percent, table } from '../../report/markdown.mjs';
import { barChart, lineChart } from '../../report/plot.mjs';
import { SIZE_BANDS } from './dataset.mjs';

/** What the project aims at by size, at no more than {@link AIM_OVER} over-covering. */
const AIMS = /** @type {Record<string, number>} */ ({ '>128': 0.99, '64-128': 0.96, '32-64': 0.9, '16-32': 0.65 });
const AIM_OVER = 0.05;
const TRAITS = /** @type {const} */ ([
  ['blur', 'blur'],
  ['occlusion', 'occlusion'],
  ['pose', 'pose'],
  ['illumination', 'light'],
  ['expression', 'expression'],
  ['difficulty', 'difficulty'],
  ['perceivedSkin', 'perceived skin'],
  ['perceivedSkinBySize', 'perceived skin by size'],
]);
/** Faces from which a share means something. */
const LEAST_FACES = 10;

/** @param {any} result @returns {{ markdown: string, plots: Record<string, string> }} */
export function reportDetect({ sets, thresholds, defaultThreshold }) {
  /** @type {string[]} */
  const blocks = ['## detect: stills'];
  /** @type {Record<string, string>} */
  const plots = {};
  for (const [name, set] of Object.entries(sets)) {
    blocks.push(`### ${name}: ${set.pictures} pictures`);
    blocks.push(
      'A face counts as covered when 85 % of its box lies in one region, as it was handed to the app (in brackets: in all regions together). `over`: share of the area away from faces (boxes grown 1.6) that is covered.',
    );
    blocks.push(sizeTable(set, thresholds, defaultThreshold));
    if (set.agreement !== null) blocks.push(`The rows from "short" on are parts of the detector at threshold ${defaultThreshold}, run side by side; "all looks of stills" and the published search say the same of ${percent(set.agreement, 2)} of the faces.`);
    if (set.stillMs !== undefined) blocks.push(`A still took ${Math.round(set.stillMs.p50)} ms, ${Math.round(set.stillMs.p95)} at the 95th percentile, beside a second busy worker.`);
    if (set.still.wholes + set.live.wholes > 0) blocks.push(`Covered whole: ${set.still.wholes} stills, ${set.live.wholes} by the live worker.`);
    blocks.push(traitTable(set));
    for (const failure of set.failures) blocks.push(`Failure: ${failure}`);
    const file = `detect-${name}`;
    plots[`${file}-size.svg`] = sizePlot(name, set);
    blocks.push(`![recall by size](${file}-size.svg)`);
    if (Object.keys(set.views).length > 0) {
      plots[`${file}-curve.svg`] = curvePlot(name, set, thresholds, defaultThreshold);
      blocks.push(`![recall over covered area](${file}-curve.svg)`, curveTable(set, thresholds));
    }
  }
  return { markdown: blocks.filter((block) => block !== '').join('\n\n'), plots };
}

function sizeTable(/** @type {any} */ set, /** @type {number[]} */ thresholds, /** @type {number} */ defaultThreshold) {
  const bands = SIZE_BANDS.filter(({ name }) => set.still.recall.size?.[name] !== undefined);
  const row = (/** @type {string} */ name, /** @type {any} */ score, /** @type {number | null} */ looks) => [
    name,
    ...bands.map(({ name: band }) => both(score.recall.size?.[band])),
    both(score.recall.all?.all),
    percent(score.over),
    looks === null ? '' : looks.toFixed(1),
  ];
  const at = thresholds.indexOf(defaultThreshold);
  const looksOf = (/** @type {Record<string, number>} */ looks) => Object.values(looks).reduce((sum, times) => sum + times, 0);
  return table(
    ['', ...bands.map(({ name }) => `${name} px`), 'all', 'over', 'looks'],
    [
      ['faces', ...bands.map(({ name }) => set.still.recall.size[name].faces), set.still.recall.all.all.faces, '', ''],
      ['aim', ...bands.map(({ name }) => percent(AIMS[name], 0)), '', percent(AIM_OVER, 0), ''],
      row('**stills** (`openPictureRedactor`)', set.still, null),
      row('**live worker**, all its looks', set.live, looksOf(set.live.looksPerPicture)),
      ...Object.entries(set.views).map(([name, view]) => row(name, view.byThreshold[at], view.looksPerPicture)),
    ],
  );
}

const both = (/** @type {any} */ recall) => (recall === undefined ? '-' : `${percent(recall.inOneRegion)} (${percent(recall.inUnion)})`);

function traitTable(/** @type {any} */ { still, live }) {
  const rows = TRAITS.flatMap(([trait, title]) =>
    Object.entries(still.recall[trait] ?? {})
      .sort(([a], [b]) => order(a) - order(b) || a.localeCompare(b))
      .filter(([, recall]) => recall.faces >= LEAST_FACES)
      .map(([value, recall]) => [`${title}: ${value}`, recall.faces, both(recall), both(live.recall[trait]?.[value])]),
  );
  return rows.length === 0 ? '' : table(['', 'faces', 'stills', 'live worker'], rows);
}

const ORDER = ['none', 'some', 'part', 'heavy', 'typical', 'normal', 'atypical', 'extreme', 'exaggerated', 'easy', 'medium', 'hard'];
const order = (/** @type {string} */ value) => {
  const [skin = '', size] = value.split(' ');
  return size === undefined ? ORDER.indexOf(value) : SIZE_BANDS.findIndex(({ name }) => name === size) * 2 + Number(skin === 'IV-VI');
};

function sizePlot(/** @type {string} */ name, /** @type {any} */ { still, live }) {
  const groups = SIZE_BANDS.filter(({ name: band }) => still.recall.size?.[band] !== undefined).map(({ name: band }) => ({
    name: `${band} px`,
    note: `${still.recall.size[band].faces} faces`,
    ...(AIMS[band] === undefined ? {} : { aim: AIMS[band] }),
    values: [still, live].map((score) => score.recall.size?.[band]?.inOneRegion ?? null),
  }));
  return barChart({
    title: `${name}: faces covered, by size`,
    y: 'share of the annotated faces',
    series: [`stills (over ${percent(still.over)})`, `live worker (over ${percent(live.over)})`],
    groups,
  });
}

function curvePlot(/** @type {string} */ name, /** @type {any} */ { views }, /** @type {number[]} */ thresholds, /** @type {number} */ defaultThreshold) {
  return lineChart({
    title: `${name}: faces covered over area covered for nothing, by threshold`,
    x: 'share of the area away from faces that is covered (dashed: the aim)',
    y: 'share of the annotated faces covered',
    most: 0.3,
    aim: AIM_OVER,
    lines: Object.entries(views).map(([view, { byThreshold }]) => ({
      name: view,
      points: byThreshold.map((/** @type {any} */ score, /** @type {number} */ i) => ({
        x: score.over,
        y: score.recall.all?.all?.inOneRegion ?? 0,
        ...(thresholds[i] === defaultThreshold ? { label: `${defaultThreshold}` } : {}),
      })),
    })),
  });
}

function curveTable(/** @type {any} */ { views }, /** @type {number[]} */ thresholds) {
  const names = ['looks of the live worker', 'all looks of stills'].filter((name) => views[name] !== undefined);
  const bands = SIZE_BANDS.map(({ name }) => name);
  const rows = names.flatMap((name) =>
    thresholds.map((threshold, i) => {
      const { recall, over } = views[name].byThreshold[i];
      return [`${name}, ${threshold}`, ...bands.map((band) => percent(recall.size?.[band]?.inOneRegion)), percent(over)];
    }),
  );
  return table(['threshold', ...bands, 'over'], rows);
}
