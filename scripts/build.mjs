#!/usr/bin/env node
// npm run build [-- --library] [-- --force]: dist/ (the package) and demo/dist (the static site).
import { argv, stderr, stdout } from 'node:process';
import { buildDemo } from './build/demo.mjs';
import { buildLibrary } from './build/library.mjs';
import { setUp } from './setup.mjs';

const log = (line) => stdout.write(`${line}\n`);
const force = argv.includes('--force');

try {
  const demo = !argv.includes('--library');
  await setUp({ log, library: false, clips: demo });
  await buildLibrary({ log, force });
  if (demo) await buildDemo({ log, force });
} catch (error) {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
