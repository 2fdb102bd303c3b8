/**
 * The features worker with its embedder in the open: each crop is shown to the page before the embedder gets it. It looks into no
 * picture. It is made for the tests and not shipped.
 */
import type { Embedder } from '../../../src/features/embedder.ts';
import { exposeFeaturesWorker } from '../../../src/features/features-worker.ts';
import { createOnnxEmbedder } from '../../../src/features/onnx-embedder.ts';
import { fileOf } from '../../../src/threads/answer.ts';

function inTheOpen(inner: Embedder): Embedder {
  return {
    engine: inner.engine,
    threads: inner.threads,
    embed(crops) {
      for (const { rgb, face } of crops) {
        // The page's own postMessage: a worker's global one goes to the page. A copy: the crop is the embedder's.
        (globalThis as unknown as { postMessage(message: unknown): void }).postMessage({ embedded: { rgb: rgb.slice(), face } });
      }
      return inner.embed(crops);
    },
    close: () => {
      inner.close();
    },
  };
}

exposeFeaturesWorker({
  createEmbedder: async (assets) =>
    inTheOpen(await createOnnxEmbedder({ runtimeWasm: fileOf(assets, 'ort-wasm-simd-threaded.wasm'), model: fileOf(assets, 'face-resnet.onnx') })),
  createSearcher: () => Promise.resolve({ search: () => Promise.resolve([]), close: () => undefined }),
});
