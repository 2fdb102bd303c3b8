// Annotated pictures: annotations.json (WIDER FACE) and annotations-dlib.json in the folder detect/.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Longer side of a face, pixels of the picture. */
export const SIZE_BANDS = [
  { name: '8-16', from: 8, to: 16 },
  { name: '16-32', from: 16, to: 32 },
  { name: '32-64', from: 32, to: 64 },
  { name: '64-128', from: 64, to: 128 },
  { name: '>128', from: 128, to: Infinity },
];

const SETS = [
  { name: 'wider', annotations: 'annotations.json', images: 'images' },
  { name: 'dlib', annotations: 'annotations-dlib.json', images: 'images-dlib' },
];

/**
 * @typedef {{ x: number, y: number, width: number, height: number, ignored: boolean, traits: Readonly<Record<string, string | null>> }} AnnotatedFace
 * @typedef {{ set: string, url: string, width: number, height: number, faces: readonly AnnotatedFace[] }} AnnotatedPicture
 */

/** The sets that a data folder holds. @param {string} data */
export const setsIn = (data) => SETS.filter(({ annotations }) => existsSync(join(data, 'detect', annotations)));

/** @param {string} data @param {(typeof SETS)[number]} set @returns {AnnotatedPicture[]} */
export function readSet(data, { name, annotations, images }) {
  /** @type {any[]} */
  const pictures = JSON.parse(readFileSync(join(data, 'detect', annotations), 'utf8'));
  return pictures.map(({ file, width, height, faces }) => ({
    set: name,
    url: `/data/detect/${images}/${file.split('/').map(encodeURIComponent).join('/')}`,
    width,
    height,
    faces: faces.map(faceOf),
  }));
}

/** @returns {AnnotatedFace} */
function faceOf(/** @type {any} */ { x, y, w, h, blur, pose, occlusion, illumination, expression, perceived_skin: skin, difficulty, invalid, ignore }) {
  const size = Math.max(w, h);
  return {
    x, y, width: w, height: h,
    ignored: difficulty === 'none' || invalid === 1 || ignore === 1 || !(w > 0 && h > 0),
    traits: {
      size: SIZE_BANDS.find(({ from, to }) => size >= from && size < to)?.name ?? null,
      difficulty: difficulty ?? null,
      blur: named(blur, ['none', 'some', 'heavy']),
      occlusion: named(occlusion, ['none', 'part', 'heavy']),
      pose: named(pose, ['typical', 'atypical']),
      illumination: named(illumination, ['normal', 'extreme']),
      expression: named(expression, ['typical', 'exaggerated']),
      perceivedSkin: ['I', 'II', 'III'].includes(skin) ? 'I-III' : ['IV', 'V', 'VI'].includes(skin) ? 'IV-VI' : null,
    },
  };
}

const named = (/** @type {number | undefined} */ value, /** @type {string[]} */ names) => (value === undefined ? null : (names[value] ?? null));
