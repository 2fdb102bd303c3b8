import { markerArea, readFrameMarker } from '/clip/marker.mjs';

const BLUR = 'blur(20px)';

/**
 * Two ways to blur boxes of a picture that is on the canvas already.
 * @type {Record<string, (context: CanvasRenderingContext2D, video: HTMLVideoElement, boxes: readonly Box[]) => void>}
 */
const COVERS = {
  /** The quick one: the picture once more through the filter, drawn only where boxes are. */
  clip(context, video, boxes) {
    if (boxes.length === 0) return;
    context.save();
    context.beginPath();
    for (const { x, y, width, height } of boxes) context.rect(x, y, width, height);
    context.clip();
    context.filter = BLUR;
    context.drawImage(video, 0, 0);
    context.restore();
  },
  /** The one that is seen most: each box drawn by itself. Slower by far, and sharp edges shine through. */
  boxes(context, video, boxes) {
    context.filter = BLUR;
    for (const { x, y, width, height } of boxes) context.drawImage(video, x, y, width, height, x, y, width, height);
    context.filter = 'none';
  },
};

/**
 * What every peer's documentation shows, with another detector in it: on the main thread, for each frame of a video element,
 * all faces are looked for, the picture is drawn on a canvas and each box blurred, and the canvas is captured.
 * @param {MediaStreamTrack} track
 * @param {object} peer
 * @param {(video: HTMLVideoElement, nowMs: number) => readonly Box[] | Promise<readonly Box[]>} peer.detect boxes in pixels of
 *   the video.
 * @param {() => void} peer.close
 * @param {string} peer.backend what it computes on, for the report.
 * @param {string} [peer.cover] `clip` or `boxes`.
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 */
export async function startOnMainThread(track, { detect, close, backend, cover = 'clip' }) {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { alpha: false });
  const markerOf = createMarkerReader(video);
  /** @type {{ detect: number[], compose: number[], latency: number[] }} */
  let samples = { detect: [], compose: [], latency: [] };
  let faces = 0;
  let frames = 0;
  let stopped = false;
  /** @type {string[]} */
  const errors = [];
  /** @type {{ marker: number, whole: boolean, regions: readonly Box[] }[] | null} */
  let covers = null;
  /** @type {(marker: number) => void} */
  let told = () => undefined;
  /** @type {(error?: unknown) => void} */
  let drawn = () => undefined;
  const first = new Promise((resolve, reject) => (drawn = (error) => (error === undefined ? resolve(undefined) : reject(error))));

  async function onFrame() {
    if (stopped) return;
    // Only where covers are asked for: reading a number takes time that an app does not spend.
    const marker = covers === null ? null : markerOf();
    const before = performance.now();
    const boxes = await detect(video, before);
    const detected = performance.now();
    if (stopped) return;
    context.drawImage(video, 0, 0);
    COVERS[cover](context, video, boxes);
    const done = performance.now();
    samples.detect.push(detected - before);
    samples.compose.push(done - detected);
    samples.latency.push(done - before);
    faces += boxes.length;
    frames += 1;
    // A frame that came while this one was looked at would be credited with boxes that were found in another.
    if (covers !== null && marker !== null && markerOf() === marker) {
      covers.push({ marker, whole: false, regions: boxes });
      told(marker);
    }
    drawn();
    next();
  }
  function next() {
    video.requestVideoFrameCallback(() => void onFrame().catch(fail));
  }
  function fail(error) {
    errors.push(String(error));
    drawn(error);
  }
  next();
  await first;
  // From the first covered picture on: an empty canvas would count as the first frame out.
  const output = canvas.captureStream().getVideoTracks()[0];

  return {
    track: output,
    // A captured canvas has times of its own: only the number in the picture tells which frame it shows.
    matchBy: 'marker',
    begin() {
      samples = { detect: [], compose: [], latency: [] };
      faces = frames = 0;
    },
    /** @param {(marker: number) => void} onCover told of each frame whose boxes are recorded. */
    recordCovers(onCover) {
      covers = [];
      told = onCover;
    },
    takeCovers() {
      const taken = covers ?? [];
      covers = null;
      return taken;
    },
    collect: () => ({ samples, faces: { frames, regions: faces, whole: 0 }, errors, backend }),
    stop() {
      stopped = true;
      output.stop();
      video.srcObject = null;
      close();
    },
  };
}

/** Reads the frame number in the corner of what the video shows now. @param {HTMLVideoElement} video */
function createMarkerReader(video) {
  const { x, y, width, height } = markerArea(video.videoHeight);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  return () => {
    context.drawImage(video, x, y, width, height, 0, 0, width, height);
    return readFrameMarker(context.getImageData(0, 0, width, height).data, { width, height, channels: 4 });
  };
}
