import { readFileSync } from 'node:fs';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { clipNamed } from '../harness/clips.mjs';
import { measureIdle, measureLive, openPage, optionsOf, quietest, progressOf } from '../harness/live-case.mjs';
import { distinctFps, scoreCovers } from '../harness/recall.mjs';
import { ms, number, percent, ratio, table } from '../harness/report.mjs';
import { serveBench } from '../harness/server.mjs';
import { visitTwice } from './startup.mjs';

/** `copy` covers nothing: it is the floor. */
export const WAYS = ['copy', 'bauta', 'mediapipe', 'mediapipe-boxes', 'human', 'face-api-tiny', 'face-api-ssd'];
const DEFAULT_CLIPS = ['bench-1280x720-10'];
/** A whole loop of the clip for a way that goes by time; for the others, that know one frame at a time, each so many. */
const EVERY = 10;
/** More than any way takes; what comes out at this rate is as much as the benchmark can tell. */
const FLOOD_FPS = 120;
const FLOOD_SECONDS = 5;
/** What is asked of Bauta against each peer on the same clip, by what the aims name. */
const AIMS = { mediapipe: 3, human: 10, 'face-api-tiny': 10, 'face-api-ssd': 10 };

export const name = 'peers';

/** @param {{ clips: readonly string[] | null }} options */
export const clipsOf = ({ clips }) => clips ?? DEFAULT_CLIPS;

/**
 * Bauta and other ways of covering faces, all on the same clip in the same browser.
 * @param {{ clips: readonly string[] | null, ways: readonly string[], seconds: number, warmUpSeconds: number, tries: number, log: (line: string) => void }} options
 */
export async function run({ clips, ways, seconds, warmUpSeconds, tries, log }) {
  const server = await serveBench();
  try {
    const idle = await measureIdle(server);
    const rows = [];
    for (const shape of clipsOf({ clips }).map(clipNamed)) {
      for (const way of WAYS.filter((candidate) => ways.includes(candidate))) {
        const first = way === 'copy' ? null : (await visitTwice(server, way, shape)).cold;
        const live = await quietest(tries, () => measureLive(server, { shape, way, seconds, warmUpSeconds, idle }));
        log(progressOf(live));
        const fed = await measureFed(server, { shape, way });
        const row = {
          ...live,
          id: `peers/${live.id}`,
          firstFrameMs: first?.firstFrameMs ?? null,
          bytes: first === null ? null : first.libraryBytes + first.bytes,
          gzipBytes: first === null ? null : first.libraryGzipBytes + first.gzipBytes,
          floodFps: fed.floodFps,
          recall: fed.recall,
          errors: [...live.errors, ...fed.errors, ...(first?.errors ?? [])],
        };
        rows.push(row);
        log(`  ${row.floodFps.toFixed(1)} fps when flooded${row.recall === null ? '' : `, covered ${percent(row.recall.covered)} of ${row.recall.faces} faces`}`);
      }
    }
    return { idle, rows, ratios: ratiosOf(rows) };
  } finally {
    await server.close();
  }
}

/** What it covers and how much it can take: on frames in memory, of which each is known. */
async function measureFed(server, { shape, way }) {
  const { clip, frames } = shape;
  const browser = await openBrowser({ camera: false });
  const { page, complaints } = browser;
  try {
    await openPage(page, server.url);
    await page.evaluate(([name, options]) => globalThis.bench.openFed(name, options), [way, { ...optionsOf(shape), clip, frames }]);
    const covers = way === 'copy' ? null : await page.evaluate((options) => globalThis.bench.covers(options), { every: EVERY });
    const flood = await page.evaluate((options) => globalThis.bench.flood(options), { fps: FLOOD_FPS, seconds: FLOOD_SECONDS });
    const { errors } = await page.evaluate(() => globalThis.bench.closeFed());
    const truth = JSON.parse(readFileSync(at('.cache', 'clips', `${clip}.json`), 'utf8'));
    return { floodFps: distinctFps(flood), recall: covers === null ? null : scoreCovers(covers, truth), errors: [...complaints, ...errors] };
  } finally {
    await browser.close();
  }
}

/** Bauta against every other way on the same clip. */
function ratiosOf(rows) {
  return rows
    .filter(({ way }) => way === 'bauta')
    .flatMap((bauta) =>
      rows
        .filter(({ clip, way }) => clip === bauta.clip && way !== 'bauta')
        .map((other) => ({
          id: `peers/${bauta.clip}/bauta:${other.way}`,
          against: other.way,
          outputFps: ratio(bauta.outputFps, other.outputFps),
          floodFps: ratio(bauta.floodFps, other.floodFps),
          addedLatencyP95: ratio(bauta.addedLatencyMs.p95, other.addedLatencyMs.p95),
          endToEndP95: ratio(bauta.endToEndMs.p95, other.endToEndMs.p95),
          cpuPerFrame: ratio(bauta.cpuSecondsPer100Frames, other.cpuSecondsPer100Frames),
          // Next to nothing runs there when frames are only copied.
          mainThreadTask: other.way === 'copy' ? null : ratio(bauta.mainThread.taskShare, other.mainThread.taskShare),
        })),
    );
}

/** For a reader. */
export function describe({ idle, rows, ratios }) {
  return [
    `Bauta and others on the same clip, camera at 30 fps (an idle page: ${number(idle.peakMemoryMiB, 0)} MiB)\n${table(
      ['case', 'on', 'fps', 'flooded fps', 'dropped', 'added p50', 'p95 ms', 'end to end p50', 'p95 ms', 'main thread', 'CPU s/100 fr', 'peak MiB', 'first frame ms', 'MB', 'MB packed', 'others'],
      rows.map((row) => [
        row.id, row.backend ?? '-', number(row.outputFps, 1), number(row.floodFps, 1), `${row.droppedFrames}/${row.cameraFrames}`,
        ms(row.addedLatencyMs.p50), ms(row.addedLatencyMs.p95), ms(row.endToEndMs.p50), ms(row.endToEndMs.p95),
        percent(row.mainThread.taskShare), number(row.cpuSecondsPer100Frames, 2), number(row.peakMemoryMiB, 0), number(row.firstFrameMs, 0), megabytes(row.bytes), megabytes(row.gzipBytes), number(row.othersCores, 1),
      ]),
    )}`,
    `Known faces under a cover (85 % of what shows of each)\n${table(
      ['case', 'frames', 'faces', 'covered', 'boxes grown 1.4', 'covered away from faces', 'covered whole'],
      rows.filter(({ recall }) => recall !== null).map(({ id, way, recall }) => [
        id, String(recall.frames), String(recall.faces), percent(recall.covered),
        // Bauta's regions have their margin already.
        way === 'bauta' ? '-' : percent(recall.coveredGrown), percent(recall.over), percent(recall.wholeShare),
      ]),
    )}`,
    `Ratios, Bauta to the other\n${table(
      ['case', 'fps', 'flooded fps', 'aim', 'added p95', 'end to end p95', 'CPU per frame', 'main thread'],
      ratios.map((row) => [
        row.id, number(row.outputFps, 2), number(row.floodFps, 2), AIMS[row.against] === undefined ? '-' : `>= ${AIMS[row.against]}`,
        number(row.addedLatencyP95, 2), number(row.endToEndP95, 2), number(row.cpuPerFrame, 2), number(row.mainThreadTask, 3),
      ]),
    )}`,
  ];
}

const megabytes = (bytes) => number(bytes === null ? null : bytes / 1e6, 1);
