import { existsSync, readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { at } from '../paths.mjs';
import { runCommand, tsc } from '../run-command.mjs';

/** Folders that hold code of ours. */
export const CODE = ['src', 'workers', 'demo', 'e2e', 'models', 'scripts'];

/**
 * The checks. Each answers with what is wrong, nothing when all is well; `note` is shown either way.
 * @typedef {{ name: string, run: () => Promise<{ faults: string[], note?: string }> }} Check
 * @type {readonly Check[]}
 */
export const CHECKS = [
  // Those of src are checked where it is compiled: nothing below runs unless the library was built.
  { name: 'types of workers', run: () => typeCheck('workers') },
  { name: 'types of tests, demo and tools', run: () => typeCheck('tsconfig.json') },
  { name: 'lint', run: () => command(at('node_modules', 'oxlint', 'bin', 'oxlint'), ['.', '--deny-warnings', '--report-unused-disable-directives-severity', 'error']) },
  { name: 'layers and cycles', run: checkLayers },
  { name: 'docblocks', run: checkDocblocks },
  { name: 'package', run: checkPackage },
  { name: 'no recognition in the root', run: checkRoot },
  { name: 'sizes', run: checkSizes },
  { name: 'clauses', run: checkClauses },
];

function typeCheck(project) {
  const [, compiler] = tsc();
  return command(compiler, ['-p', at(project), '--noEmit', '--pretty', 'false']);
}

function checkLayers() {
  const bin = at('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  return command(bin, ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', '--no-progress', ...CODE, 'vitest.config.ts', 'playwright.config.ts']);
}

async function checkDocblocks() {
  const { findUndocumented } = await import('./docblocks.mjs');
  return { faults: findUndocumented(at()) };
}

async function checkPackage() {
  const { findPackageFaults } = await import('./package.mjs');
  return { faults: await findPackageFaults(at()) };
}

async function checkRoot() {
  const { findRecognition } = await import('./root-entry.mjs');
  return { faults: await findRecognition(at('dist'), ['index.js', 'notices.js', 'receipts.js', 'elements/index.js']) };
}

async function checkSizes() {
  const { measureSizes } = await import('./size.mjs');
  const sizes = await measureSizes(at());
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  const line = ({ name, bytes, gzipBytes, maxGzipBytes }) =>
    `${name}: ${kilobytes(bytes)}, gzip ${kilobytes(gzipBytes)} of at most ${kilobytes(maxGzipBytes)}`;
  return { faults: sizes.filter((size) => size.gzipBytes > size.maxGzipBytes).map(line), note: sizes.map(line).join('\n') };
}

/** Runs a script of node_modules; a status other than 0 is a fault with its output. */
async function command(script, args) {
  const { status, output } = await runCommand(execPath, [script, ...args], { quiet: true, nice: true });
  return { faults: status === 0 ? [] : [output.trim() || `ended with ${status}`] };
}

/** The document is what the titles of the tests say, and every clause that is due has a test. */
async function checkClauses() {
  const { CLAUSES_FILE, collectCitations, findClauseFaults, renderClauses } = await import('../clauses.mjs');
  const citations = collectCitations();
  const written = existsSync(CLAUSES_FILE) ? readFileSync(CLAUSES_FILE, 'utf8') : '';
  const stale = written === renderClauses(citations) ? [] : ['docs/clauses.md is stale: run `npm run clauses`'];
  return { faults: [...stale, ...findClauseFaults(citations)] };
}
