import type { Box } from '../../../core/geometry.ts';
import type { PixelBuffer, Plane } from '../../../core/pixels.ts';
import { coverWhole } from './cover-whole.ts';

/**
 * How far a sample may be from that of the cover: what a codec makes of a calm gradient (VP8 at 100 kbit/s: 10, docs/decisions/0011-recordings.md). Nothing
 * that people could see has less contrast than that in every sample of it.
 */
const MOST_OFF = 12;
/** Edges of what else is covered may run so far, in pixels. */
const MARGIN_PX = 16;

/**
 * Whether a picture shows the cover of a whole frame and nothing else: held against it sample by sample, so that a single spot tells them apart.
 * @param pixels Borrowed; of an upright picture, others are never taken for covers.
 * @param besides rectangles that are covered anyhow, in pixels of the display frame; what is in them does not count.
 */
export function isWholeCover(pixels: PixelBuffer, besides: readonly Box[] = []): boolean {
  const { orientation: { rotation, flip }, display } = pixels;
  if (rotation !== 0 || flip) return false;
  const cover = coverWhole(pixels);
  const scaleX = display.width / pixels.width;
  const scaleY = display.height / pixels.height;
  const isBesides = (x: number, y: number): boolean =>
    besides.some((box) => Math.abs(x * scaleX - box.x - box.width / 2) <= box.width / 2 + MARGIN_PX && Math.abs(y * scaleY - box.y - box.height / 2) <= box.height / 2 + MARGIN_PX);
  return pixels.planes.every((plane) => agrees(plane, pixels.data, cover.data, isBesides));
}

function agrees({ offset, stride, width, height, channels, subsampling }: Plane, data: Uint8Array, cover: Uint8Array, isBesides: (x: number, y: number) => boolean): boolean {
  const used = channels === 4 ? 3 : channels;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = offset + y * stride + x * channels;
      for (let channel = 0; channel < used; channel += 1) {
        if (Math.abs(data[at + channel]! - cover[at + channel]!) > MOST_OFF && !isBesides(x * subsampling, y * subsampling)) return false;
      }
    }
  }
  return true;
}
