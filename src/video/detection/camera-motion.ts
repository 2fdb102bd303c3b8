import type { CameraMotion, Point, Size } from '../../core/geometry.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import { bestShift } from './best-shift.ts';
import { createWindowSampler, type WindowSampler } from './sample-window.ts';

/** Cells along the longer side of the pictures that are compared. */
const CELLS = 80;
/** The first guess is a shift of up to this many cells of twice the size: an eighth of the picture. */
const REACH = 5;
const ITERATIONS = 6;
/**
 * Where that explains too little of so much, grey levels: somebody who moves before a still camera changes less (0.6 to 13 in three quarters of such frames
 * of eleven clips), a camera that moves this far changes 18 and more.
 */
const FAR_DIFFERENCE = 12;
/** Shifts of up to this share of the picture, at each of these scales; so many of the best are refined. */
const FAR_REACH = 0.4;
const FAR_SCALES = [0.65, 0.75, 0.85, 0.95, 1.05, 1.18, 1.33, 1.5];
const FAR_TRIES = 4;
/** Pictures that share less than this part of their cells say nothing about each other. */
const LEAST_OVERLAP = 0.3;
/** Every other row of cells says enough. */
const ROW_STEP = 2;
/** Grey levels (of 255) that noise alone may differ by; more, measured against the usual difference, counts as something else that moves. */
const NOISE = 2;
/** Share of the difference between two pictures that the motion has to explain before it is believed; */
const LEAST_EXPLAINED = 0.5;
/** less for one of under a cell, of which the coarse picture shows little but its own sampling. */
const LEAST_EXPLAINED_SMALL = 0.02;
/** Refined until a step changes no place in the picture by more than this, in cells. */
const FINE = 0.02;
/** What moves by itself counts at most this much for the usual difference, grey levels. */
const MOST_COUNTED = 38;
/** Below this mean difference, grey levels, there is nothing to explain: nothing moves. */
const STILL = 0.6;

/** Tells how the camera moved, frame by frame. */
export interface CameraMotionDetector {
  /** Borrows `pixels`. Null where no motion of the whole picture explains the change: the first frame, a cut, much that moves by itself. */
  compare(pixels: PixelBuffer): CameraMotion | null;
  /** Forgets the frame before. */
  reset(): void;
}

const NONE: CameraMotion = { scale: 1, shift: { x: 0, y: 0 } };

/**
 * Creates a detector for one stream. A shift found by trying (where that explains too little: shift and scale) is refined by Gauss-Newton steps with weights
 * that leave out what moves by itself (Baker and Matthews, "Lucas-Kanade 20 years on", 2004; Cauchy weights).
 */
export function createCameraMotionDetector(): CameraMotionDetector {
  let key = '';
  let sampler: WindowSampler | null = null;
  let before: Grey | null = null;
  return {
    compare(pixels) {
      const { display } = pixels;
      if (sampler === null || key !== `${display.width}x${display.height}`) {
        key = `${display.width}x${display.height}`;
        sampler = createWindowSampler(cellsOf(display));
        before = null;
      }
      const last = before;
      const now = greyOf(sampler, pixels);
      before = now;
      if (last === null) return null;
      const motion = motionBetween(last, now);
      const pitch = display.width / now.width;
      return motion && { scale: motion.scale, shift: { x: motion.shift.x * pitch, y: motion.shift.y * pitch } };
    },
    reset() {
      before = null;
    },
  };
}

/** A grey picture, levels 0 to 255, row by row. */
interface Grey extends Size {
  readonly values: Float32Array;
}

function cellsOf({ width, height }: Size): Size {
  const pitch = Math.max(width, height) / CELLS;
  return { width: Math.max(8, Math.round(width / pitch)), height: Math.max(8, Math.round(height / pitch)) };
}

function greyOf(sampler: WindowSampler, pixels: PixelBuffer): Grey {
  const { width, height } = sampler.size;
  const count = width * height;
  const green = sampler.floats(pixels, { x: 0, y: 0, ...pixels.display }).subarray(count, 2 * count);
  return { width, height, values: green.map((value) => value * 127.5 + 127.5) };
}

/** The shift of the whole picture, in cells, that leaves the least difference at half the resolution. */
function firstGuess(before: Grey, now: Grey): Point {
  const [a, b] = [halved(before), halved(now)];
  const { shift } = bestShift(a.values, b.values, a, REACH);
  return { x: 2 * shift.x, y: 2 * shift.y };
}

function halved({ width, height, values }: Grey): Grey {
  const w = width >> 1;
  const h = height >> 1;
  const out = new Float32Array(w * h);
  for (let y = 0, o = 0; y < h; y++) {
    for (let x = 0, i = 2 * y * width; x < w; x++, i += 2) {
      out[o++] = (values[i]! + values[i + 1]! + values[i + width]! + values[i + width + 1]!) / 4;
    }
  }
  return { width: w, height: h, values: out };
}

/** In cells, about the middle of the picture. Null when the motion explains too little of what has changed. */
function motionBetween(before: Grey, now: Grey): CameraMotion | null {
  const still = meanDifference(before, now, NONE, Infinity);
  if (still < STILL) return NONE;
  const near = explaining(before, now, { scale: 1, shift: firstGuess(before, now) }, still);
  return near ?? (still < FAR_DIFFERENCE ? null : farMotion(before, now, still));
}

/** Refines a guess. Null when it explains too little of the difference `still`. */
function explaining(before: Grey, now: Grey, guess: CameraMotion, still: number): CameraMotion | null {
  const motion = refined(before, now, guess);
  if (motion === null) return null;
  const reach = Math.max(now.width, now.height) / 2;
  const left = meanDifference(before, now, motion, Infinity);
  const isSmall = Math.abs(motion.scale - 1) * reach + Math.hypot(motion.shift.x, motion.shift.y) < 1;
  return left <= (1 - (isSmall ? LEAST_EXPLAINED_SMALL : LEAST_EXPLAINED)) * still ? motion : null;
}

/** Null where the steps lead nowhere. */
function refined(before: Grey, now: Grey, guess: CameraMotion): CameraMotion | null {
  const reach = Math.max(now.width, now.height) / 2;
  let motion = guess;
  for (let i = 0; i < ITERATIONS; i++) {
    const step = gaussNewtonStep(before, now, motion, NOISE + meanDifference(before, now, motion, MOST_COUNTED));
    if (step === null) return null;
    motion = { scale: motion.scale + step.scale, shift: { x: motion.shift.x + step.x, y: motion.shift.y + step.y } };
    if (!(Math.abs(motion.scale - 1) < 0.5)) return null;
    if (Math.abs(step.scale) * reach + Math.hypot(step.x, step.y) < FINE) break;
  }
  return motion;
}

/**
 * A whip of the camera, a fast zoom, or frames far apart: scales and shifts are tried at a quarter of the resolution, the best of them
 * refined at half of it and the best of those at all of it.
 */
function farMotion(before: Grey, now: Grey, still: number): CameraMotion | null {
  const halves = [halved(before), halved(now)] as const;
  const quarters = [halved(halves[0]), halved(halves[1])] as const;
  const tried = farGuesses(quarters[0]).map((motion) => ({ motion, difference: meanDifference(...quarters, motion, Infinity, 1) }));
  tried.sort((a, b) => a.difference - b.difference);
  let best: CameraMotion | null = null;
  let least = Infinity;
  for (const { motion } of tried.slice(0, FAR_TRIES)) {
    const half = refined(...halves, doubled(motion));
    const difference = half === null ? Infinity : meanDifference(...halves, half, Infinity);
    if (difference < least) [best, least] = [half, difference];
  }
  return best === null ? null : explaining(before, now, doubled(best), still);
}

function farGuesses({ width, height }: Size): CameraMotion[] {
  const within = (most: number): number[] => Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  const columns = within(Math.round(width * FAR_REACH));
  const rows = within(Math.round(height * FAR_REACH));
  return FAR_SCALES.flatMap((scale) => rows.flatMap((y) => columns.map((x) => ({ scale, shift: { x, y } }))));
}

/** The same motion in cells of half the size. */
function doubled({ scale, shift }: CameraMotion): CameraMotion {
  return { scale, shift: { x: 2 * shift.x, y: 2 * shift.y } };
}

interface Step extends Point {
  readonly scale: number;
}

function gaussNewtonStep(before: Grey, now: Grey, { scale, shift }: CameraMotion, spread: number): Step | null {
  const { width, height, values } = before;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  // Normal equations of the three unknowns: scale, x, y.
  let [ss, sx, sy, xx, xy, yy, bs, bx, by] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let y = 1; y < height - 1; y += ROW_STEP) {
    for (let x = 1; x < width - 1; x++) {
      const value = sampleAt(now, cx + scale * (x - cx) + shift.x, cy + scale * (y - cy) + shift.y);
      if (Number.isNaN(value)) continue;
      const i = y * width + x;
      const difference = value - values[i]!;
      const weight = 1 / (1 + (difference / spread) ** 2);
      const gx = (values[i + 1]! - values[i - 1]!) / 2;
      const gy = (values[i + width]! - values[i - width]!) / 2;
      const gs = gx * (x - cx) + gy * (y - cy);
      ss += weight * gs * gs;
      sx += weight * gs * gx;
      sy += weight * gs * gy;
      xx += weight * gx * gx;
      xy += weight * gx * gy;
      yy += weight * gy * gy;
      bs += weight * gs * difference;
      bx += weight * gx * difference;
      by += weight * gy * difference;
    }
  }
  const determinant = ss * (xx * yy - xy * xy) - sx * (sx * yy - xy * sy) + sy * (sx * xy - xx * sy);
  // A picture without texture in one direction does not tell how it moved.
  if (!(determinant > 1e-6 * ss * xx * yy) || !(determinant > 0)) return null;
  const solve = (s: number, x: number, y: number): number => -(s * bs + x * bx + y * by) / determinant;
  return {
    scale: solve(xx * yy - xy * xy, sy * xy - sx * yy, sx * xy - sy * xx),
    x: solve(sy * xy - sx * yy, ss * yy - sy * sy, sx * sy - ss * xy),
    y: solve(sx * xy - sy * xx, sx * sy - ss * xy, ss * xx - sx * sx),
  };
}

/** The mean absolute difference under a motion, each cell counted with at most `most`; Infinity where too few cells are in both pictures. */
function meanDifference(before: Grey, now: Grey, { scale, shift }: CameraMotion, most: number, rowStep = ROW_STEP): number {
  const { width, height, values } = before;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y += rowStep) {
    for (let x = 0; x < width; x++) {
      const value = sampleAt(now, cx + scale * (x - cx) + shift.x, cy + scale * (y - cy) + shift.y);
      if (Number.isNaN(value)) continue;
      sum += Math.min(most, Math.abs(value - values[y * width + x]!));
      count += 1;
    }
  }
  return count < (LEAST_OVERLAP * width * height) / rowStep ? Infinity : sum / count;
}

/** Between the cells, bilinear; NaN outside. */
function sampleAt({ width, height, values }: Grey, x: number, y: number): number {
  if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) return Number.NaN;
  const column = Math.min(width - 2, Math.floor(x));
  const row = Math.min(height - 2, Math.floor(y));
  const i = row * width + column;
  const fx = x - column;
  const fy = y - row;
  const top = values[i]! + fx * (values[i + 1]! - values[i]!);
  const bottom = values[i + width]! + fx * (values[i + width + 1]! - values[i + width]!);
  return top + fy * (bottom - top);
}
