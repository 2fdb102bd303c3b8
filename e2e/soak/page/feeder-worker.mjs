// Writes frames to the source and waits for them at the output, so that the pipeline sets the pace and nothing is dropped.
import { frameOf, readClip } from '/bench/clip-frames.mjs';

const STEP_US = 33_333;
/** The buffer before the worker holds one frame, and a newer one takes its place: a second on its way could push out the first. */
const IN_FLIGHT = 1;
/** Frames of each clip that are kept in memory. */
const KEPT = 60;
/** Of every `PERIOD` frames the last `OTHER` come from the second clip, which has another size. */
const PERIOD = 100;
const OTHER = 15;
/** Frames after which another way of covering is asked for. */
const TURN = 50;
const TOLD_EVERY = 10;
const PATIENCE_MS = 20_000;
/** Chromium may blur timestamps a little. */
const SAME_FRAME_US = 2000;

globalThis.onmessage = ({ data }) => void feed(data);

async function feed({ readable, writable, frames, clips }) {
  const pictures = [];
  for (const clip of clips) pictures.push(await readClip(`/clips/${clip}.mjpeg`, KEPT));
  const reader = readable.getReader();
  const writer = writable.getWriter();
  /** @type {Set<number>} timestamps of frames that are on their way */
  const pending = new Set();
  let fed = 0;
  let out = 0;
  let failure = null;

  while (out < frames) {
    while (fed < frames && pending.size < IN_FLIGHT) {
      const timestampUs = fed * STEP_US;
      const kept = pictures[fed % PERIOD >= PERIOD - OTHER ? 1 : 0];
      pending.add(timestampUs);
      await writer.write(frameOf(kept[fed % kept.length], timestampUs));
      fed += 1;
      if (fed % TURN === 0) tell(fed / TURN);
    }
    const frame = await within(reader.read(), PATIENCE_MS);
    if (frame === null) {
      failure = `no frame came out for ${PATIENCE_MS} ms`;
      break;
    }
    const due = [...pending].find((timestampUs) => Math.abs(timestampUs - frame.timestamp) <= SAME_FRAME_US);
    frame.close();
    if (due === undefined) {
      failure = `a frame of ${frame.timestamp} us came out that nobody waited for`;
      break;
    }
    pending.delete(due);
    out += 1;
    if (out % TOLD_EVERY === 0) tell(null);
  }
  tell(null, true);

  function tell(turn, done = false) {
    postMessage({ fed, out, failure, done, turn });
  }
}

async function within(reading, ms) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms, { done: true })));
  const { done, value } = await Promise.race([reading, late]);
  clearTimeout(timer);
  return done ? null : value;
}
