import type { Luma } from './luma.ts';

/** A rectangle in pixels of the picture, origin top left. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How much of a rectangle of the source can be seen in the output. */
export interface Exposure {
  /** Share, 0 to 1, of the textured blocks whose structure came through; 0 where there is no textured block. */
  readonly exposed: number;
  /** Textured blocks looked at. */
  readonly blocks: number;
  /** Normalised cross-correlation of all pixels of the rectangle, -1 to 1. */
  readonly correlation: number;
}

const BLOCK_PX = 8;
/** Standard deviation of luma from which a block says something. */
const LEAST_TEXTURE = 5;
/**
 * A block came through when what is left of it after taking the source away (and the difference of the means, which a
 * change of colour range makes) is this small a part of its texture. A flat or unrelated cover leaves 0.8 or more.
 */
const SAME_STRUCTURE = 0.35;

/** Compares one rectangle of two pictures of the same size. */
export function measure(source: Luma, output: Luma, rect: Rect): Exposure {
  const x0 = Math.max(0, Math.ceil(rect.x));
  const y0 = Math.max(0, Math.ceil(rect.y));
  const x1 = Math.min(source.width, Math.floor(rect.x + rect.width));
  const y1 = Math.min(source.height, Math.floor(rect.y + rect.height));
  let blocks = 0;
  let exposed = 0;
  for (let y = y0; y + BLOCK_PX <= y1; y += BLOCK_PX) {
    for (let x = x0; x + BLOCK_PX <= x1; x += BLOCK_PX) {
      const { sourceSd, residual } = compare(source, output, x, y, x + BLOCK_PX, y + BLOCK_PX);
      if (sourceSd < LEAST_TEXTURE) continue;
      blocks += 1;
      if (residual <= SAME_STRUCTURE * sourceSd) exposed += 1;
    }
  }
  const { correlation } = compare(source, output, x0, y0, x1, y1);
  return { exposed: blocks === 0 ? 0 : exposed / blocks, blocks, correlation };
}

function compare(source: Luma, output: Luma, x0: number, y0: number, x1: number, y1: number): { sourceSd: number; residual: number; correlation: number } {
  const { width } = source;
  let n = 0;
  let sumS = 0;
  let sumO = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      n += 1;
      sumS += source.data[y * width + x]!;
      sumO += output.data[y * width + x]!;
    }
  }
  if (n === 0) return { sourceSd: 0, residual: Infinity, correlation: 0 };
  const meanS = sumS / n;
  const meanO = sumO / n;
  let ss = 0;
  let oo = 0;
  let so = 0;
  let difference = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const s = source.data[y * width + x]! - meanS;
      const o = output.data[y * width + x]! - meanO;
      ss += s * s;
      oo += o * o;
      so += s * o;
      difference += Math.abs(s - o);
    }
  }
  return { sourceSd: Math.sqrt(ss / n), residual: difference / n, correlation: ss > 0 && oo > 0 ? so / Math.sqrt(ss * oo) : 0 };
}

/**
 * True when every row of the picture is one grey, as the cover of a whole frame is: such a picture shows nothing.
 * @param spread largest difference of luma within a row; a few levels for what codecs and conversions do.
 */
export function isFlatPerRow({ width, height, data }: Luma, spread = 4): boolean {
  for (let y = 0; y < height; y++) {
    let low = 255;
    let high = 0;
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > spread) return false;
  }
  return true;
}

/** The picture with its columns as rows. */
export function turned({ width, height, data }: Luma): Luma {
  return { width: height, height: width, data: Uint8Array.from(data, (_, i) => data[(i % height) * width + Math.floor(i / height)]!) };
}
