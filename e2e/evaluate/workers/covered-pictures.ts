/** Pictures of people with the regions that the library covers in them, covered again and again. */
import { clip, intersect, area, type Box, type Point } from '../../../src/core/geometry.ts';
import type { PixelBuffer } from '../../../src/core/pixels.ts';
import type { RedactionMethod, RedactionRegion, RedactionStyle } from '../../../src/core/redaction.ts';
import type { FaceDetector } from '../../../src/video/detection/face-detector.ts';
import { readFrame } from '../../../src/video/frame/read-frame.ts';
import { redactPicture } from '../../../src/video/picture-pipeline.ts';
import { coverRegions } from '../../../src/video/redaction/cover/cover-regions.ts';
import { REDACTION_THRESHOLD } from './engines.ts';
import { takePlans } from './planned.ts';
import { setSeed } from './stand-ins/seeded-noise.ts';

/** A cover of the library, or one for comparison: none at all, or flat averages without noise. */
export type Cover =
  | { readonly method: RedactionMethod; readonly strength: number }
  | { readonly method: 'none' }
  | { readonly method: 'mosaic'; readonly cells: number };

/** The main face, as the features worker's detector saw it. */
export interface KnownFace {
  readonly box: Box;
  readonly keypoints: readonly Point[];
}

/** A picture as the library would redact it. */
export interface OpenPicture {
  readonly pixels: PixelBuffer;
  readonly regions: readonly RedactionRegion[];
  /** Which of the regions holds the main face. */
  readonly main: number;
  readonly keypoints: readonly Point[];
}

/** One covered picture: whose face, in whose surroundings, under which noise. */
export interface Sample {
  /** The face's picture. */
  readonly picture: OpenPicture;
  /** The picture whose surroundings it gets; null: its own. */
  readonly surroundings: OpenPicture | null;
  readonly cover: Cover;
  readonly seed: number;
  /** Moves and grows the region a little: shares of its sides. */
  readonly jitter: { readonly x: number; readonly y: number; readonly grow: number };
}

/** What came of a {@link Sample}: the covered picture, where its region lies, and where the face would have its keypoints. */
export interface Covered {
  readonly pixels: PixelBuffer;
  readonly region: Box;
  readonly keypoints: readonly Point[];
}

const STYLE: RedactionStyle = { method: 'frost', strength: 0.5 };
const TIMEOUT_MS = 30_000;

/**
 * Has the library redact a picture and notes where. Null where no region holds the face: it would be shown as it is, and there is
 * nothing to attack. Throws where covering the same regions by hand gives another picture.
 */
export async function openPicture(blob: Blob, face: KnownFace, detector: FaceDetector, seed: number): Promise<OpenPicture | null> {
  setSeed(seed);
  const read = async (bitmap: ImageBitmap): Promise<PixelBuffer> => {
    const frame = new VideoFrame(bitmap, { timestamp: 0 });
    bitmap.close();
    const view = await readFrame(frame);
    if (view.kind !== 'planes') throw new Error('the planes of the picture cannot be had');
    return view.pixels;
  };
  const pixels = await read(await createImageBitmap(blob));
  const { bitmap } = await redactPicture({ bitmap: await createImageBitmap(blob), style: STYLE, margin: 1 }, { detector, healthy: true, threshold: REDACTION_THRESHOLD, timeoutMs: TIMEOUT_MS });
  const [plan] = takePlans();
  const redacted = await read(bitmap);
  if (plan === undefined || plan.whole !== null) return null;
  const regions = plan.regions.map(({ trackId, x, y, width, height }) => ({ trackId, box: { x, y, width, height } }));
  const again = copyOf(pixels);
  if (!coverRegions(again, regions, STYLE, seed) || !again.data.every((byte, i) => byte === redacted.data[i])) throw new Error('the published way of redacting gives another picture');
  const main = regions.reduce((best, { box }, i) => (area(intersect(box, face.box)) > area(intersect(regions[best]!.box, face.box)) ? i : best), 0);
  const held = regions[main] === undefined ? 0 : area(intersect(regions[main].box, face.box)) / area(face.box);
  return held < 0.5 ? null : { pixels, regions, main, keypoints: face.keypoints };
}

/** Covers a sample. */
export function coverSample({ picture, surroundings, cover, seed, jitter }: Sample): Covered {
  const own = picture.regions[picture.main]!.box;
  const canvas = surroundings ?? picture;
  const pixels = copyOf(canvas.pixels);
  const place = canvas.regions[canvas.main]!.box;
  if (surroundings !== null) pasteRegion(picture.pixels, own, pixels, place);
  const region = clip(
    {
      x: place.x + place.width * (jitter.x - jitter.grow / 2),
      y: place.y + place.height * (jitter.y - jitter.grow / 2),
      width: place.width * (1 + jitter.grow),
      height: place.height * (1 + jitter.grow),
    },
    pixels.display,
  );
  const regions = canvas.regions.map((one, i) => (i === canvas.main ? { ...one, box: region } : one));
  if (cover.method === 'mosaic') mosaic(pixels, region, cover.cells);
  else if (cover.method !== 'none' && !coverRegions(pixels, regions, cover, seed)) throw new Error('a region could not be covered');
  const keypoints = picture.keypoints.map(({ x, y }) => ({ x: place.x + ((x - own.x) / own.width) * place.width, y: place.y + ((y - own.y) / own.height) * place.height }));
  return { pixels, region, keypoints };
}

/** Whether a cover is the same to the last byte when what it covers is noise: then it cannot tell anything of it. */
export function isBlindTo({ pixels, regions }: OpenPicture, style: RedactionStyle, seed: number): boolean {
  const seen = copyOf(pixels);
  const unseen = copyOf(pixels);
  for (const { box } of regions) {
    for (let y = Math.floor(box.y); y < Math.min(pixels.height, Math.ceil(box.y + box.height)); y++) {
      const row = unseen.data.subarray((y * pixels.width + Math.floor(box.x)) * 4, (y * pixels.width + Math.min(pixels.width, Math.ceil(box.x + box.width))) * 4);
      crypto.getRandomValues(row);
    }
  }
  const covered = coverRegions(seen, regions, style, seed) && coverRegions(unseen, regions, style, seed);
  return covered && seen.data.every((byte, i) => byte === unseen.data[i]);
}

/** Mean colours of the cells of a box, `side` x `side` x 3; what lies outside the picture repeats its border. */
export function meanColours({ data, width, height }: PixelBuffer, box: Box, side: number, into: Uint8Array): void {
  const taps = 6;
  for (let j = 0, o = 0; j < side; j++) {
    for (let i = 0; i < side; i++, o += 3) {
      const sums = [0, 0, 0];
      for (let tap = 0; tap < taps * taps; tap++) {
        const x = at(box.x + ((i + ((tap % taps) + 0.5) / taps) / side) * box.width, width);
        const y = at(box.y + ((j + (Math.floor(tap / taps) + 0.5) / taps) / side) * box.height, height);
        for (let c = 0; c < 3; c++) sums[c]! += data[(y * width + x) * 4 + c]!;
      }
      for (let c = 0; c < 3; c++) into[o + c] = Math.round(sums[c]! / (taps * taps));
    }
  }
}

/** The whole pixels of a region: its edge shares a pixel with what is around it. */
export function insideOf({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.ceil(x), Math.ceil(y)];
  return { x: left, y: top, width: Math.floor(x + width) - left, height: Math.floor(y + height) - top };
}

const at = (place: number, length: number): number => Math.min(length - 1, Math.max(0, Math.floor(place)));

const copyOf = (pixels: PixelBuffer): PixelBuffer => ({ ...pixels, data: pixels.data.slice() });

/** Draws a box of one picture over a box of another, both packed RGB, by bilinear interpolation. */
function pasteRegion(from: PixelBuffer, source: Box, to: PixelBuffer, target: Box): void {
  const [x0, y0] = [Math.max(0, Math.floor(target.x)), Math.max(0, Math.floor(target.y))];
  const [x1, y1] = [Math.min(to.width, Math.ceil(target.x + target.width)), Math.min(to.height, Math.ceil(target.y + target.height))];
  for (let y = y0; y < y1; y++) {
    const v = source.y + ((y + 0.5 - target.y) / target.height) * source.height - 0.5;
    const [top, bottom] = [at(v, from.height), at(Math.floor(v) + 1, from.height)];
    const down = Math.min(1, Math.max(0, v - top));
    for (let x = x0; x < x1; x++) {
      const u = source.x + ((x + 0.5 - target.x) / target.width) * source.width - 0.5;
      const [left, right] = [at(u, from.width), at(Math.floor(u) + 1, from.width)];
      const across = Math.min(1, Math.max(0, u - left));
      for (let c = 0; c < 3; c++) {
        const sample = (row: number, column: number): number => from.data[(row * from.width + column) * 4 + c]!;
        const above = sample(top, left) * (1 - across) + sample(top, right) * across;
        const below = sample(bottom, left) * (1 - across) + sample(bottom, right) * across;
        to.data[(y * to.width + x) * 4 + c] = Math.round(above * (1 - down) + below * down);
      }
    }
  }
}

/** Flat averages without noise: what many apps do. */
function mosaic(pixels: PixelBuffer, region: Box, cells: number): void {
  const { x, y, width, height } = region;
  const colours = new Uint8Array(cells * cells * 3);
  meanColours(pixels, region, cells, colours);
  for (let row = Math.max(0, Math.floor(y)); row < Math.min(pixels.height, Math.ceil(y + height)); row++) {
    for (let column = Math.max(0, Math.floor(x)); column < Math.min(pixels.width, Math.ceil(x + width)); column++) {
      const cell = at(((row + 0.5 - y) / height) * cells, cells) * cells + at(((column + 0.5 - x) / width) * cells, cells);
      for (let c = 0; c < 3; c++) pixels.data[(row * pixels.width + column) * 4 + c] = colours[cell * 3 + c]!;
    }
  }
}
