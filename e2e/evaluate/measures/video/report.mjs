import { percent, table } from '../../report/markdown.mjs';
import { rowChart, stripChart } from '../../report/plot.mjs';
import { LEAST_PX } from './score.mjs';

const AIM_OVER = 0.05;
const AIM_LEAKS = 0.001;
const GROUPS = /** @type {Record<string, string>} */ ({
  annotated: 'clips with published boxes',
  pans: 'pans over annotated stills',
  reference: 'clips with reference boxes',
});

/** @param {any} result @returns {{ markdown: string, plots: Record<string, string> }} */
export function reportVideo({ ffmpeg, lookAheadFrames, skipped, clips, totals }) {
  const names = Object.keys(clips);
  const modes = Object.keys(clips[names[0] ?? '']?.modes ?? {});
  const modeName = (/** @type {string} */ mode) => (mode === 'live' ? 'live' : `${lookAheadFrames} frames ahead`);
  const blocks = [
    '## video',
    `A face shows in a frame when less than 95 % of its inner part is covered. Leak rate: such face-frames out of all, for faces of ${LEAST_PX} px and more. Frames come in step with a clock on which each look costs what it costs on the reference machine; what comes meanwhile is lost, as from a camera. \`over\` counts frames that were covered whole, too. Decoded by ffmpeg ${ffmpeg ?? '(absent)'}.`,
    ...skipped.map((/** @type {string} */ line) => `Skipped: ${line}`),
    table(
      ['', 'face-frames', 'shown', 'leak rate', 'longest, frames', 'to cover, ms: p50 / p95 / worst', 'never covered', 'switches', 'whole frames', 'over', 'over, others', 'of it about faces / about nothing / border'],
      Object.entries(totals).flatMap(([group, sums]) =>
        modes.map((mode) => {
          const sum = /** @type {any} */ (sums)[mode];
          return [
            `${GROUPS[group]}, ${modeName(mode)}`, sum.faceFrames, sum.leaks, percent(sum.leakRate, 2), sum.longestLeakFrames,
            [sum.toCoverMs.p50, sum.toCoverMs.p95, sum.toCoverMs.worst].map((ms) => (ms === null ? '-' : Math.round(ms))).join(' / '),
            `${sum.neverCovered} of ${sum.faces}`, sum.switches, `${sum.framesCoveredWhole} of ${sum.framesOut}`, percent(sum.over), percent(sum.overBesideWholes),
            Object.values(sum.overFor).map((share) => percent(Number(share))).join(' / '),
          ];
        }),
      ),
    ),
    `Aims: leak rate at most ${percent(AIM_LEAKS)} on annotated clips live, 0 with look-ahead; over at most ${percent(AIM_OVER, 0)}. Reference boxes are the detectors' own, from every model over the whole of each frame and all tiles, linked forwards and backwards in time: what no model ever saw is not in them.`,
    '### By size (leak rate)',
    bandTable(totals, modes, modeName),
    '### By clip',
    table(
      ['', 'boxes', 'mode', 'frames out', 'face-frames', 'shown', 'leak rate', 'longest', 'to cover, frames (worst)', 'switches', 'whole', 'over', 'looks a frame'],
      names.flatMap((name) => modes.map((mode) => clipRow(name, clips[name], mode, modeName(mode)))),
    ),
    ...names.flatMap((name) => modes.flatMap((mode) => [...new Set(clips[name].modes[mode].failures)].map((failure) => `Failure in ${name}: ${failure}`))),
    '![leak rate](video-leaks.svg)',
    '![over-covering](video-over.svg)',
    '![when faces showed](video-when.svg)',
  ];
  const series = modes.map(modeName);
  const rows = (/** @type {string} */ value) => names.map((name) => ({ name: titled(name, clips[name]), values: modes.map((mode) => clips[name].modes[mode][value]) }));
  return {
    markdown: blocks.join('\n\n'),
    plots: {
      'video-leaks.svg': rowChart({ title: `Face-frames in which a face shows (${LEAST_PX} px and more)`, x: 'share of the face-frames (dashed: the aim; *: reference boxes)', series, aim: AIM_LEAKS, rows: rows('leakRate') }),
      'video-over.svg': rowChart({ title: 'Area away from faces that is covered', x: 'share of the area (dashed: the aim; *: reference boxes)', series, aim: AIM_OVER, rows: rows('over') }),
      'video-when.svg': stripChart({
        title: 'When faces showed, live',
        x: 'frames of the clip; height of a mark: share of the most faces at once in that clip',
        rows: names.map((name) => ({ name: titled(name, clips[name]), length: clips[name].frames, marks: marksOf(clips[name].modes.live) })),
      }),
    },
  };
}

const titled = (/** @type {string} */ name, /** @type {any} */ { boxes }) => `${name.length > 30 ? `${name.slice(0, 29)}…` : name}${boxes === 'reference' ? ' *' : ''}`;

function bandTable(/** @type {any} */ totals, /** @type {readonly string[]} */ modes, /** @type {(mode: string) => string} */ modeName) {
  const [first] = Object.values(totals);
  const bands = Object.keys(first?.live.bands ?? {});
  return table(
    ['', ...bands.map((band) => `${band} px`)],
    Object.entries(totals).flatMap(([group, sums]) =>
      modes.map((mode) => [
        `${GROUPS[group]}, ${modeName(mode)}`,
        ...bands.map((band) => {
          const { faceFrames, leakRate } = /** @type {any} */ (sums)[mode].bands[band];
          return faceFrames === 0 ? '-' : `${percent(leakRate, 2)} of ${faceFrames}`;
        }),
      ]),
    ),
  );
}

function clipRow(/** @type {string} */ name, /** @type {any} */ { boxes, frames, modes }, /** @type {string} */ mode, /** @type {string} */ title) {
  const result = modes[mode];
  const toCover = result.framesToCover.filter((/** @type {number | null} */ count) => count !== null);
  const wholes = Object.entries(result.wholes).map(([reason, count]) => `${count} ${reason}`);
  const looks = Object.values(result.looksPerFrame).reduce((sum, times) => sum + Number(times), 0);
  return [
    name, boxes, title, `${result.framesOut} of ${frames}`, result.faceFrames, result.leaks, percent(result.leakRate, 2), result.longestLeakFrames,
    toCover.length === 0 ? '-' : Math.max(...toCover), result.switches, wholes.join(', ') || 0, percent(result.over), looks.toFixed(2),
  ];
}

function marksOf(/** @type {any} */ { leaking }) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const { frame } of leaking) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  const most = Math.max(1, ...counts.values());
  return new Map([...counts].map(([frame, count]) => [frame, count / most]));
}
