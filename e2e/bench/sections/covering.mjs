import { rmSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker } from '../../../scripts/build/worker-bundle.mjs';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser, serveBench } from '../harness/browser.mjs';
import { quantiles } from '../harness/samples.mjs';
import { CLIPS, openPage } from './live.mjs';

const METHODS = ['frost', 'solid', 'blur', 'pixelate'];
const FRAMES = 30;

export const name = 'covering';

/**
 * What reading and covering a frame costs, against merely copying the same frame; nothing else runs.
 * @param {{ clips: readonly string[], rounds: number, log: (line: string) => void }} options
 */
export async function run({ clips, rounds, log }) {
  const folder = mkdtempSync(at('.cache', 'bench-'));
  try {
    await bundleWorker(at('e2e', 'bench', 'workers', 'covering.worker.ts'), folder);
    const server = await serveBench({ routes: { '/made/': folder } });
    const browser = await openBrowser({ camera: false });
    try {
      await openPage(browser.page, server.url);
      const rows = [];
      for (const { clip, width, height } of CLIPS.filter(({ clip: candidate }) => clips.includes(candidate))) {
        const request = { clip, frames: FRAMES, rounds, methods: METHODS };
        const { copy, read, compose, coveredShare, faces } = await browser.page.evaluate(
          ([url, message]) => globalThis.bench.runWorker(url, message),
          ['/made/covering.worker.js', request],
        );
        const row = {
          id: `covering/${clip}`,
          clip, width, height, faces, coveredShare,
          frames: copy.length,
          copyMs: quantiles(copy),
          readMs: quantiles(read),
          composeMs: Object.fromEntries(METHODS.map((method) => [method, quantiles(compose[method])])),
        };
        rows.push({ ...row, frostOverCopy: (row.readMs.p50 + row.composeMs.frost.p50) / row.copyMs.p50 });
        log(`covering ${clip}: copy ${row.copyMs.p50?.toFixed(2)} ms, frost ${row.composeMs.frost.p50?.toFixed(2)} ms`);
      }
      return { rows };
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    rmSync(join(folder), { recursive: true, force: true });
  }
}
