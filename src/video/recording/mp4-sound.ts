import type { SoundRange } from '../../core/sound-patch.ts';
import { boxesIn, HEADER_BYTES, type Box } from './mp4-header.ts';

/** Optional fields of a track fragment's header and of its runs (ISO/IEC 14496-12, 8.8.7 and 8.8.8). */
const TFHD = { base: 0x1, description: 0x2, duration: 0x8, size: 0x10, baseIsMoof: 0x20000 } as const;
const TRUN = { offset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const;

/**
 * Finds what belongs to the track of sound in a piece of a fragmented MP4 file (header, fragment or index). Nothing is changed.
 * @param boxes gets the boxes about that track, `data` its samples in the media data.
 * @returns how many pictures are in it.
 */
export function findMp4Sound(bytes: Uint8Array, soundTrack: number, boxes: SoundRange[], data: SoundRange[]): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pictures = 0;
  const drop = ({ from, to }: Box): void => { boxes.push({ at: from - HEADER_BYTES, length: to - from + HEADER_BYTES }); };
  /** The id that stands at the beginning of a box after version and flags, `offset` bytes further. */
  const trackOf = ({ from }: Box, offset = 0): number => view.getUint32(from + 4 + offset);
  for (const top of boxesIn(view, 0, bytes.length)) {
    const inside = ['moov', 'moof', 'mfra'].includes(top.type) ? boxesIn(view, top.from, top.to) : [];
    for (const box of inside) {
      if (box.type === 'trak') {
        const header = boxesIn(view, box.from, box.to).find(({ type }) => type === 'tkhd');
        // Two times stand before the id, longer in version 1 of the box.
        if (header !== undefined && trackOf(header, view.getUint8(header.from) === 1 ? 16 : 8) === soundTrack) drop(box);
      } else if (box.type === 'mvex') {
        for (const extends_ of boxesIn(view, box.from, box.to)) if (extends_.type === 'trex' && trackOf(extends_) === soundTrack) drop(extends_);
      } else if (box.type === 'tfra') {
        if (trackOf(box) === soundTrack) drop(box);
      } else if (box.type === 'traf') {
        const parts = boxesIn(view, box.from, box.to);
        const header = parts.find(({ type }) => type === 'tfhd');
        if (header === undefined) throw new Error('an MP4 fragment without tfhd');
        const runs = parts.filter(({ type }) => type === 'trun').map((run) => samplesOf(view, header, run, top.from - HEADER_BYTES));
        if (trackOf(header) !== soundTrack) {
          pictures += runs.reduce((sum, { count }) => sum + count, 0);
          continue;
        }
        drop(box);
        data.push(...runs.map(({ range }) => range));
      }
    }
  }
  return pictures;
}

/** Makes what lies in the ranges, whole boxes, free space (8.1.2). */
export function freeBoxes(bytes: Uint8Array, boxes: readonly SoundRange[]): void {
  for (const { at, length } of boxes) {
    bytes.fill(0, at + HEADER_BYTES, at + length);
    bytes.set([0x66, 0x72, 0x65, 0x65], at + 4);
  }
}

/** Where the samples of a run lie in the piece. */
function samplesOf(view: DataView, header: Box, run: Box, moofAt: number): { readonly count: number; readonly range: SoundRange } {
  const headerFlags = view.getUint32(header.from) & 0xffffff;
  if ((headerFlags & TFHD.baseIsMoof) === 0 || (headerFlags & TFHD.base) !== 0) throw new Error('an MP4 fragment whose data is not named from its beginning');
  const sizeAt = header.from + 8 + ((headerFlags & TFHD.description) === 0 ? 0 : 4) + ((headerFlags & TFHD.duration) === 0 ? 0 : 4);
  const usualSize = (headerFlags & TFHD.size) === 0 ? 0 : view.getUint32(sizeAt);
  const flags = view.getUint32(run.from) & 0xffffff;
  const count = view.getUint32(run.from + 4);
  if ((flags & TRUN.offset) === 0) throw new Error('an MP4 run of samples without a place');
  const at = moofAt + view.getInt32(run.from + 8);
  const first = run.from + 12 + ((flags & TRUN.firstFlags) === 0 ? 0 : 4);
  const fields = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter((field) => (flags & field) !== 0);
  if (!fields.includes(TRUN.size)) return { count, range: { at, length: usualSize * count } };
  let length = 0;
  for (let i = 0; i < count; i += 1) length += view.getUint32(first + (i * fields.length + fields.indexOf(TRUN.size)) * 4);
  return { count, range: { at, length } };
}
