import { type PixelBuffer, planesOf } from '../../../core/pixels.ts';
import { channelsOf, greyValue } from './channels.ts';

/** What a cover of a whole picture is told of it: its shape, none of its pixels. */
export type PictureShape = Omit<PixelBuffer, 'data' | 'planes'>;

/** Brightness of the first and of the last row, 0 to 1: a calm dusk rather than an error screen. */
const TOP_LEVEL = 0.34;
const BOTTOM_LEVEL = 0.22;

/**
 * A new picture of the given shape that shows a neutral grey gradient. It is made without any pixel of the covered
 * picture: the caller has nothing to pass in.
 */
export function coverWhole(shape: PictureShape): PixelBuffer {
  const { format, width, height, colour, orientation, display } = shape;
  const { planes, byteLength } = planesOf(format, shape);
  const data = new Uint8Array(byteLength);
  const channels = channelsOf({ planes, colour });
  const [first, ...chroma] = channels.colour;
  if (channels.fourth) {
    const words = new Uint32Array(data.buffer);
    for (let y = 0; y < height; y++) {
      const grey = greyValue(first, levelAt(y, height));
      words.fill(((255 << 24) | (grey * 0x010101)) >>> 0, y * width, (y + 1) * width);
    }
  } else {
    for (let y = 0; y < height; y++) data.fill(greyValue(first, levelAt(y, height)), y * width, (y + 1) * width);
    data.fill(greyValue(chroma[0] ?? first, 0), width * height);
  }
  return { format, width, height, data, planes, colour, orientation, display };
}

function levelAt(y: number, height: number): number {
  return TOP_LEVEL + (BOTTOM_LEVEL - TOP_LEVEL) * (y / height);
}
