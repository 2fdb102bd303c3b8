import { createMonitor } from '../monitor.mjs';

const CAMERA_FPS = 30;
/** After the models are there and before covers are recorded. */
const SETTLE_MS = 1500;
const SAME_FRAME_US = 2000;
/** A frame that nobody took up is shown again after this long, so often. */
const PATIENCE_MS = 8000;
const ATTEMPTS = 4;
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs a way on frames in memory, of which each is known: for what it covers, and for how many it can take.
 * @param {(source: object) => Promise<any>} start of the way.
 * @param {{ clip: string, frames: number }} options `frames`: of the clip that are kept and played in a loop.
 */
export async function openFed(start, { clip, frames }) {
  const source = new MediaStreamTrackGenerator({ kind: 'video' });
  const worker = new Worker('/feeder/feeder-worker.mjs', { type: 'module' });
  const feeder = talkTo(worker);
  const { writable } = source;
  const opened = feeder.answer('opened');
  worker.postMessage({ kind: 'open', clip, frames, writable }, [writable]);
  const { frames: count } = await opened;
  worker.postMessage({ kind: 'play', fps: CAMERA_FPS });
  const running = await start({ kind: 'track', track: source });
  const monitor = createMonitor();
  await monitor.watch('output', running.track.clone());
  await sleep(SETTLE_MS);

  return {
    /**
     * What lay under a cover, frame by frame. A way that keeps timestamps plays at the camera's pace, as its rules go by time; a
     * way that knows frames by their number alone, and none but the one before it, gets as long as it wants for every
     * `every`th one.
     */
    async covers({ every }) {
      return running.matchBy === 'timestamp' ? coversAtPace() : coversStepByStep(every);
    },

    /** More frames than can be taken, for some seconds: those that came out. */
    async flood({ fps, seconds }) {
      worker.postMessage({ kind: 'play', fps });
      await sleep(SETTLE_MS);
      monitor.clear();
      const fromMs = performance.timeOrigin + performance.now();
      await sleep(seconds * 1000);
      const toMs = performance.timeOrigin + performance.now();
      const { output } = await monitor.report();
      worker.postMessage({ kind: 'play', fps: CAMERA_FPS });
      return { output, fromMs, toMs, matchBy: running.matchBy };
    },

    async stop() {
      const { errors, backend = null } = await running.collect();
      monitor.close();
      await running.stop();
      worker.terminate();
      source.stop();
      return { errors: [...errors, ...feeder.failures], backend };
    },
  };

  async function coversAtPace() {
    await report();
    running.recordCovers();
    await sleep((count / CAMERA_FPS) * 1000);
    const covers = running.takeCovers();
    const written = await report();
    return covers.flatMap(({ timestampUs, whole, regions }) => {
      const match = written.find((frame) => Math.abs(frame.timestampUs - timestampUs) <= SAME_FRAME_US);
      return match === undefined ? [] : [{ index: match.index, whole, regions }];
    });
  }

  async function coversStepByStep(every) {
    /** @type {(marker: number) => void} */
    let told = () => undefined;
    worker.postMessage({ kind: 'play', fps: 0 });
    running.recordCovers((marker) => told(marker));
    for (let index = 0; index < count; index += every) {
      let done = false;
      const looked = new Promise((resolve) => {
        told = (marker) => {
          if (marker !== index) return;
          done = true;
          resolve(undefined);
        };
      });
      for (let attempt = 0; attempt < ATTEMPTS && !done; attempt++) {
        worker.postMessage({ kind: 'show', index });
        await Promise.race([looked, sleep(PATIENCE_MS)]);
      }
      if (!done) throw new Error(`frame ${index} of ${clip} was never looked at`);
    }
    return running.takeCovers().map(({ marker, whole, regions }) => ({ index: marker, whole, regions }));
  }

  async function report() {
    const answer = feeder.answer('report');
    worker.postMessage({ kind: 'report' });
    return (await answer).written;
  }
}

/** @param {Worker} worker */
function talkTo(worker) {
  /** @type {Map<string, { resolve(message: any): void, reject(error: Error): void }>} */
  const waiting = new Map();
  /** @type {string[]} */
  const failures = [];
  const fail = (/** @type {string} */ message) => {
    failures.push(message);
    for (const { reject } of waiting.values()) reject(new Error(`the feeder failed: ${message}`));
    waiting.clear();
  };
  worker.onmessage = ({ data }) => {
    if (data.kind === 'failed') return fail(data.message);
    waiting.get(data.kind)?.resolve(data);
    waiting.delete(data.kind);
  };
  worker.onerror = ({ message }) => fail(message);
  return { failures, answer: (/** @type {string} */ kind) => new Promise((resolve, reject) => waiting.set(kind, { resolve, reject })) };
}
