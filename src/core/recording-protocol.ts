import type { ErrorReport } from './errors.ts';
import type { Size } from './geometry.ts';
import type { FrameIntake, Reply, StopReport } from './protocol.ts';
import type { MediaFormat, MediaSummary, RecordingContainer, SealedPiece } from './recording.ts';
import type { Microseconds } from './time.ts';

/** What is recorded, and how. All values are validated before they get here. */
export interface RecordingSettings {
  readonly recordingId: string;
  /** AES-GCM; can be used and not read. */
  readonly key: CryptoKey;
  /** In order of preference. */
  readonly containers: readonly RecordingContainer[];
  /** Expected size, by which an encoder is chosen; the first frame decides. */
  readonly width: number;
  readonly height: number;
  /** Bits per second; null for what fits the size. */
  readonly bitrate: number | null;
}

/** From the recording worker, on the port of pieces. */
export type PieceMessage =
  | { readonly kind: 'piece'; readonly piece: SealedPiece }
  /** A frame of this time went to the encoder; tells which frames are in the recording. `size` is that of the recorded picture. */
  | { readonly kind: 'frame'; readonly sourceUs: Microseconds; readonly timeUs: Microseconds; readonly size: Size };

/** To the recording worker: what became of a piece. */
export type PieceReply = { readonly kind: 'kept'; readonly sequence: number } | { readonly kind: 'refused'; readonly error: ErrorReport };

/** How a recording ended: everything but the first piece is kept already. */
export interface RecordingEnd {
  readonly summary: MediaSummary;
  /** The first piece as it has to be now: with duration, length and where the index is. Null when there was no frame. */
  readonly header: SealedPiece | null;
  /** Frames that the encoder had no time for. */
  readonly framesDropped: number;
}

/** Everything the recording worker says on its own. */
export type RecordingWorkerEvent =
  | { readonly kind: 'error'; readonly data: ErrorReport }
  | { readonly kind: 'incident'; readonly data: ErrorReport }
  /** The track gives no more frames. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'heartbeat' };

/** The control plane of the recording worker (Comlink). Frames and pieces never go through it. */
export interface RecordingWorkerApi {
  /** Shuts the network. Once. */
  load(events: MessagePort): Promise<Reply<{ readonly cspEnforced: boolean }>>;
  /** Begins. **Takes** intake and port. Fails with ERR_UNSUPPORTED where the browser encodes nothing that is wanted. */
  record(settings: RecordingSettings, intake: FrameIntake, pieces: MessagePort): Promise<Reply<MediaFormat>>;
  /** Ends the recording in order: what was encoded is on its way to the port when this answers. */
  finish(): Promise<Reply<RecordingEnd>>;
  /** Writes a media file anew that was cut off, with duration and index. **Takes** the port. */
  rewrite(settings: RecordingSettings, media: Blob, pieces: MessagePort): Promise<Reply<RecordingEnd>>;
  stop(): Promise<Reply<StopReport>>;
}
