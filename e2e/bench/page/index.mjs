import { openFed } from './feeder/fed.mjs';
import { createMonitor } from './monitor.mjs';

/** @type {Record<string, { load: () => Promise<any>, options?: object }>} */
const WAYS = {
  bauta: { load: () => import('./way-bauta.mjs') },
  copy: { load: () => import('./way-copy.mjs') },
  mediapipe: { load: () => import('./peers/mediapipe.mjs') },
  'mediapipe-boxes': { load: () => import('./peers/mediapipe.mjs'), options: { cover: 'boxes' } },
  human: { load: () => import('./peers/human.mjs') },
  'face-api-tiny': { load: () => import('./peers/face-api.mjs'), options: { detector: 'tiny' } },
  'face-api-ssd': { load: () => import('./peers/face-api.mjs'), options: { detector: 'ssd' } },
};
/** @param {string} way @returns {Promise<(source: object, options?: object) => Promise<any>>} */
async function startOf(way) {
  const { load, options } = WAYS[way];
  const { start } = await load();
  return (source, more) => start(source, { ...options, ...more });
}
const now = () => performance.timeOrigin + performance.now();
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Camera frames taken at the end of the window may still be on their way out. */
const GRACE_MS = 1000;

/** @type {any} */
let run = null;
/** @type {any} */
let fed = null;

/** Driven from outside, see ../sections. */
globalThis.bench = {
  /** Loads the code of a way, as an app has loaded it before the person presses start. */
  async prepare(way) {
    await WAYS[way].load();
  },

  /** Opens the camera and runs a way on it; the camera is watched on a track of its own. */
  async start(way, { width, height, display = false, ...options }) {
    const start = await startOf(way);
    const track = await openCamera(width, height);
    const monitor = createMonitor();
    // What is watched is a clone: the other track is read as it would be without the benchmark.
    await monitor.watch('input', track.clone());
    const running = await start({ kind: 'track', track }, options);
    await monitor.watch('output', running.track.clone());
    if (display) show(running.track);
    run = { running, monitor, track, fromMs: now() };
  },

  /** The measured seconds begin now. */
  begin() {
    run.monitor.clear();
    run.running.begin();
    run.fromMs = now();
  },

  /** They end now; answers everything seen. */
  async end() {
    const toMs = now();
    const { running, monitor, fromMs } = run;
    const collected = await running.collect();
    await sleep(GRACE_MS);
    const { input, output } = await monitor.report();
    return { input, output, fromMs, toMs, matchBy: running.matchBy, collected };
  },

  async stop() {
    const { running, monitor, track } = run;
    run = null;
    monitor.close();
    await running.stop();
    track.stop();
  },

  /** From the call that opens everything, camera included, to the first frame out; then it goes on for a while, as a visit does. */
  async firstFrame(way, { width, height, goOnMs = 0, ...options }) {
    const start = await startOf(way);
    const monitor = createMonitor();
    const calledMs = now();
    const running =
      way === 'bauta'
        ? await start({ kind: 'camera', constraints: constraints(width, height) }, options)
        : await start({ kind: 'track', track: await openCamera(width, height) }, options);
    const openedMs = now();
    const searched = way === 'bauta' ? firstSearched(running) : Promise.resolve(0);
    const firstMs = await monitor.watch('output', running.track.clone());
    const searchedMs = await searched;
    const { errors, engine, grantedMs = calledMs } = await running.collect();
    await sleep(goOnMs);
    await running.stop();
    monitor.close();
    return {
      grantMs: grantedMs - calledMs,
      openedMs: openedMs - calledMs,
      firstFrameMs: firstMs - calledMs,
      firstSearchedMs: way === 'bauta' ? searchedMs - calledMs : firstMs - calledMs,
      loadMs: engine?.loadMs ?? null,
      errors,
    };
  },

  /** A way on frames in memory; see `feeder/fed.mjs` for what can be asked of it. */
  async openFed(way, { clip, frames, ...options }) {
    const start = await startOf(way);
    fed = await openFed((source) => start(source, options), { clip, frames });
  },
  covers: (options) => fed.covers(options),
  flood: (options) => fed.flood(options),
  closeFed: () => fed.stop(),

  /** Nothing at all: what an open page costs by itself. */
  idle: sleep,

  /** Runs a module worker that measures by itself and answers one message. */
  async runWorker(url, request) {
    const worker = new Worker(url, { type: 'module' });
    try {
      return await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data) : reject(new Error(data.error)));
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(request);
      });
    } finally {
      worker.terminate();
    }
  },
};

const constraints = (width, height) => ({ width: { exact: width }, height: { exact: height }, frameRate: { ideal: 30 } });

async function openCamera(width, height) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: constraints(width, height) });
  return stream.getVideoTracks()[0];
}

/** When the first frame came that was not covered whole. */
async function firstSearched(running) {
  for (;;) {
    const { faces, errors } = await running.collect();
    if (faces.frames > faces.whole) return now();
    if (errors.length > 0) throw new Error(errors.join('; '));
    await sleep(2);
  }
}

function show(track) {
  const video = document.createElement('video');
  video.muted = true;
  video.style.width = '100%';
  video.srcObject = new MediaStream([track]);
  document.body.append(video);
  void video.play();
}
