import { makeClips } from '../../demo/clip/make.mjs';
import { at } from '../../scripts/paths.mjs';
import { serve } from '../../scripts/serve.mjs';
import { openBrowser } from '../bench/harness/browser.mjs';
import { followWorkers } from '../bench/harness/worker-session.mjs';
import { createMemoryProbe } from './memory.mjs';
import { growthOf, violationsOf } from './verdict.mjs';

/** The second is of another size: it comes in now and then. */
const CLIPS = ['bench-640x480-4', 'bench-1280x720-4'];
const WORKER = /\/redaction-[a-z0-9]+\.worker\.js/;
const UNCLOSED = /garbage collected without being closed/i;
const SAMPLES = 32;
const POLL_MS = 100;
/** Chromium tells of frames that were collected unclosed ten seconds later; a worker that is gone by then tells nothing. */
const TELLS_AFTER_MS = 12_000;

/**
 * Runs frames through a session as fast as it takes them and watches what they leave behind.
 * @param {object} options
 * @param {number} options.frames
 * @param {string} [options.worker] URL path of a worker script in place of the published one.
 * @param {Record<string, string>} [options.routes] further folders to serve.
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<{ samples: import('./memory.mjs').MemorySample[], growth: ReturnType<typeof growthOf>, violations: string[],
 *   framesPerSecond: number, left: { out: number, faces: number, whole: number } }>}
 */
export async function soak({ frames, worker, routes = {}, log = () => {} }) {
  await makeClips({ only: CLIPS });
  const server = await serve({
    routes: {
      '/': at('e2e', 'soak', 'page'),
      '/bench/': at('e2e', 'bench', 'page'),
      '/bauta/': at('dist'),
      '/clips/': at('.cache', 'clips'),
      '/consent.mjs': at('e2e', 'support', 'page', 'consent.mjs'),
      '/comlink/': at('node_modules', 'comlink', 'dist', 'esm'),
      '/canonicalize/': at('node_modules', 'canonicalize', 'lib'),
      '/idb/': at('node_modules', 'idb', 'build'),
      ...routes,
    },
  });
  const browser = await openBrowser({ camera: false });
  const { page } = browser;
  /** @type {string[]} */
  const warnings = [];
  const note = (/** @type {string} */ text) => {
    if (UNCLOSED.test(text)) warnings.push(text);
  };
  try {
    page.on('console', (message) => note(message.text()));
    const following = await followWorkers(page, (found) => {
      found.on('Log.entryAdded', ({ entry }) => note(entry.text));
      found.send('Log.enable').catch(() => undefined); // The worker may be over already; then it has nothing to tell.
    });
    const redactionWorkers = () => following.workers().filter(({ url }) => WORKER.test(url));
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.soak !== undefined);
    await page.evaluate((options) => globalThis.soak.start(options), { frames, clips: CLIPS, worker });
    const probe = await createMemoryProbe(page, await browser.session(), () => {
      const [found] = redactionWorkers();
      if (found === undefined) throw new Error('the redaction worker is gone');
      return found;
    });
    const { samples, seconds } = await follow(page, probe, frames, log).catch(async (cause) => {
      const { errors, failure } = await page.evaluate(() => globalThis.soak.finish());
      throw new Error(`the run broke off: ${[failure, ...errors, ...browser.complaints].join('; ')}`, { cause });
    });
    const left = await page.evaluate(() => globalThis.soak.finish());
    const growth = growthOf(samples);
    const workersLeft = await settled(() => redactionWorkers().length);
    const violations = violationsOf({ frames, growth, left, warnings, complaints: browser.complaints, workersLeft });
    return { samples, growth, violations, framesPerSecond: left.out / seconds, left };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Samples until all frames are out. */
async function follow(page, probe, frames, log) {
  const samples = [];
  const step = frames / SAMPLES;
  const started = performance.now();
  let seconds = 0;
  for (;;) {
    const { out, done, failure } = await page.evaluate(() => globalThis.soak.progress());
    if (failure !== null || (done && samples.length >= SAMPLES)) break;
    if (!done) seconds = (performance.now() - started) / 1000;
    if (out >= step * samples.length || done) {
      const sample = await probe(out);
      samples.push(sample);
      log(
        `${String(out).padStart(6)} of ${frames}: worker heap ${sample.workerHeapMiB.toFixed(1)}, buffers ${sample.buffersMiB.toFixed(1)}, ` +
          `browser ${sample.residentMiB?.toFixed(0) ?? '-'} MiB`,
      );
    } else {
      await pause(POLL_MS);
    }
  }
  await pause(TELLS_AFTER_MS - (performance.now() - started));
  return { samples, seconds };
}

/** A worker that was ended takes a moment to be gone. */
async function settled(count) {
  for (let i = 0; i < 20 && count() > 0; i++) await pause(POLL_MS);
  return count();
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
