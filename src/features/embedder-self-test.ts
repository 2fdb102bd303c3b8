import { FacePrivacyError } from '../core/errors.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { distanceBetween } from './distance.ts';
import type { Embedder } from './embedder.ts';

/**
 * What the network gives for {@link drawnCrop}, in thousandths, as `@vladmandic/face-api` computes it. Rounding moved
 * it by 0.0034.
 */
const KNOWN_VECTOR = [
  -96, 134, 58, -124, -139, 4, -81, -99, 141, -95, 176, -73, -211, 18, -51, 211, -196, -75, -127, -94, -6, 134,
  -28, -6, -61, -236, -21, -46, 29, -73, 35, 101, -186, -4, 34, 87, -71, -49, 141, -31, -205, 30, 112, 204,
  230, 4, -15, -107, 85, -264, -25, 145, 44, 77, 46, -130, -11, 92, -147, -10, 136, -112, -16, -116, 243, 64,
  -138, -174, 146, -128, -103, 78, -72, -109, -296, 16, 366, 93, -83, 84, -78, -83, -28, 89, -24, -59, -13, 49,
  233, -86, 46, 213, -12, -18, -91, 42, -110, 1, -75, -5, -18, -65, 43, 157, -164, 201, -39, 2, -3, -1,
  -18, 0, 176, -210, 203, 118, 39, 103, 91, 121, -2, 11, -185, -97, 44, -49, 36, 96,
] as const;
/** Between the vectors of the drawn crop and of its negative. */
const KNOWN_DISTANCE = 0.59;
/** Faces of one person are up to 0.6 apart; the engines of one browser 0.0001. */
const TOLERANCE = 0.02;

/**
 * Makes sure that an embedder gives the vector that is known for a drawn picture, and another for another picture. Two at
 * once, so that batches are tried, too.
 * @throws FacePrivacyError ERR_SELF_TEST_FAILED, or what the embedder throws.
 */
export async function assertEmbeds(embedder: Embedder): Promise<void> {
  const [drawn, other] = await embedder.embed([drawnCrop(false), drawnCrop(true)]);
  const known = Float32Array.from(KNOWN_VECTOR, (value) => value / 1000);
  const error = drawn === undefined ? Infinity : distanceBetween(drawn, known);
  const between = drawn === undefined || other === undefined ? 0 : distanceBetween(drawn, other);
  if (error < TOLERANCE && Math.abs(between - KNOWN_DISTANCE) < TOLERANCE) return;
  throw new FacePrivacyError('ERR_SELF_TEST_FAILED', 'The embedder does not give the known vector of the self-test picture.', {
    details: { engine: embedder.engine, error, between },
  });
}

/**
 * An oval with two eyes and a mouth before a slope of grey: nobody, the same bytes everywhere (whole numbers only).
 * @param negative with every byte turned around
 */
export function drawnCrop(negative: boolean): FaceCrop {
  const rgb = new Uint8Array(CROP_SIDE * CROP_SIDE * 3);
  const within = (x: number, y: number, radiusX: number, radiusY: number) => x * x * radiusY * radiusY + y * y * radiusX * radiusX <= radiusX * radiusX * radiusY * radiusY;
  for (let y = 0, o = 0; y < CROP_SIDE; y++) {
    for (let x = 0; x < CROP_SIDE; x++, o += 3) {
      const isDark = within(x - 48, y - 47, 9, 5) || within(x - 100, y - 47, 9, 5) || within(x - 74, y - 106, 20, 5) || within(x - 74, y - 86, 8, 3);
      const isFace = within(x - 74, y - 70, 50, 66);
      const colour = isDark ? [60, 40, 38] : isFace ? [224 - (y >> 1), 172 - (y >> 1), 146 - (y >> 1)] : [90 + (x >> 1), 96 + (x >> 1), 110 + (y >> 2)];
      for (const [channel, value] of colour.entries()) rgb[o + channel] = negative ? 255 - value : value;
    }
  }
  const display = { width: CROP_SIDE, height: CROP_SIDE };
  return { rgb, face: { sidePx: CROP_SIDE, keypoints: [], confidence: 1, display, others: 0 } };
}
