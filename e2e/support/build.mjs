// Builds what the end-to-end tests serve: the library if it is stale, the stage page and the test worker.
import { copyFileSync, mkdirSync } from 'node:fs';
import { env } from 'node:process';
import { rolldown } from 'rolldown';
import { makeClips } from '../../demo/clip/make.mjs';
import { buildLibrary } from '../../scripts/build/library.mjs';
import { at } from '../../scripts/paths.mjs';

/** Where the bundles go: tests that run at the same time have a folder each. */
export const STAGE_FOLDER = at('.cache', 'e2e', env['TEST_PARALLEL_INDEX'] ?? 'alone');
/** The clip that plays in the fake camera. */
export const CAMERA_CLIP = at('.cache', 'clips', 'main.mjpeg');

/** Makes what all tests share: clip and library. Once, before tests that run at the same time would do so twice. */
export default async function buildShared() {
  await makeClips({ only: ['main'] });
  await buildLibrary();
}

/** Makes page and test workers, from what is shared. */
export async function buildStage() {
  await buildShared();
  mkdirSync(STAGE_FOLDER, { recursive: true });
  await bundle('page/stage.ts', 'stage.js', ['bauta', '/consent.mjs']);
  // The name decides about the policy header that scripts/serve.mjs sends; the copies are served without.
  await bundle('workers/test-worker.ts', 'redaction-test.worker.js', []);
  await bundle('workers/features-test-worker.ts', 'features-test.worker.js', []);
  await bundle('workers/gpu-test-worker.ts', 'redaction-gputest.worker.js', []);
  copyFileSync(`${STAGE_FOLDER}/redaction-test.worker.js`, `${STAGE_FOLDER}/bare-test.js`);
  copyFileSync(at('dist', 'workers', 'redaction-onnx.worker.js'), `${STAGE_FOLDER}/bare-onnx.js`);
}

async function bundle(entry, file, external) {
  const made = await rolldown({
    input: at('e2e', 'support', entry),
    platform: 'browser',
    cwd: at(),
    external,
    tsconfig: false,
    transform: { target: 'es2022' },
    onLog(level, log, next) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      if (level !== 'warn') next(level, log);
    },
  });
  try {
    await made.write({ file: `${STAGE_FOLDER}/${file}`, format: 'es', codeSplitting: false });
  } finally {
    await made.close();
  }
}
