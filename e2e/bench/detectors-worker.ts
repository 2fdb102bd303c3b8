/** Runs detectors for detectors.mjs: answers { id, call, args } with { id, value } or { id, error }. */
import type { Box, Size } from '../../src/core/geometry.ts';
import { planesOf, type PixelBuffer } from '../../src/core/pixels.ts';
import type { Detection } from '../../src/core/faces.ts';
import type { FaceDetector, Look, LookEffort } from '../../src/video/detection/face-detector.ts';
import { createMediaPipeDetector } from '../../src/video/detection/mediapipe-detector.ts';
import { createOnnxDetector } from '../../src/video/detection/onnx-detector.ts';
import { createWindowSampler } from '../../src/video/detection/sample-window.ts';

let detector: FaceDetector | null = null;
let picture: PixelBuffer | null = null;

const calls = {
  /** Loads an engine; answers the milliseconds it took. */
  async load(engine: 'onnx' | 'mediapipe', threshold: number): Promise<number> {
    const read = async (name: string): Promise<ArrayBuffer> => (await fetch(`/models/ready/${name}`)).arrayBuffer();
    detector?.close();
    if (engine === 'onnx') {
      const [runtimeWasm, short, full, back] = await Promise.all(
        ['ort-wasm-simd-threaded.wasm', 'blazeface-short.onnx', 'blazeface-full.onnx', 'blazeface-back.onnx'].map(read),
      );
      const start = performance.now();
      detector = await createOnnxDetector({ runtimeWasm: runtimeWasm!, models: { short: short!, full: full!, back: back! }, threshold });
      return performance.now() - start;
    }
    const [runtimeWasm, short, full] = await Promise.all(
      ['vision_wasm_module_internal.wasm', 'blazeface-short.tflite', 'blazeface-full.tflite'].map(read),
    );
    const start = performance.now();
    detector = await createMediaPipeDetector({ runtimeWasm: runtimeWasm!, models: { short: short!, full: full! }, threshold });
    return performance.now() - start;
  },
  /** Reads a picture or a part of it, scaled to `size` where one is given, as packed RGB or I420. */
  async open(url: string, format: 'RGBX' | 'I420', size?: Size | null, part?: Box): Promise<Size> {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob());
    const from = part ?? { x: 0, y: 0, width: bitmap.width, height: bitmap.height };
    const { width, height } = size ?? { width: Math.round(from.width), height: Math.round(from.height) };
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, from.x, from.y, from.width, from.height, 0, 0, width, height);
    bitmap.close();
    const rgb = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
    picture = {
      width, height, format,
      data: format === 'I420' ? toI420(rgb, width, height) : rgb,
      planes: planesOf(format, { width, height }).planes,
      colour: { matrix: 'bt601', fullRange: false },
      orientation: { rotation: 0, flip: false },
      display: { width, height },
    };
    return { width, height };
  },
  looks(effort: LookEffort): Look[] {
    return [...detector!.looksFor(picture!.display, effort)];
  },
  async detect(looks: readonly Look[]): Promise<Detection[][]> {
    const found: Detection[][] = [];
    for (const look of looks) found.push(await detector!.detect(picture!, look));
    return found;
  },
  /** Milliseconds of each run of a look on the open picture. */
  async time(look: Look, runs: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) {
      const start = performance.now();
      await detector!.detect(picture!, look);
      times.push(performance.now() - start);
    }
    return times;
  },
  /** Milliseconds per sample, mean over batches of ten, for a model input of this size. */
  sampling(size: number, kind: 'floats' | 'bytes', batches: number): number[] {
    const sampler = createWindowSampler({ width: size, height: size });
    const { width, height } = picture!.display;
    const side = Math.max(width, height);
    const window = { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
    const times: number[] = [];
    for (let i = 0; i < batches; i++) {
      const start = performance.now();
      for (let n = 0; n < 10; n++) sampler[kind](picture!, window);
      times.push((performance.now() - start) / 10);
    }
    return times;
  },
};

function toI420(rgba: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const { planes, byteLength } = planesOf('I420', { width, height });
  const out = new Uint8Array(byteLength);
  const [, u, v] = planes;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x);
      const [r, g, b] = [rgba[i]!, rgba[i + 1]!, rgba[i + 2]!];
      out[y * width + x] = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
      if ((x & 1) !== 0 || (y & 1) !== 0) continue;
      const at = (y >> 1) * u!.stride + (x >> 1);
      out[u!.offset + at] = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
      out[v!.offset + at] = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;
    }
  }
  return out;
}

export type DetectorCalls = typeof calls;

addEventListener('message', ({ data: { id, call, args } }: MessageEvent<{ id: number; call: keyof DetectorCalls; args: unknown[] }>) => {
  const run = calls[call] as (...args: unknown[]) => unknown;
  Promise.resolve()
    .then(() => run(...args))
    .then(
      (value) => postMessage({ id, value }),
      (error: unknown) => postMessage({ id, error: String(error) }),
    );
});
