import type { Box, Point, Size } from './geometry.ts';
import type { Microseconds } from './time.ts';

/** File formats of recordings. */
export const RECORDING_CONTAINERS = ['webm', 'mp4'] as const;

/** One of {@link RECORDING_CONTAINERS}. */
export type RecordingContainer = (typeof RECORDING_CONTAINERS)[number];

/** Video codecs that a recording may have. */
export type RecordingCodec = 'vp8' | 'vp9' | 'av1' | 'avc';

/** Audio codecs that a recording may have. */
export type SoundCodec = 'opus' | 'aac';

/** A file format and what is in it. */
export interface MediaFormat {
  readonly container: RecordingContainer;
  readonly codec: RecordingCodec;
  /** With the codec's own parameters, for `canPlayType`. */
  readonly mimeType: string;
}

const SOUND_NAMES: Readonly<Record<SoundCodec, string>> = { opus: 'opus', aac: 'mp4a.40.2' };

/** The format of the same file with its sound. */
export function withSoundIn(format: MediaFormat, sound: SoundCodec): MediaFormat {
  return { ...format, mimeType: format.mimeType.replace(/"$/, `,${SOUND_NAMES[sound]}"`) };
}

/** One piece of a media file, in the order of the file: 0 is its header, the others hold whole groups of pictures. */
export interface MediaPiece {
  readonly sequence: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Frames in it; 0 for the header and the index at the end. */
  readonly frames: number;
  /** Time of its first frame, and the end of its last one, from the start of the media. */
  readonly fromUs: Microseconds;
  readonly untilUs: Microseconds;
  /** What `bytes` lack to be the piece with its sound, see `putBack`: they are the file without. Left out where there is no sound. */
  readonly sound?: Uint8Array<ArrayBuffer>;
}

/** Something of a piece's time, encrypted and bound to its recording and place. */
export interface SealedPart {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** A piece, encrypted. Bound to its recording and place by {@link pieceContext}. */
export interface SealedPiece extends Omit<MediaPiece, 'bytes' | 'sound'>, SealedPart {
  readonly recordingId: string;
  /** Under a key of its own: who deletes that has destroyed the sound, and the sound alone. */
  readonly sound?: SealedPart;
}

/** What a media file turned out to be. */
export interface MediaSummary extends MediaFormat {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly durationUs: Microseconds;
}

/** Where the followed faces were at one moment of a recording. */
export interface TrackSample {
  /** From the start of the media. */
  readonly timeUs: Microseconds;
  /** Covered regions in whole pixels of the recorded picture; ids as in the session's `faces` event. */
  readonly tracks: readonly { readonly trackId: number; readonly box: Box }[];
}

/** Samples of the time of one piece, encrypted as the piece is. */
export type SealedTimeline = SealedPart;

/** Colour is stored for two pixels by two: recordings have even sides. */
export function evenSize({ width, height }: Size): Size {
  return { width: Math.max(2, width & ~1), height: Math.max(2, height & ~1) };
}

/** Where a frame of this size lies in the picture of a recording: in the middle, as large as fits, never stretched. */
export function placeIn(frame: Size, recorded: Size): Point & { readonly scale: number } {
  const scale = Math.min(recorded.width / frame.width, recorded.height / frame.height);
  return { scale, x: (recorded.width - frame.width * scale) / 2, y: (recorded.height - frame.height * scale) / 2 };
}

/** The additional data by which AES-GCM binds a piece to its recording and place: no piece opens anywhere else. */
function pieceContext(recordingId: string, sequence: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`bauta recording piece 1 ${recordingId} ${sequence}`);
}

/** AES-GCM with 256 bits, not exportable: who deletes it has destroyed the recording. */
export function createRecordingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Encrypts a piece, and its sound, each under its key and a fresh nonce. Borrows its bytes. */
export async function sealPiece({ bytes, sound, ...rest }: MediaPiece, recordingId: string, key: CryptoKey, soundKey: CryptoKey | null = null): Promise<SealedPiece> {
  const piece = { ...rest, recordingId, ...(await sealed(bytes, pieceContext(recordingId, rest.sequence), key)) };
  // Without a key for it there is no place where sound may go.
  return sound === undefined || soundKey === null ? piece : { ...piece, sound: await sealed(sound, soundContext(recordingId, rest.sequence), soundKey) };
}

async function sealed(bytes: Uint8Array<ArrayBuffer>, additionalData: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<SealedPart> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, bytes) };
}

function soundContext(recordingId: string, sequence: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`bauta recording sound 1 ${recordingId} ${sequence}`);
}

/**
 * Decrypts the sound of the piece that has to stand at `sequence` of the recording.
 * @throws DOMException (OperationError) when it is another one, or not as it was sealed.
 */
export async function openSound({ iv, sealed }: SealedPart, recordingId: string, sequence: number, key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: soundContext(recordingId, sequence) }, key, sealed));
}

/**
 * Decrypts the piece that has to stand at `sequence` of the recording.
 * @throws DOMException (OperationError) when it is another one, or not as it was sealed.
 */
export async function openPiece({ iv, sealed }: SealedPart, recordingId: string, sequence: number, key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: pieceContext(recordingId, sequence) }, key, sealed));
}

/** Encrypts the samples of a piece's time under a fresh nonce, bound to recording and place. */
export async function sealTimeline(samples: readonly TrackSample[], recordingId: string, sequence: number, key: CryptoKey): Promise<SealedTimeline> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(samples));
  return { iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: timelineContext(recordingId, sequence) }, key, plain) };
}

/** @throws DOMException (OperationError) when it is of another place, or not as it was sealed. */
export async function openTimeline({ iv, sealed }: SealedTimeline, recordingId: string, sequence: number, key: CryptoKey): Promise<TrackSample[]> {
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: timelineContext(recordingId, sequence) }, key, sealed);
  return JSON.parse(new TextDecoder().decode(plain)) as TrackSample[];
}

function timelineContext(recordingId: string, sequence: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`bauta recording timeline 1 ${recordingId} ${sequence}`);
}
