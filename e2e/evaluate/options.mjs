import { basename, extname, resolve } from 'node:path';
import { stderr, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { at } from '../../scripts/paths.mjs';

/** Ways to make the pipeline worse on purpose, see workers/. */
export const WORSENINGS = ['no-back', 'no-hold', 'no-margin'];

/**
 * @typedef {{ data: string, only: readonly string[], out: string, limit: number | null, seed: number, worsen: string | null,
 *   clips: readonly string[] | null, frames: number | null, lookAhead: number, plots: string }} Options
 * @param {readonly string[]} args
 * @param {readonly string[]} measures that exist.
 * @returns {Options}
 */
export function readOptions(args, measures) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: at('..', 'shared', 'data') },
      only: { type: 'string', default: measures.join(',') },
      out: { type: 'string' },
      limit: { type: 'string' },
      seed: { type: 'string', default: '1' },
      worsen: { type: 'string' },
      clips: { type: 'string' },
      frames: { type: 'string' },
      'look-ahead': { type: 'string', default: '8' },
    },
  });
  return {
    data: resolve(values.data),
    only: known('--only', values.only.split(','), measures),
    out: values.out === undefined ? at('.cache', 'evaluate', 'results.json') : resolve(values.out),
    limit: values.limit === undefined ? null : whole('--limit', values.limit, 1),
    seed: whole('--seed', values.seed, 0),
    worsen: values.worsen === undefined ? null : (known('--worsen', [values.worsen], WORSENINGS)[0] ?? null),
    clips: values.clips?.split(',') ?? null,
    frames: values.frames === undefined ? null : whole('--frames', values.frames, 1),
    lookAhead: whole('--look-ahead', values['look-ahead'], 0),
    // Runs side by side, each with a file of its own, keep their reports apart.
    plots: values.out === undefined ? at('.cache', 'evaluate') : at('.cache', 'evaluate', basename(values.out, extname(values.out))),
  };
}

function known(/** @type {string} */ option, /** @type {string[]} */ names, /** @type {readonly string[]} */ all) {
  const stray = names.find((name) => !all.includes(name));
  return stray === undefined ? names : usage(`${option}: there is no ${stray}; use ${all.join(', ')}`);
}

function whole(/** @type {string} */ option, /** @type {string} */ value, /** @type {number} */ least) {
  const number = Number(value);
  return Number.isInteger(number) && number >= least ? number : usage(`${option} takes a whole number of at least ${least}`);
}

/** @param {string} message @returns {never} */
function usage(message) {
  stderr.write(`${message}\n`);
  exit(2);
}
