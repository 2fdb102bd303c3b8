#!/usr/bin/env node
/**
 * Compares the detection engines in a Chromium worker: milliseconds per look, and what they find in annotated pictures.
 *
 *     node e2e/bench/detectors.mjs [--data DIR] [--pictures 100] [--thresholds 0.25,0.35,0.5] [--engines onnx,mediapipe]
 *
 * DIR holds `annotations.json` ([{ file, width, height, faces: [{ x, y, w, h, invalid, difficulty }] }]) and the pictures
 * in `images/`. Without --data only times are measured.
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDetectorWorker } from './detector-client.mjs';
import { BANDS, createScore } from './detector-score.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const PHOTO = 'node_modules/@vladmandic/face-api/demo/sample1.jpg';
const SIZES = [
  { width: 1280, height: 720 },
  { width: 640, height: 480 },
];
const RUNS = 60;
const FILES = {
  onnx: ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'],
  mediapipe: ['vision_wasm_module_internal.wasm', 'blazeface-short.tflite', 'blazeface-full.tflite'],
};

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    pictures: { type: 'string', default: '100' },
    thresholds: { type: 'string', default: '0.25,0.35,0.5' },
    engines: { type: 'string', default: 'onnx,mediapipe' },
  },
});
const print = (line) => process.stdout.write(`${line}\n`);
const worker = await openDetectorWorker(values.data === undefined ? null : join(resolve(values.data), 'images'));
try {
  for (const engine of values.engines.split(',')) {
    await printTimes(engine);
    if (values.data !== undefined) {
      for (const threshold of values.thresholds.split(',').map(Number)) await printRecall(engine, threshold);
    }
  }
} finally {
  await worker.close();
}

async function printTimes(engine) {
  const bytes = await Promise.all(FILES[engine].map(async (file) => (await stat(join(ROOT, 'models/ready', file))).size));
  const loadMs = await worker.call('load', engine, 0.35);
  print(`\n## ${engine}: ${(bytes.reduce((a, b) => a + b) / 1e6).toFixed(1)} MB, loaded in ${loadMs.toFixed(0)} ms`);
  for (const size of SIZES) {
    await worker.call('open', `/${PHOTO}`, 'I420', size);
    print(`${size.width}x${size.height} I420, ms with sampling and decoding: look, best, median of ${RUNS}`);
    for (const look of await worker.call('looks', 'live')) {
      await worker.call('time', look, 3);
      print(`  ${look.id.padEnd(18)} ${spread(await worker.call('time', look, RUNS))}`);
    }
    if (engine !== 'onnx') continue;
    for (const side of [128, 192, 256]) print(`  sampling a square of ${side}: ${spread(await worker.call('sampling', side, 'floats', 30))}`);
  }
}

async function printRecall(engine, threshold) {
  const all = JSON.parse(await readFile(join(values.data, 'annotations.json'), 'utf8'));
  const count = Math.min(Number(values.pictures), all.length);
  const pictures = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
  await worker.call('load', engine, threshold);
  /** @type {Map<string, ReturnType<typeof createScore>>} */
  const scores = new Map();
  for (const picture of pictures) {
    await worker.call('open', `/data/${picture.file}`, 'RGBX');
    const looks = await worker.call('looks', 'still');
    const live = new Set((await worker.call('looks', 'live')).map(({ id }) => id));
    const found = await worker.call('detect', looks);
    const boxesOf = (choose) => looks.flatMap((look, i) => (choose(look) ? found[i] : [])).map(({ box }) => box);
    const views = {
      ...Object.fromEntries(looks.filter(({ scope }) => scope === 'whole').map(({ id }) => [id, (look) => look.id === id])),
      'whole looks': ({ scope }) => scope === 'whole',
      'live: with tiles': ({ id }) => live.has(id),
      'still: all looks': () => true,
    };
    for (const [name, choose] of Object.entries(views)) {
      if (!scores.has(name)) scores.set(name, createScore());
      scores.get(name).add(picture, boxesOf(choose), looks.filter(choose).length);
    }
  }
  print(`threshold ${threshold}, ${count} pictures: % of faces covered by size ${BANDS.map(([a, b]) => (b === Infinity ? `>${a}` : `${a}-${b}`)).join(' / ')}; over: % of the rest covered`);
  for (const [name, score] of scores) print(`  ${name.padEnd(18)} ${score.line()}`);
}

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return `${sorted[0].toFixed(2).padStart(6)} ${sorted[sorted.length >> 1].toFixed(2).padStart(6)}`;
}
