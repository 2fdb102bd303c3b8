import type * as ort from 'onnxruntime-web/wasm';
import { FacePrivacyError } from '../../core/errors.ts';
import type { Detection } from '../../core/faces.ts';
import type { Size } from '../../core/geometry.ts';
import type { PixelBuffer } from '../../core/pixels.ts';
import { inTurn } from '../../inference/onnx-runtime.ts';
import { BLAZEFACE_LAYOUTS, anchorsOf, decodeFaces, type BlazeFaceLayout } from './blazeface-decode.ts';
import type { DetectorModel, Look } from './face-detector.ts';
import { inputFor, type InputShape } from './looks.ts';
import { createWindowSampler, type WindowSampler } from './sample-window.ts';

/** Sessions kept per model; a stream needs one for the whole picture and one for its tiles, a still another two. */
const MOST_SESSIONS = 4;

/** A started runtime and what it computes on. */
export interface OnnxBackend {
  readonly runtime: Pick<typeof ort, 'InferenceSession' | 'Tensor'>;
  readonly providers: readonly ort.InferenceSession.ExecutionProviderConfig[];
}

const SESSION_OPTIONS: ort.InferenceSession.SessionOptions = {
  // Below `all` the convolutions are not fused: half as slow again.
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  logSeverityLevel: 4,
};

/** A session for one size of input, with all that goes with that size. */
interface SizedSession {
  readonly session: ort.InferenceSession;
  readonly sampler: WindowSampler;
  readonly anchors: Float32Array;
}

/**
 * One BlazeFace model. Its file leaves the sides of the input open (models/manifest.json), so that wide pictures get a flat input and need
 * no letterbox; ONNX Runtime is fastest when a session knows its size, so there is one session per size.
 */
export class OnnxModel {
  readonly #bytes: Uint8Array;
  readonly #layout: BlazeFaceLayout;
  readonly #backend: OnnxBackend;
  /** By size; the one used longest ago first. */
  readonly #sessions = new Map<string, SizedSession>();

  private constructor(model: DetectorModel, bytes: ArrayBuffer, backend: OnnxBackend) {
    this.#bytes = new Uint8Array(bytes);
    this.#layout = BLAZEFACE_LAYOUTS[model];
    this.#backend = backend;
  }

  /** Loads the model and prepares its square input. Rejects with what the runtime says of it. */
  static async load(model: DetectorModel, bytes: ArrayBuffer, backend: OnnxBackend): Promise<OnnxModel> {
    const loaded = new OnnxModel(model, bytes, backend);
    const { inputSize } = loaded.#layout;
    await loaded.#sized({ width: inputSize, height: inputSize });
    return loaded;
  }

  /** Which windows it can be shown. */
  get shape(): InputShape {
    const { inputSize, multiple } = this.#layout;
    return { inputSize, multiple };
  }

  /** Runs one look. Borrows `pixels`. One call at a time. */
  async detect(pixels: PixelBuffer, look: Look, threshold: number): Promise<Detection[]> {
    const input = inputFor(look.window, this.#layout.inputSize);
    const { session, sampler, anchors } = await this.#sized(input);
    const image = new this.#backend.runtime.Tensor('float32', sampler.floats(pixels, look.window), [1, 3, input.height, input.width]);
    const { boxes, scores } = await inTurn(this.#backend.runtime, () => session.run({ image }));
    if (!(boxes?.data instanceof Float32Array) || !(scores?.data instanceof Float32Array)) {
      throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${look.model} returned no float boxes and scores.`, { details: { model: look.model } });
    }
    // Memory that was never written: what a GPU that failed without a word would give, and no face would be found in it.
    if (scores.data.every((score) => score === 0)) {
      throw new FacePrivacyError('ERR_DETECTOR_FAILED', `Model ${look.model} answered with nothing but zeros.`, { details: { model: look.model } });
    }
    const view = { model: look.model, scope: look.scope, input, anchors, window: look.window, picture: pixels.display };
    return decodeFaces({ boxes: boxes.data, scores: scores.data }, view, threshold);
  }

  /** Frees its sessions. */
  release(): void {
    for (const { session } of this.#sessions.values()) void session.release();
    this.#sessions.clear();
  }

  async #sized(input: Size): Promise<SizedSession> {
    const key = `${input.width}x${input.height}`;
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const sized = known ?? (await this.#create(input));
    this.#sessions.set(key, sized);
    for (const [oldest, { session }] of this.#sessions) {
      if (this.#sessions.size <= MOST_SESSIONS) break;
      this.#sessions.delete(oldest);
      void session.release();
    }
    return sized;
  }

  async #create(input: Size): Promise<SizedSession> {
    const session = await this.#backend.runtime.InferenceSession.create(this.#bytes, {
      ...SESSION_OPTIONS,
      executionProviders: this.#backend.providers,
      freeDimensionOverrides: { width: input.width, height: input.height },
    });
    return { session, sampler: createWindowSampler(input), anchors: anchorsOf(this.#layout, input) };
  }
}
