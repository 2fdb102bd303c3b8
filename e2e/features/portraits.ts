import sharp from 'sharp';
import { PHOTOS } from '../../demo/clip/scenes.mjs';
import { at } from '../../scripts/paths.mjs';

/** How a portrait is made from a face of a sample photo. */
export interface Portrait {
  /** 1 to 6. */
  readonly photo: number;
  /** Which of its faces, from the left. */
  readonly face: number;
  /** Another picture of the same face: mirrored, darker, smaller. */
  readonly again?: boolean;
  /** Gaussian blur, pixels. */
  readonly blurPx?: number;
  /** Longer side, pixels; 480 unless given. */
  readonly sidePx?: number;
}

/** A JPEG in base64 that shows one person, cut from a sample photo. */
export async function portraitOf({ photo, face, again = false, blurPx, sidePx = 480 }: Portrait): Promise<string> {
  const { file, width, height, faces } = PHOTOS.find((known) => known.file === `sample${photo}.jpg`)!;
  const sorted = [...faces].sort((a, b) => a.x - b.x);
  const box = sorted[face]!;
  const side = Math.round(Math.min(box.height * 1.75, width, height));
  const left = Math.round(Math.min(Math.max(box.x + box.width / 2 - side / 2, 0), width - side));
  const top = Math.round(Math.min(Math.max(box.y + box.height / 2 - side / 2, 0), height - side));
  // Whoever stands beside is painted over.
  const covers = sorted
    .filter((other) => other !== box)
    .map(({ x, y, width: w, height: h }) => {
      const [coverLeft, coverTop] = [Math.max(0, Math.round(x - w * 0.15)), Math.max(0, Math.round(y - h * 0.15))];
      const size = { width: Math.min(Math.round(w * 1.3), width - coverLeft), height: Math.min(Math.round(h * 1.3), height - coverTop) };
      return { input: { create: { ...size, channels: 3 as const, background: '#777' } }, left: coverLeft, top: coverTop };
    });
  const alone = await sharp(at('node_modules', '@vladmandic', 'face-api', 'demo', file)).composite(covers).toBuffer();
  let picture = sharp(alone).extract({ left, top, width: side, height: side });
  picture = picture.resize(again ? Math.round(sidePx * 0.7) : sidePx);
  if (again) picture = sharp(await picture.flop().linear(0.85, 4).toBuffer());
  if (blurPx !== undefined) picture = sharp(await picture.toBuffer()).blur(blurPx);
  return (await picture.jpeg({ quality: again ? 80 : 92 }).toBuffer()).toString('base64');
}

/** A whole sample photo: several people. */
export async function photoOf(photo: number): Promise<string> {
  return (await sharp(at('node_modules', '@vladmandic', 'face-api', 'demo', `sample${photo}.jpg`)).resize(1280).jpeg().toBuffer()).toString('base64');
}
