import { cpuOf, residentMiB } from '../bench/harness/processes.mjs';

/**
 * @typedef {{ frames: number, seconds: number, pageHeapMiB: number, workerHeapMiB: number, buffersMiB: number,
 *   residentMiB: number | null }} MemorySample
 *   Heaps after a collection; `buffersMiB`: array buffers of the worker, WebAssembly memory included; `residentMiB`: all
 *   processes of the browser, null where there is no /proc.
 */

const MIB = 2 ** 20;

/**
 * Takes samples of one run.
 * @param {import('playwright').Page} page
 * @param {import('playwright').CDPSession} browserSession
 * @param {() => import('../bench/harness/worker-session.mjs').WorkerSession} worker
 */
export async function createMemoryProbe(page, browserSession, worker) {
  const pageSession = await page.context().newCDPSession(page);
  const started = performance.now();
  return async (/** @type {number} */ frames) => {
    const inWorker = worker();
    await pageSession.send('HeapProfiler.collectGarbage');
    // Twice: what a first collection finalises, a second one frees.
    await inWorker.send('HeapProfiler.collectGarbage');
    await inWorker.send('HeapProfiler.collectGarbage');
    const { usedSize: pageHeap } = await pageSession.send('Runtime.getHeapUsage');
    const { usedSize: workerHeap, backingStorageSize } = await inWorker.send('Runtime.getHeapUsage');
    return {
      frames,
      seconds: (performance.now() - started) / 1000,
      pageHeapMiB: pageHeap / MIB,
      workerHeapMiB: workerHeap / MIB,
      buffersMiB: backingStorageSize / MIB,
      residentMiB: await residentOf(browserSession),
    };
  };
}

async function residentOf(browserSession) {
  const { processes } = await cpuOf(browserSession);
  const sizes = processes.map(({ pid }) => residentMiB(pid));
  return sizes.every((size) => size === null) ? null : sizes.reduce((sum, size) => sum + (size ?? 0), 0);
}
