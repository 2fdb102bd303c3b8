import { REDACTION_METHODS, openRedactionSession } from 'bauta';
import { grantFrom, mountIndicator, openLedger } from '/consent.mjs';

/** @type {any} */
let run = null;

/** Driven from outside, see ../soak.mjs. */
globalThis.soak = {
  /**
   * Opens a session on a track of generated frames and feeds it as fast as redacted frames come out.
   * @param {{ frames: number, clips: string[], worker?: string }} options `worker`: a script in place of the published one.
   */
  async start({ frames, clips, worker }) {
    const source = new MediaStreamTrackGenerator({ kind: 'video' });
    const facts = { errors: [], stopReport: null, faces: 0, whole: 0, stats: null, mostOpenFrames: 0, failedSelfTests: 0 };
    const session = await openRedactionSession({
      // A scene in which every way of covering is allowed.
      grant: await grantFrom(await openLedger({ scene: 'call' })),
      indicator: mountIndicator(),
      source: { kind: 'track', track: source },
      assets: { createWorker: () => watchStop(createWorker(worker), facts) },
    });
    for (const type of ['error', 'incident']) session.addEventListener(type, ({ detail }) => facts.errors.push(`${detail.code}: ${detail.message}`));
    session.addEventListener('self-test', ({ detail }) => (facts.failedSelfTests += detail.passed ? 0 : 1));
    session.addEventListener('faces', ({ detail }) => {
      facts.faces += detail.faces.length;
      facts.whole += detail.whole === null ? 0 : 1;
    });
    session.addEventListener('stats', ({ detail }) => {
      facts.stats = detail;
      facts.mostOpenFrames = Math.max(facts.mostOpenFrames, detail.openFrames);
    });
    run = { session, source, facts, feeder: startFeeder(session, source, { frames, clips }), progress: { fed: 0, out: 0, failure: null, done: false } };
    run.feeder.onmessage = ({ data }) => {
      run.progress = data;
      if (data.turn !== null) void session.setRedaction({ method: REDACTION_METHODS[data.turn % REDACTION_METHODS.length] }).catch((error) => facts.errors.push(String(error)));
    };
    run.feeder.onerror = ({ message }) => (run.progress = { ...run.progress, failure: message });
  },

  progress: () => run.progress,

  /** Closes the session; answers what it left. */
  async finish() {
    const { session, source, feeder, facts, progress } = run;
    await session.close();
    feeder.terminate();
    source.stop();
    run = null;
    return { ...facts, ...progress, state: session.state, trackState: session.track.readyState };
  },
};

function createWorker(script) {
  return new Worker(script ?? new URL('/bauta/workers/redaction-onnx.worker.js', location.href), { type: 'module' });
}

/** The worker's last answer goes to the session alone; here it is overheard. */
function watchStop(worker, facts) {
  worker.addEventListener('message', ({ data }) => {
    const openFrames = data?.value?.value?.openFrames;
    if (typeof openFrames === 'number') facts.stopReport = { openFrames };
  });
  return worker;
}

function startFeeder(session, source, { frames, clips }) {
  const feeder = new Worker('/feeder-worker.mjs', { type: 'module' });
  const { readable } = new MediaStreamTrackProcessor({ track: session.track, maxBufferSize: 4 });
  const { writable } = source;
  feeder.postMessage({ readable, writable, frames, clips }, [readable, writable]);
  return feeder;
}
