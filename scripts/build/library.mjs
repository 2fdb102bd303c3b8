import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fingerprint, isDone, markDone } from '../fingerprint.mjs';
import { at } from '../paths.mjs';
import { mustRun, tsc } from '../run-command.mjs';

const STEP = 'library';
const INPUTS = ['src', 'workers', 'models/manifest.json', 'models/ready', 'scripts/build', 'package.json', 'package-lock.json'];
const CONFIGS = ['tsconfig.base.json', 'tsconfig.build.json'];

/** True when dist/ was built from what is there now. */
export function isLibraryFresh() {
  return existsSync(at('dist', 'index.js')) && isDone(STEP, libraryFingerprint());
}

/** What the build of the library depends on; tests do not count. */
export function libraryFingerprint() {
  return fingerprint([...INPUTS, ...CONFIGS].map((path) => at(path)), (file) => !/\.(test|contract)\.(ts|mjs)$/.test(file));
}

/**
 * Builds dist/: the library file by file, one bundle per worker, models, runtimes, notices. It is made beside and then
 * put in place, so that whoever uses dist/ sees the old or the new one.
 * @param {{ log?: (line: string) => void, force?: boolean }} [options]
 * @returns {Promise<boolean>} false when there was nothing to do.
 */
export async function buildLibrary({ log = () => {}, force = false } = {}) {
  const print = libraryFingerprint();
  if (!force && isLibraryFresh()) {
    log('library: up to date');
    return false;
  }
  mkdirSync(at('.cache'), { recursive: true });
  const stage = mkdtempSync(at('.cache', 'dist-'));
  try {
    log('library: compiling src');
    const [node, compiler] = tsc();
    await mustRun(node, [compiler, '-p', at('tsconfig.build.json'), '--outDir', stage], { quiet: true });
    await mustRun(node, [compiler, '-p', at('src', 'vite'), '--noEmit', 'false', '--outDir', stage], { quiet: true });
    const { pruneUnreached, renameDeclarationImports } = await import('./compiled-files.mjs');
    renameDeclarationImports(stage);
    pruneUnreached(stage, packageEntries());
    const bundled = await bundleWorkers(stage, log);
    const weights = copyModels(stage);
    const { makeNotices } = await import('./notices.mjs');
    writeFileSync(join(stage, 'THIRD-PARTY-NOTICES.md'), makeNotices({ bundled, weights }));
    const { listComponents, writeComponents } = await import('./components.mjs');
    writeComponents(stage, listComponents({ bundled, weights }));
    putInPlace(stage);
    markDone(STEP, print);
    return true;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The files of code that package.json names under `exports`, relative to dist/; patterns and JSON are data and not followed. */
export function packageEntries() {
  const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return Object.values(exports)
    .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
    .filter((target) => /^\.\/dist\/[^*]*\.(js|d\.ts)$/.test(target))
    .map((target) => target.slice('./dist/'.length));
}

async function bundleWorkers(stage, log) {
  const { bundleWorker, workerEntries } = await import('./worker-bundle.mjs');
  const entries = workerEntries();
  if (entries.length === 0) throw new Error('there is no worker: workers/*.worker.ts matches nothing');
  const bundled = new Map();
  for (const entry of entries) {
    const { file, code, modules } = await bundleWorker(entry, join(stage, 'workers'));
    log(`library: ${basename(file)}, ${Math.round(code.length / 1024)} KB`);
    bundled.set(`workers/${basename(file)}`, modules);
  }
  return bundled;
}

/** Models go to models/, WebAssembly to runtime/. The runtimes' glue scripts are part of the worker bundles. */
function copyModels(stage) {
  const manifest = JSON.parse(readFileSync(at('models', 'manifest.json'), 'utf8'));
  const shipped = manifest.filter((entry) => entry.kind === 'model' || entry.file.endsWith('.wasm'));
  for (const entry of shipped) {
    const folder = join(stage, entry.kind === 'model' ? 'models' : 'runtime');
    mkdirSync(folder, { recursive: true });
    cpSync(at('models', 'ready', entry.file), join(folder, entry.file));
  }
  return shipped;
}

function putInPlace(stage) {
  const dist = at('dist');
  const old = `${stage}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(stage, dist);
  rmSync(old, { recursive: true, force: true });
}
