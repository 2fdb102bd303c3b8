import { BlobSource, EncodedPacketSink, Input, type InputFormat, type InputVideoTrack } from 'mediabunny';
import { FacePrivacyError } from '../../core/errors.ts';
import type { Microseconds } from '../../core/time.ts';
import type { EncodedPicture } from './media-muxer.ts';

/** Why a file cannot be worked on; `details.reason` of ERR_MEDIA_INVALID. */
export type MediaFault = 'not-a-video' | 'no-video-track' | 'encrypted' | 'unknown-codec' | 'damaged' | 'no-frames';

/** An MP4 header stands at either end of its file and is smaller than this for hours of video. */
const HEADER_BYTES = 1 << 22;

const WHY: Readonly<Record<MediaFault, string>> = {
  'not-a-video': 'The file is no video of a known format.',
  'no-video-track': 'The file has no video track.',
  encrypted: 'The video is encrypted; only its owner can open it.',
  'unknown-codec': 'This browser cannot decode the codec of the video.',
  damaged: 'The video is damaged: not every frame of it can be read.',
  'no-frames': 'The video has no frames.',
};

/** ERR_MEDIA_INVALID with its reason. */
export function mediaFault(reason: MediaFault, cause?: unknown): FacePrivacyError {
  return new FacePrivacyError('ERR_MEDIA_INVALID', WHY[reason], { details: { reason }, ...(cause === undefined ? {} : { cause }) });
}

/** What an error of the demuxer or decoder says of the file. */
export function faultOf(error: unknown): FacePrivacyError {
  return error instanceof FacePrivacyError ? error : mediaFault('damaged', error);
}

/** A video file whose container was read. */
export interface OpenedMedia {
  readonly input: Input;
  readonly track: InputVideoTrack;
  readonly audioTracks: number;
  /** `null` for codecs that nobody here knows. */
  readonly decoderConfig: VideoDecoderConfig | null;
}

/**
 * Opens a video file by its container; the caller disposes of `input`.
 * @param formats those that are looked for; each is code that the worker carries.
 * @throws FacePrivacyError ERR_MEDIA_INVALID.
 */
export async function openMedia(media: Blob, formats: InputFormat[]): Promise<OpenedMedia> {
  const input = new Input({ source: new BlobSource(media), formats });
  try {
    if (!(await input.canRead())) throw mediaFault('not-a-video');
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw mediaFault('no-video-track');
    const audioTracks = (await input.getAudioTracks()).length;
    return { input, track, audioTracks, decoderConfig: await track.getDecoderConfig() };
  } catch (error) {
    input.dispose();
    throw (await isEncrypted(media)) ? mediaFault('encrypted', error) : faultOf(error);
  }
}

/** The demuxer gives up on encrypted files without saying why: their MP4 sample entry is called `encv` (ISO/IEC 23001-7, 4.1). */
export async function isEncrypted(media: Blob): Promise<boolean> {
  for (const part of [media.slice(0, HEADER_BYTES), media.slice(-HEADER_BYTES)]) {
    if (new TextDecoder('latin1').decode(await part.arrayBuffer()).includes('encv')) return true;
  }
  return false;
}

/** The encoded pictures of a track as they stand in the file, in decoding order; ends where the file was cut off. */
export async function* picturesOf({ track, decoderConfig }: OpenedMedia): AsyncGenerator<EncodedPicture> {
  const sink = new EncodedPacketSink(track);
  let first = true;
  for await (const packet of sink.packets()) {
    yield {
      data: packet.data,
      isKey: packet.type === 'key',
      timeUs: toMicroseconds(packet.timestamp),
      durationUs: packet.duration > 0 ? toMicroseconds(packet.duration) : null,
      ...(first && decoderConfig !== null ? { decoderConfig } : {}),
    };
    first = false;
  }
}

/** The muxer counts in seconds. */
export function toMicroseconds(seconds: number): Microseconds {
  return Math.round(seconds * 1e6);
}
