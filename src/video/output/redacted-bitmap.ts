import type { RedactedBitmap } from '../../core/redacted.ts';

/** Marks a bitmap that the redaction worker answered with. Takes the bitmap. */
export function mintBitmap(bitmap: ImageBitmap): RedactedBitmap {
  return bitmap as RedactedBitmap;
}
