import { FacePrivacyError } from '../core/errors.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { VECTOR_LENGTH, type Embedder, type FaceVector } from './embedder.ts';

/** Length of the vectors: about that of dlib's. */
const SCALE = 1.4;
const CELLS_ACROSS = 16;
const CELLS_DOWN = VECTOR_LENGTH / CELLS_ACROSS;

/** What {@link createFakeEmbedder} may be told. */
export interface FakeEmbedderOptions {
  /** Called before each crop; what it throws, `embed` rejects with. */
  readonly onCrop?: (crop: FaceCrop) => void;
}

/** A fake that remembers how many crops it has seen. */
export interface FakeEmbedder extends Embedder {
  readonly engine: 'fake';
  readonly seen: number;
}

/** Vectors of crops without a network, for tests: the brightness of 16 x 8 cells, centred, of one length. Like crops are near, others far. */
export function createFakeEmbedder({ onCrop }: FakeEmbedderOptions = {}): FakeEmbedder {
  let closed = false;
  let seen = 0;
  return {
    engine: 'fake',
    threads: 1,
    get seen() {
      return seen;
    },
    // oxlint-disable-next-line typescript/require-await -- the port is asynchronous: what is thrown has to be a rejection.
    async embed(crops) {
      if (closed) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The embedder is closed.');
      return crops.map((crop) => {
        onCrop?.(crop);
        seen++;
        return cellsOf(crop);
      });
    },
    close() {
      closed = true;
    },
  };
}

function cellsOf({ rgb }: FaceCrop): FaceVector {
  const sums = new Float32Array(VECTOR_LENGTH);
  for (let i = 0; i < CROP_SIDE * CROP_SIDE; i++) {
    const column = Math.floor(((i % CROP_SIDE) * CELLS_ACROSS) / CROP_SIDE);
    const row = Math.floor((Math.floor(i / CROP_SIDE) * CELLS_DOWN) / CROP_SIDE);
    sums[row * CELLS_ACROSS + column]! += rgb[3 * i]! + rgb[3 * i + 1]! + rgb[3 * i + 2]!;
  }
  const mean = sums.reduce((total, value) => total + value, 0) / VECTOR_LENGTH;
  const centred = sums.map((value) => value - mean);
  const length = Math.hypot(...centred);
  // A plain crop has no shape: any vector of that length does.
  if (length === 0) return centred.fill(SCALE / Math.sqrt(VECTOR_LENGTH));
  return centred.map((value) => (value / length) * SCALE);
}
