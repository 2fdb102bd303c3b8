import type { Microseconds } from '../../core/time.ts';

/** A box: where its content begins and ends. */
export interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** Size and type, before the content. */
export const HEADER_BYTES = 8;

/** A fragmented file may end after any fragment as it is (ISO/IEC 14496-12, 8.8): nothing has to be left open. */
export function openEndedMp4Header(header: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(header);
}

/**
 * The header of a fragmented MP4 file with its duration (ISO/IEC 14496-12, `mvhd`, `tkhd`, `mdhd`), which players show before they have
 * read all fragments.
 * @param header `ftyp` and `moov`.
 */
export function setMp4Duration(header: Uint8Array, durationUs: Microseconds): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(header);
  const view = new DataView(bytes.buffer);
  const moov = boxesIn(view, 0, bytes.length).find(({ type }) => type === 'moov');
  if (moov === undefined) throw new Error('an MP4 header without moov');
  const inside = boxesIn(view, moov.from, moov.to);
  const movie = inside.find(({ type }) => type === 'mvhd');
  if (movie === undefined) throw new Error('an MP4 header without mvhd');
  const movieScale = timescaleOf(view, movie);
  writeDuration(view, movie, 16, 24, (durationUs / 1e6) * movieScale);
  for (const track of inside.filter(({ type }) => type === 'trak')) {
    const parts = boxesIn(view, track.from, track.to);
    for (const box of parts) if (box.type === 'tkhd') writeDuration(view, box, 20, 28, (durationUs / 1e6) * movieScale);
    for (const media of parts.filter(({ type }) => type === 'mdia')) {
      for (const box of boxesIn(view, media.from, media.to)) if (box.type === 'mdhd') writeDuration(view, box, 16, 24, (durationUs / 1e6) * timescaleOf(view, box));
    }
  }
  return bytes;
}

/** The boxes from one place to another, one after the other (ISO/IEC 14496-12, 4.2). */
export function boxesIn(view: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + HEADER_BYTES <= to; ) {
    const size = view.getUint32(at);
    if (size < HEADER_BYTES || at + size > to) throw new Error('an MP4 header with a box that does not fit');
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    boxes.push({ type, from: at + HEADER_BYTES, to: at + size });
    at += size;
  }
  return boxes;
}

/** Of `mvhd` and `mdhd`, which begin alike. */
function timescaleOf(view: DataView, { from }: Box): number {
  return view.getUint32(from + (view.getUint8(from) === 1 ? 4 + 16 : 4 + 8));
}

/** Durations stand at another place, and are longer, in version 1 of a box. */
function writeDuration(view: DataView, { from }: Box, offset32: number, offset64: number, units: number): void {
  if (view.getUint8(from) === 1) view.setBigUint64(from + offset64, BigInt(Math.round(units)));
  else view.setUint32(from + offset32, Math.min(Math.round(units), 0xffff_ffff));
}
