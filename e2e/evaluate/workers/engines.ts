/** Detector and embedder as the published workers have them, from the files of the built library. */
import type { Embedder } from '../../../src/features/embedder.ts';
import { createOnnxEmbedder } from '../../../src/features/onnx-embedder.ts';
import type { DetectorModel, FaceDetector } from '../../../src/video/detection/face-detector.ts';
import { createOnnxDetector } from '../../../src/video/detection/onnx-detector.ts';
import { fetchBytes } from './answer-calls.ts';

/** Of `openPictureRedactor`, by default. */
export const REDACTION_THRESHOLD = 0.3;

const RUNTIME = '/bauta/runtime/ort-wasm-simd-threaded.wasm';
const model = (name: string): Promise<ArrayBuffer> => fetchBytes(`/bauta/models/${name}.onnx`);

export async function openDetector(threshold: number): Promise<FaceDetector> {
  const blazeface = (name: DetectorModel): Promise<ArrayBuffer> => model(`blazeface-${name}`);
  const [runtimeWasm, short, full, back] = await Promise.all([fetchBytes(RUNTIME), blazeface('short'), blazeface('full'), blazeface('back')]);
  return createOnnxDetector({ runtimeWasm, models: { short, full, back }, threshold });
}

export async function openEmbedder(): Promise<Embedder> {
  const [runtimeWasm, network] = await Promise.all([fetchBytes(RUNTIME), model('face-resnet')]);
  return createOnnxEmbedder({ runtimeWasm, model: network });
}
