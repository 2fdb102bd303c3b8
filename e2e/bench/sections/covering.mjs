import { rmSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorker } from '../../../scripts/build/worker-bundle.mjs';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { clipNamed } from '../harness/clips.mjs';
import { openPage } from '../harness/live-case.mjs';
import { number, percent, table } from '../harness/report.mjs';
import { quantiles } from '../harness/samples.mjs';
import { serveBench } from '../harness/server.mjs';

const METHODS = ['frost', 'solid', 'blur', 'pixelate'];
const MOST_FRAMES = 30;
/** Decoded frames that are kept in memory. */
const KEPT_BYTES = 160e6;
const DEFAULT_CLIPS = ['scale-360-5', 'scale-720-5', 'scale-720-20', 'scale-1080-5', 'scale-2160-5'];
const AIM = 1.5;

export const name = 'covering';

/** @param {{ clips: readonly string[] | null }} options */
export const clipsOf = ({ clips }) => clips ?? DEFAULT_CLIPS;

/**
 * What reading and covering a frame costs, against merely copying the same frame; nothing else runs.
 * @param {{ clips: readonly string[] | null, rounds: number, log: (line: string) => void }} options
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
      for (const { clip, width, height } of clipsOf({ clips }).map(clipNamed)) {
        const frames = Math.min(MOST_FRAMES, Math.floor(KEPT_BYTES / (width * height * 1.5)));
        const request = { clip, frames, rounds, methods: METHODS };
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

/** For a reader. */
export function describe({ rows }) {
  return [
    `Covering against copying the same frame, p50 / p95 ms\n${table(
      ['case', 'faces', 'covered', 'copy', 'read', ...METHODS, '(read + frost) : copy', `aim <= ${AIM}`],
      rows.map((row) => [
        row.id, String(row.faces), percent(row.coveredShare), both(row.copyMs), both(row.readMs),
        ...METHODS.map((method) => both(row.composeMs[method])), number(row.frostOverCopy, 2), row.frostOverCopy <= AIM ? 'yes' : 'no',
      ]),
    )}`,
  ];
}

const both = ({ p50, p95 }) => `${number(p50, 2)} / ${number(p95, 2)}`;
