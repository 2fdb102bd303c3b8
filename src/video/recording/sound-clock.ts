import type { Microseconds, Milliseconds } from '../../core/time.ts';

/** Moments that are looked back on: of what came late by chance, the earliest tells the truth. */
const WINDOW_MS: Milliseconds = 2000;
/** Sound that is further off is put right: people notice 45 ms when it comes early, 125 ms when late (ITU-R BT.1359-1). */
const MOST_DRIFT_US: Microseconds = 40_000;
/** Further off is another clock, not drift. */
const LEAP_US: Microseconds = 1_000_000;

interface Sight {
  readonly wallMs: Milliseconds;
  readonly offUs: Microseconds;
}

/**
 * Says when in a recording something was heard. Pictures and sound have clocks of their own that are not comparable, and both may come late; what they
 * share is the wall clock of their arrival. Times of sound follow its own clock, which says of gaps, held against the wall clock of the least late.
 */
export class SoundClock {
  /** So much later than the sound does the picture of a moment come. */
  pictureDelayMs: Milliseconds = 0;
  #pictures: Sight[] = [];
  #sounds: Sight[] = [];
  /** From the sound's own clock to the recording's. */
  #shiftUs: Microseconds | null = null;

  /** A picture of this time of the recording has come. */
  picture(timeUs: Microseconds, wallMs: Milliseconds): void {
    // The larger, the less late.
    this.#pictures = [...recent(this.#pictures, wallMs), { wallMs, offUs: timeUs - wallMs * 1000 }];
  }

  /**
   * The time of a stretch of sound in the recording; null before its first picture.
   * @param ownUs its beginning, by its own clock.
   * @param wallMs when it came.
   */
  at(ownUs: Microseconds, durationUs: Microseconds, wallMs: Milliseconds): Microseconds | null {
    if (this.#pictures.length === 0) return null;
    const offset = Math.max(...this.#pictures.map(({ offUs }) => offUs));
    const byWallUs = (wallMs + this.pictureDelayMs) * 1000 - durationUs + offset;
    this.#shiftUs ??= byWallUs - ownUs;
    if (Math.abs(byWallUs - ownUs - this.#shiftUs) > LEAP_US) this.#restart(byWallUs - ownUs);
    this.#sounds = [...recent(this.#sounds, wallMs), { wallMs, offUs: byWallUs - ownUs - this.#shiftUs }];
    const drift = Math.min(...this.#sounds.map(({ offUs }) => offUs));
    // Of a short look nobody knows yet whether all of it came late.
    const isKnown = wallMs - this.#sounds[0]!.wallMs > WINDOW_MS / 2;
    if (isKnown && Math.abs(drift) > MOST_DRIFT_US) this.#restart(this.#shiftUs + drift);
    return Math.round(ownUs + this.#shiftUs);
  }

  #restart(shiftUs: Microseconds): void {
    this.#shiftUs = shiftUs;
    this.#sounds = [];
  }
}

function recent(sights: readonly Sight[], wallMs: Milliseconds): Sight[] {
  return sights.filter((sight) => wallMs - sight.wallMs <= WINDOW_MS);
}
