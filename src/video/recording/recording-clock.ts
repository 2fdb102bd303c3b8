import type { Microseconds, Milliseconds } from '../../core/time.ts';

/** A step that is longer than what passed on the wall by this is another source's clock, not a pause. */
const LEAP_US: Microseconds = 2_000_000;
/** Two frames of one time would be one. */
const LEAST_STEP_US: Microseconds = 1000;

/**
 * Times of a recording: from 0 on, rising, as the frames' own times do. Where a session's source is changed, its clock is another one: there
 * the wall clock bridges.
 */
export class RecordingClock {
  #last: { readonly sourceUs: Microseconds; readonly wallMs: Milliseconds; readonly timeUs: Microseconds } | null = null;

  /** The time of a frame in the recording. */
  at(sourceUs: Microseconds, wallMs: Milliseconds): Microseconds {
    const last = this.#last;
    const timeUs = last === null ? 0 : last.timeUs + stepOf(sourceUs - last.sourceUs, (wallMs - last.wallMs) * 1000);
    this.#last = { sourceUs, wallMs, timeUs };
    return timeUs;
  }
}

function stepOf(ownUs: Microseconds, wallUs: Microseconds): Microseconds {
  const isOwn = ownUs > 0 && ownUs - wallUs < LEAP_US;
  return Math.round(Math.max(LEAST_STEP_US, isOwn ? ownUs : wallUs));
}
