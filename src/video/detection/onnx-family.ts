import { FacePrivacyError, asFacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import type { DetectorModel, FaceDetector, Look } from './face-detector.ts';
import { createLookList, type TileSet } from './looks.ts';
import { OnnxModel, type OnnxBackend } from './onnx-model.ts';

/** What the detectors of this family need. */
export interface OnnxDetectorOptions {
  /** Bytes of the runtime's WebAssembly, verified by the caller: `ort-wasm-simd-threaded.wasm`, or `.jspi.wasm` for WebGPU. */
  readonly runtimeWasm: ArrayBuffer;
  /** Bytes of the ONNX files, verified by the caller. */
  readonly models: Readonly<Record<DetectorModel, ArrayBuffer>>;
  /** Detections below this confidence are dropped, above 0, at most 1; see `leastConfidence`. */
  readonly threshold: number;
  /** Ends the loading between two steps; rejects with ERR_ABORTED. */
  readonly signal?: AbortSignal;
  /** Called after each model with the number loaded and their total. */
  readonly onProgress?: (done: number, total: number) => void;
}

const MODELS: readonly DetectorModel[] = ['short', 'full', 'back'];
const TILES: readonly TileSet[] = [
  { model: 'back', share: 0.6, effort: 'live', smallestSidePx: 256 },
  { model: 'back', share: 0.4, effort: 'still', smallestSidePx: 256 },
];

/**
 * The three BlazeFace models on a runtime that was started.
 * @throws FacePrivacyError ERR_DETECTOR_FAILED when runtime or model do not load, ERR_ABORTED
 */
export async function loadOnnxFamily(engine: FaceDetector['engine'], backend: OnnxBackend, options: Omit<OnnxDetectorOptions, 'runtimeWasm'>): Promise<FaceDetector> {
  const loaded = new Map<DetectorModel, OnnxModel>();
  try {
    for (const model of MODELS) {
      throwIfAborted(options.signal);
      loaded.set(model, await OnnxModel.load(model, options.models[model], backend));
      options.onProgress?.(loaded.size, MODELS.length);
    }
    throwIfAborted(options.signal);
  } catch (error) {
    for (const model of loaded.values()) model.release();
    throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
  }

  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const detect = async (pixels: PixelBuffer, look: Look): Promise<Detection[]> => {
    const model = loaded.get(look.model);
    if (closed || model === undefined) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The detector is closed.');
    try {
      return await model.detect(pixels, look, options.threshold);
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_DETECTOR_FAILED');
    }
  };
  return {
    engine,
    looksFor: createLookList([...loaded].map(([model, { shape }]) => ({ model, shape })), TILES),
    detect(pixels, look) {
      // A still picture may be searched while a stream runs: the samplers' buffers serve one call at a time.
      const answer = turn.then(() => detect(pixels, look));
      turn = answer.catch(() => null);
      return answer;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const model of loaded.values()) model.release();
      loaded.clear();
    },
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Loading the detector was aborted.', { cause: signal.reason });
}
