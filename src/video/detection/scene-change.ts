import type { PixelBuffer } from '../../core/pixels.ts';
import { bestShift } from './best-shift.ts';

/** Cells of the thumbnail. */
const COLUMNS = 32;
const ROWS = 18;
/** Samples per cell and axis. */
const TAPS = 3;
/** A pan or a shaking hand moves the picture by up to this many cells from one frame to the next. */
const SHIFT = 3;
/** Mean difference per cell (grey levels) that is never called a change: noise, flicker, somebody walking. */
const LEAST_DIFFERENCE = 14;
/** A change also differs this many times more than frames did lately, so that flashing lights do not sweep each frame. */
const ABOVE_USUAL = 2.5;
const USUAL_WEIGHT = 0.15;

/** How a picture differs from the one before. */
export interface SceneChange {
  /**
   * Mean difference per cell, grey levels, under the shift of the whole picture that explains most of it; 0 for the
   * first. Measured: noise and small movements 0.2 to 1.5, pans 5 to 17, a fast zoom 20 to 28, cuts above 40.
   */
  readonly difference: number;
  /** True when it shows another scene; false for the first. */
  readonly isCut: boolean;
}

/** Tells cuts and jumps from ordinary motion by a thumbnail of the luma. */
export interface SceneChangeDetector {
  /** Compares with the picture before. Borrows `pixels`. */
  compare(pixels: PixelBuffer): SceneChange;
  /** Forgets the picture before. */
  reset(): void;
}

/** Creates a detector for one stream. Works on stored pixels: a turned picture has to be told apart by the caller. */
export function createSceneChangeDetector(): SceneChangeDetector {
  let current = new Float32Array(COLUMNS * ROWS);
  let before = new Float32Array(COLUMNS * ROWS);
  let seen = false;
  let usual = 0;
  return {
    compare(pixels) {
      [current, before] = [before, current];
      fillThumbnail(current, pixels);
      if (!seen) {
        seen = true;
        return { difference: 0, isCut: false };
      }
      const { difference } = bestShift(current, before, { width: COLUMNS, height: ROWS }, SHIFT);
      const isCut = difference > LEAST_DIFFERENCE && difference > ABOVE_USUAL * usual;
      usual += USUAL_WEIGHT * (difference - usual);
      return { difference, isCut };
    },
    reset() {
      seen = false;
      usual = 0;
    },
  };
}

function fillThumbnail(thumbnail: Float32Array, { data, planes, format }: PixelBuffer): void {
  const plane = planes[0]!;
  // Green stands for luma in packed RGB.
  const base = plane.offset + (format === 'I420' || format === 'NV12' ? 0 : 1);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      let sum = 0;
      for (let i = 0; i < TAPS; i++) {
        const y = Math.floor(((row + (i + 0.5) / TAPS) * plane.height) / ROWS);
        for (let j = 0; j < TAPS; j++) {
          const x = Math.floor(((column + (j + 0.5) / TAPS) * plane.width) / COLUMNS);
          sum += data[base + y * plane.stride + x * plane.channels]!;
        }
      }
      thumbnail[row * COLUMNS + column] = sum / (TAPS * TAPS);
    }
  }
}
