/**
 * What the pages about features offer for a first try, made from the sample photos of `@vladmandic/face-api`:
 *
 *     node demo/samples/make.mjs
 *
 * Into `demo/public/` go `clip/people.webm`, three people who stay where they are, for as long as somebody wants to enrol and
 * compare; and `photos/`, the six photos and some parts of them in another light and size, as an album has them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { rect, still, sway } from '../clip/geometry.mjs';
import { Painter, readPhotos } from '../clip/paint.mjs';
import { layersAt, PHOTOS } from '../clip/scenes.mjs';
import { startWebm, vp8KeyFrame } from '../clip/webm.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../..');
const WEBP_QUALITY = 62;
const JPEG_QUALITY = 82;

const FPS = 8;
const SECONDS = 48;

/**
 * Three people look into the camera, which sways a little; the last frame leads to the first. It is long, as a film that begins anew
 * is another film to whoever follows faces in it, and few pictures a second are enough for people who keep still.
 * @type {import('../clip/scenes.mjs').Clip}
 */
export const PEOPLE = {
  name: 'people', width: 640, height: 360, fps: FPS, frames: SECONDS * FPS,
  shots: [{
    from: 0,
    tiles: [{
      photo: 'sample3.jpg',
      at: rect(0, 0, 640, 360),
      view: sway(rect(390, 70, 1456, 819), { periodFrames: 6 * FPS, dxPx: 12, dyPx: 4, zoom: 0.01 }),
    }],
    camera: still(rect(0, 0, 640, 360)),
  }],
};

/** Parts of the photos, as if taken at another moment: who is in the album twice is found twice. @type {readonly { readonly name: string, readonly of: string, readonly left: number, readonly top: number, readonly width: number, readonly height: number, readonly to: number, readonly light: number }[]} */
export const PARTS = [
  { name: 'sample1-b.jpg', of: 'sample1.jpg', left: 1230, top: 60, width: 640, height: 760, to: 480, light: 1.25 },
  { name: 'sample3-b.jpg', of: 'sample3.jpg', left: 880, top: 120, width: 920, height: 690, to: 720, light: 0.85 },
  { name: 'sample4-b.jpg', of: 'sample4.jpg', left: 860, top: 60, width: 640, height: 560, to: 560, light: 1.12 },
  { name: 'sample6-b.jpg', of: 'sample6.jpg', left: 120, top: 220, width: 800, height: 800, to: 520, light: 0.9 },
];

/**
 * Makes everything anew.
 * @param {{ readonly outDir?: string }} [options] Below which `clip/` and `photos/` go; `demo/public` when left out.
 * @returns {Promise<readonly string[]>} The files.
 * @throws {import('../clip/paint.mjs').ClipSourceError} `ERR_CLIP_SOURCE`: a photo is missing or not the annotated one.
 */
export async function makeSamples({ outDir = join(ROOT, 'demo/public') } = {}) {
  const files = await readPhotos(join(ROOT, 'node_modules/@vladmandic/face-api/demo'), PHOTOS);
  await Promise.all(['clip', 'photos'].map((folder) => mkdir(join(outDir, folder), { recursive: true })));
  /** @type {[string, Uint8Array][]} */
  const made = [
    [join(outDir, 'clip', 'people.webm'), await peopleClip(files)],
    ...PHOTOS.map(({ file }) => /** @type {[string, Uint8Array]} */ ([join(outDir, 'photos', file), fileNamed(files, file)])),
  ];
  for (const { name, of, left, top, width, height, to, light } of PARTS) {
    const part = sharp(fileNamed(files, of)).extract({ left, top, width, height }).resize({ width: to }).modulate({ brightness: light });
    made.push([join(outDir, 'photos', name), await part.jpeg({ quality: JPEG_QUALITY }).toBuffer()]);
  }
  for (const [path, bytes] of made) await writeFile(path, bytes);
  return made.map(([path]) => path);
}

/** @type {(files: ReadonlyMap<string, Buffer>) => Promise<Uint8Array>} */
async function peopleClip(files) {
  const painter = new Painter(PHOTOS, files);
  const webm = await startWebm(PEOPLE);
  const raw = { width: PEOPLE.width, height: PEOPLE.height, channels: /** @type {const} */ (3) };
  for (let frame = 0; frame < PEOPLE.frames; frame++) {
    const pixels = await painter.paint(PEOPLE, layersAt(PEOPLE, frame));
    await webm.add(vp8KeyFrame(await sharp(pixels, { raw }).webp({ quality: WEBP_QUALITY }).toBuffer()));
  }
  return webm.finish();
}

/** @type {(files: ReadonlyMap<string, Buffer>, name: string) => Buffer} */
function fileNamed(files, name) {
  const file = files.get(name);
  if (file === undefined) throw new RangeError(`samples: no photo is called ${name}`);
  return file;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  makeSamples().then(
    (paths) => process.stdout.write(`${paths.join('\n')}\n`),
    (/** @type {unknown} */ error) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
