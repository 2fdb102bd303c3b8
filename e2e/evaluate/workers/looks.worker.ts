/**
 * Looks at one picture in many ways: the search of stills with parts of the detector and at several thresholds, and a raw
 * list of what every model sees anywhere, for reference boxes. Answers { id, call, args } with { id, value } or { id, error }.
 */
import type { Detection } from '../../../src/core/faces.ts';
import type { Box, Size } from '../../../src/core/geometry.ts';
import type { PixelBuffer } from '../../../src/core/pixels.ts';
import { isWorthTelling, lowestConfidence } from '../../../src/video/detection/face-confidence.ts';
import type { DetectorModel, FaceDetector, Look, LookEffort } from '../../../src/video/detection/face-detector.ts';
import { createLookList } from '../../../src/video/detection/looks.ts';
import { createOnnxDetector } from '../../../src/video/detection/onnx-detector.ts';
import { redactPicture } from '../../../src/video/picture-pipeline.ts';
import { takePlans } from './planned.ts';
import { openPicture } from './stand-ins/read-frame.ts';

/** The lowest threshold that is asked for. */
const LOWEST_THRESHOLD = 0.1;
const TIMEOUT_MS = 30_000;

/** Which of the looks of stills run. */
export interface View {
  readonly name: string;
  readonly effort: LookEffort;
  /** All where null. */
  readonly model: DetectorModel | null;
  readonly wholeOnly: boolean;
}

let detector: FaceDetector;
let pixels: PixelBuffer;
let seen = new Map<string, Promise<Detection[]>>();

const calls = {
  async load(): Promise<void> {
    const read = async (path: string): Promise<ArrayBuffer> => {
      const response = await fetch(path);
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response.arrayBuffer();
    };
    const model = (name: DetectorModel): Promise<ArrayBuffer> => read(`/bauta/models/blazeface-${name}.onnx`);
    const [runtimeWasm, short, full, back] = await Promise.all([read('/bauta/runtime/ort-wasm-simd-threaded.wasm'), model('short'), model('full'), model('back')]);
    detector = await createOnnxDetector({ runtimeWasm, models: { short, full, back }, threshold: LOWEST_THRESHOLD });
  },
  /** Takes the picture that the other calls look at. */
  async open(picture: ImageBitmap | VideoFrame): Promise<void> {
    const frame = picture instanceof VideoFrame ? picture : new VideoFrame(picture, { timestamp: 0 });
    if (picture instanceof ImageBitmap) picture.close();
    ({ pixels } = await openPicture(frame));
    seen = new Map();
  },
  /** The regions by view and threshold, as a still's are made. */
  async search(views: readonly View[], thresholds: readonly number[]): Promise<Record<string, { looks: number; regions: Box[][] }>> {
    const result: Record<string, { looks: number; regions: Box[][] }> = {};
    for (const view of views) {
      const regions: Box[][] = [];
      const part = restricted(view);
      for (const threshold of thresholds) {
        part.threshold = threshold;
        await redactPicture({ bitmap: await emptyBitmap(), style: { method: 'solid', strength: 0 }, margin: 1 }, { detector: part, healthy: true, threshold, timeoutMs: TIMEOUT_MS });
        const [plan, ...others] = takePlans();
        if (plan === undefined || others.length > 0) throw new Error(`a still was planned ${others.length + (plan === undefined ? 0 : 1)} times`);
        regions.push(plan.whole === null ? [...plan.regions] : [{ x: 0, y: 0, ...pixels.display }]);
      }
      result[view.name] = { looks: part.looksFor(pixels.display, 'still').length, regions };
    }
    return result;
  },
  /** What each model sees in the whole and in tiles of these shares of the longer side. */
  async everything(tiles: readonly { model: DetectorModel; share: number }[], smallestSidePx: number): Promise<{ box: Box; confidence: number; model: string }[]> {
    const found: { box: Box; confidence: number; model: string }[] = [];
    for (const look of looksEverywhere(pixels.display, tiles, smallestSidePx)) {
      for (const { box, confidence } of await detector.detect(pixels, look)) {
        if (confidence >= lowestConfidence(look.model, LOWEST_THRESHOLD)) found.push({ box, confidence, model: look.model });
      }
    }
    return found;
  },
};

/** The detector with some of its looks, of which each runs once, and a threshold that may be changed. */
function restricted({ effort, model, wholeOnly }: View): FaceDetector & { threshold: number } {
  return {
    ...detector,
    threshold: LOWEST_THRESHOLD,
    looksFor(display) {
      return detector.looksFor(display, effort).filter((look) => (model === null || look.model === model) && (!wholeOnly || look.scope === 'whole'));
    },
    async detect(of, look) {
      const { x, y, width, height } = look.window;
      // A still is searched after a drawn picture of another size was.
      const key = [of === pixels, look.model, x, y, width, height].join(' ');
      const answer = seen.get(key) ?? detector.detect(of, look);
      seen.set(key, answer);
      // The self-test asks whether a model sees at all.
      if (of !== pixels) return answer;
      return (await answer).filter(({ box, confidence }) => isWorthTelling(look, box, confidence, of.display, this.threshold));
    },
  };
}

/** In place of the picture, which is open already. */
const emptyBitmap = (): Promise<ImageBitmap> => createImageBitmap(new ImageData(1, 1));

function looksEverywhere(display: Size, tiles: readonly { model: DetectorModel; share: number }[], smallestSidePx: number): readonly Look[] {
  const whole = detector.looksFor(display, 'still').filter(({ scope }) => scope === 'whole');
  const sets = tiles.map(({ model, share }) => ({ model, share, effort: 'still' as const, smallestSidePx }));
  return [...whole, ...createLookList([], sets)(display, 'still')];
}

addEventListener('message', ({ data: { id, call, args } }: MessageEvent<{ id: number; call: keyof typeof calls; args: unknown[] }>) => {
  const run = calls[call] as (...args: unknown[]) => unknown;
  Promise.resolve()
    .then(() => run(...args))
    .then(
      (value) => {
        postMessage({ id, value });
      },
      (error: unknown) => {
        postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      },
    );
});
