/**
 * A frame number written into the picture itself, so that a test can tell which source frame an output frame came from. Two rows
 * of nine blocks of 16x16 px, black (luma 16) or white (luma 235), in the bottom left corner:
 *
 * ```
 * 1 0 n9 n8 n7 n6 n5 n4 n3
 * n2 n1 n0 c3 c2 c1 c0 0 1      n: frame number, c: its checksum
 * ```
 *
 * The reader wants flat blocks, clear contrast, the four guard blocks and a matching checksum; a marker that is covered, blurred
 * or merely looked like by the picture reads as `null`.
 */

export const MARKER_BLOCK_PX = 16;
const COLUMNS = 9;
const ROWS = 2;
const DATA_BITS = 10;
const BLACK = 16;
const WHITE = 235;
/** Wide enough for limited-to-full range conversion and JPEG or VP8 loss; what lies between is unreadable. */
const DARKEST_WHITE = 165;
const BRIGHTEST_BLACK = 90;
/** Largest spread of luma inside a block's middle. */
const FLATNESS = 60;

/** First frame number that does not fit. */
export const MARKER_FRAMES = 2 ** DATA_BITS;

/**
 * Where the marker lies in a clip of that height, in clip pixels.
 * @param {number} clipHeight
 * @returns {import('./geometry.mjs').Rect}
 */
export function markerArea(clipHeight) {
  return { x: 0, y: clipHeight - ROWS * MARKER_BLOCK_PX, width: COLUMNS * MARKER_BLOCK_PX, height: ROWS * MARKER_BLOCK_PX };
}

/** CRC-4-ITU (x^4 + x + 1) of the ten bits. @type {(frame: number) => number} */
function checksum(frame) {
  let rest = frame << 4;
  for (let bit = DATA_BITS - 1; bit >= 0; bit--) {
    if (rest & (1 << (bit + 4))) rest ^= 0b10011 << bit;
  }
  return rest;
}

/** @type {(frame: number) => number[]} */
function markerBits(frame) {
  const word = (frame << 4) | checksum(frame);
  const body = Array.from({ length: DATA_BITS + 4 }, (_, i) => (word >> (DATA_BITS + 3 - i)) & 1);
  return [1, 0, ...body, 0, 1];
}

/**
 * Writes the marker into packed 8-bit pixels, in place.
 * @param {Uint8Array} pixels  Rows without padding; every channel of a marker pixel gets the same value.
 * @param {{ width: number, height: number, channels: number }} layout
 * @param {number} frame  0 to 1023.
 * @throws {RangeError} When the number does not fit.
 */
export function writeFrameMarker(pixels, { width, height, channels }, frame) {
  if (!Number.isInteger(frame) || frame < 0 || frame >= MARKER_FRAMES) {
    throw new RangeError(`marker: frame must be an integer from 0 to ${String(MARKER_FRAMES - 1)}, not ${String(frame)}`);
  }
  const area = markerArea(height);
  const bits = markerBits(frame);
  for (let y = 0; y < area.height; y++) {
    for (let x = 0; x < area.width; x++) {
      const bit = bits[Math.floor(y / MARKER_BLOCK_PX) * COLUMNS + Math.floor(x / MARKER_BLOCK_PX)];
      const at = ((area.y + y) * width + x) * channels;
      pixels.fill(bit === 1 ? WHITE : BLACK, at, at + channels);
    }
  }
}

/**
 * Reads the frame number back.
 * @param {Uint8Array | Uint8ClampedArray} pixels  A luma plane (`channels` 1) or packed RGB, RGBA, BGRA pixels (the marker is grey, so
 *   the order does not matter; the second channel is read).
 * @param {{ width: number, height: number, channels?: number, strideBytes?: number, offsetBytes?: number, clipHeight?: number }} layout
 *   Size of the picture in pixels. `channels` is 1 when left out, `strideBytes` `width * channels`, `offsetBytes` 0. `clipHeight`
 *   is the height of the clip when the picture has been scaled; the picture's own height when left out.
 * @returns {number | null} `null`: no readable marker.
 */
export function readFrameMarker(pixels, { width, height, channels = 1, strideBytes = width * channels, offsetBytes = 0, clipHeight = height }) {
  const block = (MARKER_BLOCK_PX * height) / clipHeight;
  const top = height - ROWS * block;
  if (COLUMNS * block > width || top < 0) return null;
  const channel = channels > 1 ? 1 : 0;
  let word = 0;
  for (let i = 0; i < ROWS * COLUMNS; i++) {
    // The middle half of a block: the edges bleed in lossy pictures.
    const x0 = Math.round(((i % COLUMNS) + 0.25) * block);
    const y0 = Math.round(top + (Math.floor(i / COLUMNS) + 0.25) * block);
    const side = Math.max(1, Math.floor(block / 2));
    let sum = 0;
    let darkest = 255;
    let brightest = 0;
    for (let y = y0; y < y0 + side; y++) {
      for (let x = x0; x < x0 + side; x++) {
        const value = pixels[offsetBytes + y * strideBytes + x * channels + channel];
        if (value === undefined) return null;
        sum += value;
        darkest = Math.min(darkest, value);
        brightest = Math.max(brightest, value);
      }
    }
    const mean = sum / (side * side);
    if (brightest - darkest > FLATNESS || (mean > BRIGHTEST_BLACK && mean < DARKEST_WHITE)) return null;
    word = (word << 1) | (mean >= DARKEST_WHITE ? 1 : 0);
  }
  const frame = (word >> 6) & (MARKER_FRAMES - 1);
  return markerBits(frame).reduce((all, bit) => (all << 1) | bit, 0) === word ? frame : null;
}
