// Reads pictures through the faces worker; what the same worker saw in the same picture is kept in .cache/evaluate/faces/. The gate
// judges anew each time.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at } from '../../../../scripts/paths.mjs';
import { urlOf } from './pairs.mjs';

/** Pictures between two writings of what is known. */
const BATCH = 100;
/** A face has at least this share of the picture's shorter side, unless there is none such. */
const LEAST_SHARE = 1 / 8;

/**
 * @typedef {{ box: { x: number, y: number, width: number, height: number }, confidence: number, keypoints: { x: number, y: number }[],
 *   quality: { passed: boolean, faults: { check: string, value: number, limit: number }[] }, vector: string }} ReadFace
 * @typedef {{ display: { width: number, height: number }, faces: ReadFace[], ms: Record<string, number>, judgeMs: number }} ReadPicture
 */

/**
 * @param {readonly string[]} files below verify/
 * @param {import('../index.mjs').Context} context
 * @param {string} name for progress
 * @returns {Promise<{ pictures: Map<string, ReadPicture>, fresh: Omit<ReadPicture, 'judgeMs'>[] }>} `fresh`: those that were read now, for their times.
 */
export async function readFaces(files, { harness, data, progress, log }, name) {
  const kept = keptAt(harness.fingerprint('faces.worker.js'));
  const known = kept.read();
  const keyOf = (/** @type {string} */ file) => `${file} ${statSync(join(data, 'verify', file)).size}`;
  const lacking = files.filter((file) => known[keyOf(file)] === undefined);
  if (lacking.length < files.length) log(`${name}: ${files.length - lacking.length} of ${files.length} pictures were read before`);
  /** @type {any[]} */
  const fresh = [];
  for (let from = 0; from < lacking.length; from += BATCH) {
    const batch = lacking.slice(from, from + BATCH);
    const read = await harness.call('readFaces', [batch.map(urlOf)], (done) => progress(`${name}: picture ${from + done} of ${lacking.length}`));
    batch.forEach((file, i) => (known[keyOf(file)] = read[i]));
    fresh.push(...read);
    kept.write(known);
  }
  const judged = await judgeAll(files.map((file) => ({ file, picture: /** @type {any} */ (known[keyOf(file)]) })), { harness, progress }, name);
  return { pictures: new Map(files.map((file, i) => [file, judged[i]])), fresh };
}

async function judgeAll(/** @type {{ file: string, picture: any }[]} */ pictures, /** @type {any} */ { harness, progress }, /** @type {string} */ name) {
  /** @type {ReadPicture[]} */
  const judged = [];
  for (let from = 0; from < pictures.length; from += BATCH) {
    const batch = pictures.slice(from, from + BATCH);
    const wanted = batch.map(({ file, picture }) => ({ url: urlOf(file), faces: picture.faces.map((/** @type {ReadFace} */ { box, confidence, keypoints }) => ({ box, confidence, keypoints })) }));
    const answers = await harness.call('judgeFaces', [wanted], (/** @type {number} */ done) => progress(`${name}: judged ${from + done} of ${pictures.length}`));
    batch.forEach(({ picture }, i) => judged.push({ ...picture, judgeMs: answers[i].ms, faces: picture.faces.map((/** @type {any} */ face, /** @type {number} */ n) => ({ ...face, quality: answers[i].reports[n] })) }));
  }
  return judged;
}

/** The person in the middle: of the faces that are not small, the one whose middle is nearest. Null where there is none. @param {ReadPicture} picture */
export function mainFace({ display: { width, height }, faces }) {
  const large = faces.filter(({ box }) => Math.max(box.width, box.height) >= LEAST_SHARE * Math.min(width, height));
  const away = (/** @type {ReadFace} */ { box }) => Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2);
  return (large.length > 0 ? large : faces).reduce((/** @type {ReadFace | null} */ best, face) => (best === null || away(face) < away(best) ? face : best), null);
}

/** Whether the gate would take the face if the person had said which it is: others in the picture are no fault then. @param {ReadFace} face */
export const passesChosen = ({ quality }) => quality.faults.every(({ check }) => check === 'one-face');

/** @param {string} text base64 */
export const floatsIn = (text) => new Float32Array(bytesIn(text).buffer);
/** @param {string} text base64 */
export const wordsIn = (text) => new Uint32Array(bytesIn(text).buffer);
/** @param {string} text base64 @returns a copy of its own */
export const bytesIn = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
/** @param {ArrayBufferView} numbers */
export const textOf = (numbers) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');

function keptAt(/** @type {string} */ fingerprint) {
  const file = at('.cache', 'evaluate', 'faces', `${createHash('sha256').update(fingerprint).digest('hex').slice(0, 16)}.json`);
  return {
    /** @returns {Record<string, ReadPicture>} */
    read: () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}),
    write(/** @type {Record<string, ReadPicture>} */ known) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(known));
      renameSync(`${file}.new`, file);
    },
  };
}
