// Sums of clips: annotated clips, pans, and clips with reference boxes, each by itself.
import { quantile } from '../../../bench/harness/samples.mjs';

/** The groups of clips, by what their boxes are worth. */
const GROUPS = /** @type {const} */ ({
  annotated: (/** @type {any} */ clip) => clip.kind === 'clip' && clip.boxes !== 'reference',
  pans: (/** @type {any} */ clip) => clip.kind === 'pan',
  reference: (/** @type {any} */ clip) => clip.boxes === 'reference',
});

/** @param {Record<string, any>} clips @returns {Record<string, Record<string, any>>} by group and mode. */
export function totalOf(clips) {
  const all = Object.values(clips);
  const modes = Object.keys(all[0]?.modes ?? {});
  const groups = Object.entries(GROUPS).map(([name, belongs]) => ({ name, members: all.filter(belongs) }));
  return Object.fromEntries(
    groups.filter(({ members }) => members.length > 0).map(({ name, members }) => [name, Object.fromEntries(modes.map((mode) => [mode, sum(members, mode)]))]),
  );
}

function sum(/** @type {readonly any[]} */ members, /** @type {string} */ mode) {
  const results = members.map((clip) => ({ ...clip.modes[mode], fps: clip.fps, framesIn: clip.frames }));
  const add = (/** @type {(result: any) => number} */ of) => results.reduce((total, result) => total + of(result), 0);
  const faceFrames = add(({ faceFrames: count }) => count);
  const leaks = add(({ leaks: count }) => count);
  const toCoverMs = results.flatMap(({ framesToCover, fps }) => framesToCover.filter((/** @type {number | null} */ frames) => frames !== null).map((/** @type {number} */ frames) => (1000 * frames) / fps));
  const bandNames = Object.keys(results[0]?.bands ?? {});
  return {
    clips: members.length,
    framesIn: add(({ framesIn }) => framesIn),
    framesOut: add(({ framesOut }) => framesOut),
    framesCoveredWhole: add(({ wholes }) => Object.values(wholes).reduce((total, count) => total + Number(count), 0)),
    faces: add(({ faces }) => faces),
    neverCovered: add(({ neverCovered }) => neverCovered),
    faceFrames,
    leaks,
    leakRate: faceFrames === 0 ? 0 : leaks / faceFrames,
    longestLeakFrames: Math.max(...results.map(({ longestLeakFrames }) => longestLeakFrames)),
    toCoverMs: { p50: quantile(toCoverMs, 0.5), p95: quantile(toCoverMs, 0.95), worst: quantile(toCoverMs, 1) },
    switches: add(({ switches }) => switches),
    over: add(({ area }) => area.covered) / Math.max(1, add(({ area }) => area.away)),
    overBesideWholes: add(({ area }) => area.coveredInRegions) / Math.max(1, add(({ area }) => area.awayInRegions)),
    /** What that is covered for: about known faces, where no face is known, what the camera's motion brought in. */
    overFor: Object.fromEntries(
      [['faces', 'forFaces'], ['nothing', 'forNothing'], ['border', 'forBorder']].map(([name, key]) => [name, add(({ area }) => area[key]) / Math.max(1, add(({ area }) => area.awayInRegions))]),
    ),
    bands: Object.fromEntries(
      bandNames.map((band) => {
        const count = { faceFrames: add(({ bands }) => bands[band].faceFrames), leaks: add(({ bands }) => bands[band].leaks) };
        return [band, { ...count, leakRate: count.faceFrames === 0 ? 0 : count.leaks / count.faceFrames }];
      }),
    ),
  };
}
