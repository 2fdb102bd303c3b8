import { FaceDetector, FilesetResolver } from '/mediapipe/vision_bundle.mjs';

/**
 * The way most tutorials show: on the main thread, MediaPipe's short-range detector on each frame of a video element, the
 * picture drawn on a canvas, each face blurred by the canvas, the canvas captured.
 */
export async function start({ track }) {
  const fileset = await FilesetResolver.forVisionTasks('/mediapipe/wasm');
  const detector = await FaceDetector.createFromOptions(fileset, {
    baseOptions: { modelAssetPath: '/bauta/models/blazeface-short.tflite', delegate: 'CPU' },
    runningMode: 'VIDEO',
  });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { alpha: false });
  const output = canvas.captureStream(30).getVideoTracks()[0];
  let samples = { detect: [], compose: [], latency: [] };
  let faces = 0;
  let frames = 0;
  let stopped = false;

  const onFrame = () => {
    if (stopped) return;
    const before = performance.now();
    const { detections } = detector.detectForVideo(video, before);
    const detected = performance.now();
    context.filter = 'none';
    context.drawImage(video, 0, 0);
    context.filter = 'blur(20px)';
    for (const { boundingBox } of detections) {
      const { originX: x, originY: y, width, height } = boundingBox;
      context.drawImage(video, x, y, width, height, x, y, width, height);
    }
    const drawn = performance.now();
    samples.detect.push(detected - before);
    samples.compose.push(drawn - detected);
    samples.latency.push(drawn - before);
    faces += detections.length;
    frames += 1;
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);

  return {
    track: output,
    // A captured canvas has times of its own: only the number in the picture tells which frame it shows.
    matchBy: 'marker',
    begin() {
      samples = { detect: [], compose: [], latency: [] };
      faces = frames = 0;
    },
    collect: () => ({ samples, faces: { frames, regions: faces, whole: 0 }, errors: [] }),
    stop() {
      stopped = true;
      output.stop();
      video.srcObject = null;
      detector.close();
    },
  };
}
