import { BlobSource, EncodedPacketSink, Input, type AudioCodec, type InputAudioTrack, type InputFormat, type InputVideoTrack } from 'mediabunny';
import { FacePrivacyError } from '../../core/errors.ts';
import type { Microseconds } from '../../core/time.ts';
import type { EncodedPicture, EncodedSound } from './media-muxer.ts';

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

/** Where sound goes, encoded. */
export interface SoundTaker {
  addSound(sound: EncodedSound): void;
}

/** The sound of a file as it stands there: its codec, and the encoded stretches one after the other. */
export interface CopiedSound<Codec extends AudioCodec = AudioCodec> {
  readonly codec: Codec;
  /** With the codec's own parameters. */
  readonly name: string;
  /** Hands on what begins before this time and was not handed on yet. */
  passUntil(untilUs: Microseconds, taker: SoundTaker): Promise<void>;
}

/**
 * The first track of sound, to be copied without decoding it; null where there is none, or of another codec.
 * @param shiftUs added to its times; what would begin before 0 is left out.
 */
export async function copiedSoundOf<Codec extends AudioCodec>({ input }: Pick<OpenedMedia, 'input'>, codecs: readonly Codec[], shiftUs: Microseconds = 0): Promise<CopiedSound<Codec> | null> {
  const track = await input.getPrimaryAudioTrack();
  const named = await track?.getCodec();
  const codec = codecs.find((known) => known === named);
  const decoderConfig = await track?.getDecoderConfig();
  if (track === null || codec === undefined || decoderConfig === null || decoderConfig === undefined) return null;
  const stretches = stretchesOf(track, decoderConfig, shiftUs);
  let next: IteratorResult<EncodedSound, void> | null = null;
  return {
    codec,
    name: decoderConfig.codec,
    async passUntil(untilUs, taker) {
      for (next ??= await stretches.next(); next.done !== true && next.value.timeUs < untilUs; next = await stretches.next()) taker.addSound(next.value);
    },
  };
}

async function* stretchesOf(track: InputAudioTrack, decoderConfig: AudioDecoderConfig, shiftUs: Microseconds): AsyncGenerator<EncodedSound, void> {
  let first = true;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const timeUs = toMicroseconds(packet.timestamp) + shiftUs;
    if (timeUs < 0) continue;
    yield { data: packet.data, timeUs, durationUs: toMicroseconds(packet.duration), ...(first ? { decoderConfig } : {}) };
    first = false;
  }
}

/** The muxer counts in seconds. */
export function toMicroseconds(seconds: number): Microseconds {
  return Math.round(seconds * 1e6);
}
