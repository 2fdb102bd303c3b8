// A data folder of people whose faces are known in the demo's clip: enough to know that the measures of vectors and covers measure.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { makeClips } from '../../demo/clip/make.mjs';
import { at } from '../../scripts/paths.mjs';
import { splitJpegs } from './small-set.mjs';

const CLIP = 'main';
/** Width of a face that is taken, pixels, and how much of it shows. */
const [SMALLEST, LARGEST, VISIBLE] = [60, 220, 0.99];
/** A picture is the face's box, grown. */
const PICTURE = 2.2;

/**
 * verify/lfw/PERSON/FRAME.jpg and verify/pairs.json: pairs of each person's pictures, and as many of strangers.
 * @param {string} folder where to make it. @param {{ people: number, pictures: number }} options
 */
export async function makePeopleSet(folder, { people, pictures }) {
  await makeClips({ only: [CLIP] });
  /** @type {{ width: number, height: number, faces: { id: string, x: number, y: number, width: number, height: number, visible: number }[][] }} */
  const { width, height, faces } = JSON.parse(readFileSync(at('.cache', 'clips', `${CLIP}.json`), 'utf8'));
  const jpegs = splitJpegs(readFileSync(at('.cache', 'clips', `${CLIP}.mjpeg`)));
  /** @type {Map<string, { frame: number, left: number, top: number, side: number }[]>} */
  const shown = new Map();
  for (const [frame, known] of faces.entries()) {
    for (const { id, x, y, width: w, height: h, visible } of known) {
      const side = Math.round(Math.max(w, h) * PICTURE);
      const [left, top] = [Math.round(x + w / 2 - side / 2), Math.round(y + h / 2 - side / 2)];
      if (visible < VISIBLE || w < SMALLEST || w > LARGEST || left < 0 || top < 0 || left + side > width || top + side > height) continue;
      shown.set(id, [...(shown.get(id) ?? []), { frame, left, top, side }]);
    }
  }
  const chosen = [...shown].filter(([, own]) => own.length >= pictures).slice(0, people);
  if (chosen.length < people) throw new Error(`the clip shows only ${chosen.length} people often enough`);
  const files = [];
  for (const [id, own] of chosen) {
    const mine = [];
    for (let i = 0; i < pictures; i++) {
      const { frame, left, top, side } = own[Math.floor((i * own.length) / pictures)];
      const file = `lfw/${id}/${String(frame).padStart(4, '0')}.jpg`;
      mkdirSync(dirname(join(folder, 'verify', file)), { recursive: true });
      await sharp(jpegs[frame]).extract({ left, top, width: side, height: side }).jpeg({ quality: 95 }).toFile(join(folder, 'verify', file));
      mine.push(file);
    }
    files.push(mine);
  }
  const pairs = files.flatMap((mine, person) =>
    mine.slice(1).flatMap((file, i) => [
      { a: mine[i], b: file, same: true, set: 'lfw', fold: 1 },
      { a: file, b: files[(person + 1 + (i % (files.length - 1))) % files.length][i], same: false, set: 'lfw', fold: 1 },
    ]),
  );
  writeFileSync(join(folder, 'verify', 'pairs.json'), JSON.stringify(pairs));
}
