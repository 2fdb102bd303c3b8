#!/usr/bin/env node
// Brings a fresh clone to the point where everything else can run; does nothing twice. Only built-in modules may be
// imported at the top: there may be no node_modules yet.
//   node scripts/setup.mjs           dependencies, models, clips, library
//   node scripts/setup.mjs --demo    the same and the demo's static site
import { copyFileSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, execPath, platform, stderr, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { fingerprint, fingerprintOf, isDone, listFiles, markDone } from './fingerprint.mjs';
import { at } from './paths.mjs';
import { mustRun } from './run-command.mjs';

/**
 * @param {{ log?: (line: string) => void, clips?: boolean, library?: boolean, demo?: boolean }} [options] what to make
 *   beside dependencies and models.
 */
export async function setUp({ log = () => {}, clips = true, library = true, demo = false } = {}) {
  await installDependencies(log);
  await prepareModels(log);
  // Painting takes one core, compiling another.
  const painted = clips || demo ? provideClips(log) : Promise.resolve();
  const rest = clips || demo ? provideSamples(log) : Promise.resolve();
  const compiled = library || demo ? rest.then(() => compile(log)) : Promise.resolve();
  const failed = (await Promise.allSettled([painted, rest, compiled])).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (demo) {
    const { buildDemo } = await import('./build/demo.mjs');
    await buildDemo({ log });
  }
}

/** `npm ci`, unless node_modules was installed from this lock file. */
async function installDependencies(log) {
  const folder = at('node_modules');
  // A link leads to somebody else's packages, and `npm ci` would empty that folder.
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const print = fingerprint([at('package-lock.json')]);
  const installed = existsSync(join(folder, '.package-lock.json'));
  if (installed && isDone('dependencies', print)) return;
  // Installed by hand: as good, as long as npm finds every package in the version that the lock file names.
  if (installed && (await mustRun(npm(), ['ls', '--all'], { quiet: true, shell: platform === 'win32' }).then(() => true, () => false))) {
    markDone('dependencies', print);
    return;
  }
  log('dependencies: npm ci');
  await mustRun(npm(), ['ci', '--no-audit', '--no-fund'], { shell: platform === 'win32' });
  markDone('dependencies', print);
}

async function prepareModels(log) {
  const inputs = [at('models', 'prepare'), at('models', 'manifest.json'), at('package-lock.json')];
  const ready = at('models', 'ready');
  const print = () => `${fingerprint(inputs)} ${fingerprint([ready])}`;
  if (listFiles(ready).length > 0 && isDone('models', print())) return;
  log('models: preparing from the installed packages');
  await mustRun(execPath, [at('models', 'prepare', 'index.mjs')]);
  markDone('models', print());
}

async function compile(log) {
  const { buildLibrary } = await import('./build/library.mjs');
  await buildLibrary({ log });
}

/** The sample video and the fake camera's film. The generator leaves alone what is up to date. */
async function provideClips(log) {
  await mustRun(execPath, [at('demo', 'clip', 'make.mjs'), '--only', 'main']);
  const made = at('.cache', 'clips', 'main.webm');
  const served = at('demo', 'public', 'clip', 'main.webm');
  if (existsSync(served) && fingerprintOf(served) === fingerprintOf(made)) return;
  log('clip: into demo/public');
  mkdirSync(dirname(served), { recursive: true });
  copyFileSync(made, served);
}

/** What the pages about features offer for a first try. */
async function provideSamples(log) {
  const made = [at('demo', 'public', 'clip', 'people.webm'), at('demo', 'public', 'photos')];
  const print = () => `${fingerprint([at('demo', 'samples'), at('demo', 'clip'), at('package-lock.json')])} ${fingerprint(made)}`;
  if (isDone('samples', print())) return;
  log('samples: into demo/public');
  await mustRun(execPath, [at('demo', 'samples', 'make.mjs')], { quiet: true });
  markDone('samples', print());
}

const npm = () => (platform === 'win32' ? 'npm.cmd' : 'npm');

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const log = (line) => stdout.write(`${line}\n`);
  try {
    await setUp({ log, demo: argv.includes('--demo') });
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
