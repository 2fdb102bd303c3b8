import { describe, expect, test } from 'vitest';
import { readPlaywright, readVitest, sum } from './test-results.mjs';

const vitestReport = (overrides = {}) => ({ numPassedTests: 3, numPendingTests: 0, numTodoTests: 0, testResults: [], ...overrides });
const playwrightReport = (stats = {}, overrides = {}) => ({
  stats: { expected: 2, unexpected: 0, flaky: 0, skipped: 0, ...stats },
  suites: [],
  errors: [],
  ...overrides,
});

describe('Vitest', () => {
  test('counts what passed and what was left out', () => {
    expect(readVitest(vitestReport({ numPendingTests: 1, numTodoTests: 1 }), 0)).toMatchObject({ passed: 3, failed: 0, skipped: 2 });
  });

  test('names failed tests and files that could not be loaded', () => {
    const testResults = [
      { name: '/x/src/a.test.ts', status: 'failed', message: '', assertionResults: [{ status: 'failed', fullName: 'a b', failureMessages: ['\u001b[31mexpected 1\u001b[39m\n\n  to be 2'] }] },
      { name: '/x/src/c.test.ts', status: 'failed', message: 'no such module\nat', assertionResults: [] },
    ];
    const part = readVitest(vitestReport({ testResults }), 1);
    expect(part.failed).toBe(2);
    expect(part.problems).toEqual(['src/a.test.ts: a b\n      expected 1\n        to be 2', 'src/c.test.ts: no such module']);
  });

  test('a bad end without a failed test fails', () => {
    expect(readVitest(vitestReport(), 1)).toMatchObject({ failed: 1, problems: ['Vitest ended with status 1'] });
  });

  test('no report and no test fail', () => {
    expect(readVitest(null, 128).failed).toBe(1);
    expect(readVitest(vitestReport({ numPassedTests: 0 }), 0)).toMatchObject({ failed: 1, problems: ['Vitest ran no test'] });
  });
});

describe('Playwright', () => {
  test('counts, and a flaky test is a failed one', () => {
    expect(readPlaywright(playwrightReport({ skipped: 4 }), 0)).toMatchObject({ passed: 2, failed: 0, skipped: 4 });
    expect(readPlaywright(playwrightReport({ flaky: 1 }), 0).failed).toBe(1);
  });

  test('names failed tests with their groups', () => {
    const suites = [{ title: 'a.spec.ts', specs: [], suites: [{ title: 'group', specs: [{ title: 'leaks', ok: false }, { title: 'fine', ok: true }] }] }];
    expect(readPlaywright(playwrightReport({ unexpected: 1 }, { suites }), 1)).toMatchObject({ failed: 1, problems: ['a.spec.ts > group > leaks'] });
  });

  test('tells why a test failed, in its first lines', () => {
    const message = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');
    const suites = [{ title: 'a.spec.ts', specs: [{ title: 'leaks', ok: false, tests: [{ results: [{ errors: [{ message }] }] }] }] }];
    const [problem] = readPlaywright(playwrightReport({ unexpected: 1 }, { suites }), 1).problems;
    expect(problem.split('\n')).toEqual(['a.spec.ts > leaks', ...Array.from({ length: 8 }, (_, index) => `      line ${index}`)]);
  });

  test('errors outside of tests, a missing report and an empty run fail', () => {
    expect(readPlaywright(playwrightReport({}, { errors: [{ message: 'syntax\nmore' }] }), 1)).toMatchObject({ failed: 1, problems: ['syntax'] });
    expect(readPlaywright(null, 1).failed).toBe(1);
    expect(readPlaywright(playwrightReport({ expected: 0 }), 0).failed).toBe(1);
  });
});

describe('the closing line', () => {
  const part = (passed, failed, skipped) => ({ name: 'x', passed, failed, skipped, problems: [] });

  test('adds up, and speaks of skipped tests only when there are some', () => {
    expect(sum([part(1, 0, 0), part(2, 0, 0)])).toEqual({ line: '3 passed, 0 failed', ok: true });
    expect(sum([part(1, 1, 2)])).toEqual({ line: '1 passed, 1 failed, 2 skipped', ok: false });
  });

  test('nothing run is not a success', () => {
    expect(sum([])).toEqual({ line: '0 passed, 0 failed', ok: false });
  });
});
