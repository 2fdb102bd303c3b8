// The browser with the page that the measures drive.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { at } from '../../scripts/paths.mjs';
import { serve } from '../../scripts/serve.mjs';
import { startMemoryProbe } from '../bench/harness/memory-probe.mjs';
import { decodedFrames } from './measures/video/decoded-frames.mjs';

/** Thrown where the run was stopped from outside. */
export class Stopped extends Error {}

/**
 * @param {{ data: string, evaluated: { dist: string, workers: string }, signal: AbortSignal }} options `data`: folder served under /data/.
 */
export async function openHarness({ data, evaluated, signal }) {
  const frames = decodedFrames();
  const server = await serve({
    routes: {
      '/': at('e2e', 'evaluate', 'page'),
      '/bauta/': evaluated.dist,
      '/consent.mjs': at('e2e', 'support', 'page', 'consent.mjs'),
      '/workers/': evaluated.workers,
      '/data/': data,
      '/comlink/': at('node_modules', 'comlink', 'dist', 'esm'),
      '/idb/': at('node_modules', 'idb', 'build'),
      '/canonicalize/': at('node_modules', 'canonicalize', 'lib'),
    },
    intercept: (request, response) => frames.answer(request, response),
  });
  const browser = await chromium.launch({ executablePath: requireChromium(), args: chromiumArgs({ camera: false }), headless: true, handleSIGINT: false });
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  let onProgress = (/** @type {number} */ _done) => {};
  await page.exposeFunction('tellProgress', (/** @type {number} */ done) => onProgress(done));
  await page.goto(server.url);
  await page.waitForFunction(() => 'evaluationReady' in globalThis).catch((error) => {
    throw new Error(`the page did not start: ${complaints.join('; ')}`, { cause: error });
  });
  const stopped = new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Stopped('stopped')), { once: true });
  });
  stopped.catch(() => undefined); // It is raced with every call below.

  return {
    version: `Chromium ${browser.version()}`,
    frames,
    /** Tells one build of a worker from another. @param {string} worker file name */
    fingerprint: (worker) => createHash('sha256').update(readFileSync(join(evaluated.workers, worker))).update(readFileSync(at('models', 'manifest.json'))).digest('hex'),
    /** Peak memory of the browser from now on, see ../bench/harness/memory-probe.mjs. */
    probeMemory: async () => startMemoryProbe(await browser.newBrowserCDPSession()),
    /**
     * Calls `evaluation[name]` in the page.
     * @param {string} name @param {unknown[]} args @param {(done: number) => void} [progress]
     * @returns {Promise<any>}
     */
    async call(name, args, progress = () => {}) {
      signal.throwIfAborted();
      onProgress = progress;
      const run = page.evaluate(([method, list]) => globalThis.evaluation[method](...list), /** @type {const} */ ([name, args]));
      const result = await Promise.race([run, stopped]);
      if (complaints.length > 0) throw new Error(`the page: ${complaints.join('; ')}`);
      return result;
    },
    async close() {
      frames.close();
      await browser.close();
      await server.close();
    },
  };
}
