import { mkdtempSync, rmSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { buildLibrary } from '../../scripts/build/library.mjs';
import { bundleWorker } from '../../scripts/build/worker-bundle.mjs';
import { at } from '../../scripts/paths.mjs';
import { isPatient, PATIENCE, slow } from '../support/slow.ts';
import { soak } from './soak.mjs';
import { growthOf, violationsOf } from './verdict.mjs';

test.beforeAll(async () => {
  if (isPatient) await buildLibrary();
});

slow(test)('1,000 frames through the published worker leave nothing behind', async () => {
  test.setTimeout(240_000);
  const { violations, left } = await soak({ frames: 1000 });
  expect(violations).toEqual([]);
  expect(left.out).toBe(1000);
});

test.describe('the checker', () => {
  test.setTimeout(120_000);
  let folder = '';

  test.beforeAll(async () => {
    folder = mkdtempSync(at('.cache', 'soak-'));
    await bundleWorker(at('e2e', 'bench', 'workers', 'redaction-leaky.worker.ts'), folder);
  });
  test.afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (leak: string): Promise<string[]> => {
    const { violations } = await soak({ frames: 600, worker: `/made/redaction-leaky.worker.js?leak=${leak}`, routes: { '/made/': folder } });
    return violations;
  };

  // A quarter of a minute each; the verdict itself is tested below.
  test.skip(!isPatient, PATIENCE);

  test('catches frames that are forgotten unclosed', async () => {
    expect(await run('forget')).toContainEqual(expect.stringContaining('unclosed frames were collected'));
  });

  test('catches frames that are held for ever', async () => {
    expect(await run('keep')).toContainEqual(expect.stringMatching(/^residentMiB grew by/));
  });
});

test.describe('the verdict', () => {
  const samples = (perFrameMiB: number): Parameters<typeof growthOf>[0] =>
    Array.from({ length: 32 }, (_, i) => {
      const grown = 100 + i * 100 * perFrameMiB;
      return { frames: i * 100, seconds: i, pageHeapMiB: 2, workerHeapMiB: 4, buffersMiB: 17, residentMiB: grown };
    });
  const clean = {
    failure: null, fed: 3200, out: 3200, faces: 9000, whole: 10, stopReport: { openFrames: 0 }, mostOpenFrames: 1,
    state: 'closed', trackState: 'ended', failedSelfTests: 0, errors: [],
  };
  const run = { frames: 3200, growth: growthOf(samples(0)), left: clean, warnings: [], complaints: [], workersLeft: 0 };

  test('is silent on a clean run', () => {
    expect(violationsOf(run)).toEqual([]);
  });

  test('measures growth per frame between the second and the last quarter', () => {
    const resident = growthOf(samples(0.5)).find(({ name }) => name === 'residentMiB');
    expect(resident?.perThousand).toBeCloseTo(500);
    expect(resident?.exceeded).toBe(true);
  });

  for (const [what, spoilt] of Object.entries({
    'raw frames left open': { left: { ...clean, stopReport: { openFrames: 1 } } },
    'a worker that had to be killed': { left: { ...clean, stopReport: null } },
    'a frame that never came out': { left: { ...clean, out: 3199 } },
    'a worker still running': { workersLeft: 1 },
    'a track that still runs': { left: { ...clean, trackState: 'live' } },
    'an error event': { left: { ...clean, errors: ['ERR_COMPOSITOR_FAILED: no'] } },
    'frames collected unclosed': { warnings: ['A VideoFrame was garbage collected without being closed.'] },
    'a run that found no face': { left: { ...clean, faces: 0 } },
  })) {
    test(`reports ${what}`, () => {
      expect(violationsOf({ ...run, ...spoilt })).toHaveLength(1);
    });
  }
});
