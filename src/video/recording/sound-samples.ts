import { SOUND_RATE } from './sound-choice.ts';

/** More than two channels are of no use for what is said in front of a camera. */
export const MOST_CHANNELS = 2;

/**
 * Turns what comes from a track into samples of one rate and number of channels, whatever the device changes to in between. The last sample before a
 * stretch is remembered, so that nothing clicks where two stretches meet.
 */
export class SoundSamples {
  readonly #channels: number;
  #rate = 0;
  /** Where the next sample that goes out lies, in samples that come in, from the last one that came before. */
  #position = 0;
  #before: number[] = [];

  /** @param channels 1 or 2. */
  constructor(channels: number) {
    this.#channels = channels;
  }

  /** Samples of each channel at {@link SOUND_RATE}. Borrows the data. */
  convert(data: AudioData): Float32Array<ArrayBuffer>[] {
    const planes = planesOf(data, this.#channels);
    if (data.sampleRate === SOUND_RATE) {
      this.#rate = SOUND_RATE;
      return planes;
    }
    return this.#resample(planes, data.sampleRate);
  }

  /** Straight lines between samples: enough for speech, and devices that are not at 48 kHz are rare. */
  #resample(planes: readonly Float32Array<ArrayBuffer>[], rate: number): Float32Array<ArrayBuffer>[] {
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#position = 1;
      this.#before = planes.map((plane) => plane[0] ?? 0);
    }
    const frames = planes[0]?.length ?? 0;
    const step = rate / SOUND_RATE;
    const count = Math.max(0, Math.floor((frames - this.#position) / step) + 1);
    const from = this.#position;
    const resampled = planes.map((plane, channel) => {
      const at = (index: number): number => (index <= 0 ? this.#before[channel]! : plane[index - 1]!);
      return Float32Array.from({ length: count }, (_, i) => {
        const place = from + i * step;
        const whole = Math.floor(place);
        const part = place - whole;
        return part === 0 ? at(whole) : at(whole) * (1 - part) + at(whole + 1) * part;
      });
    });
    this.#position = from + count * step - frames;
    this.#before = planes.map((plane, channel) => plane.at(-1) ?? this.#before[channel]!);
    return resampled;
  }
}

function planesOf(data: AudioData, channels: number): Float32Array<ArrayBuffer>[] {
  const plane = (index: number): Float32Array<ArrayBuffer> => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: index, format: 'f32-planar' });
    return samples;
  };
  const first = plane(0);
  if (channels === 1 && data.numberOfChannels > 1) {
    const second = plane(1);
    return [first.map((value, i) => (value + second[i]!) / 2)];
  }
  return Array.from({ length: channels }, (_, index) => (index === 0 ? first : index < data.numberOfChannels ? plane(index) : first.slice()));
}
