import { percent, table } from '../../report/markdown.mjs';
import { rowChart } from '../../report/plot.mjs';
import { SCENES } from './covers.mjs';

const ATTACKERS = /** @type {const} */ ([
  ['naive', 'naive'],
  ['parrot', 'parrot'],
  ['trainedOnVectors', 'trained on vectors'],
  ['trainedOnPixels', 'trained on pixels'],
  ['trainedWithSurroundings', 'trained on pixels, surroundings included'],
]);

const rank = (/** @type {any} */ { value, low, high }) => `${percent(value)} (${(100 * low).toFixed(1)}-${(100 * high).toFixed(1)})`;
const auc = (/** @type {any} */ { value, low, high }) => `${value.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;

/** @param {any} result @returns {{ markdown: string, plots: Record<string, string> }} */
export function reportReid({ set, people, gallery, probes, uncovered, samples, vectorSamples, replicates, cases, beside, blind }) {
  const [{ attacks }] = cases;
  const [first, second] = attacks.naive.ranks;
  const blocks = [
    '## reid: can a covered face be recognised?',
    `${people} people of ${set}, ${gallery} pictures to learn from, ${probes} to recognise; those who train see ${samples} covered samples of each picture (${vectorSamples} as vectors). In brackets the interval of 95 %: ${replicates} samples of the people. Chance: ${percent(first.chance)} for rank 1, ${percent(second.chance)} for rank 5, AUC 0.5.${
      uncovered === 0 ? '' : ` In ${uncovered} pictures no region held the face: left out.`
    }`,
    'Rows without a strength are for comparison: no cover of the library.',
  ];
  /** @type {Record<string, string>} */
  const plots = {};
  for (const [scene, title] of Object.entries(SCENES)) {
    const rows = cases.filter((/** @type {any} */ one) => one.scene === scene);
    const attackers = ATTACKERS.filter(([key]) => rows[0].attacks[key] !== undefined);
    blocks.push(`### Covered faces ${title}`);
    blocks.push(
      scene === 'strange'
        ? 'What the cover itself tells: each face, with all that its region covers, stands in the picture of somebody else, another one each time, and is covered there.'
        : 'As pictures are: what lies around the cover tells something, too, whatever the cover is. `solid` shows how much.',
    );
    for (const [what, figure] of /** @type {const} */ ([['Rank 1', (/** @type {any} */ one) => rank(one.ranks[0])], ['Rank 5', (/** @type {any} */ one) => rank(one.ranks[1])], ['AUC', (/** @type {any} */ one) => auc(one.auc)]])) {
      blocks.push(table([what, ...attackers.map(([, name]) => name)], rows.map((/** @type {any} */ { name, attacks: all }) => [name, ...attackers.map(([key]) => figure(all[key]))])));
    }
    const file = `reid-${scene}.svg`;
    plots[file] = rowChart({
      title: `Recognised at first guess, ${title}`,
      x: 'share of the probes (dashed: chance)',
      series: attackers.map(([, name]) => name),
      aim: first.chance,
      rows: rows.map((/** @type {any} */ { name, attacks: all }) => ({ name, values: attackers.map(([key]) => all[key].ranks[0].value) })),
    });
    blocks.push(`![recognised](${file})`);
  }
  const points = (/** @type {any} */ { value, low, high }) => `${(100 * value).toFixed(1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  blocks.push('### What does the cover add to what lies around it?');
  blocks.push('Points that the attacker trained on pixels, surroundings included, gains where the cover is not `solid` but this:');
  blocks.push(table(['', 'rank 1', 'AUC, mean of the probes'], beside.map((/** @type {any} */ one) => [one.name, points(one.rank), points(one.above)])));
  blocks.push('### Does the cover read what it covers?');
  blocks.push('Pictures whose covered version stays the same to the last byte when every covered pixel is noise:');
  blocks.push(table(['', 'the same', 'of'], blind.map((/** @type {any} */ { name, same, of }) => [name, same, of])));
  return { markdown: blocks.join('\n\n'), plots };
}
