// Shows that the tests of the gate and the throttle would notice if a rule were missing: copies of the sources, each with
// one rule taken out, on which those tests have to fail.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from './paths.mjs';
import { runCommand } from './run-command.mjs';

const CONSENT = 'src/governance/consent';
const GATE = `${CONSENT}/gate.ts`;
const GRANT = `${CONSENT}/grant.ts`;
const HISTORY = `${CONSENT}/history.ts`;
const UNIT = [`${CONSENT}/gate.test.ts`];
const PROPERTY = [`${CONSENT}/gate.property.test.ts`];
const RECORDS = [`${CONSENT}/history.test.ts`];
const GRANTS = [`${CONSENT}/grant.test.ts`];
const THROTTLE = `${CONSENT}/throttle.ts`;
const THROTTLES = [`${CONSENT}/throttle.test.ts`];

/**
 * What is taken out: the file, the text that occurs in it once, what stands there instead, and the test files of which
 * each has to fail.
 */
const MUTANTS = [
  ['a withdrawal is no word', HISTORY, `state === 'withdrawn' || (by === role`, `state !== 'withdrawn' && (by === role`, [...UNIT, ...PROPERTY]],
  ['the first word decides', HISTORY, 'records.findLast(({ state, role: by', 'records.find(({ state, role: by', UNIT],
  ['a no is a yes', GATE, `if (word.answers[asked.purpose] !== 'given') return`, `if (word.answers[asked.purpose] === undefined) return`, [...UNIT, ...PROPERTY]],
  ['nothing is ever over', GATE, 'if (now >= validUntilOf(word, asked)) return', 'if (now < 0) return', [...UNIT, ...PROPERTY]],
  ['any notice will do', GATE, 'if (word.noticeHash !== question.noticeHash) return', 'if (word.noticeHash === null) return', UNIT],
  ['a notice is never over', GATE, 'if (now >= notice.validUntil) return', 'if (now < 0) return', UNIT],
  ['any origin will do', GATE, 'if (word.origin !== question.origin) return', 'if (word.origin === null) return', UNIT],
  ['the clock may be set back', GATE, 'if (highWater - clock > CLOCK_TOLERANCE_MS) {', 'if (highWater < 0) {', [...UNIT, ...PROPERTY]],
  ['time goes by the clock alone', GATE, 'const now = Math.max(clock, highWater);', 'const now = clock;', UNIT],
  ['records of the future count', GATE, 'if (word.recordedAt > now + CLOCK_TOLERANCE_MS) return', 'if (word.recordedAt < 0) return', UNIT],
  ['children need nobody', GATE, `if (guardian.need === 'none') return`, `if (guardian.need !== 'age') return`, [...UNIT, ...PROPERTY]],
  ['a guardian may say what they like', GATE, 'if (doubt !== null) return', 'if (doubt === undefined) return', UNIT],
  ['one purpose stands for all', GATE, 'for (const purpose of question.purposes) {', 'for (const purpose of question.purposes.slice(0, 1)) {', UNIT],
  ['signatures are not checked', HISTORY, 'await verifyProof(record, key);', '', RECORDS],
  ['records may be cut out', HISTORY, 'if (ordered.length !== records.length) throw', 'if (ordered.length < 0) throw', RECORDS],
  ['the last record may be cut off', HISTORY, `if ((ordered.at(-1)?.recordId ?? null) !== lastRecordId) throw`, 'if (lastRecordId === undefined) throw', RECORDS],
  ['a grant fits every operation', GRANT, 'if (!value.purposes.some((purpose) => allowing.includes(purpose))) {', 'if (value.purposes.length === 0) {', GRANTS],
  ['48 hours are 47', THROTTLE, '48 * 3600 * 1000', '47 * 3600 * 1000', THROTTLES],
  ['a minute less will do', THROTTLE, 'now >= mayAskAt', 'now >= mayAskAt - 60_000', THROTTLES],
  ['48 hours are not enough', THROTTLE, 'now >= mayAskAt', 'now > mayAskAt', THROTTLES],
  ['the person has to wait, too', THROTTLE, ` || initiatedBy === 'user'`, '', THROTTLES],
  ['the app need not wait', THROTTLE, `initiatedBy === 'user'`, 'initiatedBy.length > 0', THROTTLES],
  ['a mark that is no date ends', THROTTLE, '(Number.isFinite(mark.refusedAt) ? mark.refusedAt : now)', '(Number.isFinite(mark.refusedAt) ? mark.refusedAt : 0)', THROTTLES],
  ['the last tab to write wins', THROTTLE, 'stored !== null && stored.refusedAt > now', 'stored !== null && stored.refusedAt < 0', THROTTLES],
  ['a look-alike will do', GRANT, 'if (!ConsentGrant.isGenuine(value)) {', 'if (value === undefined) {', GRANTS],
];

/** Speed: a property stops at its first counterexample, which is all that is asked here. */
const FAST = [['numRuns: NUM_RUNS }', 'numRuns: 25, endOnFailure: true }']];

let root;
let results;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bauta-mutants-')));
  symlinkSync(at('node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'mutants', private: true, type: 'module' }));
  const tests = [...new Set(MUTANTS.flatMap(([, , , , files]) => files))];
  const include = [...tests.map((file) => `sound/${file}`), ...MUTANTS.flatMap(([, , , , files], index) => files.map((file) => `m${index}/${file}`))];
  writeFileSync(join(root, 'vitest.config.mjs'), `export default { test: { include: ${JSON.stringify(include)}, isolate: false, testTimeout: 60000 } };\n`);
  plant('sound', null);
  for (const [index, mutant] of MUTANTS.entries()) plant(`m${index}`, mutant);
  const report = join(root, 'report.json');
  await runCommand(execPath, [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', root, '--reporter', 'json', '--outputFile', report], { quiet: true, cwd: root });
  results = new Map();
  for (const { name, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    results.set(relative(root, name).split(sep).join('/'), assertionResults.map(({ status }) => status));
  }
}, 120_000);

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A copy of what the tests need, with one text replaced. */
function plant(folder, mutant) {
  for (const part of ['src/core', 'src/governance']) {
    mkdirSync(join(root, folder, part), { recursive: true });
    cpSync(at(...part.split('/')), join(root, folder, part), { recursive: true });
  }
  for (const file of PROPERTY) for (const [from, to] of FAST) replace(join(root, folder, file), from, to);
  if (mutant !== null) replace(join(root, folder, mutant[1]), mutant[2], mutant[3]);
}

function replace(file, from, to) {
  const parts = readFileSync(file, 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${relative(root, file)} holds ${JSON.stringify(from)} ${parts.length - 1} times, not once`);
  writeFileSync(file, parts.join(to));
}

test('on the sound sources every test passes', () => {
  const sound = [...results].filter(([file]) => file.startsWith('sound/'));
  expect(sound).not.toEqual([]);
  for (const [file, statuses] of sound) expect([file, [...new Set(statuses)]]).toEqual([file, ['passed']]);
});

describe('with a rule taken out', () => {
  test.each(MUTANTS.map(([name, , , , files], index) => [name, index, files]))('%s: its tests fail', (_name, index, files) => {
    // A file that does not load has no results at all: that is no failed test.
    for (const file of files) expect([file, results.get(`m${index}/${file}`)?.includes('failed')]).toEqual([file, true]);
  });
});
