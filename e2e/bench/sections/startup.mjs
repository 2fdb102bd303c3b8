import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { clipNamed } from '../harness/clips.mjs';
import { openPage, optionsOf } from '../harness/live-case.mjs';
import { number, table } from '../harness/report.mjs';
import { quantile } from '../harness/samples.mjs';
import { serveBench } from '../harness/server.mjs';

const CLIP = 'scale-720-5';
/** What the first visit lasts after its first frame, where there is a second. */
const GO_ON_MS = 10_000;
/** First visits of the others are in the section `peers`. */
const WAYS = ['bauta'];

export const name = 'startup';
export const clipsOf = () => [CLIP];

/**
 * From the call that opens camera and models to the first frame out: with an empty HTTP cache and with what the first
 * visit left there, which lasts for a while: browsers keep a runtime optimised when it has been in use.
 * @param {{ ways: readonly string[], repeats: number, log: (line: string) => void }} options
 */
export async function run({ ways, repeats, log }) {
  const server = await serveBench({ cacheable: true });
  try {
    const rows = [];
    for (const way of WAYS.filter((candidate) => ways.includes(candidate))) {
      const visits = [];
      for (let i = 0; i < repeats; i++) visits.push(await visitTwice(server, way, clipNamed(CLIP), true));
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

/**
 * The first visit of a new browser and, where asked for, a second one with the HTTP cache as the first left it.
 * @param {Awaited<ReturnType<typeof serveBench>>} server
 * @param {string} way
 * @param {ReturnType<typeof clipNamed>} shape
 * @param {boolean} [again]
 */
export async function visitTwice(server, way, shape, again = false) {
  const browser = await openBrowser({ camera: at('.cache', 'clips', `${shape.clip}.mjpeg`) });
  try {
    const cold = await visit(browser.page, again ? GO_ON_MS : 0);
    return { cold, warm: again ? await visit(await browser.reopen(), 0) : null };
  } finally {
    await browser.close();
  }

  async function visit(page, goOnMs) {
    await openPage(page, server.url);
    server.takeTraffic();
    await page.evaluate((name) => globalThis.bench.prepare(name), way);
    // The page and the library's own modules are there before the person presses start; models, runtime and worker are not.
    const library = server.takeTraffic();
    const times = await page.evaluate(([name, options]) => globalThis.bench.firstFrame(name, options), [way, { ...optionsOf(shape), goOnMs }]);
    return {
      ...times,
      ...server.takeTraffic(),
      libraryBytes: library.bytes,
      libraryGzipBytes: library.gzipBytes,
      errors: [...times.errors, ...browser.complaints.splice(0)],
    };
  }
}

function summary(way, cache, visits) {
  const middle = (key) => quantile(visits.map((visit) => visit[key]), 0.5);
  return {
    id: `start/${way}/${cache}`,
    way, cache,
    visits: visits.length,
    grantMs: middle('grantMs'),
    firstFrameMs: middle('firstFrameMs'),
    firstFrameWorstMs: Math.max(...visits.map((visit) => visit.firstFrameMs)),
    firstSearchedMs: middle('firstSearchedMs'),
    openedMs: middle('openedMs'),
    engineLoadMs: visits[0].loadMs === null ? null : middle('loadMs'),
    libraryBytes: middle('libraryBytes'),
    libraryGzipBytes: middle('libraryGzipBytes'),
    bytes: middle('bytes'),
    gzipBytes: middle('gzipBytes'),
    errors: visits.flatMap(({ errors }) => errors),
  };
}

/** For a reader. */
export function describe({ rows }) {
  const megabytes = (/** @type {number} */ bytes) => number(bytes / 1e6, 2);
  return [
    `Start, from the call to the first frame out (camera included)\n${table(
      ['case', 'visits', 'grant ms', 'first frame ms', 'worst', 'first searched ms', 'engine load ms', 'library MB', 'packed', 'sent then MB', 'packed'],
      rows.map((row) => [
        row.id, String(row.visits), number(row.grantMs, 0), number(row.firstFrameMs, 0), number(row.firstFrameWorstMs, 0), number(row.firstSearchedMs, 0),
        number(row.engineLoadMs, 0), megabytes(row.libraryBytes), megabytes(row.libraryGzipBytes), megabytes(row.bytes), megabytes(row.gzipBytes),
      ]),
    )}`,
  ];
}
