// Runs frames through the parts of a session in step: the next frame is handed over when the worker asks for it, and what
// time it is then, the worker's clock says (../workers/clock.ts). Everything from the intake port to the outlet port is the library's.
import { startEngine } from '/bauta/session/engine.js';
import { pipelineSettings } from '/bauta/session/session-options.js';
import { transfer } from 'comlink';
import { openGrant } from './grant.mjs';
import { evaluatedWorker } from './workers.mjs';

/** Milliseconds of a frame beside its looks, on the reference machine. */
const OTHER_WORK_MS = 4;
const TIMEOUT_MS = 30_000;

/**
 * @typedef {{ whole: string | null, regions: { trackId: number | null, x: number, y: number, width: number, height: number }[] }} Planned
 * @typedef {Planned & { index: number }} FrameResult
 */

/** @param {{ worsen: string | null, delayFrames?: number, detection?: object }} options */
export async function openSteppedSession({ worsen, delayFrames = 0, detection = {} }) {
  const options = { grant: await openGrant(), detection: { timeoutMs: TIMEOUT_MS, ...detection }, tracking: { delayFrames } };
  /** @type {string[]} */
  const failures = [];
  /** @type {(report: any) => void} */
  let onFaces = () => {};
  let onEnded = () => {};
  let onLost = (/** @type {Error} */ error) => void failures.push(String(error));
  /** @type {Worker | null} */
  let worker = null;
  const listeners = {
    onEvent({ kind, data }) {
      if (kind === 'faces') onFaces(data);
      if (kind === 'ended') onEnded();
      if (kind === 'error' || kind === 'incident') failures.push(`${data.code}: ${data.message}`);
    },
    onLost: (/** @type {Error} */ error) => onLost(error),
  };
  const createWorker = () => (worker = evaluatedWorker({ worsen }));
  const { host } = await startEngine({ ...options, assets: { createWorker } }, pipelineSettings(options), listeners, new AbortController().signal);

  /** Sets the clock to no earlier than this. @param {number} atLeastMs @returns {Promise<{ nowMs: number, looks: Record<string, number>, plans: Planned[] }>} */
  const clock = (atLeastMs) =>
    new Promise((resolve) => {
      const listen = ({ data }) => {
        if (data?.clock === undefined) return;
        worker?.removeEventListener('message', listen);
        resolve(data.clock);
      };
      worker?.addEventListener('message', listen);
      worker?.postMessage({ clock: { atLeastMs } });
    });

  const outlet = new MessageChannel();
  outlet.port1.onmessage = ({ data }) => {
    data.frame.close();
    outlet.port1.postMessage({ kind: 'shown' });
  };
  await host.call((remote) => remote.setOutlet(transfer({ kind: 'port', port: outlet.port2 }, [outlet.port2])));

  return {
    failures,
    /**
     * Runs a source from its start to its end. A frame that comes while the worker is busy is lost, as a camera's is.
     * @param {{ count: number, fps: number, frameOf(index: number, timestampUs: number): Promise<VideoFrame> }} source
     * @param {(done: number) => void} [onProgress]
     * @returns {Promise<{ frames: FrameResult[], looks: Record<string, number> }>}
     */
    async play({ count, fps, frameOf }, onProgress = () => {}) {
      /** @type {Map<number, number>} */
      const indexAt = new Map();
      /** @type {{ index: number, whole: string | null }[]} frames that came out */
      const out = [];
      /** @type {Planned[]} */
      const plans = [];
      /** @type {Record<string, number>} */
      const looks = {};
      onFaces = ({ timestampUs, whole }) => {
        const index = indexAt.get(timestampUs);
        if (index === undefined) failures.push(`a frame of ${timestampUs} us came out that never went in`);
        else out.push({ index, whole });
      };
      const intake = new MessageChannel();
      await new Promise((resolve, reject) => {
        onEnded = () => resolve(undefined);
        onLost = reject;
        let startMs = NaN;
        let next = 0;
        intake.port1.onmessage = () => void feed().catch(reject);
        const feed = async () => {
          const isFirst = Number.isNaN(startMs);
          const before = await clock(0);
          plans.push(...before.plans);
          if (isFirst) startMs = before.nowMs;
          const nowMs = before.nowMs + (isFirst ? 0 : OTHER_WORK_MS);
          for (const [eye, times] of Object.entries(isFirst ? {} : before.looks)) looks[eye] = (looks[eye] ?? 0) + times;
          const index = isFirst ? 0 : Math.max(next, Math.floor(((nowMs - startMs) * fps) / 1000));
          next = index + 1;
          if (index >= count) {
            intake.port1.postMessage({ kind: 'end' });
            return;
          }
          const timestampUs = Math.round((index * 1e6) / fps);
          indexAt.set(timestampUs, index);
          const frame = await frameOf(index, timestampUs);
          await clock(Math.max(nowMs, startMs + (index * 1000) / fps));
          intake.port1.postMessage({ kind: 'frame', frame }, [frame]);
          onProgress(next);
        };
        host.call((remote) => remote.setIntake(transfer({ kind: 'port', port: intake.port2 }, [intake.port2]))).catch(reject);
      });
      intake.port1.close();
      plans.push(...(await clock(0)).plans);
      // A plan for each frame that came out, in the same order.
      if (plans.length !== out.length || out.some(({ whole }, i) => whole !== plans[i].whole)) failures.push(`${out.length} frames came out, ${plans.length} were planned`);
      return { frames: out.map(({ index }, i) => ({ index, ...plans[i] })), looks };
    },
    close: () => host.close(),
  };
}
