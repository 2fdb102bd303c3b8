import { FacePrivacyError } from '../../core/errors.ts';
import type { RecordingContainer, SoundCodec } from '../../core/recording.ts';

/** All sound is encoded at this rate, Opus' own. */
export const SOUND_RATE = 48_000;

/** A codec of sound and the settings by which the browser encodes it. */
export interface SoundChoice {
  readonly codec: SoundCodec;
  readonly config: AudioEncoderConfig;
}

/**
 * In order of preference. Most programs that open MP4 know AAC; where the browser has no encoder for it, which takes a licence, Opus may stand there,
 * too (ISO/IEC 14496-12 by Opus in ISOBMFF 0.6.8).
 */
const CODECS: Readonly<Record<RecordingContainer, readonly SoundCodec[]>> = { webm: ['opus'], mp4: ['aac', 'opus'] };
const NAMES: Readonly<Record<SoundCodec, string>> = { opus: 'opus', aac: 'mp4a.40.2' };
/** Of one channel; speech and more at a quality that nobody tells from the original. */
const BITS_PER_SECOND = 48_000;

/** @throws FacePrivacyError ERR_UNSUPPORTED when the browser encodes no sound that the container can hold. */
export async function chooseSoundEncoder(container: RecordingContainer, numberOfChannels: number): Promise<SoundChoice> {
  for (const codec of CODECS[container]) {
    const config: AudioEncoderConfig = {
      codec: NAMES[codec],
      sampleRate: SOUND_RATE,
      numberOfChannels,
      bitrate: BITS_PER_SECOND * numberOfChannels,
      // As many bytes for silence as for speech: from the file without sound, lengths would tell when somebody speaks.
      bitrateMode: 'constant',
    };
    if (await isSupported(config)) return { codec, config };
  }
  throw new FacePrivacyError('ERR_UNSUPPORTED', `This browser has no encoder for sound in ${container}; leave out 'audio'.`, { details: { field: 'audio', container } });
}

async function isSupported(config: AudioEncoderConfig): Promise<boolean> {
  if (!('AudioEncoder' in globalThis)) return false;
  try {
    return (await AudioEncoder.isConfigSupported(config)).supported === true;
  } catch (error) {
    // A browser that does not know the codec at all may say so by throwing.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
