// Reference boxes for clips that nobody annotated, made once for each clip and kept.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { at } from '../../../../scripts/paths.mjs';
import { facesOfTracks } from './clips.mjs';
import { joined, linked, WEAK } from './link.mjs';

/** Beside each model's look at the whole: finer than any look of the library, for models that gain by it. */
const TILES = [
  { model: 'full', share: 0.6 },
  { model: 'full', share: 0.4 },
  { model: 'back', share: 0.6 },
  { model: 'back', share: 0.4 },
  { model: 'back', share: 0.25 },
  { model: 'short', share: 0.5 },
];
/** Smaller tiles are stretched by more than half and show nothing new. */
const SMALLEST_TILE_PX = 160;
/** Frames looked at in one call, so that there is progress. */
const BATCH = 5;
/** Raised when the way changes in which sightings are made; how they are linked may change freely. */
const VERSION = 2;
const MODELS = ['short', 'full', 'back'];

/**
 * The strongest pass over a clip there is: every model over the whole of each frame and over all tiles, linked through time.
 * @param {import('./clips.mjs').Clip} clip with a file.
 * @param {import('../index.mjs').Context} context
 * @returns {Promise<import('./clips.mjs').KnownFace[][]>}
 */
export async function referenceFaces(clip, { harness, progress, log }) {
  const file = at('.cache', 'evaluate', 'references', `${clip.name}-${keyOf(clip)}.json`);
  /** @type {import('./link.mjs').Found[][]} */
  let frames = [];
  if (existsSync(file)) {
    frames = JSON.parse(readFileSync(file, 'utf8'));
  } else {
    log(`video/${clip.name}: no annotation; making reference boxes with every look (kept for the next run)`);
    for (let from = 0; from < clip.frames; from += BATCH) {
      progress(`video/${clip.name}: reference, frame ${from} of ${clip.frames}`);
      const found = await harness.call('everything', [clip.source, from, Math.min(clip.frames, from + BATCH), TILES, SMALLEST_TILE_PX]);
      frames.push(...found.map(compact));
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(frames));
  }
  return facesOfTracks(linked(frames.map(joined), clip.fps), clip.frames, clip, clip.convention);
}

function compact(/** @type {import('./link.mjs').Found[]} */ found) {
  const round = (/** @type {number} */ value, digits = 1) => Number(value.toFixed(digits));
  return found
    .filter(({ confidence }) => confidence >= WEAK)
    .map(({ box: { x, y, width, height }, confidence, model }) => ({
      box: { x: round(x), y: round(y), width: round(width), height: round(height) },
      confidence: round(confidence, 3),
      model,
    }));
}

function keyOf(/** @type {import('./clips.mjs').Clip} */ clip) {
  const hash = createHash('sha256').update(JSON.stringify([VERSION, TILES, SMALLEST_TILE_PX, clip.frames]));
  hash.update(readFileSync(clip.file ?? ''));
  for (const model of MODELS) hash.update(readFileSync(at('models', 'ready', `blazeface-${model}.onnx`)));
  return hash.digest('hex').slice(0, 12);
}
