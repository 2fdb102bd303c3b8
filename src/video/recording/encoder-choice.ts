import { FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { evenSize, type MediaFormat, type RecordingCodec, type RecordingContainer } from '../../core/recording.ts';

/** A format and the settings by which the browser encodes it. */
export interface EncoderChoice extends MediaFormat {
  readonly config: VideoEncoderConfig;
}

/** What an encoder is wanted for. */
export interface EncoderWish extends Size {
  /** In order of preference. */
  readonly containers: readonly RecordingContainer[];
  /** Bits per second; null for what fits the size. */
  readonly bitrate: number | null;
  /** `realtime` drops frames rather than fall behind; `quality` encodes each. */
  readonly latencyMode: LatencyMode;
}

/** Bits per pixel of a second at which faces' covers and text stay clean; a 1280x720 picture gets 2.8 Mbit/s. */
const BITS_PER_PIXEL = 3;

/**
 * By container, the codecs in order of preference. Every browser's player knows VP8 and VP9 in WebM; in MP4 H.264 is what most
 * programs open. Software VP8 costs half of VP9, which matters beside detection; AV1 is the last resort.
 */
const CODECS: Readonly<Record<RecordingContainer, readonly RecordingCodec[]>> = { webm: ['vp8', 'vp9', 'av1'], mp4: ['avc', 'vp9', 'av1'] };

/** @throws FacePrivacyError ERR_UNSUPPORTED when the browser encodes none of what is wanted at this size. */
export async function chooseEncoder({ containers, width, height, bitrate, latencyMode }: EncoderWish): Promise<EncoderChoice> {
  const size = evenSize({ width, height });
  for (const container of containers) {
    for (const codec of CODECS[container]) {
      const name = codecString(codec, size);
      const config: VideoEncoderConfig = {
        codec: name,
        ...size,
        bitrate: bitrate ?? size.width * size.height * BITS_PER_PIXEL,
        latencyMode,
        ...(codec === 'avc' ? { avc: { format: 'avc' as const } } : {}),
      };
      if (await isSupported(config)) return { container, codec, mimeType: `video/${container}; codecs="${name}"`, config };
    }
  }
  throw new FacePrivacyError('ERR_UNSUPPORTED', `This browser has no encoder for ${containers.join(' or ')} at ${width}x${height}.`, { details: { width, height, containers: containers.join(' ') } });
}

async function isSupported(config: VideoEncoderConfig): Promise<boolean> {
  if (!('VideoEncoder' in globalThis)) return false;
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported === true;
  } catch (error) {
    // A browser that does not know the codec at all may say so by throwing.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}

/** Codec and parameters (RFC 6381): 8 bits, 4:2:0, and a level that holds the size at 60 frames per second. */
function codecString(codec: RecordingCodec, { width, height }: Size): string {
  const large = width * height > 1920 * 1088;
  switch (codec) {
    case 'vp8':
      return 'vp8';
    case 'vp9':
      return large ? 'vp09.00.51.08' : 'vp09.00.41.08';
    case 'av1':
      return large ? 'av01.0.13M.08' : 'av01.0.09M.08';
    case 'avc':
      return large ? 'avc1.640033' : 'avc1.64002a';
  }
}
