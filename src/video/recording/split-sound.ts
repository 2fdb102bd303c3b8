import type { RecordingContainer } from '../../core/recording.ts';
import { takeOut, type SoundRange } from '../../core/sound-patch.ts';
import { findMp4Sound, freeBoxes } from './mp4-sound.ts';
import { findWebmSound, voidElements } from './webm-sound.ts';

/** Number of the track of sound: it is added second. */
export const SOUND_TRACK = 2;

/** A piece of a file without its sound, and what it lacks. */
export interface SplitPiece {
  /** Null where the piece says nothing of sound. */
  readonly patch: Uint8Array<ArrayBuffer> | null;
  /** Encoded pictures in it. */
  readonly pictures: number;
}

/**
 * Looks into a piece of a media file, and makes it, where sound is kept apart, one of the same file without: a file of such pieces plays and has no track
 * of sound. Lengths and positions stay, so that putting back what was taken out gives the piece as it was.
 * @param bytes changed where sound is kept apart.
 * @throws Error for what our muxer does not write.
 */
export function splitPiece(container: RecordingContainer, bytes: Uint8Array, soundApart: boolean): SplitPiece {
  const ranges: SoundRange[] = [];
  if (container === 'webm') {
    const pictures = findWebmSound(bytes, SOUND_TRACK, ranges);
    if (!soundApart) return { patch: null, pictures };
    const patch = ranges.length === 0 ? null : takeOut(bytes, ranges);
    voidElements(bytes, ranges);
    return { patch, pictures };
  }
  const data: SoundRange[] = [];
  const pictures = findMp4Sound(bytes, SOUND_TRACK, ranges, data);
  if (!soundApart) return { patch: null, pictures };
  const all = [...ranges, ...data];
  const patch = all.length === 0 ? null : takeOut(bytes, all);
  freeBoxes(bytes, ranges);
  for (const { at, length } of data) bytes.fill(0, at, at + length);
  return { patch, pictures };
}
