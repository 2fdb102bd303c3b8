import type { Milliseconds } from '../core/time.ts';

const MOST_THREADS = 4;
/** How the runtime (Emscripten's pthreads) names the workers that it makes of the script it is in. */
const THREAD_NAME = 'em-pthread';
const PROBE_NAME = `${THREAD_NAME}-probe`;
const PROBE_TIMEOUT_MS: Milliseconds = 3000;

/**
 * How many threads a runtime may have here: half the cores, as the camera's worker needs the others, four at most; one where memory
 * cannot be shared because the page is not cross-origin isolated, or where this script may not start itself as a worker.
 * @param scriptUrl of the worker's own script, which calls {@link serveAsRuntimeThread}.
 */
export async function threadsHere(scriptUrl: string): Promise<number> {
  const threads = Math.min(navigator.hardwareConcurrency >> 1, MOST_THREADS);
  return globalThis.crossOriginIsolated && threads > 1 && (await mayStart(scriptUrl)) ? threads : 1;
}

/**
 * To be called first by a script whose runtime has threads. True in a worker that the runtime has started to compute on: there the
 * script has nothing else to do but to shut its network.
 */
export function serveAsRuntimeThread(): boolean {
  const { name = '' } = globalThis as { readonly name?: string };
  if (name === PROBE_NAME) postMessage('started');
  return name.startsWith(THREAD_NAME);
}

/** A runtime whose threads never start waits for ever, so one is tried. */
async function mayStart(scriptUrl: string): Promise<boolean> {
  let worker: Worker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    worker = new Worker(scriptUrl, { type: 'module', name: PROBE_NAME });
    const probe = worker;
    return await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => { resolve(false); }, PROBE_TIMEOUT_MS);
      probe.addEventListener('message', () => { resolve(true); }, { once: true });
      probe.addEventListener('error', () => { resolve(false); }, { once: true });
    });
  } catch {
    return false; // Some browsers throw what others tell by an event: the policy does not allow it.
  } finally {
    clearTimeout(timer);
    worker?.terminate();
  }
}
