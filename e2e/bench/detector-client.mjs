// Opens a page with the detector worker in Chromium, served from the sources. For detectors.mjs.
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumLaunchOptions } from '../../scripts/chromium.mjs';

/**
 * @param {string | null} dataFolder served under /data/
 * @returns {Promise<{ call: (name: string, ...args: unknown[]) => Promise<any>, close: () => Promise<void> }>}
 */
export async function openDetectorWorker(dataFolder) {
  const server = await createServer({
    configFile: false,
    logLevel: 'error',
    root: normalize(new URL('../..', import.meta.url).pathname),
    cacheDir: 'node_modules/.vite-bench',
    server: { port: 0, hmr: false, watch: null },
    optimizeDeps: { include: ['onnxruntime-web/wasm', '@mediapipe/tasks-vision'], noDiscovery: true },
    plugins: [
      {
        name: 'data-folder',
        configureServer({ middlewares }) {
          middlewares.use('/blank', (_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
          middlewares.use('/data', (request, response) => {
            const path = normalize(decodeURIComponent(request.url ?? ''));
            if (dataFolder === null || path.includes('..')) return void response.writeHead(404).end();
            readFile(join(dataFolder, path)).then(
              (bytes) => response.end(bytes),
              () => response.writeHead(404).end(),
            );
          });
        },
      },
    ],
  });
  await server.listen();
  const browser = await chromium.launch(chromiumLaunchOptions({ camera: false }));
  const page = await browser.newPage();
  page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
  await page.goto(new URL('/blank', server.resolvedUrls.local[0]).href);
  await page.evaluate(() => {
    const worker = new Worker('/e2e/bench/detectors-worker.ts', { type: 'module' });
    const waiting = new Map();
    let next = 0;
    worker.addEventListener('message', ({ data: { id, value, error } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    });
    worker.addEventListener('error', (event) => {
      for (const { reject } of waiting.values()) reject(new Error(`worker: ${event.message}`));
    });
    window.callWorker = (call, args) =>
      new Promise((resolve, reject) => {
        waiting.set(next, { resolve, reject });
        worker.postMessage({ id: next++, call, args });
      });
  });
  return {
    call: (name, ...args) => page.evaluate(([call, list]) => window.callWorker(call, list), [name, args]),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
