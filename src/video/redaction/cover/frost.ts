import type { BorderColours } from './border-colours.ts';
import type { Channel } from './channels.ts';
import type { ControlGrid } from './colour-field.ts';
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
 * The surface of a frosted pane: border colours run together towards the middle (Shepard's inverse distance weighting,
 * 1968), with soft blotches on top that are a function of the seed alone.
 */
export function frostGrid(border: BorderColours, colour: readonly [Channel, Channel, Channel], seed: number, strength: number): ControlGrid {
  const values = [new Float32Array(SIDE * SIDE), new Float32Array(SIDE * SIDE), new Float32Array(SIDE * SIDE)] as const;
  const spacing = 1 / INTERVALS;
  const amplitude = BLOTCH_BRIGHT + BLOTCH_BRIGHT_BY_STRENGTH * strength;
  const [a, b, c] = border.values;
  const packed = colour.every((channel) => channel.bright);
  for (let j = 0; j < SIDE; j++) {
    const v = (j - 1) * spacing;
    for (let i = 0; i < SIDE; i++) {
      const u = (i - 1) * spacing;
      let total = 0;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      for (let n = 0; n < border.count; n++) {
        const du = u - (border.u[n] ?? 0);
        const dv = v - (border.v[n] ?? 0);
        const square = du * du + dv * dv + SOFTNESS;
        const weight = 1 / (square * square);
        total += weight;
        sumA += weight * (a[n] ?? 0);
        sumB += weight * (b[n] ?? 0);
        sumC += weight * (c[n] ?? 0);
      }
      const at = j * SIDE + i;
      const light = amplitude * seededNoise(seed, i, j, 0);
      const tint = amplitude * BLOTCH_COLOUR_SHARE;
      values[0][at] = sumA / total + light;
      values[1][at] = sumB / total + (packed ? light : 0) + tint * seededNoise(seed, i, j, 1);
      values[2][at] = sumC / total + (packed ? light : 0) + tint * seededNoise(seed, i, j, 2);
    }
  }
  return { side: SIDE, origin: -spacing, spacing, values };
}
