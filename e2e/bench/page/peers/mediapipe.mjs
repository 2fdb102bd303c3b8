import { FaceDetector, FilesetResolver } from '/mediapipe/vision_bundle.mjs';
import { startOnMainThread } from './main-thread.mjs';

/** MediaPipe's face detector as its guide for the web shows it; the short-range model is the one that the guide offers. */
export async function start({ track }, { cover } = {}) {
  const fileset = await FilesetResolver.forVisionTasks('/mediapipe/wasm');
  const detector = await FaceDetector.createFromOptions(fileset, {
    baseOptions: { modelAssetPath: '/bauta/models/blazeface-short.tflite', delegate: 'CPU' },
    runningMode: 'VIDEO',
  });
  return startOnMainThread(track, {
    backend: 'wasm',
    cover,
    detect: (video, nowMs) =>
      detector.detectForVideo(video, nowMs).detections.map(({ boundingBox: { originX: x, originY: y, width, height } }) => ({ x, y, width, height })),
    close: () => detector.close(),
  });
}
