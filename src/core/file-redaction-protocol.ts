import type { ErrorReport } from './errors.ts';
import type { Box } from './geometry.ts';
import type { PipelineSettings, Reply, StopReport, VerifiedAsset } from './protocol.ts';
import type { MediaSummary, RecordingContainer, TrackSample } from './recording.ts';
import type { Microseconds } from './time.ts';

/** A rectangle that is covered for a time, whatever it holds: somebody marked it. */
export interface FixedRegion {
  /** From the start of the file, in its own times; `untilUs` is the first moment after it. */
  readonly fromUs: Microseconds;
  readonly untilUs: Microseconds;
  /** Pixels of the file's display frame. */
  readonly box: Box;
}

/** A video file to redact. The Blob is the app's; it is read in the worker, never on the page. */
export interface FileRequest {
  readonly file: Blob;
  readonly settings: PipelineSettings;
  /** In order of preference; null for that of the file where it can be written. */
  readonly container: RecordingContainer | null;
  /** Bits per second; null for what fits the size. */
  readonly bitrate: number | null;
  /** False: the redacted file has no sound. */
  readonly keepSound: boolean;
  /** Covered besides the faces. */
  readonly regions: readonly FixedRegion[];
  /** True for a file that was redacted already: it is not searched for faces, and nothing but `regions` is covered. Whoever asks for it checks the result. */
  readonly regionsOnly: boolean;
}

/** A redacted video file to search again for faces that show. */
export interface FileCheckRequest {
  readonly file: Blob;
  /** Of the redaction; only those of detection count. */
  readonly settings: PipelineSettings;
  /** What is known to be covered, one time line for each redaction that it went through; empty where nothing is known: then every find counts. */
  readonly covered: readonly (readonly TrackSample[])[];
  readonly regions: readonly FixedRegion[];
  /** What its manifest says, which was verified: so many frames of a second are covered whole. Empty where none is known to be. */
  readonly covers: readonly CoveredSecond[];
}

/** A face that shows in a file that should show none. */
export interface UncoveredFace {
  readonly timeUs: Microseconds;
  /** Pixels of the file's display frame. */
  readonly box: Box;
  /** 0 to 1. */
  readonly confidence: number;
}

/** What a second search found. */
export interface FileCheckReport {
  /** Frames decoded, each searched with every look unless it shows the cover of a whole frame and nothing else. */
  readonly frames: number;
  /** Frames of which the manifest says that they are covered whole, and every sample agrees. */
  readonly coveredWhole: number;
  /** Faces that show, by time; at most 1000. */
  readonly uncovered: readonly UncoveredFace[];
  readonly uncoveredCount: number;
  /** Finds inside of covers: what the detector takes a cover for. */
  readonly insideCovers: number;
  readonly engine: FileReport['engine'];
}

/** How far a redaction is. */
export interface FileProgress {
  /** 1: faces are searched and followed; 2: they are covered. A second search has one pass. */
  readonly pass: 1 | 2;
  readonly frames: number;
  /** Media time that this pass has done, and all of it. */
  readonly doneUs: Microseconds;
  readonly totalUs: Microseconds;
}

/** What was covered in each second; the manifest's `SecondOfCovers`. */
export interface CoveredSecond {
  readonly second: number;
  readonly frames: number;
  readonly regions: number;
  readonly wholeFrames: number;
}

/** The end of a redaction. */
export interface FileReport {
  readonly summary: MediaSummary;
  /** The redacted file. */
  readonly media: Blob;
  readonly covers: readonly CoveredSecond[];
  /** Where the followed faces were, in pixels of the redacted picture. */
  readonly timeline: readonly TrackSample[];
  /** Frames that the compositor failed on, which are covered whole, and why it failed first. Null where it never did. */
  readonly coverFailure: { readonly frames: number; readonly error: ErrorReport } | null;
  readonly selfTests: readonly { readonly model: string; readonly passed: number; readonly failed: number }[];
  /** Sound is in the redacted file. */
  readonly hasSound: boolean;
  readonly audioTracksDropped: number;
  readonly engine: 'onnx' | 'onnx-webgpu' | 'mediapipe' | 'fake';
}

/** Everything the worker says on its own. */
export type FileWorkerEvent =
  | { readonly kind: 'progress'; readonly data: FileProgress }
  | { readonly kind: 'incident'; readonly data: ErrorReport }
  | { readonly kind: 'heartbeat' };

/** The control plane of the worker that redacts video files (Comlink). Frames never leave it; what does is encoded and redacted. */
export interface FileWorkerApi {
  /** Loads engine and models, then shuts the network. Once. */
  load(assets: readonly VerifiedAsset[], settings: PipelineSettings, events: MessagePort): Promise<Reply<{ readonly cspEnforced: boolean }>>;
  /** Redacts one file. */
  redact(request: FileRequest): Promise<Reply<FileReport>>;
  /** Searches a redacted file again, frame by frame. */
  check(request: FileCheckRequest): Promise<Reply<FileCheckReport>>;
  /** Ends what runs: it fails with ERR_ABORTED. */
  stop(): Promise<Reply<StopReport>>;
}
