import { asFacePrivacyError, FacePrivacyError } from '../../core/errors.ts';
import type { Microseconds } from '../../core/time.ts';
import type { EncodedSound } from './media-muxer.ts';
import { SOUND_RATE, type SoundChoice } from './sound-choice.ts';

/** Less is not heard, and sound that came a little early or late is not cut for it. */
const TOLERANCE_US: Microseconds = 15_000;
/** A longer gap is left in the file; a shorter one is filled with silence, which every player plays. */
const MOST_SILENCE_US: Microseconds = 5_000_000;
/** Samples of silence that are made at once. */
const SILENCE_FRAMES = SOUND_RATE / 10;

/** What {@link SoundEncoder} tells its owner. */
export interface SoundEncoderListeners {
  onSound(sound: EncodedSound): void;
  /** Called once: nothing more will be encoded. */
  onFailure(error: FacePrivacyError): void;
}

/** One browser encoder of sound: samples with times in, encoded stretches out, without gaps and overlaps. */
export class SoundEncoder {
  readonly #encoder: AudioEncoder;
  readonly #channels: number;
  readonly #listeners: SoundEncoderListeners;
  /** Where the present stretch without gap begins, and what it has so far. */
  #fromUs: Microseconds = 0;
  #frames = 0;
  #failed = false;

  /** @throws FacePrivacyError ERR_ENCODER_FAILED when the browser refuses it after all. */
  constructor({ config }: SoundChoice, listeners: SoundEncoderListeners) {
    this.#channels = config.numberOfChannels;
    this.#listeners = listeners;
    try {
      this.#encoder = new AudioEncoder({
        output: (chunk, metadata) => {
          const data = new Uint8Array(chunk.byteLength);
          chunk.copyTo(data);
          const decoderConfig = metadata?.decoderConfig;
          listeners.onSound({ data, timeUs: Math.max(0, chunk.timestamp), durationUs: chunk.duration ?? 20_000, ...(decoderConfig === undefined ? {} : { decoderConfig }) });
        },
        error: (error) => { this.#fail(error); },
      });
      this.#encoder.configure(config);
    } catch (error) {
      throw encoderError(error);
    }
  }

  /** Up to where there is sound, or silence. */
  get endUs(): Microseconds {
    return this.#fromUs + Math.round((this.#frames / SOUND_RATE) * 1e6);
  }

  /** Puts samples where they belong: silence before them where there is a gap, without their beginning where they overlap. */
  write(planes: readonly Float32Array<ArrayBuffer>[], timeUs: Microseconds): void {
    const gapUs = timeUs - this.endUs;
    if (gapUs > MOST_SILENCE_US) this.#leaveGap(timeUs);
    else if (gapUs > TOLERANCE_US) this.silence(timeUs);
    const late = gapUs < -TOLERANCE_US ? Math.round((-gapUs / 1e6) * SOUND_RATE) : 0;
    this.#encode(late === 0 ? planes : planes.map((plane) => plane.subarray(late)));
  }

  /** Silence up to this time. */
  silence(untilUs: Microseconds): void {
    let frames = Math.round(((untilUs - this.endUs) / 1e6) * SOUND_RATE);
    for (; frames > 0; frames -= SILENCE_FRAMES) {
      const stretch = new Float32Array(Math.min(frames, SILENCE_FRAMES));
      this.#encode(Array.from({ length: this.#channels }, () => stretch));
    }
  }

  /** Encodes what waits, then ends. Never rejects: what fails now is told as any failure. */
  async finish(): Promise<void> {
    try {
      if (!this.#failed && this.#encoder.state === 'configured') await this.#encoder.flush();
    } catch (error) {
      this.#fail(error);
    }
    this.close();
  }

  /** Idempotent. What waits is not encoded. */
  close(): void {
    this.#failed = true;
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #leaveGap(untilUs: Microseconds): void {
    // Its times go on from its first samples until it is flushed.
    this.#encoder.flush().catch((error: unknown) => { this.#fail(error); });
    this.#fromUs = untilUs;
    this.#frames = 0;
  }

  #encode(planes: readonly Float32Array<ArrayBuffer>[]): void {
    const frames = planes[0]?.length ?? 0;
    if (this.#failed || frames === 0) return;
    const samples = new Float32Array(frames * planes.length);
    planes.forEach((plane, index) => { samples.set(plane, index * frames); });
    try {
      const data = new AudioData({ format: 'f32-planar', sampleRate: SOUND_RATE, numberOfFrames: frames, numberOfChannels: planes.length, timestamp: this.endUs, data: samples });
      try {
        this.#encoder.encode(data);
      } finally {
        data.close();
      }
      this.#frames += frames;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#listeners.onFailure(encoderError(error));
  }
}

function encoderError(error: unknown): FacePrivacyError {
  if (error instanceof FacePrivacyError) return error;
  const { message } = asFacePrivacyError(error, 'ERR_ENCODER_FAILED');
  return new FacePrivacyError('ERR_ENCODER_FAILED', `The browser's audio encoder failed; the recording goes on without sound. ${message}`, { cause: error, details: { field: 'audio' } });
}
