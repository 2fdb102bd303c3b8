import type { FaceCrop } from '../core/face-crop.ts';

/** Length of a feature vector. */
export const VECTOR_LENGTH = 128;

/** A feature vector: 128 floats, compared by Euclidean distance; two pictures of one person are mostly less than 0.6 apart (dlib). */
export type FaceVector = Float32Array<ArrayBuffer>;

/** Turns aligned crops into feature vectors. Implementations answer the contract suite in `embedder.contract.ts`. */
export interface Embedder {
  readonly engine: 'wasm' | 'webgpu' | 'fake';
  readonly threads: number;
  /**
   * One vector a crop, in order. Borrows the crops. One call at a time; the vectors are the caller's, who overwrites them.
   * @throws FacePrivacyError ERR_EMBEDDER_FAILED when the engine fails or gives numbers that are not finite;
   * ERR_SESSION_CLOSED after {@link Embedder.close}.
   */
  embed(crops: readonly FaceCrop[]): Promise<FaceVector[]>;
  /** Frees the engine. Idempotent. */
  close(): void;
}
