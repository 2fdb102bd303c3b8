import type { ErrorReport } from './errors.ts';
import type { Size } from './geometry.ts';
import type { FrameIntake, Reply, StopReport } from './protocol.ts';
import type { MediaFormat, MediaSummary, RecordingContainer, SealedPiece, SoundCodec } from './recording.ts';
import type { Microseconds, Milliseconds } from './time.ts';

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
  /** Seals the sound, apart from the picture; null where none is kept. As `key`. */
  readonly soundKey: CryptoKey | null;
}

/** From the recording worker, on the port of pieces. */
export type PieceMessage =
  | { readonly kind: 'piece'; readonly piece: SealedPiece }
  /** A frame of this time went to the encoder; tells which frames are in the recording. `size` is that of the recorded picture. */
  | { readonly kind: 'frame'; readonly sourceUs: Microseconds; readonly timeUs: Microseconds; readonly size: Size };

/** To the recording worker: what became of a piece; and how the sound has to be taken from now on. */
export type PieceReply =
  | { readonly kind: 'kept'; readonly sequence: number }
  | { readonly kind: 'refused'; readonly error: ErrorReport }
  | ({ readonly kind: 'sound' } & SoundTaking);

/** How sound is taken. */
export interface SoundTaking {
  /** So much later than what was heard comes the picture of the same moment: what it takes to redact it. */
  readonly pictureDelayMs: Milliseconds;
  /** The picture is covered whole, by the person or by a rule: nothing is heard then, either. */
  readonly isSilenced: boolean;
}

/** The format of a recording that begins, without its sound, and what that is encoded with; null where none is kept. */
export interface RecordingFormat extends MediaFormat {
  readonly sound: SoundCodec | null;
}

/** How a recording ended: everything but the first piece is kept already. */
export interface RecordingEnd {
  /** Of the file without its sound. */
  readonly summary: MediaSummary;
  /** What there was of sound; null where there was none after all. */
  readonly sound: SoundCodec | null;
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
  /** There is no more sound, and the picture goes on: its track has ended (null), or it could not be encoded. */
  | { readonly kind: 'sound-ended'; readonly data: ErrorReport | null }
  | { readonly kind: 'heartbeat' };

/** The control plane of the recording worker (Comlink). Frames and pieces never go through it. */
export interface RecordingWorkerApi {
  /** Shuts the network. Once. */
  load(events: MessagePort): Promise<Reply<{ readonly cspEnforced: boolean }>>;
  /** Begins. **Takes** intake, port and sound. Fails with ERR_UNSUPPORTED where the browser encodes nothing that is wanted. */
  record(settings: RecordingSettings, intake: FrameIntake, pieces: MessagePort, sound: ReadableStream<AudioData> | null): Promise<Reply<RecordingFormat>>;
  /** No more sound from now on, nor what was heard and is not encoded yet; the picture goes on. Idempotent. */
  endSound(): Promise<Reply<void>>;
  /** Ends the recording in order: what was encoded is on its way to the port when this answers. */
  finish(): Promise<Reply<RecordingEnd>>;
  /** Writes a media file anew that was cut off, with duration and index. **Takes** the port. */
  rewrite(settings: RecordingSettings, media: Blob, pieces: MessagePort): Promise<Reply<RecordingEnd>>;
  stop(): Promise<Reply<StopReport>>;
}
