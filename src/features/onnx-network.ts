import type * as ort from 'onnxruntime-web/wasm';
import { FacePrivacyError, asFacePrivacyError } from '../core/errors.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import { inTurn } from '../inference/onnx-runtime.ts';
import { VECTOR_LENGTH, type Embedder, type FaceVector } from './embedder.ts';
import { assertEmbeds } from './embedder-self-test.ts';

/** Crops that run at once. More save nothing and hold 270 kB each, and what lies between the layers besides. */
const MOST_AT_ONCE = 8;
const AREA = CROP_SIDE * CROP_SIDE;

/** A started runtime and what it computes on. */
export interface NetworkBackend {
  readonly runtime: Pick<typeof ort, 'InferenceSession' | 'Tensor'>;
  readonly providers: readonly ort.InferenceSession.ExecutionProviderConfig[];
  readonly threads: number;
}

/**
 * Loads dlib's face network onto a started runtime and runs its self-test, which also warms it up.
 * @throws FacePrivacyError ERR_EMBEDDER_FAILED when it does not load, ERR_SELF_TEST_FAILED when it gives wrong vectors.
 */
export async function loadOnnxNetwork(engine: Embedder['engine'], { runtime, providers, threads }: NetworkBackend, model: ArrayBuffer): Promise<Embedder> {
  let session: ort.InferenceSession;
  try {
    session = await runtime.InferenceSession.create(new Uint8Array(model), {
      executionProviders: providers,
      // Widens the weights, which are bytes in the file, once and for all; below `all` the layers are not fused.
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw asFacePrivacyError(error, 'ERR_EMBEDDER_FAILED');
  }

  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const input = new Float32Array(MOST_AT_ONCE * 3 * AREA);

  const run = async (crops: readonly FaceCrop[]): Promise<FaceVector[]> => {
    if (closed) throw closedError();
    const planes = input.subarray(0, crops.length * 3 * AREA);
    let output: ort.Tensor | undefined;
    try {
      crops.forEach(({ rgb }, index) => writePlanes(planes, index * 3 * AREA, rgb));
      const image = new runtime.Tensor('float32', planes, [crops.length, 3, CROP_SIDE, CROP_SIDE]);
      ({ vector: output } = await inTurn(runtime, () => session.run({ image })));
      return vectorsOf(output?.data, crops.length);
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_EMBEDDER_FAILED');
    } finally {
      planes.fill(0);
      if (output?.data instanceof Float32Array) output.data.fill(0);
    }
  };
  const embedAll = async (crops: readonly FaceCrop[]): Promise<FaceVector[]> => {
    const vectors: FaceVector[] = [];
    try {
      for (let from = 0; from < crops.length; from += MOST_AT_ONCE) vectors.push(...(await run(crops.slice(from, from + MOST_AT_ONCE))));
      return vectors;
    } catch (error) {
      for (const vector of vectors) vector.fill(0);
      throw error;
    }
  };

  const embedder: Embedder = {
    engine,
    threads,
    embed(crops) {
      if (closed) return Promise.reject(closedError());
      // One input buffer serves all calls.
      const answer = turn.then(() => embedAll(crops));
      turn = answer.catch(() => null);
      return answer;
    },
    close() {
      if (closed) return;
      closed = true;
      // A session must not go while it runs.
      void turn.then(() => session.release());
    },
  };
  try {
    await assertEmbeds(embedder);
    return embedder;
  } catch (error) {
    embedder.close();
    throw error;
  }
}

/** Planes R, G, B of values from 0 to 255, as the model's card says. */
function writePlanes(planes: Float32Array, offset: number, rgb: Uint8Array): void {
  if (rgb.length !== 3 * AREA) throw new TypeError(`A crop holds ${rgb.length} bytes; it takes ${3 * AREA}, made by cropFace.`);
  for (let i = 0, from = 0; i < AREA; i++, from += 3) {
    planes[offset + i] = rgb[from]!;
    planes[offset + AREA + i] = rgb[from + 1]!;
    planes[offset + 2 * AREA + i] = rgb[from + 2]!;
  }
}

function vectorsOf(data: ort.Tensor['data'] | undefined, count: number): FaceVector[] {
  if (!(data instanceof Float32Array) || data.length !== count * VECTOR_LENGTH) {
    throw new FacePrivacyError('ERR_EMBEDDER_FAILED', `The embedder did not answer with ${VECTOR_LENGTH} floats a face.`);
  }
  const vectors = Array.from({ length: count }, (_, index) => data.slice(index * VECTOR_LENGTH, (index + 1) * VECTOR_LENGTH));
  // Zeros are what memory holds that was never written.
  if (vectors.every((vector) => vector.every(Number.isFinite) && vector.some((value) => value !== 0))) return vectors;
  for (const vector of vectors) vector.fill(0);
  throw new FacePrivacyError('ERR_EMBEDDER_FAILED', 'The embedder answered with numbers that are no feature vector.');
}

function closedError(): FacePrivacyError {
  return new FacePrivacyError('ERR_SESSION_CLOSED', 'The embedder is closed.');
}
