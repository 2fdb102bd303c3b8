#!/usr/bin/env node
// npm test: set-up, builds, checks, unit tests in Node and Chromium, end-to-end tests; ends with the sum of all.
//   npm test -- --skip-e2e   everything but the end-to-end tests
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { argv, env, execPath, stdout } from 'node:process';
import { provideChromium } from './chromium.mjs';
import { check } from './check.mjs';
import { at } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { setUp } from './setup.mjs';
import { readPlaywright, readVitest, sum } from './test-results.mjs';

const RUNNER_LIMIT_MS = 20 * 60_000;
const start = performance.now();
const log = (line) => stdout.write(`${line}\n`);
const stage = (name) => log(`\n== ${name} (${((performance.now() - start) / 1000).toFixed(0)} s)`);

const parts = [];
try {
  stage('set-up');
  await setUp({ log, demo: true });
  log(`chromium: ${provideChromium(log)}`);

  stage('checks and unit tests');
  // Side by side: the one waits for compilers, the other for browsers, which go first.
  parts.push(...(await Promise.all([runChecks(), runVitest()])));

  if (!argv.includes('--skip-e2e')) {
    for (const project of ['pages', 'paced']) {
      stage(`end-to-end tests: ${project}`);
      parts.push(await runPlaywright(project));
    }
  }
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  parts.push({ name: 'run', passed: 0, failed: 1, skipped: 0, problems: [text] });
}

stage('result');
for (const { name, passed, failed, skipped, problems } of parts) {
  log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  for (const problem of problems) log(`  FAILED ${problem}`);
}
const { line, ok } = sum(parts);
log(line);
process.exitCode = ok ? 0 : 1;

async function runChecks() {
  const checks = await check({ log });
  const failed = checks.filter(({ passed }) => !passed).map(({ name }) => name);
  return { name: 'checks', passed: checks.length - failed.length, failed: failed.length, skipped: 0, problems: failed };
}

async function runVitest() {
  const report = freshReport('vitest.json');
  const args = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = await runCommand(execPath, args, { timeoutMs: RUNNER_LIMIT_MS });
  return readVitest(readReport(report), status);
}

async function runPlaywright(project) {
  const report = freshReport(`playwright-${project}.json`);
  const args = [at('node_modules', '@playwright', 'test', 'cli.js'), 'test', `--project=${project}`, '--reporter=list,json'];
  const { status } = await runCommand(execPath, args, { env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report }, timeoutMs: RUNNER_LIMIT_MS });
  return readPlaywright(readReport(report), status);
}

function freshReport(name) {
  mkdirSync(at('.cache'), { recursive: true });
  const path = at('.cache', name);
  rmSync(path, { force: true });
  return path;
}

/** The runner's report, or null when it died before it wrote one. */
function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}
