#!/usr/bin/env node
// npm run soak [-- --frames 20000]: exits 1 when memory grows or anything is left behind. See docs/measuring.md.
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { buildLibrary } from '../../scripts/build/library.mjs';
import { table } from '../bench/harness/report.mjs';
import { loadNow } from '../bench/harness/machine.mjs';
import { soak } from './soak.mjs';

const { values } = parseArgs({ options: { frames: { type: 'string', default: '20000' } } });
const frames = Number(values.frames);
if (!Number.isInteger(frames) || frames < 100) {
  stderr.write('--frames takes a whole number of at least 100\n');
  exit(2);
}
const log = (/** @type {string} */ line) => stdout.write(`${line}\n`);

try {
  await buildLibrary({ log });
  const load = loadNow();
  const { growth, violations, framesPerSecond, left } = await soak({ frames, log });
  const mib = (/** @type {number} */ value) => value.toFixed(2);
  log(`\n${left.out} frames, ${framesPerSecond.toFixed(1)} a second, ${(left.faces / left.out).toFixed(1)} faces each, ${left.whole} covered whole; load ${load.toFixed(2)} before\n`);
  log(
    table(
      ['MiB', 'second quarter', 'last quarter', 'growth', 'per 1,000 frames', 'allowed', ''],
      growth.map(({ name, before, after, growth: by, perThousand, bound, exceeded }) => [
        name.replace('MiB', ''), mib(before), mib(after), mib(by), mib(perThousand), mib(bound), exceeded ? 'TOO MUCH' : 'ok',
      ]),
    ),
  );
  log(violations.length === 0 ? '\nNothing left behind.' : `\n${violations.join('\n')}`);
  exit(violations.length === 0 ? 0 : 1);
} catch (error) {
  stderr.write(`${error instanceof Error ? `${error.stack}\n${error.cause ?? ''}` : String(error)}\n`);
  exit(1);
}
