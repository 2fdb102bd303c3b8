import type { Clock, EpochMs } from '../../core/time.ts';
import { CLOCK_TOLERANCE_MS } from './gate.ts';

/** Time that never goes back by itself: the clock, or the latest time that any tab has ever seen. */
export class LedgerClock {
  readonly #clock: Clock;
  #highWater: EpochMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the clock says. */
  read(): EpochMs {
    return this.#clock();
  }

  /** The time now. */
  readonly now: Clock = () => {
    this.#highWater = Math.max(this.#highWater, this.#clock());
    return this.#highWater;
  };

  /** Goes by what the store has seen; it may be earlier than what this tab has seen, after a reset in another one. */
  adopt(highWater: EpochMs): void {
    this.#highWater = highWater;
  }

  /** True when the clock says a time that is long over. */
  get isSetBack(): boolean {
    return this.now() - this.#clock() > CLOCK_TOLERANCE_MS;
  }
}
