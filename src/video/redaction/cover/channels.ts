import type { PixelBuffer } from '../../../core/pixels.ts';

/** One 8-bit channel of a picture: where its samples lie in the buffer, and which values it takes. */
export interface Channel {
  /** Byte offset of the first sample. */
  readonly offset: number;
  /** Bytes from a sample to its right neighbour. */
  readonly step: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** 0 or 1: picture coordinates are shifted right by this to get sample coordinates. */
  readonly shift: 0 | 1;
  /** True for luma and for red, green and blue: channels whose noise is seen as brightness. */
  readonly bright: boolean;
  /** Values used, both included. */
  readonly low: number;
  readonly high: number;
}

/** The channels of colour (three, whatever the format) and the fourth one of packed RGB. */
export interface Channels {
  readonly colour: readonly [Channel, Channel, Channel];
  /** Alpha or padding; null in Y'CbCr. A cover writes it, too: it could carry a picture as well. */
  readonly fourth: Channel | null;
}

/** How many picture pixels share one sample in the coarsest plane: regions are rounded to this. */
export function alignmentOf(pixels: Pick<PixelBuffer, 'planes'>): 1 | 2 {
  return pixels.planes.some((plane) => plane.subsampling === 2) ? 2 : 1;
}

/** Lists the channels of a picture. */
export function channelsOf({ planes, colour }: Pick<PixelBuffer, 'planes' | 'colour'>): Channels {
  const all: Channel[] = [];
  planes.forEach((plane, index) => {
    const bright = plane.channels === 4 || (plane.channels === 1 && index === 0);
    const limited = plane.channels !== 4 && !colour.fullRange;
    for (let i = 0; i < plane.channels; i++) {
      all.push({
        offset: plane.offset + i,
        step: plane.channels,
        stride: plane.stride,
        shift: plane.subsampling === 2 ? 1 : 0,
        bright,
        low: limited ? 16 : 0,
        high: limited ? (bright ? 235 : 240) : 255,
      });
    }
  });
  const [first, second, third, fourth] = all;
  if (!first || !second || !third) throw new RangeError(`a picture has three channels of colour, not ${all.length}`);
  return { colour: [first, second, third], fourth: fourth ?? null };
}

/** The value of neutral grey of brightness `level` (0 to 1) in a channel. */
export function greyValue(channel: Channel, level: number): number {
  if (!channel.bright) return 128;
  return Math.round(channel.low + level * (channel.high - channel.low));
}
