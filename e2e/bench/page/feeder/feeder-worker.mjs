// A camera of frames in memory: plays them at a rate, faster than any camera if asked to, or shows one at a time.
import { frameOf, readClip } from '../clip-frames.mjs';

/** @type {{ width: number, height: number, data: Uint8Array<ArrayBuffer> }[]} */
let pictures = [];
/** @type {WritableStreamDefaultWriter<VideoFrame>} */
let writer;
/** Frames a second; 0 stands still. */
let rate = 0;
let position = 0;
let dueMs = 0;
/** @type {number | undefined} */
let timer;
/** @type {{ timestampUs: number, index: number }[]} */
let written = [];

globalThis.onmessage = ({ data }) => {
  void answer(data).catch((error) => postMessage({ kind: 'failed', message: String(error) }));
};

async function answer(data) {
  if (data.kind === 'open') {
    pictures = await readClip(`/clips/${data.clip}.mjpeg`, data.frames);
    writer = data.writable.getWriter();
    postMessage({ kind: 'opened', frames: pictures.length });
  }
  if (data.kind === 'play') play(data.fps);
  if (data.kind === 'show') {
    play(0);
    await write(data.index);
  }
  if (data.kind === 'report') {
    postMessage({ kind: 'report', written });
    written = [];
  }
}

function play(fps) {
  rate = fps;
  clearTimeout(timer);
  dueMs = performance.now();
  if (fps > 0) void tick();
}

async function tick() {
  await write(position);
  position = (position + 1) % pictures.length;
  if (rate === 0) return;
  // A late frame is not made up for by a burst.
  dueMs = Math.max(dueMs + 1000 / rate, performance.now() - 1000 / rate);
  timer = setTimeout(() => void tick(), Math.max(0, dueMs - performance.now()));
}

async function write(index) {
  const timestampUs = Math.round(performance.now() * 1000);
  written.push({ timestampUs, index });
  await writer.write(frameOf(pictures[index], timestampUs));
}
