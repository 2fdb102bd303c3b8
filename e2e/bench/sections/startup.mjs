import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser, serveBench } from '../harness/browser.mjs';
import { quantile } from '../harness/samples.mjs';
import { openPage } from './live.mjs';

const CLIP = { clip: 'bench-1280x720-4', width: 1280, height: 720 };
/** Where on disk what the server sends lies, for its size when packed by a host that does. */
const FOLDERS = { '/bauta/': at('dist'), '/mediapipe/': at('node_modules', '@mediapipe', 'tasks-vision') };

export const name = 'startup';

/**
 * From the call that opens camera and models to the first frame out: with an empty HTTP cache and with what the first
 * visit left there.
 * @param {{ ways: readonly string[], repeats: number, log: (line: string) => void }} options
 */
export async function run({ ways, repeats, log }) {
  const server = await serveBench({ cacheable: true });
  try {
    const rows = [];
    for (const way of ways.filter((candidate) => candidate !== 'copy')) {
      const visits = [];
      for (let i = 0; i < repeats; i++) visits.push(await visitTwice(server, way));
      for (const cache of ['cold', 'warm']) {
        const row = summary(way, cache, visits.map((visit) => visit[cache]));
        rows.push(row);
        log(`start, ${way}, ${cache} cache: first frame after ${Math.round(row.firstFrameMs)} ms, ${(row.bytes / 1e6).toFixed(1)} MB`);
      }
    }
    return { rows };
  } finally {
    await server.close();
  }
}

async function visitTwice(server, way) {
  const browser = await openBrowser({ camera: at('.cache', 'clips', `${CLIP.clip}.mjpeg`) });
  try {
    const cold = await visit(browser.page);
    const warm = await visit(await browser.reopen());
    return { cold, warm };
  } finally {
    await browser.close();
  }

  async function visit(page) {
    await openPage(page, server.url);
    await page.evaluate((name) => globalThis.bench.prepare(name), way);
    // The page and the library's own modules are there before the person presses start; models, runtime and worker are not.
    server.takeTraffic();
    const times = await page.evaluate(([name, shape]) => globalThis.bench.firstFrame(name, shape), [way, CLIP]);
    const { bytes, paths } = server.takeTraffic();
    return { ...times, bytes, paths, errors: [...times.errors, ...browser.complaints.splice(0)] };
  }
}

function summary(way, cache, visits) {
  const middle = (key) => quantile(visits.map((visit) => visit[key]), 0.5);
  return {
    id: `start/${way}/${cache}`,
    way, cache,
    visits: visits.length,
    firstFrameMs: middle('firstFrameMs'),
    firstFrameWorstMs: Math.max(...visits.map((visit) => visit.firstFrameMs)),
    firstSearchedMs: middle('firstSearchedMs'),
    openedMs: middle('openedMs'),
    engineLoadMs: visits[0].loadMs === null ? null : middle('loadMs'),
    bytes: middle('bytes'),
    gzipBytes: visits[0].paths.reduce((sum, path) => sum + gzipSizeOf(path), 0),
    errors: visits.flatMap(({ errors }) => errors),
  };
}

function gzipSizeOf(path) {
  const entry = Object.entries(FOLDERS).find(([prefix]) => path.startsWith(prefix));
  return entry === undefined ? 0 : gzipSync(readFileSync(`${entry[1]}/${path.slice(entry[0].length)}`)).length;
}
