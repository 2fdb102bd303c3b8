import type { ClaimEnded, ClaimEndReason, ClaimRequest, ClaimStarted } from './claim-protocol.ts';
import type { ErrorReport } from './errors.ts';
import type { FaceTrackState } from './faces.ts';
import type { Box } from './geometry.ts';
import type { RedactionStyle, WholeFrameReason } from './redaction.ts';
import type { Microseconds, Milliseconds } from './time.ts';

/** A file the worker needs, fetched and hash-checked by the main thread; its bytes are transferred. */
export interface VerifiedAsset {
  readonly file: string;
  readonly bytes: ArrayBuffer;
  /** The same bytes compiled by the page, for WebAssembly that was asked for so and where the page's policy allows it. */
  readonly compiled?: WebAssembly.Module;
}

/** What the pipeline in the worker is told once, before any frame. All values are validated before they get here. */
export interface PipelineSettings {
  readonly style: RedactionStyle;
  readonly tracking: TrackingSettings;
  readonly detection: DetectionSettings;
  /** Frames held back so that a face found now is also covered in the frames before. */
  readonly delayFrames: number;
  /**
   * `auto`: in the planes where they can be had, else on a canvas, and in the WebGPU worker on the GPU where that is
   * right and faster. The others do without a choice; `webgpu` fails with ERR_UNSUPPORTED where there is none.
   */
  readonly compositor: 'auto' | 'planar' | 'canvas2d' | 'webgpu';
}

/** When detectors run. */
export interface DetectionSettings {
  /** Time that detection may take per frame of 30 a second, milliseconds; a look whose age reaches its bound runs all the same. */
  readonly budgetMs: Milliseconds;
  /** A whole-picture look older than this makes the picture untrustworthy: the whole frame is covered. */
  readonly maxAgeMs: Milliseconds;
  /** A detector that does not answer for this long has failed. */
  readonly timeoutMs: Milliseconds;
  /** Time between self-tests while running. */
  readonly selfTestIntervalMs: Milliseconds;
  /** Detections below this confidence are dropped, 0 to 1. */
  readonly threshold: number;
  /** In the WebGPU worker: on the GPU whatever the time (default), or each model only where it is faster. */
  readonly webGpu?: 'always' | 'if-faster';
}

/** How faces are followed and how generously they are covered. */
export interface TrackingSettings {
  /** A confirmed face that is no longer detected stays covered for this long. */
  readonly holdMs: Milliseconds;
  /** The default region, hair line to chin and ear to ear, grown by this factor, at least 1. */
  readonly margin: number;
}

/** How frames come in. The streams and ports are transferred to the worker. */
export type FrameIntake =
  | { readonly kind: 'stream'; readonly readable: ReadableStream<VideoFrame> }
  | { readonly kind: 'port'; readonly port: MessagePort };

/** How redacted frames go out. */
export type FrameOutlet =
  | { readonly kind: 'stream'; readonly writable: WritableStream<VideoFrame> }
  | { readonly kind: 'port'; readonly port: MessagePort };

/** Messages on an intake port. The worker asks, the main thread answers with one frame and forgets it. */
export type IntakeMessage = { readonly kind: 'frame'; readonly frame: VideoFrame } | { readonly kind: 'end' };
/** From the worker: room for one more frame. */
export interface IntakePull {
  readonly kind: 'pull';
}
/** Messages on an outlet port: redacted frames only; the receiver closes each and answers with {@link OutletShown}. */
export interface OutletMessage {
  readonly kind: 'redacted';
  readonly frame: VideoFrame;
}
/** To the worker: one frame less is on its way. */
export interface OutletShown {
  readonly kind: 'shown';
}

/** What the worker found out about itself while loading. */
export interface LoadReport {
  /** `onnx` from the WebGPU worker, too, where WebAssembly proved to be faster. */
  readonly engine: 'onnx' | 'onnx-webgpu' | 'mediapipe' | 'fake';
  /** True when the worker script came with a Content-Security-Policy that shuts dynamic import, too. */
  readonly cspEnforced: boolean;
  readonly loadMs: Milliseconds;
}

/** What is left when the worker has stopped; `openFrames` must be 0. */
export interface StopReport {
  readonly openFrames: number;
}

/** A face as told to the app: a box and an id, no pixels. */
export interface FaceReport {
  readonly trackId: number;
  readonly state: FaceTrackState;
  /** The covered region in display pixels. */
  readonly box: Box;
}

/** The faces of one output frame. */
export interface FacesReport {
  readonly timestampUs: Microseconds;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceReport[];
  /** Set when the whole frame was covered. */
  readonly whole: WholeFrameReason | null;
}

/** p50 and p95 of a quantity, milliseconds. */
export interface Quantiles {
  readonly p50: Milliseconds;
  readonly p95: Milliseconds;
}

/** The stages that are timed. */
export type StageName = 'read' | 'detect' | 'track' | 'plan' | 'compose' | 'write';

/** Numbers over the last second or so, sent about once a second. */
export interface StatsReport {
  readonly fpsIn: number;
  readonly fpsOut: number;
  /** From taking a frame to handing out its redacted one, without a chosen delay. */
  readonly latencyMs: Quantiles;
  readonly stagesMs: Readonly<Record<StageName, Quantiles>>;
  /** Counts since the start. */
  readonly framesIn: number;
  readonly framesOut: number;
  readonly framesDropped: number;
  readonly framesCoveredWhole: number;
  /** Raw frames open in the worker now. */
  readonly openFrames: number;
  readonly looksPerFrame: number;
}

/** Everything the worker says on its own, on one port. */
export type WorkerEvent =
  | { readonly kind: 'faces'; readonly data: FacesReport }
  | { readonly kind: 'stats'; readonly data: StatsReport }
  | { readonly kind: 'error'; readonly data: ErrorReport }
  | { readonly kind: 'incident'; readonly data: ErrorReport }
  | { readonly kind: 'self-test'; readonly data: { readonly passed: boolean; readonly model: string } }
  | { readonly kind: 'claim'; readonly data: ClaimEnded }
  | { readonly kind: 'heartbeat' }
  /** The source gives no more frames, or the output track was stopped by its holder. */
  | { readonly kind: 'ended'; readonly data: { readonly by: 'source' | 'outlet' } };

/** A still picture to redact. The bitmap is transferred; the worker closes it. */
export interface PictureRequest {
  readonly bitmap: ImageBitmap;
  readonly style: RedactionStyle;
  readonly margin: number;
}

/** The answer: redacted pixels and where they were covered. */
export interface PictureReply {
  readonly bitmap: ImageBitmap;
  readonly faces: readonly FaceReport[];
  readonly whole: WholeFrameReason | null;
}

/** An answer across the thread boundary that keeps the code of an error. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorReport };

/**
 * The control plane of the redaction worker (Comlink). Frames never go through it. Calls answer with a {@link Reply}
 * and never throw.
 */
export interface RedactionWorkerApi {
  /** Compiles the runtime, loads the models, runs the self-test and then shuts the network. Once. */
  load(assets: readonly VerifiedAsset[], settings: PipelineSettings, events: MessagePort): Promise<Reply<LoadReport>>;
  /** Starts (or, when running, switches to) a source. The first frame after it is covered until the picture was searched. */
  setIntake(intake: FrameIntake): Promise<Reply<void>>;
  setOutlet(outlet: FrameOutlet): Promise<Reply<void>>;
  /** Changes how regions look from the next frame on. */
  setStyle(style: RedactionStyle): Promise<Reply<void>>;
  /** While paused every output frame is covered whole and nothing is detected. */
  setPaused(paused: boolean): Promise<Reply<void>>;
  redactPicture(request: PictureRequest): Promise<Reply<PictureReply>>;
  /** Aligned crops of one confirmed track go to the port when they are asked for there, until the claim ends. One claim at a time. */
  claim(request: ClaimRequest): Promise<Reply<ClaimStarted>>;
  /** Idempotent: a claim that is over stays so. */
  endClaim(claimId: string, reason: ClaimEndReason): Promise<Reply<void>>;
  /** Ends intake and outlet, closes every frame and the engine. Idempotent. */
  stop(): Promise<Reply<StopReport>>;
}
