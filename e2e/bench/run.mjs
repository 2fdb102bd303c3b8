#!/usr/bin/env node
// npm run bench [-- --quick] [--only peers,faces,scale,startup,covering,recording,keeping,NAME-OF-CLIP,…] [--ways copy,bauta,human,…] [--seconds 8] [--tries 1]
//               [--out FILE] [--profile CLIP]
// Measures in headless Chromium; what it is doing goes to stderr, tables to stdout. Informative: exits 0 unless it could not
// measure. See docs/measuring.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { makeClips } from '../../demo/clip/make.mjs';
import { buildLibrary } from '../../scripts/build/library.mjs';
import { at } from '../../scripts/paths.mjs';
import { openBrowser } from './harness/browser.mjs';
import { compareRuns } from './harness/compare.mjs';
import { CLIPS } from './harness/clips.mjs';
import { isQuiet } from './harness/live-case.mjs';
import { describeMachine, loadNow } from './harness/machine.mjs';
import { report } from './harness/report.mjs';
import { rounded } from './harness/samples.mjs';
import * as covering from './sections/covering.mjs';
import * as faces from './sections/faces.mjs';
import * as keeping from './sections/keeping.mjs';
import * as peers from './sections/peers.mjs';
import * as profile from './sections/profile.mjs';
import * as recording from './sections/recording.mjs';
import * as scale from './sections/scale.mjs';
import * as startup from './sections/startup.mjs';

const BASELINE = at('e2e', 'bench', 'baseline.json');
/**
 * A further section is a module with `name`, `clipsOf(options)`, which it plays, `run(options)`, whose `rows` each carry an
 * `id`, and `describe(result)` for a reader.
 */
const SECTIONS = [peers, faces, scale, startup, covering, recording, keeping];
/** Where nothing says what else ran: the load average before the run, up to which it counts as quiet. */
const QUIET_LOAD = 0.5;

/** @param {string} text */
const tell = (text) => stdout.write(`${text}\n`);
/** @param {string} line */
const log = (line) => stderr.write(`${line}\n`);

try {
  const options = readOptions();
  await buildLibrary({ log });
  const chosen = SECTIONS.filter(({ name }) => options.sections.includes(name));
  const onProgress = ({ clip, frame, frames }) => log(`clip ${clip}: ${frame} of ${frames} frames`);
  await makeClips({ only: options.profile === null ? chosen.flatMap((section) => section.clipsOf(options)) : [options.profile], onProgress });
  if (options.profile !== null) {
    tell(await profile.run({ clip: options.profile, seconds: options.seconds, log }));
  } else {
    const result = await measure(options, chosen);
    const baseline = existsSync(BASELINE) ? JSON.parse(readFileSync(BASELINE, 'utf8')) : null;
    tell(`\n${report(result, SECTIONS, baseline === null ? null : compareRuns(baseline, result))}`);
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
    tell(`all numbers: ${options.out}`);
    if (result.failures.length > 0) throw new Error(`not everything could be measured:\n${result.failures.join('\n')}`);
  }
} catch (error) {
  stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  exit(1);
}

/** @param {ReturnType<typeof readOptions>} options @param {readonly any[]} chosen */
async function measure(options, chosen) {
  const before = loadNow();
  /** @type {Record<string, any>} */
  const sections = {};
  /** @type {string[]} */
  const failures = [];
  for (const section of chosen) {
    try {
      sections[section.name] = await section.run({ ...options, log });
    } catch (error) {
      // What the others measured in minutes is worth keeping.
      failures.push(`${section.name}: ${error instanceof Error ? error.stack : String(error)}`);
      log(failures.at(-1) ?? '');
    }
  }
  const browser = await openBrowser({ camera: false });
  const machine = describeMachine(browser.version);
  await browser.close();
  const { seconds, warmUpSeconds, repeats, rounds } = options;
  const played = [peers, faces, scale].flatMap(({ name }) => sections[name]?.rows ?? []);
  return rounded({
    schema: 2,
    takenAt: new Date().toISOString(),
    machine,
    load: { before, quiet: played.length === 0 ? before <= QUIET_LOAD : played.every(isQuiet) },
    options: { seconds, warmUpSeconds, repeats, rounds },
    sections,
    failures,
  });
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      ways: { type: 'string' },
      seconds: { type: 'string' },
      tries: { type: 'string', default: '1' },
      out: { type: 'string', default: at('.cache', 'bench.json') },
      profile: { type: 'string' },
    },
  });
  const sectionNames = SECTIONS.map(({ name }) => name);
  const clipNames = CLIPS.map(({ clip }) => clip);
  const only = values.only?.split(',') ?? [];
  const clips = only.filter((name) => clipNames.includes(name));
  const sections = only.filter((name) => sectionNames.includes(name));
  const seconds = Number(values.seconds ?? (values.quick ? 4 : 8));
  return {
    sections: sections.length > 0 ? sections : sectionNames,
    clips: clips.length > 0 ? clips : values.quick ? ['scale-720-5'] : null,
    ways: known('--ways', values.ways?.split(',') ?? peers.WAYS, peers.WAYS),
    seconds: seconds >= 2 ? seconds : usage('--seconds takes a number of at least 2'),
    // Bauta's own quantiles span its last 120 frames: at 30 fps they hold nothing from before these seconds.
    warmUpSeconds: values.quick ? 3 : 5,
    tries: Math.max(1, Math.round(Number(values.tries)) || usage('--tries takes a whole number')),
    repeats: values.quick ? 1 : 3,
    rounds: values.quick ? 3 : 10,
    out: resolve(values.out),
    profile: values.profile === undefined ? null : known('--profile', [values.profile], clipNames)[0],
    only: known('--only', only, [...sectionNames, ...clipNames]),
  };
}

/** @param {string} option @param {string[]} names @param {readonly string[]} all */
function known(option, names, all) {
  const stray = names.find((name) => !all.includes(name));
  return stray === undefined ? names : usage(`${option}: there is no ${stray}; use ${all.join(', ')}`);
}

/** @param {string} message @returns {never} */
function usage(message) {
  stderr.write(`${message}\n`);
  exit(2);
}
