import type { Microseconds } from '../../core/time.ts';
import { SOUND_RATE } from './sound-choice.ts';

/** A tone of half the full scale, so that stretches of it join without a click. */
export function tone(hz: number, fromUs: Microseconds, durationUs: Microseconds, rate = SOUND_RATE): Float32Array<ArrayBuffer> {
  const from = Math.round((fromUs / 1e6) * rate);
  return Float32Array.from({ length: Math.round((durationUs / 1e6) * rate) }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * (from + i)) / rate));
}

/** The frequency that is strongest in the samples, from 50 to 2000 Hz: by its sum with sines and cosines. */
export function strongestHz(samples: Float32Array, rate = SOUND_RATE): number {
  const most = Math.min(samples.length, rate / 2);
  let best = { hz: 0, power: 0 };
  for (let hz = 50; hz <= 2000; hz += 2) {
    let [sine, cosine] = [0, 0];
    for (let i = 0; i < most; i += 1) {
      sine += samples[i]! * Math.sin((2 * Math.PI * hz * i) / rate);
      cosine += samples[i]! * Math.cos((2 * Math.PI * hz * i) / rate);
    }
    const power = sine ** 2 + cosine ** 2;
    if (power > best.power) best = { hz, power };
  }
  return best.hz;
}
