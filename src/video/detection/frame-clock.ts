import type { Microseconds, Milliseconds } from '../../core/time.ts';

/**
 * The time by which knowledge ages: the faster of the wall clock (frames that wait grow old) and the frames' own time (a recording that is read
 * faster than it was made moves faster, too).
 */
export class FrameClock {
  readonly #now: () => Milliseconds;
  #frameMs: Milliseconds = 0;
  #wallMs: Milliseconds | null = null;
  #timestampUs: Microseconds = 0;

  constructor(now: () => Milliseconds) {
    this.#now = now;
  }

  /**
   * Moves on to the next frame. `broke`: its time lies before that of the frame before, or is no number. `ownStepMs`: the
   * time between the two frames by their own timestamps, 0 for the first. `stepMs`: by which knowledge has aged since the frame before.
   */
  tick(timestampUs: Microseconds): { readonly frameMs: Milliseconds; readonly ownStepMs: Milliseconds; readonly stepMs: Milliseconds; readonly broke: boolean } {
    const wallMs = this.#now();
    const isFirst = this.#wallMs === null;
    const wallStepMs = wallMs - (this.#wallMs ?? wallMs);
    const ownStepMs = isFirst ? 0 : (timestampUs - this.#timestampUs) / 1000;
    this.#wallMs = wallMs;
    this.#timestampUs = timestampUs;
    const stepMs = Math.max(wallStepMs, Number.isFinite(ownStepMs) ? ownStepMs : 0, 0);
    this.#frameMs += stepMs;
    return { frameMs: this.#frameMs, ownStepMs, stepMs, broke: !(ownStepMs >= 0) };
  }
}
