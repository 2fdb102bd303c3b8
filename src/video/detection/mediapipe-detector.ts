import { FaceDetector as MediaPipeFaceDetector } from '@mediapipe/tasks-vision';
// The loader is bundled: nothing may fetch or import a script at run time.
import ModuleFactory from '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
import { FacePrivacyError, asFacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import { BLAZEFACE_LAYOUTS, faceOf } from './blazeface-decode.ts';
import { faintThresholdOf, isWorthTelling, lowestConfidence } from './face-confidence.ts';
import type { FaceDetector, Look } from './face-detector.ts';
import { createLookList, SQUARE, type TileSet } from './looks.ts';
import { createWindowSampler, type WindowSampler } from './sample-window.ts';
import { requireWebAssembly } from '../../inference/wasm-support.ts';
import { weightedNms } from './weighted-nms.ts';

/** The models that come as TFLite; BlazeFace back does not. */
export type MediaPipeModel = 'short' | 'full';

/** What {@link createMediaPipeDetector} needs. */
export interface MediaPipeDetectorOptions {
  /** Bytes of `vision_wasm_module_internal.wasm`, verified by the caller. */
  readonly runtimeWasm: ArrayBuffer;
  /** Bytes of the TFLite files with metadata, verified by the caller. */
  readonly models: Readonly<Record<MediaPipeModel, ArrayBuffer>>;
  /** Detections below this confidence are dropped, above 0, at most 1; see `leastConfidence`. */
  readonly threshold: number;
  /** Ends the loading between two steps; rejects with ERR_ABORTED. */
  readonly signal?: AbortSignal;
  /** Called after each model with the number loaded and their total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The names by which the engine's JavaScript finds its loader and what it is to start it with. */
interface LoaderScope {
  ModuleFactory: unknown;
  Module: unknown;
}

interface LoadedModel {
  readonly task: MediaPipeFaceDetector;
  readonly sampler: WindowSampler;
}

const MODELS: readonly MediaPipeModel[] = ['short', 'full'];
/** The engine rounds boxes to whole pixels of its input: a larger picture keeps them fine where the model's own is coarse. */
const PICTURE_SIZE: Readonly<Record<MediaPipeModel, number>> = { short: 256, full: BLAZEFACE_LAYOUTS.full.inputSize };
const TILES: readonly TileSet[] = [
  { model: 'full', share: 0.6, effort: 'live', smallestSidePx: 192 },
  { model: 'full', share: 0.3, effort: 'still', smallestSidePx: 192 },
];

/**
 * Faces by MediaPipe Tasks (0.10.35): short and full range, CPU delegate, no network. It needs WebGL all the same; where
 * there is none the first detect fails, which the self-test finds out.
 * @throws FacePrivacyError ERR_WASM_UNAVAILABLE, ERR_DETECTOR_FAILED when runtime or model do not load, ERR_ABORTED
 */
export async function createMediaPipeDetector(options: MediaPipeDetectorOptions): Promise<FaceDetector> {
  requireWebAssembly();
  const loaded = new Map<string, LoadedModel>();
  const closeAll = (): void => {
    for (const { task } of loaded.values()) task.close();
    loaded.clear();
  };
  try {
    const runtime = await WebAssembly.compile(options.runtimeWasm);
    // One after the other: the loader is handed over in a global, and two tasks started at once can hang.
    for (const model of MODELS) {
      throwIfAborted(options.signal);
      const task = await createTask(runtime, options.models[model], lowestConfidence(model, faintThresholdOf(options.threshold)));
      loaded.set(model, { task, sampler: createWindowSampler({ width: PICTURE_SIZE[model], height: PICTURE_SIZE[model] }) });
      options.onProgress?.(loaded.size, MODELS.length);
    }
    throwIfAborted(options.signal);
  } catch (error) {
    closeAll();
    throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
  }

  let closed = false;
  const detect = (pixels: PixelBuffer, look: Look): Detection[] => {
    const model = loaded.get(look.model);
    if (closed || model === undefined) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The detector is closed.');
    const { sampler, task } = model;
    try {
      const picture = new ImageData(sampler.bytes(pixels, look.window), sampler.size.width, sampler.size.height);
      const found = task.detect(picture).detections.map((one) => toDetection(one, look, sampler.size.width));
      return weightedNms(found.filter(({ box, confidence }) => isWorthTelling(look, box, confidence, pixels.display, options.threshold)));
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
    }
  };
  return {
    engine: 'mediapipe',
    looksFor: createLookList(MODELS.map((model) => ({ model, shape: SQUARE })), TILES),
    // The engine works synchronously; what it throws becomes a rejection.
    detect: (pixels, look) => Promise.resolve().then(() => detect(pixels, look)),
    close() {
      if (closed) return;
      closed = true;
      closeAll();
    },
  };
}

/** Both tasks get the same compiled runtime; the paths are never used because loader and binary are there already. */
async function createTask(runtime: WebAssembly.Module, model: ArrayBuffer, threshold: number): Promise<MediaPipeFaceDetector> {
  let fail: (reason: unknown) => void = ignore;
  const failure = new Promise<never>((_, reject) => (fail = reject));
  const scope = globalThis as unknown as LoaderScope;
  scope.ModuleFactory = ModuleFactory;
  scope.Module = {
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void) {
      // The loader waits for `receive` and hears of no failure, so that has to be raced against it.
      WebAssembly.instantiate(runtime, imports).then((instance) => receive(instance, runtime), fail);
      return {};
    },
    print: ignore,
    printErr: ignore,
  };
  const task = MediaPipeFaceDetector.createFromOptions(
    { wasmLoaderPath: '', wasmBinaryPath: '' },
    {
      baseOptions: { modelAssetBuffer: new Uint8Array(model), delegate: 'CPU' },
      runningMode: 'IMAGE',
      minDetectionConfidence: threshold,
      minSuppressionThreshold: 0.3,
    },
  );
  return Promise.race([task, failure]);
}

function ignore(): void {
  // The runtime reports its progress on the console; what fails comes as an exception as well.
}

type Found = ReturnType<MediaPipeFaceDetector['detect']>['detections'][number];

function toDetection({ boundingBox, categories, keypoints }: Found, { model, window }: Look, size: number): Detection {
  const confidence = categories[0]?.score ?? Number.NaN;
  const numbers = boundingBox === undefined ? [Number.NaN] : [boundingBox.originX, boundingBox.originY, boundingBox.width, boundingBox.height];
  if (!numbers.every(Number.isFinite) || !Number.isFinite(confidence) || boundingBox === undefined) {
    throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${model} returned numbers that are not finite.`, { details: { model } });
  }
  const sx = window.width / size;
  const sy = window.height / size;
  return {
    box: faceOf(model, {
      x: window.x + boundingBox.originX * sx,
      y: window.y + boundingBox.originY * sy,
      width: boundingBox.width * sx,
      height: boundingBox.height * sy,
    }),
    confidence,
    keypoints: keypoints.map((p) => ({ x: window.x + p.x * window.width, y: window.y + p.y * window.height })),
    model,
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Loading the detector was aborted.', { cause: signal.reason });
}
