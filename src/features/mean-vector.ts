import { VECTOR_LENGTH, type FaceVector } from './embedder.ts';

/** The mean of several views of one face: nearer to each further view than a single one is. The caller overwrites it. */
export function meanOf(vectors: readonly FaceVector[]): FaceVector {
  const mean = new Float32Array(VECTOR_LENGTH);
  for (const vector of vectors) for (let i = 0; i < VECTOR_LENGTH; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}
