// Takes each frame, copies its planes into memory of its own, wraps that memory in a new frame, writes it.
let samples = { read: [], compose: [], write: [], latency: [] };
let dropped = 0;

globalThis.onmessage = ({ data }) => {
  if (data.kind === 'start') void run(data);
  if (data.kind === 'clear') {
    samples = { read: [], compose: [], write: [], latency: [] };
    dropped = 0;
  }
  if (data.kind === 'report') postMessage({ samples, dropped });
};

async function run({ readable, writable, delayMs, dropEvery }) {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  for (let count = 1; ; count++) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    if (dropEvery > 0 && count % dropEvery === 0) {
      frame.close();
      dropped += 1;
      continue;
    }
    const taken = performance.now();
    const copy = await copyFrame(frame);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const before = performance.now();
    await writer.ready;
    await writer.write(copy);
    const written = performance.now();
    samples.write.push(written - before);
    samples.latency.push(written - taken);
  }
}

async function copyFrame(frame) {
  const before = performance.now();
  const { format, timestamp, duration, displayWidth, displayHeight } = frame;
  const { width: codedWidth, height: codedHeight } = frame.visibleRect;
  const colorSpace = frame.colorSpace.toJSON();
  const data = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(data);
  frame.close();
  const copied = performance.now();
  const copy = new VideoFrame(data, {
    format, timestamp, codedWidth, codedHeight, displayWidth, displayHeight, layout, colorSpace,
    ...(duration === null ? {} : { duration }),
    transfer: [data.buffer],
  });
  samples.read.push(copied - before);
  samples.compose.push(performance.now() - copied);
  return copy;
}
