import { AudioSampleSink, type AudioCodec, type InputAudioTrack } from 'mediabunny';
import { asFacePrivacyError, FacePrivacyError } from '../../core/errors.ts';
import type { RecordingContainer } from '../../core/recording.ts';
import type { Microseconds } from '../../core/time.ts';
import { copiedSoundOf, faultOf, toMicroseconds, type OpenedMedia, type SoundTaker } from './media-reader.ts';
import { chooseSoundEncoder } from './sound-choice.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { MOST_CHANNELS, SoundSamples } from './sound-samples.ts';

/** What each container may hold as it is, and most players play. */
const COPIED: Readonly<Record<RecordingContainer, readonly AudioCodec[]>> = { webm: ['opus', 'vorbis'], mp4: ['aac', 'opus', 'mp3', 'flac'] };

/** The sound of a file on its way into another one. */
export interface FileSound {
  readonly codec: AudioCodec;
  /** With the codec's own parameters (RFC 6381). */
  readonly name: string;
  /** Hands on what begins before this time. @throws FacePrivacyError ERR_MEDIA_INVALID, ERR_ENCODER_FAILED. */
  passUntil(untilUs: Microseconds, taker: SoundTaker): Promise<void>;
  /** Everything was handed on when this resolves. @throws as {@link passUntil}. */
  finish(): Promise<void>;
  /** Idempotent. */
  close(): void;
}

/**
 * The first track of sound of a file: copied as it stands there where the container may hold it, else decoded and encoded anew. Null where there is none.
 * @param shiftUs added to its times, as to those of the picture; what would begin before 0 is left out.
 * @throws FacePrivacyError ERR_UNSUPPORTED (`details.field` `audio`) where it can be neither copied nor encoded anew.
 */
export async function openFileSound(opened: OpenedMedia, container: RecordingContainer, shiftUs: Microseconds): Promise<FileSound | null> {
  const track = await opened.input.getPrimaryAudioTrack();
  if (track === null) return null;
  const copied = await copiedSoundOf(opened, COPIED[container], shiftUs);
  if (copied !== null) return { ...copied, passUntil: (...args) => copied.passUntil(...args).catch(damaged), finish: () => Promise.resolve(), close: () => undefined };
  if (!(await track.canDecode())) throw new FacePrivacyError('ERR_UNSUPPORTED', "The sound of the file can be neither copied nor decoded here; leave out 'audio'.", { details: { field: 'audio' } });
  return encodedAnew(track, container, shiftUs);
}

async function encodedAnew(track: InputAudioTrack, container: RecordingContainer, shiftUs: Microseconds): Promise<FileSound> {
  const channels = Math.min(await track.getNumberOfChannels(), MOST_CHANNELS);
  const choice = await chooseSoundEncoder(container, channels);
  const samples = new SoundSamples(channels);
  const decoded = new AudioSampleSink(track).samples();
  const state: { taker: SoundTaker | null; failure: FacePrivacyError | null } = { taker: null, failure: null };
  const encoder = new SoundEncoder(choice, { onSound: (sound) => { state.taker?.addSound(sound); }, onFailure: (error) => { state.failure = error; } });
  const check = (): void => {
    if (state.failure !== null) throw state.failure;
  };
  const write = (data: AudioData, timeUs: Microseconds): void => {
    try {
      if (timeUs >= 0) encoder.write(samples.convert(data), timeUs);
    } finally {
      data.close();
    }
  };
  let atUs = -Infinity;
  return {
    codec: choice.codec,
    name: choice.config.codec,
    async passUntil(untilUs, taker) {
      state.taker = taker;
      while (atUs < untilUs) {
        const next = await decoded.next().catch(damaged);
        if (next.done === true) {
          atUs = Infinity;
          break;
        }
        const sample = next.value;
        const timeUs = toMicroseconds(sample.timestamp) + shiftUs;
        atUs = timeUs + toMicroseconds(sample.duration);
        try {
          write(sample.toAudioData(), timeUs);
        } finally {
          sample.close();
        }
        check();
      }
    },
    async finish() {
      await encoder.finish();
      check();
    },
    close: () => {
      encoder.close();
      // Nobody waits for it any more.
      decoded.return().catch(() => undefined);
    },
  };
}

function damaged(error: unknown): never {
  throw asFacePrivacyError(faultOf(error), 'ERR_MEDIA_INVALID');
}
