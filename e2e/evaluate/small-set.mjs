// A data folder made of the demo's clip and the faces that are known in it: enough to know that the measures measure.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { makeClips } from '../../demo/clip/make.mjs';
import { at } from '../../scripts/paths.mjs';

const CLIP = 'main';
/** Faces of which less shows are not asked for: half faces at the edge are a subject of their own. */
const LEAST_VISIBLE = 0.6;

/** Pictures along each side of a crowd. */
const CROWD = 4;

/**
 * The clip in video/, and in detect/ crowds: pictures of many frames of it side by side, so that faces are small.
 * @param {string} folder where to make it.
 * @param {{ crowds: readonly number[] }} options the first frame in each crowd.
 */
export async function makeSmallSet(folder, { crowds }) {
  await makeClips({ only: [CLIP] });
  /** @type {{ width: number, height: number, fps: number, frames: number, faces: { id: string, x: number, y: number, width: number, height: number, visible: number }[][] }} */
  const clip = JSON.parse(readFileSync(at('.cache', 'clips', `${CLIP}.json`), 'utf8'));
  const { width, height, fps, frames, faces } = clip;
  const file = at('.cache', 'clips', `${CLIP}.mjpeg`);
  const images = join(folder, 'detect', 'images');
  mkdirSync(images, { recursive: true });
  mkdirSync(join(folder, 'video'), { recursive: true });
  copyFileSync(file, join(folder, 'video', `${CLIP}.mjpeg`));

  const shown = faces.map((known) => known.filter(({ visible }) => visible >= LEAST_VISIBLE));
  const ids = [...new Set(shown.flatMap((known) => known.map(({ id }) => id)))];
  const boxOf = (/** @type {string} */ id, /** @type {number} */ frame) => shown[frame]?.find((face) => face.id === id);
  const tracks = ids.map((id) => ({
    id,
    boxes: shown.flatMap((_, frame) => {
      const face = boxOf(id, frame);
      return face === undefined ? [] : [[frame, face.x, face.y, face.width, face.height]];
    }),
  }));
  writeFileSync(join(folder, 'video', 'boxes.json'), JSON.stringify({ clips: { [`${CLIP}.mjpeg`]: { width, height, fps, frames, box: 'face', complete: true, tracks } } }));

  const jpegs = splitJpegs(readFileSync(file));
  const annotations = [];
  for (const first of crowds) {
    const name = `crowd-${first}.png`;
    const size = { width: width / CROWD, height: height / CROWD };
    const cells = Array.from({ length: CROWD ** 2 }, (_, i) => ({ frame: first + i, left: (i % CROWD) * size.width, top: Math.floor(i / CROWD) * size.height }));
    const parts = await Promise.all(cells.map(async ({ frame, left, top }) => ({ input: await sharp(jpegs[frame]).resize(size).toBuffer(), left, top })));
    await sharp({ create: { width, height, channels: 3, background: '#808080' } }).composite(parts).png().toFile(join(images, name));
    const known = cells.flatMap(({ frame, left, top }) =>
      (faces[frame] ?? []).map((face) => ({
        x: left + face.x / CROWD, y: top + face.y / CROWD, w: face.width / CROWD, h: face.height / CROWD,
        invalid: face.visible < LEAST_VISIBLE ? 1 : 0, difficulty: 'hard',
      })),
    );
    annotations.push({ file: name, width, height, faces: known });
  }
  writeFileSync(join(folder, 'detect', 'annotations.json'), JSON.stringify(annotations));
}

export function splitJpegs(/** @type {Buffer} */ bytes) {
  const jpegs = [];
  for (let start = 0; start < bytes.length; ) {
    // In entropy-coded data 0xff is followed by 0x00, so the first end marker is the end.
    const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), start);
    if (end < 0) break;
    jpegs.push(bytes.subarray(start, end + 2));
    start = end + 2;
  }
  return jpegs;
}
