#!/usr/bin/env node
/**
 * Prints the figures in the model cards: time per run, faces found on the six sample photos and in close-ups cut from them, and
 * recall on a folder of annotated pictures.
 *
 *     node models/prepare/measure.mjs [--data DIR]
 *
 * DIR holds detect/images/ and detect/annotations.json: [{ file, width, height, faces: [{ x, y, w, h, difficulty, invalid }] }].
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web/wasm';
import sharp from 'sharp';
import { decodeDetections } from './decode.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PHOTOS = path.join(ROOT, 'node_modules/@vladmandic/face-api/demo');
const NAMES = ['blazeface-back', 'blazeface-full', 'blazeface-short'];
const THRESHOLD = 0.4;
const PICTURES = 100;
const CLOSE_UP = 1.3; // side of a close-up, in box widths
const GROWTH = 1.4; // a detection is grown before it covers
const COVERED_SHARE = 0.85; // of a face's box, for it to count as covered
const SIZES = [8, 16, 32, 64, 128, Infinity]; // longer side of the face, in pixels of the picture

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

ort.env.wasm.numThreads = 1;
const manifest = JSON.parse(await readFile(path.join(ROOT, 'models/manifest.json'), 'utf8'));
/** Squares that one face nearly fills. @type {Buffer[]} */
const closeUps = [];
// The model that cuts the close-ups comes first: it finds all 22 faces of the photos.
for (const name of NAMES) {
  const entry = manifest.find((/** @type {{ file: string }} */ candidate) => candidate.file === `${name}.onnx`);
  const size = entry.input.trainedShape[2];
  const anchors = { size, layers: entry.anchors.layers };
  const session = await ort.InferenceSession.create(await readFile(path.join(ROOT, 'models/ready', entry.file)), { executionProviders: ['wasm'] });
  const run = async (/** @type {Float32Array} */ planes) => session.run({ image: new ort.Tensor('float32', planes, entry.input.trainedShape) });
  const detect = async (/** @type {string | Buffer} */ file) => {
    const { boxes, scores } = await run(await readPlanes(file, size));
    return decodeDetections(anchors, boxes.data, scores.data, THRESHOLD);
  };

  say(`${name}: ${(await medianMs(run, size)).toFixed(1)} ms a run (median of 100, one thread, ${process.arch}, Node ${process.versions.node})`);
  let total = 0;
  for (let photo = 1; photo <= 6; photo++) {
    const found = await detect(path.join(PHOTOS, `sample${photo}.jpg`));
    total += found.length;
    if (name === NAMES[0]) for (const box of found) closeUps.push(await closeUp(path.join(PHOTOS, `sample${photo}.jpg`), box));
    say(`  sample${photo}.jpg: ${found.length} at ${THRESHOLD}: ${found.map(({ score }) => score.toFixed(3)).join(' ')}`);
  }
  say(`  sample photos: ${total} detections`);
  let close = 0;
  for (const picture of closeUps) if ((await detect(picture)).length > 0) close++;
  say(`  close-ups: ${close} of ${closeUps.length} found`);
  if (values.data !== undefined) say(`  ${await recallBySize(values.data, detect)}`);
  await session.release();
}

/**
 * @param {(planes: Float32Array) => Promise<unknown>} run
 * @param {number} size
 */
async function medianMs(run, size) {
  const planes = await readPlanes(path.join(PHOTOS, 'sample1.jpg'), size);
  const times = [];
  for (let i = 0; i < 120; i++) {
    const start = performance.now();
    await run(planes);
    if (i >= 20) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[50] ?? NaN;
}

/**
 * @param {string} file
 * @param {import('./decode.mjs').Box} box in parts of the letterboxed picture
 */
async function closeUp(file, box) {
  const { width, height } = await sharp(file).metadata();
  const side = Math.max(width, height);
  const centreX = (box.x + box.width / 2) * side - (side - width) / 2;
  const centreY = (box.y + box.height / 2) * side - (side - height) / 2;
  const half = Math.floor(Math.min((box.width * side * CLOSE_UP) / 2, centreX, centreY, width - centreX, height - centreY));
  const area = { left: Math.round(centreX) - half, top: Math.round(centreY) - half, width: half * 2, height: half * 2 };
  return sharp(file).extract({ ...area, left: Math.max(area.left, 0), top: Math.max(area.top, 0) }).png().toBuffer();
}

/**
 * The whole picture, letterboxed on black.
 * @param {string | Buffer} file
 * @param {number} size
 */
async function readPlanes(file, size) {
  const pixels = await sharp(file).removeAlpha().resize(size, size, { fit: 'contain', background: '#000', kernel: 'linear' }).raw().toBuffer();
  const area = size * size;
  return Float32Array.from({ length: 3 * area }, (_, i) => (pixels[(i % area) * 3 + Math.floor(i / area)] ?? 0) / 127.5 - 1);
}

/**
 * @param {string} directory
 * @param {(file: string) => Promise<import('./decode.mjs').Box[]>} detect
 */
async function recallBySize(directory, detect) {
  const all = JSON.parse(await readFile(path.join(directory, 'detect/annotations.json'), 'utf8'));
  const step = all.length / PICTURES;
  const pictures = Array.from({ length: Math.min(PICTURES, all.length) }, (_, i) => all[Math.floor(i * Math.max(step, 1))]);
  const counts = SIZES.slice(1).map(() => ({ covered: 0, faces: 0 }));
  for (const { file, width, height, faces } of pictures) {
    const side = Math.max(width, height);
    const [left, top] = [(side - width) / 2, (side - height) / 2];
    const covers = (await detect(path.join(directory, 'detect/images', file))).map((box) => ({
      x: (box.x - (box.width * (GROWTH - 1)) / 2) * side - left,
      y: (box.y - (box.height * (GROWTH - 1)) / 2) * side - top,
      w: box.width * GROWTH * side,
      h: box.height * GROWTH * side,
    }));
    for (const face of faces) {
      if (face.invalid === 1 || face.difficulty === 'none') continue;
      const count = counts[SIZES.findIndex((limit) => Math.max(face.w, face.h) < limit) - 1];
      if (count === undefined) continue;
      count.faces++;
      if (covers.some((cover) => sharedArea(face, cover) >= COVERED_SHARE * face.w * face.h)) count.covered++;
    }
  }
  const parts = counts.map(({ covered, faces }, i) => `${sizeName(i)} px ${((100 * covered) / faces).toFixed(0)} % of ${faces}`);
  return `covered on ${pictures.length} pictures at ${THRESHOLD}: ${parts.join(', ')}`;
}

/** @param {number} i index into SIZES of the lower bound */
function sizeName(i) {
  const limit = SIZES[i + 1];
  return limit === Infinity ? `from ${SIZES[i]}` : `${SIZES[i]}-${limit}`;
}

/**
 * @param {{ x: number, y: number, w: number, h: number }} a
 * @param {{ x: number, y: number, w: number, h: number }} b
 */
function sharedArea(a, b) {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return Math.max(width, 0) * Math.max(height, 0);
}
