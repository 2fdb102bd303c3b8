/** Enough that the monitor never is the one that drops. */
const QUEUE_FRAMES = 30;

/** Watches tracks from a worker: when each frame arrives, and which it is. */
export function createMonitor() {
  const worker = new Worker('/monitor-worker.mjs', { type: 'module' });
  /** @type {Record<string, (message: any) => void>} */
  const waiting = {};
  worker.onmessage = ({ data }) => waiting[data.kind === 'first' ? `first ${data.side}` : data.kind]?.(data);
  worker.onerror = ({ message }) => {
    throw new Error(`the monitor failed: ${message}`);
  };
  const answer = (/** @type {string} */ key) => new Promise((resolve) => (waiting[key] = resolve));
  return {
    /**
     * @param {'input' | 'output'} side
     * @param {MediaStreamTrack} track
     * @returns {Promise<number>} when its first frame arrived, milliseconds since the epoch.
     */
    async watch(side, track) {
      const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: QUEUE_FRAMES });
      const first = answer(`first ${side}`);
      worker.postMessage({ kind: 'watch', side, readable }, [readable]);
      return (await first).atMs;
    },
    clear() {
      worker.postMessage({ kind: 'clear' });
    },
    async report() {
      const report = answer('report');
      worker.postMessage({ kind: 'report' });
      return (await report).seen;
    },
    close() {
      worker.terminate();
    },
  };
}
