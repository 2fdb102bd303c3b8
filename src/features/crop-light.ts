import { CROP_SIDE } from '../core/face-crop.ts';

/** What the pixels of an aligned face are like. */
export interface CropLight {
  /** Mean brightness, 0 to 255. */
  readonly meanLevel: number;
  /** Standard deviation of the brightness, 0 to 255. */
  readonly contrastLevel: number;
  /** How much of the contrast changes from one pixel to the next: the Laplacian's share. Low where a face is blurred or was small. */
  readonly sharpness: number;
}

/** The part of the chip that is face whatever the hair: from above the brows to the mouth, pixels. */
const LEFT = 32;
const RIGHT = 118;
const TOP = 34;
const BOTTOM = 124;

/** Measures the inner face of an aligned crop. Borrows `rgb`. */
export function lightOf(rgb: Uint8Array): CropLight {
  const width = RIGHT - LEFT;
  const height = BOTTOM - TOP;
  const lumas = new Float32Array(width * height);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o++) {
      const i = 3 * ((TOP + y) * CROP_SIDE + LEFT + x);
      lumas[o] = 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
    }
  }
  const meanLevel = lumas.reduce((sum, value) => sum + value, 0) / lumas.length;
  const contrastLevel = Math.sqrt(lumas.reduce((sum, value) => sum + (value - meanLevel) ** 2, 0) / lumas.length);
  let energy = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const o = y * width + x;
      energy += (4 * lumas[o]! - lumas[o - 1]! - lumas[o + 1]! - lumas[o - width]! - lumas[o + width]!) ** 2;
    }
  }
  const laplacian = Math.sqrt(energy / ((width - 2) * (height - 2)));
  lumas.fill(0);
  return { meanLevel, contrastLevel, sharpness: contrastLevel > 0 ? laplacian / contrastLevel : 0 };
}
