/**
 * How much each number may grow from the second quarter of a run to its last: `noiseMiB`, which it may vary by anyhow, and
 * `perThousandMiB` for each 1,000 frames in between. One lost 640x480 frame is 0.44 MiB.
 */
export const BOUNDS = {
  pageHeapMiB: { noiseMiB: 1, perThousandMiB: 0.02 },
  workerHeapMiB: { noiseMiB: 2, perThousandMiB: 0.05 },
  buffersMiB: { noiseMiB: 8, perThousandMiB: 0 },
  residentMiB: { noiseMiB: 48, perThousandMiB: 1 },
};

/**
 * @param {readonly import('./memory.mjs').MemorySample[]} samples of one run, evenly spaced.
 * @returns {{ name: string, before: number, after: number, growth: number, perThousand: number, bound: number, exceeded: boolean }[]}
 *   medians of the second and of the last quarter; the first one warms up.
 */
export function growthOf(samples) {
  if (samples.length < 8) throw new Error(`${samples.length} samples do not make quarters; take at least 8`);
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const thousands = (middle(late.map(({ frames }) => frames)) - middle(early.map(({ frames }) => frames))) / 1000;
  return Object.entries(BOUNDS).flatMap(([name, { noiseMiB, perThousandMiB }]) => {
    const values = (quarterly) => quarterly.map((sample) => sample[name]).filter((value) => value !== null);
    if (values(early).length === 0 || values(late).length === 0) return [];
    const before = middle(values(early));
    const after = middle(values(late));
    const growth = after - before;
    const bound = noiseMiB + perThousandMiB * thousands;
    return [{ name, before, after, growth, perThousand: growth / thousands, bound, exceeded: growth > bound }];
  });
}

/**
 * What is wrong with a run, in words; empty when nothing is.
 * @param {object} run
 * @param {number} run.frames that were to be fed.
 * @param {ReturnType<typeof growthOf>} run.growth
 * @param {any} run.left what the page tells after closing.
 * @param {readonly string[]} run.warnings of the browser about frames collected unclosed.
 * @param {readonly string[]} run.complaints errors of the page.
 * @param {number} run.workersLeft redaction workers that are still there.
 * @returns {string[]}
 */
export function violationsOf({ frames, growth, left, warnings, complaints, workersLeft }) {
  const found = growth
    .filter(({ exceeded }) => exceeded)
    .map(({ name, growth: by, bound }) => `${name} grew by ${by.toFixed(1)} MiB, ${bound.toFixed(1)} are allowed`);
  const must = (ok, message) => {
    if (!ok) found.push(message);
  };
  must(left.failure === null, `feeding failed: ${left.failure}`);
  must(left.fed === frames && left.out === frames, `${left.fed} of ${frames} frames went in, ${left.out} came out`);
  must(left.faces > 0, 'no face was ever found: the run did not test what it should');
  must(left.whole < left.out / 2, `${left.whole} of ${left.out} frames were covered whole: the run did not test what it should`);
  must(left.stopReport?.openFrames === 0, `the worker stopped with ${left.stopReport?.openFrames ?? 'an unknown number of'} frames open`);
  must(left.mostOpenFrames <= 2, `${left.mostOpenFrames} raw frames were open at once`);
  must(left.state === 'closed' && left.trackState === 'ended', `after closing the session is ${left.state}, its track ${left.trackState}`);
  must(workersLeft === 0, `${workersLeft} workers still run`);
  must(left.failedSelfTests === 0, `${left.failedSelfTests} self-tests failed`);
  must(warnings.length === 0, `unclosed frames were collected: ${warnings[0]} (${warnings.length} times)`);
  for (const error of [...left.errors, ...complaints]) found.push(`error: ${error}`);
  return found;
}

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
