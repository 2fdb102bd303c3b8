/**
 * What the features worker sees in a picture, with everything on the way told: the faces, their raw vectors, how long each step took.
 * What constants decide that are chosen by these measurements is in judging.worker.ts: what this one saw is kept from run to run.
 */
import { cropFace } from '../../../src/core/face-alignment.ts';
import type { Box, Point, Size } from '../../../src/core/geometry.ts';
import type { Embedder } from '../../../src/features/embedder.ts';
import { decodePicture } from '../../../src/features/picture-decoder.ts';
import { createStillSearcher, STILL_THRESHOLD, STILL_TIMEOUT_MS, type StillSearcher } from '../../../src/video/still-searcher.ts';
import { answerCalls, fetchPicture } from './answer-calls.ts';
import { textOf } from './base64.ts';
import { openDetector, openEmbedder } from './engines.ts';

/** One face as it was read. */
interface ReadFace {
  readonly box: Box;
  readonly confidence: number;
  readonly keypoints: readonly Point[];
  /** 128 floats, base64. */
  readonly vector: string;
}

interface ReadPicture {
  readonly display: Size;
  readonly faces: readonly ReadFace[];
  readonly ms: Readonly<Record<'decode' | 'search' | 'crop' | 'embed', number>>;
}

let searcher: StillSearcher;
let embedder: Embedder;

answerCalls({
  async load(): Promise<void> {
    searcher = await createStillSearcher(await openDetector(STILL_THRESHOLD), STILL_TIMEOUT_MS);
    embedder = await openEmbedder();
  },
  /** Every face of a picture; those that the gate refuses, too. */
  async read(url: string): Promise<ReadPicture> {
    const picture = await fetchPicture(url);
    const ms = { decode: 0, search: 0, crop: 0, embed: 0 };
    const timed = async <T>(step: keyof typeof ms, work: () => T | Promise<T>): Promise<T> => {
      const startMs = performance.now();
      try {
        return await work();
      } finally {
        ms[step] += performance.now() - startMs;
      }
    };
    const pixels = await timed('decode', () => decodePicture(picture));
    const found = await timed('search', () => searcher.search(pixels));
    const faces: ReadFace[] = [];
    for (const { box, confidence, keypoints } of found) {
      const crop = await timed('crop', () => cropFace(pixels, { box, confidence, keypoints }, found.length - 1));
      if (crop === null) continue;
      const [vector] = await timed('embed', () => embedder.embed([crop]));
      faces.push({ box, confidence, keypoints, vector: textOf(vector!) });
    }
    return { display: pixels.display, faces, ms };
  },
});
