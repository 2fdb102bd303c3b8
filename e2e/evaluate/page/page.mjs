// What the measures drive, as `window.evaluation`.
import { openAlbumOf } from './album.mjs';
import { decodedClip, fetchBlob, i420Of, jpegClip, panOver } from './frames.mjs';
import { openPool } from './pool.mjs';
import { openSteppedSession } from './stepped-session.mjs';
import { openStills } from './stills.mjs';
import { callable } from './workers.mjs';

/** A picture is shown for half a second: what is covered once a stream has settled. */
const STILL_FRAMES = 16;
const STILL_FPS = 30;

/** @type {Map<string, Promise<any>>} what is open, by what it was opened with. */
const opened = new Map();

/** @param {string} kind @param {object} options @param {() => Promise<any>} open */
function once(kind, options, open) {
  const key = `${kind} ${JSON.stringify(options)}`;
  const known = opened.get(key) ?? open();
  opened.set(key, known);
  return known;
}

async function looksWorker() {
  return once('looks', {}, async () => {
    const worker = callable('/workers/looks.worker.js');
    await worker.call('load', []);
    return worker;
  });
}

/** @param {{ kind: string }} source @returns {Promise<{ count: number, fps: number, frameOf(index: number, timestampUs: number): Promise<VideoFrame> }>} */
async function sourceOf(source) {
  switch (source.kind) {
    case 'decoded':
      return decodedClip(/** @type {any} */ (source));
    case 'jpegs':
      return jpegClip(/** @type {any} */ (source));
    case 'pan':
      return panOver(/** @type {any} */ (source));
    default:
      throw new Error(`there is no source ${source.kind}`);
  }
}

function inBatches(/** @type {number[]} */ items, /** @type {number} */ size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

globalThis.evaluation = {
  /** A still through `openPictureRedactor`. @param {string} url @param {{ worsen: string | null }} options */
  async still(url, options) {
    const [stills, picture] = [await once('stills', options, () => openStills(options)), await fetchBlob(url)];
    const startMs = performance.now();
    return { ...(await stills.redact(picture)), ms: performance.now() - startMs };
  },

  /** The same picture as a stream that stands still: what the live worker covers once it has settled. @param {string} url @param {{ worsen: string | null }} options */
  async live(url, options) {
    const session = await once('live', options, () => openSteppedSession(options));
    const bitmap = await createImageBitmap(await fetchBlob(url));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(bitmap, 0, 0);
    const { width, height } = bitmap;
    bitmap.close();
    const frameOf = async (/** @type {number} */ _index, /** @type {number} */ timestampUs) => i420Of(/** @type {ImageData} */ (context?.getImageData(0, 0, width, height)), timestampUs);
    const { frames, looks } = await session.play({ count: STILL_FRAMES, fps: STILL_FPS, frameOf });
    const { whole, regions } = /** @type {import('./stepped-session.mjs').FrameResult} */ (frames.at(-1));
    return { whole, regions, looks, failures: session.failures };
  },

  /** Regions by view and threshold, see ../workers/looks.worker.ts. @param {string} url @param {object[]} views @param {number[]} thresholds */
  async views(url, views, thresholds) {
    const worker = await looksWorker();
    const bitmap = await createImageBitmap(await fetchBlob(url));
    await worker.call('open', [bitmap], [bitmap]);
    return worker.call('search', [views, thresholds]);
  },

  /**
   * A clip through a session in step.
   * @param {{ kind: string }} source @param {{ worsen: string | null, delayFrames: number }} options
   */
  async play(source, options) {
    const frames = await sourceOf(source);
    const session = await openSteppedSession(options);
    try {
      const played = await session.play(frames, (done) => void globalThis.tellProgress?.(done));
      return { ...played, count: frames.count, failures: session.failures };
    } finally {
      await session.close();
    }
  },

  /** What every model sees anywhere in frames of a clip. @param {{ kind: string }} source @param {number} from @param {number} to @param {object[]} tiles @param {number} smallestSidePx */
  async everything(source, from, to, tiles, smallestSidePx) {
    const worker = await looksWorker();
    const frames = await once('source', source, () => sourceOf(source));
    const found = [];
    for (let index = from; index < to; index++) {
      const frame = await frames.frameOf(index, 0);
      await worker.call('open', [frame], [frame]);
      found.push(await worker.call('everything', [tiles, smallestSidePx]));
    }
    return found;
  },

  /** A frame of a clip as PNG, in base64. @param {{ kind: string }} source @param {number} index */
  async picture(source, index) {
    const frames = await once('source', source, () => sourceOf(source));
    const frame = await frames.frameOf(index, 0);
    const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
    canvas.getContext('2d')?.drawImage(frame, 0, 0);
    frame.close();
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  },

  /** Every face of pictures, see ../workers/faces.worker.ts. @param {string[]} urls */
  async readFaces(urls) {
    const pool = await once('faces', {}, () => openPool('/workers/faces.worker.js'));
    return pool.each(urls, (url, worker) => worker.call('read', [url]), (done) => void globalThis.tellProgress?.(done));
  },

  /** What the gate says of faces, see ../workers/judging.worker.ts. @param {{ url: string, faces: object[] }[]} pictures */
  async judgeFaces(pictures) {
    const pool = await once('judging', {}, () => openPool('/workers/judging.worker.js'));
    return pool.each(pictures, ({ url, faces }, worker) => worker.call('judge', [url, faces]), (done) => void globalThis.tellProgress?.(done));
  },

  /** Another call of that worker. @param {string} name @param {unknown[]} args */
  async judging(name, args) {
    const pool = await once('judging', {}, () => openPool('/workers/judging.worker.js'));
    return pool.workers[0].call(name, args);
  },

  /** Opens pictures to be covered, see ../workers/covers.worker.ts. @param {{ number: number, url: string, face: object, seed: number }[]} pictures */
  async openCovered(pictures) {
    const pool = await once('covers', {}, () => openPool('/workers/covers.worker.js'));
    return pool.apart(pictures, ({ number }) => number, ({ number, url, face, seed }, worker) => worker.call('open', [number, url, face, seed]), (done) => void globalThis.tellProgress?.(done));
  },

  /** Covers them; which of the samples the answers are of, they say. @param {{ picture: number }[]} samples @param {object} cover @param {boolean} withVectors */
  async cover(samples, cover, withVectors) {
    const pool = await once('covers', {}, () => openPool('/workers/covers.worker.js'));
    const batches = pool.workers.flatMap((_, part) => inBatches(samples.flatMap(({ picture }, i) => (picture % pool.workers.length === part ? [i] : [])), 64));
    let done = 0;
    return pool.apart(batches, ([first]) => samples[first].picture, async (indices, worker) => {
      const answer = await worker.call('cover', [indices.map((i) => samples[i]), cover, withVectors]);
      globalThis.tellProgress?.((done += indices.length));
      return { indices, ...answer };
    });
  },

  /** Of how many open pictures a cover tells nothing, see ../workers/covers.worker.ts. @param {number[]} numbers @param {object} style @param {number} seed */
  async blind(numbers, style, seed) {
    const pool = await once('covers', {}, () => openPool('/workers/covers.worker.js'));
    const parts = pool.workers.map((_, part) => numbers.filter((number) => number % pool.workers.length === part));
    const counts = await Promise.all(parts.map((part, i) => pool.workers[i].call('blind', [part, style, seed])));
    return counts.reduce((sum, count) => sum + count, 0);
  },

  /** Opens features and an album as an app does; nothing else stays open. */
  async openAlbum() {
    await globalThis.evaluation.close();
    await once('album', {}, () => openAlbumOf('evaluation'));
  },

  /** Adds pictures to it. @param {string[]} urls */
  async addToAlbum(urls) {
    const album = await once('album', {}, () => openAlbumOf('evaluation'));
    return album.add(urls, (/** @type {number} */ done) => void globalThis.tellProgress?.(done));
  },

  /** Ends everything that is open. */
  async close() {
    const all = [...opened.values()];
    opened.clear();
    for (const open of all) await (await open).close?.();
  },
};
globalThis.evaluationReady = true;
