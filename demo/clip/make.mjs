/**
 * Makes the test clips from the sample photos of `@vladmandic/face-api`:
 *
 *     node demo/clip/make.mjs [--only main,bench,bench-1080,scale]
 *
 * Into `.cache/clips/` go, for each clip, `NAME.mjpeg` (Chromium's fake-camera format), `NAME.json` (the known faces of every
 * frame) and, for `main`, `main.webm` (for a `<video>`). A clip that is up to date is left alone.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { markerArea, writeFrameMarker } from './marker.mjs';
import { Painter, readPhotos } from './paint.mjs';
import { CLIPS, PHOTOS, clipNamed, facesAt, layersAt } from './scenes.mjs';
import { startWebm, vp8KeyFrame } from './webm.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../..');
/** The files that decide what a clip looks like; a change in any makes every clip stale. */
const GENERATOR = ['faces.json', 'geometry.mjs', 'scenes.mjs', 'marker.mjs', 'paint.mjs', 'webm.mjs', 'make.mjs'];
const JPEG_QUALITY = 90;
const WEBP_QUALITY = 45;
/** Half the time of the default for a twelfth more bytes. */
const WEBP_EFFORT = 2;
/** Frames encoded at once. */
const BATCH = 4;

/** @type {Readonly<Record<string, readonly string[]>>} */
const GROUPS = {
  main: ['main'],
  'bench-1080': CLIPS.map(({ name }) => name).filter((name) => name.startsWith('bench-1920x1080')),
  scale: CLIPS.map(({ name }) => name).filter((name) => name.startsWith('scale-')),
  bench: CLIPS.map(({ name }) => name).filter((name) => name.startsWith('bench-') && !name.includes('1920x1080')),
};

/**
 * @typedef {{ readonly clip: string, readonly fresh: boolean, readonly files: readonly { readonly path: string, readonly bytes: number }[] }} MadeClip
 *   `fresh`: made by this call; otherwise it was up to date.
 * @typedef {{ readonly clip: string, readonly frame: number, readonly frames: number }} ClipProgress
 */

/**
 * Makes the clips that are missing or stale.
 * @param {object} [options]
 * @param {readonly string[]} [options.only]  Groups `main`, `bench`, `bench-1080`, `scale` or names of clips; `main` and `bench` when left out.
 * @param {(progress: ClipProgress) => void} [options.onProgress]  Called about once a second of clip.
 * @param {string} [options.outDir]  `.cache/clips` of the project when left out.
 * @param {string} [options.photoDir]  Where the sample photos are; those of the installed package when left out.
 * @returns {Promise<readonly MadeClip[]>}
 * @throws {import('./paint.mjs').ClipSourceError} `ERR_CLIP_SOURCE`: a photo is missing or not the annotated one.
 * @throws {TypeError} For an unknown option or clip.
 */
export async function makeClips(options = {}) {
  const { only = ['main', 'bench'], onProgress = () => undefined, outDir, photoDir, ...unknown } = options;
  const stray = Object.keys(unknown)[0];
  if (stray !== undefined) throw new TypeError(`makeClips: unknown option ${stray}; there are only, onProgress, outDir, photoDir`);
  const names = [...new Set(only.flatMap(expand))];
  const target = outDir ?? join(ROOT, '.cache/clips');
  const files = await readPhotos(photoDir ?? join(ROOT, 'node_modules/@vladmandic/face-api/demo'), PHOTOS);
  const stamp = await generatorStamp();
  const painter = new Painter(PHOTOS, files);
  await mkdir(target, { recursive: true });
  /** @type {MadeClip[]} */
  const made = [];
  for (const name of names) {
    const present = await upToDate(target, name, stamp);
    made.push(present ?? (await makeClip(clipNamed(name), painter, target, stamp, onProgress)));
  }
  return made;
}

/** @type {(name: string) => readonly string[]} */
function expand(name) {
  if (Object.hasOwn(GROUPS, name)) return GROUPS[name] ?? [];
  if (CLIPS.some((clip) => clip.name === name)) return [name];
  throw new TypeError(`makeClips: only: there is no clip ${JSON.stringify(name)}; use ${[...Object.keys(GROUPS), ...CLIPS.map((clip) => clip.name)].join(', ')}`);
}

/** The photos' hashes are part of `faces.json`. */
async function generatorStamp() {
  const hash = createHash('sha256');
  for (const file of GENERATOR) hash.update(await readFile(join(HERE, file)));
  return hash.digest('hex');
}

/** @type {(folder: string, name: string, stamp: string) => Promise<MadeClip | null>} */
async function upToDate(folder, name, stamp) {
  const path = join(folder, `${name}.json`);
  try {
    /** @type {{ stamp?: string, files?: { name: string, bytes: number }[] }} */
    const truth = JSON.parse(await readFile(path, 'utf8'));
    if (truth.stamp !== stamp || truth.files === undefined) return null;
    for (const file of truth.files) {
      if ((await stat(join(folder, file.name))).size !== file.bytes) return null;
    }
    return { clip: name, fresh: false, files: truth.files.map((file) => ({ path: join(folder, file.name), bytes: file.bytes })) };
  } catch (error) {
    // Not there yet, or cut short: both mean "make it".
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return null;
    throw error;
  }
}

/** @type {(clip: import('./scenes.mjs').Clip, painter: Painter, folder: string, stamp: string, onProgress: (progress: ClipProgress) => void) => Promise<MadeClip>} */
async function makeClip(clip, painter, folder, stamp, onProgress) {
  const { name, width, height, fps, frames } = clip;
  const raw = { width, height, channels: /** @type {const} */ (3) };
  const temporary = join(folder, `.${name}.${String(process.pid)}.tmp`);
  const mjpeg = createWriteStream(temporary);
  const webm = name === 'main' ? await startWebm(clip) : null;

  /** @type {(frame: number) => Promise<{ jpeg: Buffer, webp: Buffer | null }>} */
  const encode = async (frame) => {
    const pixels = await painter.paint(clip, layersAt(clip, frame));
    // Before the marker is written: the WebM is for people.
    const webp = webm && (await sharp(pixels, { raw }).webp({ quality: WEBP_QUALITY, effort: WEBP_EFFORT }).toBuffer());
    writeFrameMarker(pixels, raw, frame);
    const jpeg = await sharp(pixels, { raw }).jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:2:0' }).toBuffer();
    return { jpeg, webp };
  };

  try {
    for (let first = 0; first < frames; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, frames - first) }, (_, i) => encode(first + i));
      for (const { jpeg, webp } of await Promise.all(batch)) {
        if (!mjpeg.write(jpeg)) await once(mjpeg, 'drain');
        if (webp) await webm?.add(vp8KeyFrame(webp));
      }
      if (Math.floor(first / fps) !== Math.floor((first + BATCH) / fps)) onProgress({ clip: name, frame: Math.min(first + BATCH, frames), frames });
    }
    mjpeg.end();
    await finished(mjpeg);
    await rename(temporary, join(folder, `${name}.mjpeg`));
  } finally {
    mjpeg.destroy();
    await rm(temporary, { force: true });
  }
  const produced = [`${name}.mjpeg`];
  if (webm) {
    await replaceFile(join(folder, `${name}.webm`), await webm.finish());
    produced.push(`${name}.webm`);
  }
  const files = await Promise.all(produced.map(async (file) => ({ name: file, bytes: (await stat(join(folder, file))).size })));
  const truth = {
    stamp, files, width, height, fps, frames,
    marker: markerArea(height),
    faces: Array.from({ length: frames }, (_, frame) => facesAt(clip, frame).map(rounded)),
  };
  // Last: its stamp says that the files beside it are whole.
  await replaceFile(join(folder, `${name}.json`), `${JSON.stringify(truth)}\n`);
  return { clip: name, fresh: true, files: files.map((file) => ({ path: join(folder, file.name), bytes: file.bytes })) };
}

/** @type {(face: import('./scenes.mjs').ClipFace) => import('./scenes.mjs').ClipFace} */
function rounded({ id, x, y, width, height, visible }) {
  /** @type {(value: number) => number} */
  const to = (value) => Math.round(value * 1000) / 1000;
  return { id, x: to(x), y: to(y), width: to(width), height: to(height), visible: to(visible) };
}

/** @type {(path: string, content: string | Uint8Array) => Promise<void>} */
async function replaceFile(path, content) {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const started = performance.now();
  const made = await makeClips({
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    onProgress: ({ clip, frame, frames }) => {
      process.stdout.write(`${clip}: ${String(frame)} of ${String(frames)} frames\n`);
    },
  });
  for (const { fresh, files } of made) {
    for (const { path, bytes } of files) process.stdout.write(`${path} ${(bytes / 1e6).toFixed(1)} MB${fresh ? '' : ', up to date'}\n`);
  }
  process.stdout.write(`done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  main().catch((/** @type {unknown} */ error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
