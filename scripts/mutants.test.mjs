// Shows that the tests of the gate, the throttle and the judge of unmasking would notice if a rule were missing: copies of the sources, each with
// one rule taken out, on which those tests have to fail.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { env, execPath } from 'node:process';
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
const ACCESS = 'src/governance/access';
const JUDGE = `${ACCESS}/judge-unmask.ts`;
const JUDGED = [`${ACCESS}/judge-unmask.test.ts`];
const JWS = `${ACCESS}/jws.ts`;
const STATEMENT = `${ACCESS}/statement.ts`;
const STATEMENTS = [`${ACCESS}/statement.test.ts`];

/**
 * What is taken out: the file, the text that occurs in it once, what stands there instead, and the test files of which
 * each has to fail.
 */
const ALL = [
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
  ['staff need no approval', JUDGE, 'if (approvers.missing !== null) return approvers.missing;', '', JUDGED],
  ['whoever asks may approve', JUDGE, 'if (samePerson(by, request.by) || samePerson(by, staffId)) {', 'if (samePerson(by, request.id)) {', JUDGED],
  ['a no is overheard', JUDGE, `if (content.decision === 'reject') return`, `if (content.decision === undefined) return`, JUDGED],
  ['an approval fits every request', JUDGE, 'if (content.requestId !== request.id || content.requestHash !== request.hash) continue;', '', JUDGED],
  ['an approval lasts for ever', JUDGE, 'if (Statement.holds(decision, now) && decision', 'if (decision', JUDGED],
  ['the window begins anew with each look', JUDGE, 'const first = Math.min(going?.startsAt ?? now, ...', 'const first = Math.max(going?.startsAt ?? now, ...', JUDGED],
  ['looks are not counted', JUDGE, '>= workOrder.content.maxUnmasks) return', '< 0) return', JUDGED],
  ['staff see what consent has left', JUDGE, `if (facts.consent !== 'stands') return`, `if (facts.consent === undefined) return`, JUDGED],
  ['a closed order is open', JUDGE, `|| facts.ended.includes(workOrder.id)) return`, ') return', JUDGED],
  ['a token chooses its algorithm', JWS, `|| head['alg'] !== 'ES256' || head['typ'] !== type`, `|| head['typ'] !== type`, STATEMENTS],
  ['any signature will do', JWS, `return holds ? { payload: body, key } : 'forged';`, 'return holds || !holds ? { payload: body, key } : key;', STATEMENTS],
  ['an assertion may be played again', STATEMENT, `if (!expected.nonces.take(payload['nonce'] as string, now)) throw`, `if (payload['nonce'] === undefined) throw`, STATEMENTS],
  ['any issuer may use any key', STATEMENT, 'if (payload.iss !== verified.key.issuer) throw', `if (payload.iss === '') throw`, STATEMENTS],
  ['a look-alike will do', GRANT, 'if (!ConsentGrant.isGenuine(value)) {', 'if (value === undefined) {', GRANTS],
];

/** Speed: a property stops at its first counterexample, which is all that is asked here. */
const FAST = [
  [PROPERTY, 'numRuns: NUM_RUNS }', 'numRuns: 25, endOnFailure: true }'],
  [JUDGED, 'numRuns: 2000 }', 'numRuns: 100, endOnFailure: true }'],
];

/** `npm test` takes the first of each file, `BAUTA_SLOW_TESTS=1` all. */
const MUTANTS = env['BAUTA_SLOW_TESTS'] === '1' ? ALL : ALL.filter(([, file], index) => ALL.findIndex(([, other]) => other === file) === index);

const USED = new Set(MUTANTS.flatMap(([, , , , files]) => files.map((file) => basename(file))));

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
}, 60_000);

/** A copy of what the tests need, with one text replaced. */
function plant(folder, mutant) {
  for (const part of ['src/core', 'src/governance']) {
    mkdirSync(join(root, folder, part), { recursive: true });
    cpSync(at(...part.split('/')), join(root, folder, part), { recursive: true, filter: (file) => !file.endsWith('.test.ts') || USED.has(basename(file)) });
  }
  for (const [files, from, to] of FAST) for (const file of files) replace(join(root, folder, file), from, to);
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
