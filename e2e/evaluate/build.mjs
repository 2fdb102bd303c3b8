// Builds what is evaluated: the library as it is published, and workers of the same sources on a clock of their own.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { buildLibrary } from '../../scripts/build/library.mjs';
import { at } from '../../scripts/paths.mjs';

/** Modules of src in front of which e2e/evaluate/workers/stand-ins/ puts one of its own, by worker. */
const STAND_INS = {
  evaluated: ['video/detection/onnx-detector', 'video/tracking/face-tracker', 'video/redaction/plan'],
  looks: ['video/frame/read-frame', 'video/redaction/choose-compositor', 'video/redaction/plan'],
  covers: ['video/redaction/plan', 'video/redaction/cover/seeded-noise'],
  faces: [],
  judging: [],
};

/**
 * @param {{ log: (line: string) => void }} options
 * @returns {Promise<{ folder: string, dist: string, workers: string, remove(): void }>} a copy: what is built meanwhile
 *   changes nothing in a run. The caller removes it.
 */
export async function buildEvaluated({ log }) {
  await buildLibrary({ log });
  const folder = mkdtempSync(join(tmpdir(), 'bauta-evaluate-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const dist = join(folder, 'dist');
    const workers = join(folder, 'workers');
    cpSync(at('dist'), dist, { recursive: true });
    mkdirSync(workers);
    log('evaluate: bundling workers');
    // The name makes scripts/serve.mjs send the worker's policy.
    await bundle(at('workers', 'redaction-onnx.worker.ts'), join(workers, 'redaction-evaluated.worker.js'), STAND_INS.evaluated);
    await bundle(at('e2e', 'evaluate', 'workers', 'looks.worker.ts'), join(workers, 'looks.worker.js'), STAND_INS.looks);
    await bundle(at('e2e', 'evaluate', 'workers', 'covers.worker.ts'), join(workers, 'covers.worker.js'), STAND_INS.covers);
    await bundle(at('e2e', 'evaluate', 'workers', 'faces.worker.ts'), join(workers, 'faces.worker.js'), STAND_INS.faces);
    await bundle(at('e2e', 'evaluate', 'workers', 'judging.worker.ts'), join(workers, 'judging.worker.js'), STAND_INS.judging);
    return { folder, dist, workers, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @param {string} input @param {string} file @param {readonly string[]} replaced */
async function bundle(input, file, replaced) {
  const met = new Set();
  const bundled = await rolldown({
    input,
    platform: 'browser',
    cwd: at(),
    tsconfig: false,
    transform: { target: 'es2022' },
    plugins: [standIns(replaced, met)],
    onLog(level, log, next) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (level === 'warn' && (log.id ?? '').includes('node_modules')) return;
      next(level, log);
    },
  });
  try {
    await bundled.write({ file, format: 'es', codeSplitting: false, minify: true, comments: false });
  } finally {
    await bundled.close();
  }
  const missed = replaced.filter((module) => !met.has(module));
  if (missed.length > 0) throw new Error(`${basename(file)}: the worker no longer imports src/${missed.join('.ts, src/')}.ts, which e2e/evaluate stands in front of`);
}

/** Whoever imports one of the modules gets the stand-in, which alone sees the real one. */
function standIns(replaced, met) {
  const standInOf = new Map(replaced.map((module) => [at('src', `${module}.ts`), { module, file: at('e2e', 'evaluate', 'workers', 'stand-ins', `${basename(module)}.ts`) }]));
  return {
    name: 'stand-ins',
    async resolveId(source, importer) {
      if (!source.startsWith('.') || importer === undefined) return null;
      const real = await this.resolve(source, importer, { skipSelf: true });
      const standIn = real === null ? undefined : standInOf.get(real.id);
      if (standIn === undefined || importer === standIn.file) return null;
      met.add(standIn.module);
      return standIn.file;
    },
  };
}
