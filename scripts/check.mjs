#!/usr/bin/env node
// npm run check [-- WORD ...]: all checks, or those whose name holds one of the words. Builds the library if it is stale.
import { argv, stderr, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';

/**
 * @param {{ log?: (line: string) => void, words?: readonly string[] }} [options]
 * @returns {Promise<{ name: string, passed: boolean }[]>}
 */
export async function check({ log = () => {}, words = [] } = {}) {
  const { CHECKS } = await import('./check/checks.mjs');
  const chosen = CHECKS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const results = [];
  const waiting = [...chosen];
  // Two at a time: the reference machine has two cores.
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push(await runOne(next, log));
  };
  await Promise.all([lane(), lane()]);
  return results;
}

async function runOne({ name, run }, log) {
  const start = performance.now();
  const { faults, note } = await run().catch((error) => ({ faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  for (const line of [...(note === undefined ? [] : [note]), ...faults].join('\n').split('\n')) if (line !== '') log(`         ${line}`);
  return { name, passed: faults.length === 0 };
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const log = (line) => stdout.write(`${line}\n`);
  try {
    await setUp({ log, clips: false });
    const results = await check({ log, words: argv.slice(2) });
    const failed = results.filter(({ passed }) => !passed);
    if (results.length === 0) throw new Error(`no check is called ${argv.slice(2).join(' or ')}`);
    if (failed.length > 0) throw new Error(`${failed.length} of ${results.length} checks failed`);
    log(`${results.length} checks passed`);
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
