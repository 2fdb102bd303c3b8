import type { ErrorReport } from './errors.ts';
import type { PipelineSettings, Reply, StopReport, VerifiedAsset } from './protocol.ts';
import type { MediaSummary, RecordingContainer } from './recording.ts';
import type { Microseconds } from './time.ts';

/** A video file to redact. The Blob is the app's; it is read in the worker, never on the page. */
export interface FileRequest {
  readonly file: Blob;
  readonly settings: PipelineSettings;
  /** In order of preference; null for that of the file where it can be written. */
  readonly container: RecordingContainer | null;
  /** Bits per second; null for what fits the size. */
  readonly bitrate: number | null;
}

/** How far a redaction is. */
export interface FileProgress {
  /** 1: faces are searched and followed; 2: they are covered. */
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
  readonly selfTests: readonly { readonly model: string; readonly passed: number; readonly failed: number }[];
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
  /** Ends what runs: it fails with ERR_ABORTED. */
  stop(): Promise<Reply<StopReport>>;
}
