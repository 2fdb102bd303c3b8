import { Human } from '/human/dist/human.esm.js';
import { startOnMainThread } from './main-thread.mjs';

/** More than any clip shows; its default is one face. */
const MOST_FACES = 100;
const OFF = { enabled: false };

/**
 * `human` with its face detector and nothing else, its thresholds and margin as they come. Its notes on speed say: switch off
 * what is not needed, the filters among it, and WebAssembly where there is no GPU.
 */
export async function start({ track }, { backend }) {
  const human = new Human({
    backend,
    modelBasePath: '/human/models/',
    wasmPath: '/tfjs-wasm/',
    // Comparing frames with each other decides on skipping models; the detector alone is never skipped.
    cacheSensitivity: 0,
    warmup: 'none',
    filter: OFF,
    face: {
      enabled: true,
      detector: { rotation: false, mask: false, return: false, maxDetected: MOST_FACES },
      mesh: OFF, attention: OFF, iris: OFF, description: OFF, emotion: OFF, antispoof: OFF, liveness: OFF,
    },
    body: OFF, hand: OFF, object: OFF, gesture: OFF, segmentation: OFF,
  });
  await human.load();
  return startOnMainThread(track, {
    backend: human.tf.getBackend(),
    async detect(video) {
      const { face, error } = await human.detect(video);
      if (error !== null && error !== undefined) throw new Error(`human: ${String(error)}`);
      return face.map(({ box: [x, y, width, height] }) => ({ x, y, width, height }));
    },
    close: () => undefined,
  });
}
