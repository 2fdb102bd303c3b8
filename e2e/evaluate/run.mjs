#!/usr/bin/env node
// npm run evaluate -- --data DIR [--only detect,video] [--out FILE]: how often a face shows and how much else is covered.
// See docs/measuring.md.
import { existsSync } from 'node:fs';
import { argv, exit, stderr, stdout } from 'node:process';
import { evaluate } from './evaluate.mjs';
import { Stopped } from './harness.mjs';
import { MEASURES } from './measures/index.mjs';
import { readOptions } from './options.mjs';
import { openProgress } from './progress.mjs';
import { writeResults } from './report/write.mjs';

const options = readOptions(argv.slice(2), MEASURES.map(({ name }) => name));
const { progress, log, done } = openProgress(stderr);
const stop = new AbortController();
const onSignal = () => {
  log('stopping; once more ends at once');
  process.removeListener('SIGINT', onSignal);
  process.removeListener('SIGTERM', onSignal);
  stop.abort(new Stopped('stopped'));
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

try {
  if (!existsSync(options.data)) throw new Error(`there is no folder ${options.data}; give one with --data`);
  const result = await evaluate(options, { progress, log, signal: stop.signal });
  done();
  const { text, files } = writeResults(result, options);
  stdout.write(`${text}\n`);
  log(`written: ${files.join(', ')}`);
  exit(Object.keys(result.measures).length === 0 ? 1 : 0);
} catch (error) {
  done();
  if (error instanceof Stopped) exit(130);
  stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  exit(1);
}
