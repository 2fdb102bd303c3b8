// The clips and pans of a data folder, with the faces that are known in each frame.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clip as clipBox, grow } from '../cover.mjs';
import { conventionOf, faceFactorOf } from './conventions.mjs';

/** In a pan, a face of which less lies inside the picture is not asked for, as pans.json says. */
const LEAST_INSIDE = 0.5;

/**
 * @typedef {{ id: string, x: number, y: number, width: number, height: number, asked: boolean }} KnownFace its face box, see conventions.mjs.
 * @typedef {object} Clip
 * @property {string} name
 * @property {'clip' | 'pan'} kind
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {number} frames
 * @property {string | null} file to be decoded by ffmpeg; null where the page makes the frames.
 * @property {any} source for the page.
 * @property {import('./conventions.mjs').Convention} convention
 * @property {boolean | null} complete whether every face has a box; null where the boxes are not published ones.
 * @property {KnownFace[][] | null} faces by frame; null where there is no annotation.
 */

/** @param {string} data @returns {Clip[]} */
export function clipsIn(data) {
  const boxes = join(data, 'video', 'boxes.json');
  if (!existsSync(boxes)) return [];
  /** @type {Record<string, any>} */
  const { clips } = JSON.parse(readFileSync(boxes, 'utf8'));
  return Object.entries(clips).map(([key, { width, height, fps, frames, box, complete, tracks }]) => {
    const file = /\.\w+$/.test(key) ? key : `${key}.mp4`;
    const name = key.replace(/\.\w+$/, '');
    const jpegs = file.endsWith('.mjpeg');
    return {
      name,
      kind: 'clip',
      width, height, fps, frames,
      file: jpegs ? null : join(data, 'video', file),
      source: jpegs
        ? { kind: 'jpegs', url: `/data/video/${encodeURIComponent(file)}`, count: frames, fps }
        : { kind: 'decoded', url: `/frames/${encodeURIComponent(name)}`, width, height, count: frames, fps },
      convention: conventionOf(box),
      complete,
      faces: tracks === null ? null : facesOfTracks(tracks, frames, { width, height }, conventionOf(box)),
    };
  });
}

/** @param {string} data @returns {Clip[]} */
export function pansIn(data) {
  const file = join(data, 'video', 'pans.json');
  const annotations = join(data, 'detect', 'annotations.json');
  if (!existsSync(file) || !existsSync(annotations)) return [];
  /** @type {any[]} */
  const { pans } = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {any[]} */
  const pictures = JSON.parse(readFileSync(annotations, 'utf8'));
  return pans.map(({ image, out, fps, frames, from, to }) => {
    const picture = pictures.find((one) => `detect/images/${one.file}` === image);
    if (picture === undefined) throw new Error(`pans.json names ${image}, which has no annotation`);
    return {
      name: `pan ${image.replace(/^.*\//, '').replace(/\.\w+$/, '')}`,
      kind: 'pan',
      width: out[0], height: out[1], fps, frames,
      file: null,
      source: { kind: 'pan', url: `/data/${image.split('/').map(encodeURIComponent).join('/')}`, from, to, out, count: frames, fps, frames },
      convention: 'face',
      complete: true,
      faces: Array.from({ length: frames }, (_, frame) => {
        const [x, y, w, h] = from.map((/** @type {number} */ start, /** @type {number} */ i) => start + ((to[i] - start) * frame) / Math.max(1, frames - 1));
        const [sx, sy] = [out[0] / w, out[1] / h];
        return picture.faces.flatMap((/** @type {any} */ face, /** @type {number} */ id) =>
          faceIn({ width: out[0], height: out[1] }, `${id}`, { x: (face.x - x) * sx, y: (face.y - y) * sy, width: face.w * sx, height: face.h * sy }, LEAST_INSIDE, face.difficulty !== 'none' && face.invalid !== 1),
        );
      }),
    };
  });
}

/**
 * @param {readonly { id: string, boxes: readonly number[][] }[]} tracks @param {number} frames
 * @param {{ width: number, height: number }} size @param {import('./conventions.mjs').Convention} convention
 */
export function facesOfTracks(tracks, frames, size, convention) {
  const factor = faceFactorOf(convention);
  /** @type {KnownFace[][]} */
  const faces = Array.from({ length: frames }, () => []);
  for (const { id, boxes } of tracks) {
    for (const [frame = -1, x = 0, y = 0, width = 0, height = 0] of boxes) faces[frame]?.push(...faceIn(size, id, grow({ x, y, width, height }, factor), 0, true));
  }
  return faces;
}

/** @param {{ width: number, height: number }} size @param {string} id @param {import('../cover.mjs').Box} box @param {number} leastInside @param {boolean} counts @returns {KnownFace[]} nothing where the face is outside. */
function faceIn(size, id, box, leastInside, counts) {
  const inside = box.width > 0 && box.height > 0 ? clipBox(box, size) : null;
  if (inside === null) return [];
  return [{ id, ...box, asked: counts && inside.width * inside.height >= leastInside * box.width * box.height }];
}
