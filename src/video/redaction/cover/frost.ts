import { BORDER_PLACES, type BorderColours } from './border-colours.ts';
import type { Channel } from './channels.ts';
import type { ControlGrid } from './colour-field.ts';
import { scratch } from './scratch.ts';
import { seededNoise } from './seeded-noise.ts';

/** Control points per edge of the region; one more lies outside on each side, for the soft edge. */
export const INTERVALS = 6;
export const SIDE = INTERVALS + 3;
/** Keeps the pull of a border colour finite next to it; larger is softer. In squared shares of the region. */
export const SOFTNESS = 0.02;
/** Soft blotches, in grey levels, at strength 0 and what strength 1 adds. */
export const BLOTCH_BRIGHT = 10;
export const BLOTCH_BRIGHT_BY_STRENGTH = 26;
export const BLOTCH_COLOUR_SHARE = 0.22;

/**
 * The share of each border colour in each control point, `PULL[point * count + colour]`: inverse distance weighting (Shepard, 1968).
 * Colours and points lie at the same places of every region, so this is the same for all.
 */
const PULL = pullOfBorder();

function pullOfBorder(): Float32Array {
  const { count, u, v } = BORDER_PLACES;
  const pull = new Float32Array(SIDE * SIDE * count);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const weights = Array.from({ length: count }, (_, n) => {
      const du = ((at % SIDE) - 1) / INTERVALS - u[n]!;
      const dv = (Math.floor(at / SIDE) - 1) / INTERVALS - v[n]!;
      return (du * du + dv * dv + SOFTNESS) ** -2;
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    pull.set(weights.map((weight) => weight / total), at * count);
  }
  return pull;
}

/** The blotches of tracks that were covered lately: a track is covered in hundreds of frames. */
const known = new Map<number, Float32Array>();
const MOST_KNOWN = 64;

/** Noise of every control point: of brightness and of the two other channels, -1 to 1, a function of the seed alone. */
function blotches(seed: number): Float32Array {
  const before = known.get(seed);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const made = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    const at = Math.floor(i / 3);
    return seededNoise(seed, at % SIDE, Math.floor(at / SIDE), i % 3);
  });
  known.set(seed, made);
  return made;
}

/**
 * The surface of a frosted pane: border colours run together towards the middle, with soft blotches on top that are a function of
 * the seed alone.
 */
export function frostGrid(border: BorderColours, colour: readonly [Channel, Channel, Channel], seed: number, strength: number): ControlGrid {
  const [a, b, c] = border.values;
  const { count } = BORDER_PLACES;
  const values = [scratch.floats(SIDE * SIDE), scratch.floats(SIDE * SIDE), scratch.floats(SIDE * SIDE)] as const;
  const amplitude = BLOTCH_BRIGHT + BLOTCH_BRIGHT_BY_STRENGTH * strength;
  const tint = amplitude * BLOTCH_COLOUR_SHARE;
  const packed = colour.every((channel) => channel.bright);
  const noise = blotches(seed);
  for (let at = 0, p = 0; at < SIDE * SIDE; at++) {
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    for (let n = 0; n < count; n++, p++) {
      const pull = PULL[p]!;
      sumA += pull * a[n]!;
      sumB += pull * b[n]!;
      sumC += pull * c[n]!;
    }
    const light = amplitude * noise[3 * at]!;
    values[0][at] = sumA + light;
    values[1][at] = sumB + (packed ? light : 0) + tint * noise[3 * at + 1]!;
    values[2][at] = sumC + (packed ? light : 0) + tint * noise[3 * at + 2]!;
  }
  return { side: SIDE, origin: -1 / INTERVALS, spacing: 1 / INTERVALS, values };
}
