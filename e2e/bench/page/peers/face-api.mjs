import * as faceapi from '/face-api/dist/face-api.esm.js';
import { startOnMainThread } from './main-thread.mjs';

/** What the demos of the package use; lower than the default of 0.5, to find more. */
const LEAST_SCORE = 0.3;

const DETECTORS = {
  tiny: { net: () => faceapi.nets.tinyFaceDetector, options: () => new faceapi.TinyFaceDetectorOptions({ scoreThreshold: LEAST_SCORE }) },
  ssd: { net: () => faceapi.nets.ssdMobilenetv1, options: () => new faceapi.SsdMobilenetv1Options({ minConfidence: LEAST_SCORE }) },
};

/** `face-api` as its tutorial shows it: `detectAllFaces` on the video, with its small detector or with its default one. */
export async function start({ track }, { backend, detector }) {
  const { net, options } = DETECTORS[detector];
  if (backend === 'wasm') faceapi.tf.setWasmPaths('/tfjs-wasm/');
  await faceapi.tf.setBackend(backend);
  await faceapi.tf.ready();
  await net().loadFromUri('/face-api/model');
  const chosen = options();
  return startOnMainThread(track, {
    backend: faceapi.tf.getBackend(),
    async detect(video) {
      const found = await faceapi.detectAllFaces(video, chosen);
      return found.map(({ box: { x, y, width, height } }) => ({ x, y, width, height }));
    },
    close: () => net().dispose(),
  });
}
