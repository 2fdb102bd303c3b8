import { at } from '../../../scripts/paths.mjs';
import { openBrowser, startCostProbe } from './browser.mjs';
import { QUIET_CORES } from './machine.mjs';
import { matchFrames } from './match-frames.mjs';
import { startMemoryProbe } from './memory-probe.mjs';
import { mean, median, quantiles } from './samples.mjs';
import { tfjsBackend } from './server.mjs';

const IDLE_SECONDS = 5;

/** Measures again while the machine is busy with something else, up to `tries` times; the quietest counts. */
export async function quietest(tries, take) {
  let best = await take();
  for (let i = 1; i < tries && !isQuiet(best); i++) {
    const next = await take();
    if (next.othersCores < best.othersCores) best = next;
  }
  return best;
}

/** Whether a row was taken while nothing else ran; true where that cannot be known. */
export const isQuiet = ({ othersCores }) => othersCores === null || othersCores <= QUIET_CORES;

/** One line about a row. */
export const progressOf = (row) =>
  `${row.id}: ${row.outputFps.toFixed(1)} fps, ${row.droppedFrames} of ${row.cameraFrames} dropped${isQuiet(row) ? '' : `; noise, others kept ${row.othersCores.toFixed(1)} cores busy`}`;

/** What the page costs when nothing runs in it. @param {Awaited<ReturnType<typeof import('./server.mjs').serveBench>>} server */
export async function measureIdle(server) {
  const browser = await openBrowser({ camera: true });
  try {
    await openPage(browser.page, server.url);
    const session = await browser.session();
    const endMemory = startMemoryProbe(session);
    await wait(IDLE_SECONDS);
    const end = await startCostProbe(browser.page, session);
    await browser.page.evaluate((ms) => globalThis.bench.idle(ms), IDLE_SECONDS * 1000);
    return { ...(await end()), peakMemoryMiB: await endMemory() };
  } finally {
    await browser.close();
  }
}

/** What a way is told when it starts. */
export const optionsOf = ({ width, height }) => ({ width, height, backend: tfjsBackend() });

/**
 * One way on one clip that plays as the camera at 30 frames a second.
 * @param {Awaited<ReturnType<typeof import('./server.mjs').serveBench>>} server
 * @param {object} test
 * @param {typeof import('./clips.mjs').CLIPS[number]} test.shape
 * @param {string} test.way
 * @param {boolean} [test.display] shows the output in a video element, too: what an app with a preview has.
 * @param {number} test.seconds
 * @param {number} test.warmUpSeconds
 * @param {any} test.idle as {@link measureIdle} gives it.
 */
export async function measureLive(server, { shape, way, display = false, seconds, warmUpSeconds, idle }) {
  const { clip, width, height, faces } = shape;
  const browser = await openBrowser({ camera: at('.cache', 'clips', `${clip}.mjpeg`) });
  const { page, complaints } = browser;
  try {
    await openPage(page, server.url);
    const session = await browser.session();
    const endMemory = startMemoryProbe(session);
    await page.evaluate(([way, options]) => globalThis.bench.start(way, options), [way, { ...optionsOf(shape), display }]);
    await wait(warmUpSeconds);
    const endProbe = await startCostProbe(page, session);
    await page.evaluate(() => globalThis.bench.begin());
    await wait(seconds);
    const cost = await endProbe();
    const peakMemoryMiB = await endMemory();
    const seen = await page.evaluate(() => globalThis.bench.end());
    await page.evaluate(() => globalThis.bench.stop());
    const errors = [...complaints, ...seen.collected.errors];
    const matched = matchFrames(seen, seen.matchBy);
    // The number in the picture is the second witness; a cover over the marker makes it silent, never wrong.
    const byMarker = matchFrames(seen, 'marker');
    return {
      id: `${clip}/${way}${display ? '/shown' : ''}`,
      clip, width, height, faces, way, display,
      seconds: matched.seconds,
      cameraFps: matched.cameraFps,
      outputFps: matched.outputFps,
      cameraFrames: matched.cameraFrames,
      outputFrames: matched.outputFrames,
      droppedFrames: matched.droppedFrames,
      repeatedFrames: matched.repeatedFrames,
      unexplainedFrames: matched.unexplainedFrames,
      markersAgree: Math.abs(byMarker.droppedFrames - matched.droppedFrames) <= byMarker.unexplainedFrames,
      endToEndMs: matched.latencyMs,
      ...workerNumbers(way, seen),
      mainThread: {
        taskShare: cost.taskShare - idle.taskShare,
        scriptShare: cost.scriptShare - idle.scriptShare,
        cpuShare: cost.cpuShare === null || idle.cpuShare === null ? null : cost.cpuShare - idle.cpuShare,
      },
      cpuSecondsPer100Frames: (cost.cpuSeconds / Math.max(1, matched.outputFrames)) * 100 * (matched.seconds / cost.seconds),
      cpuCores: cost.cpuSeconds / cost.seconds,
      peakMemoryMiB,
      othersCores: cost.othersCores,
      errors,
    };
  } finally {
    await browser.close();
  }
}

/** Added latency and stages, from each frame where the way is ours to time, from the session's reports where it is Bauta. */
function workerNumbers(way, { collected, fromMs, toMs }) {
  if (way !== 'bauta') {
    const { latency, ...stages } = collected.samples;
    return {
      addedLatencyMs: quantiles(latency),
      stagesMs: Object.fromEntries(Object.entries(stages).map(([stage, samples]) => [stage, quantiles(samples)])),
      ...(collected.faces === undefined ? {} : { backend: collected.backend, facesPerFrame: collected.faces.regions / Math.max(1, collected.faces.frames) }),
    };
  }
  const { stats, faces } = collected;
  const during = stats.filter(({ atMs }) => atMs >= fromMs && atMs < toMs + 500);
  if (during.length === 0) throw new Error('the session sent no stats while it was measured');
  const middle = (pick) => ({ p50: median(during.map((report) => pick(report).p50)), p95: median(during.map((report) => pick(report).p95)) });
  return {
    addedLatencyMs: middle(({ latencyMs }) => latencyMs),
    addedLatencyWorstP95Ms: Math.max(...during.map(({ latencyMs }) => latencyMs.p95)),
    stagesMs: Object.fromEntries(Object.keys(during[0].stagesMs).map((stage) => [stage, middle(({ stagesMs }) => stagesMs[stage])])),
    looksPerFrame: mean(during.map(({ looksPerFrame }) => looksPerFrame)),
    reportedDropped: during.at(-1).framesDropped - (stats.findLast(({ atMs }) => atMs < fromMs) ?? during[0]).framesDropped,
    coveredWholeShare: share(during, stats.findLast(({ atMs }) => atMs < fromMs)),
    facesPerFrame: faces.regions / Math.max(1, faces.frames - faces.whole),
    statsReports: during.length,
  };
}

function share(during, before) {
  const last = during.at(-1);
  const first = before ?? during[0];
  return (last.framesCoveredWhole - first.framesCoveredWhole) / Math.max(1, last.framesOut - first.framesOut);
}

/** Opens the benchmark's page and waits until it can be driven. */
export async function openPage(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => globalThis.bench !== undefined);
}

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
