// Notes when each frame of the camera and of the output arrives. Off the main thread, so that it does not count as busy.
import { markerArea, readFrameMarker } from '/clip/marker.mjs';

/** @type {Record<'input' | 'output', { timestampUs: number, atMs: number, marker: number | null }[]>} */
const seen = { input: [], output: [] };
const { width, height } = markerArea(0);
const pixels = new Uint8Array(width * height * 4);
const drawing = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });

globalThis.onmessage = ({ data }) => {
  if (data.kind === 'watch') void watch(data.side, data.readable);
  if (data.kind === 'clear') seen.input = [];
  if (data.kind === 'clear') seen.output = [];
  if (data.kind === 'report') postMessage({ kind: 'report', seen });
};

/**
 * @param {'input' | 'output'} side
 * @param {ReadableStream<VideoFrame>} readable
 */
async function watch(side, readable) {
  const reader = readable.getReader();
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    const atMs = performance.timeOrigin + performance.now();
    try {
      seen[side].push({ timestampUs: frame.timestamp, atMs, marker: await markerOf(frame) });
      if (seen[side].length === 1) postMessage({ kind: 'first', side, atMs });
    } finally {
      frame.close();
    }
  }
}

/** @param {VideoFrame} frame */
async function markerOf(frame) {
  const rect = { ...markerArea(frame.displayHeight) };
  if (rect.y < 0 || rect.width > frame.displayWidth) return null;
  if (frame.format === 'I420' || frame.format === 'NV12') {
    const [luma] = await frame.copyTo(pixels, { rect });
    return readFrameMarker(pixels, { width, height, strideBytes: luma.stride, offsetBytes: luma.offset });
  }
  if (frame.format === null) {
    drawing.drawImage(frame, rect.x, rect.y, width, height, 0, 0, width, height);
    return readFrameMarker(drawing.getImageData(0, 0, width, height).data, { width, height, channels: 4 });
  }
  const [packed] = await frame.copyTo(pixels, { rect });
  return readFrameMarker(pixels, { width, height, channels: 4, strideBytes: packed.stride, offsetBytes: packed.offset });
}
