#!/usr/bin/env node
// node e2e/evaluate/show.mjs --clip NAME --frames 0,10,20 [--data DIR] [--look-ahead 8] [--worsen no-hold]
// Draws regions (blue, with track numbers) and known faces (green covered, red shown, yellow not asked for) into frames:
// .cache/evaluate/show/NAME-FRAME.png. The pictures show people: they are for looking at, not for keeping.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import sharp from 'sharp';
import { at } from '../../scripts/paths.mjs';
import { buildEvaluated } from './build.mjs';
import { openHarness } from './harness.mjs';
import { clip as clipBox, grow, shareInUnion } from './measures/cover.mjs';
import { clipsIn, pansIn } from './measures/video/clips.mjs';
import { INNER_SHARE } from './measures/video/conventions.mjs';
import { referenceFaces } from './measures/video/reference.mjs';
import { COVERED_SHARE } from './measures/video/score.mjs';
import { readOptions } from './options.mjs';

const log = (/** @type {string} */ line) => stdout.write(`${line}\n`);
const take = (/** @type {string} */ name) => argv.splice(Math.max(argv.indexOf(name), 0), argv.includes(name) ? 2 : 0)[1];
const [name, wanted] = [take('--clip'), take('--frames')];
if (name === undefined || wanted === undefined) throw new TypeError('give --clip NAME and --frames 0,10,20');
const indices = wanted.split(',').map(Number);
const ahead = argv.includes('--look-ahead');
const { data, worsen, lookAhead } = readOptions(argv.slice(2), ['video']);
const folder = at('.cache', 'evaluate', 'show');
mkdirSync(folder, { recursive: true });

const evaluated = await buildEvaluated({ log });
const harness = await openHarness({ data, evaluated, signal: new AbortController().signal });
try {
  const clip = [...clipsIn(data), ...pansIn(data)].find((one) => one.name.includes(name));
  if (clip === undefined) throw new Error(`no clip is called ${name}`);
  if (clip.file !== null) harness.frames.add(clip.name, clip.file, clip);
  const faces = clip.faces ?? (await referenceFaces(clip, /** @type {any} */ ({ harness, log, progress: () => {} })));
  const source = { ...clip.source, count: Math.min(clip.frames, Math.max(...indices) + 1) };
  const { frames } = await harness.call('play', [source, { worsen, delayFrames: ahead ? lookAhead : 0 }]);
  for (const index of indices) {
    const frame = frames.find((/** @type {any} */ one) => one.index === index);
    if (frame === undefined) {
      log(`frame ${index} was lost: the worker was busy`);
      continue;
    }
    const picture = Buffer.from(await harness.call('picture', [clip.source, index]), 'base64');
    const file = join(folder, `${clip.name.replace(/\W+/g, '-')}-${index}.png`);
    await sharp(picture).composite([{ input: Buffer.from(drawing(clip, faces[index] ?? [], frame)) }]).png().toFile(file);
    log(`${file}${frame.whole === null ? '' : `: covered whole, ${frame.whole}`}`);
  }
} finally {
  await harness.close();
  evaluated.remove();
}

function drawing(/** @type {import('./measures/video/clips.mjs').Clip} */ clip, /** @type {readonly import('./measures/video/clips.mjs').KnownFace[]} */ known, /** @type {any} */ { whole, regions }) {
  const boxes = whole === null ? regions : [{ trackId: null, x: 0, y: 0, width: clip.width, height: clip.height }];
  const rect = (/** @type {import('./measures/cover.mjs').Box} */ { x, y, width, height }, /** @type {string} */ colour, fill = 'none') =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" fill-opacity="0.18" stroke="${colour}" stroke-width="2"/>`;
  const parts = boxes.map((/** @type {any} */ box) => `${rect(box, '#0040ff', '#0040ff')}<text x="${box.x + 3}" y="${box.y + 13}" font-size="13" fill="#00ffff">${box.trackId ?? ''}</text>`);
  for (const face of known) {
    const inner = clipBox(grow(face, INNER_SHARE), clip);
    const covered = inner === null || shareInUnion(inner, boxes) >= COVERED_SHARE;
    parts.push(rect(face, !face.asked ? '#ffd500' : covered ? '#00c040' : '#ff0000'));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${clip.width}" height="${clip.height}">${parts.join('')}</svg>`;
}
