import { CROP_SIDE } from '../core/face-crop.ts';

/** What the pixels of an aligned face are like. */
export interface CropLight {
  /** Mean brightness, 0 to 255. */
  readonly meanLevel: number;
  /** Standard deviation of the brightness, 0 to 255. */
  readonly contrastLevel: number;
  /** How much of the contrast changes from one point to the next: the Laplacian's share. Low where a face is blurred or was small. */
  readonly sharpness: number;
}

/** The part of the chip that is face whatever the hair, from above the brows to the mouth, in steps of two pixels. */
const LEFT = 16;
const TOP = 17;
const WIDTH = 43;
const HEIGHT = 45;

/**
 * Measures the inner face of an aligned crop at half its size, where the camera's noise does not pass for detail. Borrows `rgb`.
 */
export function lightOf(rgb: Uint8Array): CropLight {
  const lumas = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0, o = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, o++) lumas[o] = lumaOfFour(rgb, 2 * (LEFT + x), 2 * (TOP + y));
  }
  const meanLevel = lumas.reduce((sum, value) => sum + value, 0) / lumas.length;
  const contrastLevel = Math.sqrt(lumas.reduce((sum, value) => sum + (value - meanLevel) ** 2, 0) / lumas.length);
  let energy = 0;
  for (let y = 1; y < HEIGHT - 1; y++) {
    for (let x = 1; x < WIDTH - 1; x++) {
      const o = y * WIDTH + x;
      energy += (4 * lumas[o]! - lumas[o - 1]! - lumas[o + 1]! - lumas[o - WIDTH]! - lumas[o + WIDTH]!) ** 2;
    }
  }
  const laplacian = Math.sqrt(energy / ((WIDTH - 2) * (HEIGHT - 2)));
  lumas.fill(0);
  return { meanLevel, contrastLevel, sharpness: contrastLevel > 0 ? laplacian / contrastLevel : 0 };
}

/** Mean brightness of the four pixels from (x, y) on. */
function lumaOfFour(rgb: Uint8Array, x: number, y: number): number {
  let sum = 0;
  for (let pixel = 0; pixel < 4; pixel++) {
    const i = 3 * ((y + (pixel >> 1)) * CROP_SIDE + x + (pixel & 1));
    sum += 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
  }
  return sum / 4;
}
