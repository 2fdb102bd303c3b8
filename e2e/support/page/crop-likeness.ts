import { real } from './real.ts';

/** A crop as the test features worker shows it. */
export interface ShownCrop {
  readonly rgb: Uint8Array;
  readonly face: { readonly keypoints: readonly { readonly x: number; readonly y: number }[]; readonly sidePx: number; readonly others: number };
}

const SIDE = 150;
/** Where dlib's mean face has its eyes in the crop: 52.5 px apart, their middle here. */
const EYES_APART = 52.5;
const EYES_MIDDLE = { x: 75, y: 47.1 };

/** The middle between the eyes, in the pixels of the picture that the crop was cut from. */
export function eyesOf({ face }: ShownCrop): { x: number; y: number; apart: number; angle: number } {
  const [a, b] = face.keypoints;
  if (a === undefined || b === undefined) throw new Error('the crop has no keypoints');
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(b.x - a.x, b.y - a.y), angle: Math.atan2(b.y - a.y, b.x - a.x) };
}

/**
 * How alike a crop is to the place in a picture where its eyes are said to be: correlation of brightness, -1 to 1. The browser cuts
 * the place out by the eyes alone, so that nothing of the library's own alignment is asked.
 */
export async function likeness(crop: ShownCrop, picture: Blob): Promise<number> {
  const bitmap = await real.createImageBitmap(picture);
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  const { x, y, apart, angle } = eyesOf(crop);
  context.imageSmoothingQuality = 'high';
  context.translate(EYES_MIDDLE.x, EYES_MIDDLE.y);
  context.rotate(-angle);
  context.scale(EYES_APART / apart, EYES_APART / apart);
  real.drawImage.call(context, bitmap, -x, -y, bitmap.width, bitmap.height);
  bitmap.close();
  const { data } = real.getImageData.call(context, 0, 0, SIDE, SIDE);
  const pixels = SIDE * SIDE;
  return correlation(
    Array.from({ length: pixels }, (_, i) => brightness(crop.rgb, 3 * i)),
    Array.from({ length: pixels }, (_, i) => brightness(data, 4 * i)),
  );
}

function brightness(data: ArrayLike<number>, at: number): number {
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [u, v] = [value - meanA, b[i]! - meanB];
    ab += u * v;
    aa += u * u;
    bb += v * v;
  });
  return ab / Math.sqrt(aa * bb);
}
