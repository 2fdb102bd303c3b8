/**
 * Draws the layers of a frame. The photos are kept in a pyramid of sizes; each layer takes the smallest that still has a pixel
 * for every output pixel and samples it bilinearly, so that camera moves are smooth to a fraction of a pixel.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Ratio between neighbouring sizes of the pyramid: small enough that a step between them does not show in a zoom. */
const PYRAMID_RATIO = 0.8;
const SMALLEST_SCALE = 0.1;
const CHANNELS = 3;

/** A source photo that is missing or is not the one whose faces were annotated. */
export class ClipSourceError extends Error {
  /**
   * @param {string} file
   * @param {string} expected  SHA-256, hexadecimal.
   * @param {string | null} found  `null`: the file could not be read.
   * @param {unknown} [cause]
   */
  constructor(file, expected, found, cause) {
    super(
      `test clip: the sample photo ${file} ${found === null ? 'could not be read' : `has SHA-256 ${found}`}, ` +
        `expected ${expected}. The known face boxes hold for that photo only: install @vladmandic/face-api in the version of package.json.`,
      { cause },
    );
    this.name = 'ClipSourceError';
    /** @readonly */
    this.code = 'ERR_CLIP_SOURCE';
    /** @readonly */
    this.file = file;
    /** @readonly */
    this.expected = expected;
    /** @readonly */
    this.found = found;
  }
}

/**
 * Reads the photos and checks that each is the annotated one.
 * @param {string} folder
 * @param {readonly import('./scenes.mjs').Photo[]} photos
 * @returns {Promise<Map<string, Buffer>>} The encoded files by name.
 * @throws {ClipSourceError} `ERR_CLIP_SOURCE` for the first photo that is missing or changed.
 */
export async function readPhotos(folder, photos) {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  for (const { file, sha256 } of photos) {
    const path = join(folder, file);
    const bytes = await readFile(path).catch((/** @type {unknown} */ cause) => {
      throw new ClipSourceError(path, sha256, null, cause);
    });
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== sha256) throw new ClipSourceError(path, sha256, found);
    files.set(file, bytes);
  }
  return files;
}

/** @typedef {{ width: number, height: number, data: Buffer }} Picture  Packed RGB. */

/** The sizes of one photo, decoded when first asked for. */
class Pyramid {
  /** @type {Map<number, Promise<Picture>>} */
  #levels = new Map();
  #encoded;

  /** @param {Buffer} encoded */
  constructor(encoded) {
    this.#encoded = encoded;
  }

  /**
   * The picture for drawing at `scale` output pixels per photo pixel.
   * @param {number} scale
   * @returns {Promise<Picture>}
   */
  at(scale) {
    const steps = scale >= 1 ? 0 : Math.floor(Math.log(Math.max(scale, SMALLEST_SCALE)) / Math.log(PYRAMID_RATIO) + 1e-9);
    let level = this.#levels.get(steps);
    if (level === undefined) {
      level = this.#decode(PYRAMID_RATIO ** steps);
      this.#levels.set(steps, level);
    }
    return level;
  }

  /** @param {number} scale @returns {Promise<Picture>} */
  async #decode(scale) {
    const photo = sharp(this.#encoded).removeAlpha().toColourspace('srgb');
    const { width } = await photo.metadata();
    const { data, info } = await photo.resize({ width: Math.round(width * scale) }).raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  }
}

/**
 * Which two source pixels, and how much of the second (0 to 256), an output pixel takes along one axis.
 * @param {number} first
 * @param {number} end
 * @param {number} to  Start of the layer on this axis, output pixels.
 * @param {number} from  Start of the source window, source pixels.
 * @param {number} step  Source pixels per output pixel.
 * @param {number} length  Source pixels on this axis.
 */
function taps(first, end, to, from, step, length) {
  const count = end - first;
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const share = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const position = Math.min(Math.max(from + (first + i + 0.5 - to) * step - 0.5, 0), length - 1);
    const whole = Math.floor(position);
    low[i] = whole;
    high[i] = Math.min(whole + 1, length - 1);
    share[i] = Math.round((position - whole) * 256);
  }
  return { low, high, share };
}

/** Draws frames from the annotated photos. */
export class Painter {
  /** @type {Map<string, { photo: import('./scenes.mjs').Photo, pyramid: Pyramid }>} */
  #photos;

  /**
   * @param {readonly import('./scenes.mjs').Photo[]} photos
   * @param {Map<string, Buffer>} files  As `readPhotos` gives them.
   */
  constructor(photos, files) {
    this.#photos = new Map();
    for (const photo of photos) {
      const encoded = files.get(photo.file);
      if (encoded !== undefined) this.#photos.set(photo.file, { photo, pyramid: new Pyramid(encoded) });
    }
  }

  /**
   * One frame as packed RGB, black where no layer lies.
   * @param {{ width: number, height: number }} size
   * @param {readonly import('./scenes.mjs').Layer[]} layers
   * @returns {Promise<Buffer>}
   */
  async paint({ width, height }, layers) {
    const out = Buffer.alloc(width * height * CHANNELS);
    for (const { photo: name, source, destination } of layers) {
      const entry = this.#photos.get(name);
      if (entry === undefined) throw new RangeError(`test clip: photo ${name} is not loaded`);
      const { photo, pyramid } = entry;
      const picture = await pyramid.at(destination.width / source.width);
      const sx = picture.width / photo.width;
      const sy = picture.height / photo.height;
      // A pixel belongs to the layer that holds its centre.
      const x0 = Math.max(0, Math.round(destination.x));
      const x1 = Math.min(width, Math.round(destination.x + destination.width));
      const y0 = Math.max(0, Math.round(destination.y));
      const y1 = Math.min(height, Math.round(destination.y + destination.height));
      if (x1 <= x0 || y1 <= y0) continue;
      const columns = taps(x0, x1, destination.x, source.x * sx, (source.width * sx) / destination.width, picture.width);
      const rows = taps(y0, y1, destination.y, source.y * sy, (source.height * sy) / destination.height, picture.height);
      sample(out, width, x0, y0, columns, rows, picture);
    }
    return out;
  }
}

/**
 * @param {Buffer} out
 * @param {number} outWidth
 * @param {number} x0
 * @param {number} y0
 * @param {ReturnType<typeof taps>} columns
 * @param {ReturnType<typeof taps>} rows
 * @param {Picture} picture
 */
function sample(out, outWidth, x0, y0, columns, rows, { data, width }) {
  for (let j = 0; j < rows.low.length; j++) {
    const upper = (rows.low[j] ?? 0) * width;
    const lower = (rows.high[j] ?? 0) * width;
    const fy = rows.share[j] ?? 0;
    let at = ((y0 + j) * outWidth + x0) * CHANNELS;
    for (let i = 0; i < columns.low.length; i++) {
      const left = columns.low[i] ?? 0;
      const right = columns.high[i] ?? 0;
      const fx = columns.share[i] ?? 0;
      for (let c = 0; c < CHANNELS; c++) {
        const top = (data[(upper + left) * CHANNELS + c] ?? 0) * (256 - fx) + (data[(upper + right) * CHANNELS + c] ?? 0) * fx;
        const bottom = (data[(lower + left) * CHANNELS + c] ?? 0) * (256 - fx) + (data[(lower + right) * CHANNELS + c] ?? 0) * fx;
        out[at++] = (top * (256 - fy) + bottom * fy + 32768) >> 16;
      }
    }
  }
}
