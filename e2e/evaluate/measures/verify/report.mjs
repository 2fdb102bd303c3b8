import { percent, table } from '../../report/markdown.mjs';
import { lineChart } from '../../report/plot.mjs';

const LOSS_AIM = 0.01;

/** A share with its interval. */
const within = (/** @type {any} */ { value, low, high }, digits = 1) => `${percent(value, digits)} (${(100 * low).toFixed(digits)}-${(100 * high).toFixed(digits)})`;
const areaOf = (/** @type {any} */ { value, low, high }) => `${value.toFixed(4)} (${low.toFixed(4)}-${high.toFixed(4)})`;
const ms = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? '-' : value < 10 ? value.toFixed(2) : value.toFixed(0));

/** @param {any} result @returns {{ markdown: string, plots: Record<string, string> }} */
export function reportVerify({ sets, everyPair, acrossKeys, keys, replicates, cost, searchMs }) {
  const blocks = ['## verify: one person or two', `In brackets the interval of 95 %: ${replicates} samples of the people, drawn with the seed. TAR: share of the pairs of one person that are accepted where 1 % (0.1 %) of the others are.`];
  for (const [name, set] of Object.entries(sets)) {
    blocks.push(`### ${name}: ${set.ungated.pairs} pairs, ${set.pictures} pictures of ${set.people} people`);
    blocks.push(
      `No face was found in ${set.withoutFace} pictures. The gate refuses ${set.refused} (${percent(set.refused / set.pictures)}) where the person is told apart from others, ${set.refusedAlone} where there may be nobody else: ${
        Object.entries(set.refusals).map(([check, times]) => `${check} ${times}`).join(', ') || 'none'
      }.`,
    );
    const rows = [['without the gate', set.ungated], ['with the gate', set.gated]].flatMap(([title, part]) =>
      part.raw === null
        ? [[title, part.pairs, '-', '-', '-', '-']]
        : [['raw vectors', part.raw], ['protected', part.protected], ['probe under another key', part.wrongKey]].map(([what, { auc, accuracy, tar }]) => [`${title}: ${what}`, part.pairs, areaOf(auc), within(accuracy), ...tar.map((/** @type {any} */ one) => within(one))]),
    );
    blocks.push(table(['', 'pairs', 'AUC', 'best accuracy', 'TAR at FAR 1 %', 'TAR at FAR 0.1 %'], rows));
    for (const [title, part] of [['without the gate', set.ungated], ['with the gate', set.gated]]) {
      if (part.raw === null) continue;
      const tars = part.byKey.map((/** @type {any} */ { tar }) => tar[0]);
      blocks.push(
        `Protection costs ${(100 * part.loss.value).toFixed(2)} points of TAR at FAR 1 % ${title} (mean of ${keys} keys; first key ${(100 * part.loss.low).toFixed(1)} to ${(100 * part.loss.high).toFixed(1)}; by key ${percent(Math.min(...tars))} to ${percent(Math.max(...tars))}; aim: at most ${100 * LOSS_AIM}). At the library's threshold of ${part.atMatchThreshold.threshold} it accepts ${percent(part.atMatchThreshold.tar)} of the pairs of one person and ${part.atMatchThreshold.falsely} of ${part.atMatchThreshold.impostors} others.`,
      );
    }
  }
  blocks.push('### Every picture against every other');
  blocks.push(
    table(['', 'pairs of one person', 'others', 'AUC', 'TAR at FAR 1 %', '0.1 %', '0.01 %', 'at the threshold: TAR', 'FAR'],
      Object.entries(everyPair).flatMap(([name, { genuine, pairs, raw, protected: kept, atMatchThreshold }]) =>
        [['raw', raw], ['protected', kept]].map(([what, { auc, tar }]) => [`${name}: ${what}`, genuine, pairs - genuine, auc.toFixed(4), ...tar.map((/** @type {number} */ one) => percent(one)), ...(what === 'raw' ? ['', ''] : [percent(atMatchThreshold.tar), percent(atMatchThreshold.far, 3)])]))),
  );
  blocks.push(linkTable(acrossKeys));
  blocks.push('### Cost', costTable(cost, searchMs));
  return { markdown: blocks.join('\n\n'), plots: { 'verify-across-keys.svg': linkPlot(acrossKeys) } };
}

function linkTable(/** @type {any} */ { samePicture, samePerson, strangers }) {
  const row = (/** @type {string} */ name, /** @type {any} */ one) => (one === null ? [name, 0, '-', '-', '-', '-'] : [name, one.scores, `${one.mean.toFixed(4)} ± ${one.deviation.toFixed(4)}`, one.auc?.toFixed(3) ?? '', one.d?.toFixed(3) ?? '', one.dByChance?.toFixed(3) ?? '']);
  return [
    '### Across keys: can two galleries be linked?',
    '`D`: 0 where scores across keys tell nothing, 1 where they tell everything; `by chance`: the same estimate for strangers against strangers.',
    table(['scores across two keys', 'number', 'share of equal bits', 'AUC', 'D', 'by chance'], [row('the same picture', samePicture), row('the same person', samePerson), row('strangers', strangers)]),
    '![scores across keys](verify-across-keys.svg)',
  ].join('\n\n');
}

function linkPlot(/** @type {any} */ { histogram: { low, high, shares } }) {
  const most = Math.max(...Object.values(shares).flat());
  return lineChart({
    title: 'Share of equal bits of templates under two keys',
    x: `share of equal bits, from ${low} to ${high}`,
    y: `share of the scores, of ${(100 * most).toFixed(0)} %`,
    most: 1,
    lines: Object.entries(shares).map(([name, cells]) => ({ name: name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), points: cells.map((/** @type {number} */ share, /** @type {number} */ i) => ({ x: (i + 0.5) / cells.length, y: share / most })) })),
  });
}

function costTable(/** @type {any} */ cost, /** @type {any[]} */ searchMs) {
  const steps = ['decode', 'search', 'crop', 'embed', 'judge', 'protect'];
  return [
    cost.pictures === 0
      ? 'Every picture was read before: no times of reading.'
      : `Of ${cost.pictures} pictures with one face, two workers side by side, ms (in brackets the 5th percentile: what it costs where nothing else is in the way): ${steps.filter((step) => cost[step].p50 !== null).map((step) => `${step} ${ms(cost[step].p50)}${cost[step].p5 === undefined ? '' : ` (${ms(cost[step].p5)})`}`).join(', ')}.`,
    table(['templates searched', '5th percentile, ms', 'median', '95th percentile'], searchMs.map(({ templates, p5, p50, p95 }) => [templates, ms(p5), ms(p50), ms(p95)])),
  ].join('\n\n');
}
