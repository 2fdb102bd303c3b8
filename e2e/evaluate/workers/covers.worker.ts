/** Covers pictures of people as the library does, and hands out what somebody who sees the result could work with. */
import { cropFace } from '../../../src/core/face-alignment.ts';
import type { Box } from '../../../src/core/geometry.ts';
import { REDACTION_METHODS, type RedactionStyle } from '../../../src/core/redaction.ts';
import type { Embedder } from '../../../src/features/embedder.ts';
import { VECTOR_LENGTH } from '../../../src/features/embedder.ts';
import type { FaceDetector } from '../../../src/video/detection/face-detector.ts';
import { answerCalls, fetchPicture } from './answer-calls.ts';
import { textOf } from './base64.ts';
import { type Cover, coverSample, insideOf, isBlindTo, type KnownFace, meanColours, type OpenPicture, openPicture, type Sample } from './covered-pictures.ts';
import { openDetector, openEmbedder, REDACTION_THRESHOLD } from './engines.ts';

/** The covered region in so many colours a side, and a window around it. */
const REGION_SIDE = 12;
const WINDOW_SIDE = 12;
/** The window is the region, grown. */
const WINDOW = 1.8;

/** A {@link Sample} by the numbers of its pictures. */
interface Wanted extends Omit<Sample, 'picture' | 'surroundings' | 'cover'> {
  readonly picture: number;
  readonly surroundings: number | null;
}

let detector: FaceDetector;
let embedder: Embedder;
const pictures = new Map<number, OpenPicture>();

function pictureOf(number: number): OpenPicture {
  const picture = pictures.get(number);
  if (picture === undefined) throw new Error(`picture ${number} is not open`);
  return picture;
}

answerCalls({
  async load(): Promise<void> {
    detector = await openDetector(REDACTION_THRESHOLD);
    embedder = await openEmbedder();
  },
  /** Whether there is a region with the face; if so, the picture can be covered by its number from now on. */
  async open(number: number, url: string, face: KnownFace, seed: number): Promise<boolean> {
    const picture = await openPicture(await fetchPicture(url), face, detector, seed);
    if (picture !== null) pictures.set(number, picture);
    return picture !== null;
  },
  /** Colours of the covered region alone, colours of it with what is around, and where wanted the embedder's vectors, each in base64. */
  async cover(wanted: readonly Wanted[], cover: Cover, withVectors: boolean): Promise<{ region: string; window: string; vectors: string }> {
    const region = new Uint8Array(wanted.length * REGION_SIDE ** 2 * 3);
    const window = new Uint8Array(wanted.length * WINDOW_SIDE ** 2 * 3);
    const vectors = new Float32Array(withVectors ? wanted.length * VECTOR_LENGTH : 0);
    for (const [i, { picture, surroundings, ...sample }] of wanted.entries()) {
      const covered = coverSample({ ...sample, cover, picture: pictureOf(picture), surroundings: surroundings === null ? null : pictureOf(surroundings) });
      meanColours(covered.pixels, insideOf(covered.region), REGION_SIDE, region.subarray(i * REGION_SIDE ** 2 * 3));
      meanColours(covered.pixels, grown(covered.region, WINDOW), WINDOW_SIDE, window.subarray(i * WINDOW_SIDE ** 2 * 3));
      if (!withVectors) continue;
      const crop = cropFace(covered.pixels, { box: covered.region, confidence: 1, keypoints: covered.keypoints }, 0);
      if (crop === null) throw new Error('a face has no keypoints to align by');
      const [vector] = await embedder.embed([crop]);
      vectors.set(vector!, i * VECTOR_LENGTH);
    }
    return { region: textOf(region), window: textOf(window), vectors: textOf(vectors) };
  },
  /** Of how many of these pictures a cover stays the same to the last byte when the covered pixels are noise. */
  blind(numbers: readonly number[], style: RedactionStyle, seed: number): number {
    if (!REDACTION_METHODS.includes(style.method)) throw new TypeError(`there is no method ${style.method}`);
    return numbers.filter((number) => isBlindTo(pictureOf(number), style, seed)).length;
  },
});

function grown({ x, y, width, height }: Box, factor: number): Box {
  return { x: x - (width * (factor - 1)) / 2, y: y - (height * (factor - 1)) / 2, width: width * factor, height: height * factor };
}
