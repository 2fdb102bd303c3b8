import { execFileSync } from 'node:child_process';
import { at } from '../../scripts/paths.mjs';
import { describeMachine, loadNow } from '../bench/harness/machine.mjs';
import { rounded } from '../bench/harness/samples.mjs';
import { buildEvaluated } from './build.mjs';
import { openHarness } from './harness.mjs';
import { MEASURES } from './measures/index.mjs';

/**
 * Runs the measures that the data folder has something for, and answers what they found.
 * @param {import('./options.mjs').Options} options
 * @param {{ progress: (text: string) => void, log: (line: string) => void, signal: AbortSignal }} watch
 * @throws Stopped when the signal is aborted; nothing is left running.
 */
export async function evaluate(options, { progress, log, signal }) {
  const startMs = Date.now();
  const load = loadNow();
  const evaluated = await buildEvaluated({ log });
  // Now, not at the end: others may commit while it runs.
  const commit = commitNow();
  let harness = null;
  try {
    harness = await openHarness({ data: options.data, evaluated, signal });
    /** @type {Record<string, any>} */
    const measures = {};
    /** @type {string[]} */
    const missing = [];
    for (const measure of MEASURES.filter(({ name }) => options.only.includes(name))) {
      const found = measure.find(options.data);
      for (const reason of found.missing) log(`${measure.name}: skipped, ${reason}`);
      missing.push(...found.missing.map((reason) => `${measure.name}: ${reason}`));
      if (found.parts.length > 0) measures[measure.name] = await measure.run({ harness, data: options.data, options, progress, log });
    }
    return rounded({
      schema: 1,
      takenAt: new Date(startMs).toISOString(),
      seconds: (Date.now() - startMs) / 1000,
      commit,
      machine: describeMachine(harness.version),
      loadBefore: load,
      options: { only: options.only, limit: options.limit, seed: options.seed, worsen: options.worsen, clips: options.clips, frames: options.frames, lookAhead: options.lookAhead },
      missing,
      measures,
    });
  } finally {
    await harness?.close();
    evaluated.remove();
  }
}

/** What the library was built from, as git tells it; null where there is no git. */
function commitNow() {
  try {
    const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: at(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const commit = git('rev-parse', '--short', 'HEAD');
    const changed = git('status', '--porcelain', '--', 'src', 'workers', 'models') !== '';
    return changed ? `${commit} with changes` : commit;
  } catch {
    return null;
  }
}
