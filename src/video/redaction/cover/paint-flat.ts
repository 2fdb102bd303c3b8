import type { Channel } from './channels.ts';
import type { PixelRect } from './stored-regions.ts';

/** Fills a rectangle (sample coordinates of the channel) of one channel with one value. */
export function fillRect(data: Uint8Array, channel: Channel, rect: PixelRect, value: number): void {
  const { step, stride, offset } = channel;
  for (let y = rect.y0; y < rect.y1; y++) {
    const start = offset + y * stride;
    const end = start + rect.x1 * step;
    if (step === 1) {
      data.fill(value, start + rect.x0, end);
    } else {
      for (let at = start + rect.x0 * step; at < end; at += step) data[at] = value;
    }
  }
}

/** Paints `side` x `side` flat cells over a rectangle of one channel; `values` row by row, already in range. */
export function paintCells(data: Uint8Array, channel: Channel, rect: PixelRect, side: number, values: ArrayLike<number>): void {
  const edge = (from: number, to: number, i: number): number => from + Math.round(((to - from) * i) / side);
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const cell = {
        x0: edge(rect.x0, rect.x1, i),
        x1: edge(rect.x0, rect.x1, i + 1),
        y0: edge(rect.y0, rect.y1, j),
        y1: edge(rect.y0, rect.y1, j + 1),
      };
      fillRect(data, channel, cell, values[j * side + i] ?? 0);
    }
  }
}
