import type { Size } from '../core/geometry.ts';
import { AC_CHROMA, AC_LUMA, CHROMA_STEPS, codesOf, DC_CHROMA, DC_LUMA, LUMA_STEPS, ZIGZAG, type HuffmanCodes, type HuffmanTable } from './jpeg-tables.ts';

/** A block's sides; a unit is two luma blocks each way and one of each chroma. */
const BLOCK = 8;
const UNIT = 2 * BLOCK;
/** More than a unit of six blocks can take: 64 values of at most 26 bits, each byte perhaps doubled. */
const MOST_UNIT_BYTES = 6 * 64 * 8;
/** Longest side that the format holds. */
const MOST_PX = 65_535;

/** cos((2n + 1) u pi / 16) / 2, row u, by which a block is transformed; the first row is divided by the root of 2 besides. */
const COSINES = Float32Array.from({ length: 64 }, (_, i) => Math.cos(((2 * (i % 8) + 1) * Math.floor(i / 8) * Math.PI) / 16) * (i < 8 ? Math.SQRT1_2 : 1) * 0.5);

const DC_LUMA_CODES = codesOf(DC_LUMA);
const AC_LUMA_CODES = codesOf(AC_LUMA);
const DC_CHROMA_CODES = codesOf(DC_CHROMA);
const AC_CHROMA_CODES = codesOf(AC_CHROMA);

/**
 * Encodes a picture as baseline JPEG (ITU-T T.81), colour at half size. Here and not by `OffscreenCanvas.convertToBlob()`, because a Blob's bytes
 * are the browser's: they leave the worker's process and may be written to disk. Borrows `rgb`: width x height x 3 bytes, row by row.
 * @param quality 1 to 100, as most encoders count it.
 * @throws RangeError for a size that JPEG cannot hold, or that is not the picture's.
 */
export function encodeJpeg(rgb: Uint8Array, { width, height }: Size, quality: number): Uint8Array<ArrayBuffer> {
  if (!(width >= 1 && height >= 1 && width <= MOST_PX && height <= MOST_PX) || rgb.length !== width * height * 3) throw new RangeError(`No JPEG of ${width} x ${height} from ${rgb.length} bytes.`);
  const lumaSteps = scaledSteps(LUMA_STEPS, quality);
  const chromaSteps = scaledSteps(CHROMA_STEPS, quality);
  const lumaShares = Float32Array.from(lumaSteps, (step) => 1 / step);
  const chromaShares = Float32Array.from(chromaSteps, (step) => 1 / step);
  const out = new BitWriter(width * height);
  writeHeader(out, { width, height }, lumaSteps, chromaSteps);
  const luma = new Float32Array(UNIT * UNIT);
  const blue = new Float32Array(64);
  const red = new Float32Array(64);
  const block = new Float32Array(64);
  let [lastLuma, lastBlue, lastRed] = [0, 0, 0];
  for (let top = 0; top < height; top += UNIT) {
    for (let left = 0; left < width; left += UNIT) {
      out.reserve(MOST_UNIT_BYTES);
      readUnit(rgb, { width, height }, left, top, luma, blue, red);
      for (let quarter = 0; quarter < 4; quarter += 1) {
        const from = (quarter >> 1) * BLOCK * UNIT + (quarter & 1) * BLOCK;
        for (let row = 0; row < BLOCK; row += 1) block.set(luma.subarray(from + row * UNIT, from + row * UNIT + BLOCK), row * BLOCK);
        lastLuma = writeBlock(out, block, lumaShares, lastLuma, DC_LUMA_CODES, AC_LUMA_CODES);
      }
      lastBlue = writeBlock(out, blue, chromaShares, lastBlue, DC_CHROMA_CODES, AC_CHROMA_CODES);
      lastRed = writeBlock(out, red, chromaShares, lastRed, DC_CHROMA_CODES, AC_CHROMA_CODES);
    }
  }
  out.flush();
  out.marker(0xd9);
  for (const pixels of [luma, blue, red, block]) pixels.fill(0);
  return out.take();
}

/** One unit as Y'CbCr of ITU-R BT.601, full range, around 0; beyond the picture's edge its border is repeated. */
function readUnit(rgb: Uint8Array, { width, height }: Size, left: number, top: number, luma: Float32Array, blue: Float32Array, red: Float32Array): void {
  blue.fill(0);
  red.fill(0);
  for (let row = 0; row < UNIT; row += 1) {
    const line = Math.min(top + row, height - 1) * width;
    for (let column = 0; column < UNIT; column += 1) {
      const at = (line + Math.min(left + column, width - 1)) * 3;
      const r = rgb[at]!;
      const g = rgb[at + 1]!;
      const b = rgb[at + 2]!;
      const y = 0.299 * r + 0.587 * g + 0.114 * b;
      luma[row * UNIT + column] = y - 128;
      const chroma = (row >> 1) * BLOCK + (column >> 1);
      blue[chroma]! += (b - y) * (0.25 / 1.772);
      red[chroma]! += (r - y) * (0.25 / 1.402);
    }
  }
}

const half = new Float32Array(64);
const levels = new Int16Array(64);

/** Transforms, quantises and writes a block; its values are overwritten. @returns its first level, from which the next one's is told. */
function writeBlock(out: BitWriter, block: Float32Array, shares: Float32Array, lastFirst: number, dc: HuffmanCodes, ac: HuffmanCodes): number {
  transformRows(block, half);
  transformRows(half, block);
  for (let i = 0; i < 64; i += 1) {
    const scaled = block[ZIGZAG[i]!]! * shares[i]!;
    levels[i] = scaled < 0 ? scaled - 0.5 : scaled + 0.5; // Storing cuts the fraction off.
  }
  const first = levels[0]!;
  out.level(first - lastFirst, 0, dc);
  let zeros = 0;
  for (let i = 1; i < 64; i += 1) {
    const level = levels[i]!;
    if (level === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) out.code(0xf0, ac);
    out.level(level, zeros, ac);
    zeros = 0;
  }
  if (zeros > 0) out.code(0, ac);
  return first;
}

/** The cosine transform of each row, written as a column: done twice, it is that of the block, upright again. */
function transformRows(from: Float32Array, to: Float32Array): void {
  for (let row = 0; row < 64; row += 8) {
    for (let u = 0; u < 8; u += 1) {
      // Even rows of the cosines are the same from both ends, odd ones opposite: half the products.
      const sign = (u & 1) === 0 ? 1 : -1;
      const at = u * 8;
      to[at + (row >> 3)] =
        COSINES[at]! * (from[row]! + sign * from[row + 7]!) +
        COSINES[at + 1]! * (from[row + 1]! + sign * from[row + 6]!) +
        COSINES[at + 2]! * (from[row + 2]! + sign * from[row + 5]!) +
        COSINES[at + 3]! * (from[row + 3]! + sign * from[row + 4]!);
    }
  }
}

/** Steps of quantisation at this quality in the order of a file, as the Independent JPEG Group scales them: 50 takes the tables as they are. */
function scaledSteps(steps: readonly number[], quality: number): Uint8Array {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Uint8Array.from(ZIGZAG, (place) => Math.min(Math.max(Math.floor((steps[place]! * percent + 50) / 100), 1), 255));
}

function writeHeader(out: BitWriter, { width, height }: Size, lumaSteps: Uint8Array, chromaSteps: Uint8Array): void {
  out.marker(0xd8);
  out.segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
  for (const [id, steps] of [lumaSteps, chromaSteps].entries()) out.segment(0xdb, [id, ...steps]);
  const components = [1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  out.segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 3, ...components]);
  for (const [id, { lengths, values }] of [[0x00, DC_LUMA], [0x10, AC_LUMA], [0x01, DC_CHROMA], [0x11, AC_CHROMA]] as const satisfies readonly (readonly [number, HuffmanTable])[]) {
    out.segment(0xc4, [id, ...lengths, ...values]);
  }
  out.segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
}

/** Bytes of a JPEG file, and bits of its scan. */
class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #bits = 0;
  #waiting = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes + MOST_UNIT_BYTES);
  }

  /** Makes room for so many bytes more. */
  reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * this.#bytes.length + bytes);
    larger.set(this.#bytes);
    this.#bytes.fill(0);
    this.#bytes = larger;
  }

  marker(code: number): void {
    this.reserve(2);
    this.#bytes[this.#length++] = 0xff;
    this.#bytes[this.#length++] = code;
  }

  segment(code: number, content: readonly number[]): void {
    this.marker(code);
    this.reserve(content.length + 2);
    const length = content.length + 2;
    this.#bytes[this.#length++] = length >> 8;
    this.#bytes[this.#length++] = length & 255;
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
  }

  /** A level after so many zeros: the code of both their sizes, then its bits. */
  level(level: number, zeros: number, codes: HuffmanCodes): void {
    const size = 32 - Math.clz32(Math.abs(level));
    this.code((zeros << 4) | size, codes);
    if (size > 0) this.#put(level < 0 ? level + (1 << size) - 1 : level, size);
  }

  code(symbol: number, { code, length }: HuffmanCodes): void {
    this.#put(code[symbol]!, length[symbol]!);
  }

  /** Fills the last byte with ones. */
  flush(): void {
    if (this.#waiting > 0) this.#put((1 << (8 - this.#waiting)) - 1, 8 - this.#waiting);
  }

  /** The file; what it was written in is overwritten. */
  take(): Uint8Array<ArrayBuffer> {
    const file = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0);
    return file;
  }

  /** At most 16 bits. */
  #put(bits: number, count: number): void {
    this.#bits = (this.#bits << count) | bits;
    this.#waiting += count;
    while (this.#waiting >= 8) {
      this.#waiting -= 8;
      const byte = (this.#bits >> this.#waiting) & 255;
      this.#bytes[this.#length++] = byte;
      // A byte of ones would begin a marker.
      if (byte === 255) this.#bytes[this.#length++] = 0;
    }
    this.#bits &= (1 << this.#waiting) - 1;
  }
}
