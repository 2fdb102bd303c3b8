/** Of why a test failed, so much is told beside its name. */
const REASON_LINES = 8;
const REASON_WIDTH = 400;
/** Colours of a terminal. */
const ANSI = /\u001b\[[0-9;]*m/g;

/**
 * What one runner did.
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, problems: string[] }} Part
 */

/**
 * @param {object | null} report of Vitest's json reporter.
 * @param {number} status exit status of the runner.
 * @returns {Part}
 */
export function readVitest(report, status) {
  if (report === null) return died('Vitest', status);
  const problems = [];
  for (const file of report.testResults) {
    const failures = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failures) problems.push(withReason(`${shorten(file.name)}: ${test.fullName}`, test.failureMessages?.[0]));
    // A file that cannot be loaded has no test that could fail.
    if (file.status === 'failed' && failures.length === 0) problems.push(`${shorten(file.name)}: ${firstLine(file.message)}`);
  }
  const part = {
    name: 'unit tests',
    passed: report.numPassedTests,
    failed: problems.length,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
    problems,
  };
  return accountForStatus(part, status, 'Vitest');
}

/**
 * @param {object | null} report of Playwright's json reporter.
 * @param {number} status exit status of the runner.
 * @returns {Part}
 */
export function readPlaywright(report, status) {
  if (report === null) return died('Playwright', status);
  const { expected, unexpected, flaky, skipped } = report.stats;
  const failures = report.suites.flatMap((suite) => failedSpecs(suite, []));
  const errors = report.errors.map(({ message }) => firstLine(message));
  const part = {
    name: 'end-to-end tests',
    passed: expected,
    // A test that passes at the second try did fail.
    failed: unexpected + flaky + errors.length,
    skipped,
    problems: [...failures, ...errors],
  };
  return accountForStatus(part, status, 'Playwright');
}

/**
 * @param {readonly Part[]} parts
 * @returns {{ line: string, ok: boolean }} the closing line; not ok also when nothing was run.
 */
export function sum(parts) {
  const total = (key) => parts.reduce((count, part) => count + part[key], 0);
  const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')];
  return { line: `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`, ok: failed === 0 && passed > 0 };
}

/** A runner that ends badly without a failed test, or runs no test, is a failure by itself. */
function accountForStatus(part, status, runner) {
  const problem =
    status !== 0 && part.failed === 0 ? `${runner} ended with status ${status}` : part.passed + part.failed === 0 ? `${runner} ran no test` : null;
  return problem === null ? part : { ...part, failed: part.failed + 1, problems: [...part.problems, problem] };
}

const died = (runner, status) => ({
  name: runner,
  passed: 0,
  failed: 1,
  skipped: 0,
  problems: [`${runner} ended with status ${status} and left no report`],
});

function failedSpecs(suite, titles) {
  const path = suite.title === '' ? titles : [...titles, suite.title];
  const own = (suite.specs ?? []).filter((spec) => !spec.ok).map((spec) => withReason([...path, spec.title].join(' > '), messageOf(spec)));
  return [...own, ...(suite.suites ?? []).flatMap((child) => failedSpecs(child, path))];
}

/** What the last failed run of a spec said. */
function messageOf(spec) {
  const errors = (spec.tests ?? []).flatMap(({ results }) => results.flatMap(({ errors = [] }) => errors));
  return errors.at(-1)?.message;
}

/** The name, and below it the first lines of why: of a run far away often only the end is to be had. */
function withReason(name, message) {
  const lines = (message ?? '').replace(ANSI, '').split('\n').filter((line) => line.trim() !== '');
  return [name, ...lines.slice(0, REASON_LINES).map((line) => `      ${line.slice(0, REASON_WIDTH)}`)].join('\n');
}

const shorten = (path) => path.replace(/^.*\/(?=(src|workers|models|demo|scripts|e2e)\/)/, '');
const firstLine = (text) => (text ?? 'no message').split('\n', 1)[0];
