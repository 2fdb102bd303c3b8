import { asFacePrivacyError, type FacePrivacyError } from '../../core/errors.ts';
import type { RecordingContainer } from '../../core/recording.ts';
import type { SoundTaking } from '../../core/recording-protocol.ts';
import type { Microseconds, Milliseconds } from '../../core/time.ts';
import { chooseSoundEncoder, SOUND_RATE, type SoundChoice } from './sound-choice.ts';
import { SoundClock } from './sound-clock.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { SoundSamples } from './sound-samples.ts';
import type { RedactedMediaWriter } from './redacted-media-writer.ts';

/** Kept in one channel: what is said matters, not from where. */
const CHANNELS = 1;
/** Where no sound comes, silence follows the picture at this distance: pictures wait for the sound of their time before they are kept. */
const SILENCE_BEHIND_US: Microseconds = 300_000;
/** So long sound may be on its way. */
const MOST_LATE_US: Microseconds = 600_000;

/** At the end, sound of the last pictures may still be on its way; so often it is looked for, and so long between. */
const LAST_LOOKS = 15;
const LOOK_MS: Milliseconds = 20;

/** How the sound of a recording ended: with its track, or by a failure. */
export type SoundEnd = FacePrivacyError | null;

/** Takes the sound of a track into a recording: in time with the picture, over gaps, until it is ended. The picture never depends on it. */
export class SoundRecorder {
  readonly #reader: ReadableStreamDefaultReader<AudioData>;
  readonly #writer: RedactedMediaWriter;
  readonly #encoder: SoundEncoder;
  readonly #samples: SoundSamples;
  readonly #clock = new SoundClock();
  readonly #onEnded: (end: SoundEnd) => void;
  readonly #reading: Promise<void>;
  /** Until it is told how things stand. */
  #isSilenced = true;
  #over = false;
  #lastPictureUs: Microseconds = 0;
  /** As long as the one before, the last picture is shown. */
  #lastStepUs: Microseconds = 0;

  /** Which encoder there is, before anything is recorded. @throws FacePrivacyError ERR_UNSUPPORTED. */
  static choose(container: RecordingContainer): Promise<SoundChoice> {
    return chooseSoundEncoder(container, CHANNELS);
  }

  /** **Takes** the stream. @param onEnded called once, unless it is ended from outside. */
  constructor(stream: ReadableStream<AudioData>, choice: SoundChoice, writer: RedactedMediaWriter, onEnded: (end: SoundEnd) => void) {
    this.#writer = writer;
    this.#onEnded = onEnded;
    this.#samples = new SoundSamples(choice.config.numberOfChannels);
    this.#encoder = new SoundEncoder(choice, { onSound: (sound) => { writer.writeSound(sound); }, onFailure: (error) => { this.#ended(error, true); } });
    this.#reader = stream.getReader();
    this.#reading = this.#read();
  }

  /** A picture of this time of the recording has come. */
  picture(timeUs: Microseconds, wallMs: Milliseconds): void {
    if (this.#over) return;
    this.#lastStepUs = timeUs - this.#lastPictureUs;
    this.#lastPictureUs = timeUs;
    this.#clock.picture(timeUs, wallMs);
    if (timeUs - this.#encoder.endUs > MOST_LATE_US) this.#encoder.silence(timeUs - SILENCE_BEHIND_US);
  }

  take({ pictureDelayMs, isSilenced }: SoundTaking): void {
    this.#clock.pictureDelayMs = pictureDelayMs;
    this.#isSilenced = isSilenced;
  }

  /** Nothing more, and nothing of what waits. Idempotent. */
  async end(): Promise<void> {
    this.#over = true;
    this.#encoder.close();
    this.#writer.endSound(true);
    await this.#reader.cancel();
    await this.#reading;
  }

  /** What was heard up to the last picture is encoded. Never rejects. */
  async finish(): Promise<void> {
    for (let look = 0; look < LAST_LOOKS && !this.#over && this.#encoder.endUs < this.#lastPictureUs; look += 1) await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
    const wasOver = this.#over;
    if (!wasOver) this.#encoder.silence(this.#lastPictureUs + this.#lastStepUs);
    this.#over = true;
    await this.#reader.cancel();
    await this.#reading;
    if (!wasOver) await this.#encoder.finish();
    this.#writer.endSound(false);
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    try {
      for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
        try {
          if (!this.#over) this.#hear(next.value);
        } finally {
          next.value.close();
        }
      }
      if (this.#over) return;
      await this.#encoder.finish();
      this.#ended(null, false);
    } catch (error) {
      this.#ended(asFacePrivacyError(error, 'ERR_SOURCE_ENDED'), false);
    }
  }

  /** Borrows the data. */
  #hear(data: AudioData): void {
    const wallMs = performance.now();
    const planes = this.#samples.convert(data);
    const timeUs = this.#clock.at(data.timestamp, Math.round((data.numberOfFrames / data.sampleRate) * 1e6), wallMs);
    if (timeUs === null || timeUs + ((planes[0]?.length ?? 0) / SOUND_RATE) * 1e6 <= 0) return;
    this.#encoder.write(this.#isSilenced ? planes.map((plane) => plane.fill(0)) : planes, timeUs);
  }

  #ended(end: SoundEnd, drop: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#encoder.close();
    this.#writer.endSound(drop);
    // What ends the stream cannot fail for anybody who still listens.
    this.#reader.cancel().catch(() => undefined);
    this.#onEnded(end);
  }
}
