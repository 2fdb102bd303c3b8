import type { Milliseconds } from '../../core/time.ts';

/** A camera's usual step: the budget is earned in this time. */
const STEP_MS: Milliseconds = 1000 / 30;

/**
 * What detection may take, as a share of time: `perFrameMs` for every thirtieth of a second. Frames that come faster do not make faces move
 * faster, so they earn their share of it only, and some go without a look. It cannot be saved up beyond one frame's worth.
 */
export class LookBudget {
  readonly #perFrameMs: Milliseconds;
  #leftMs: Milliseconds;
  #isFast = false;

  constructor(perFrameMs: Milliseconds) {
    this.#perFrameMs = perFrameMs;
    this.#leftMs = perFrameMs;
  }

  /** A frame has come `stepMs` after the one before; anything but a positive number earns the whole budget. */
  earn(stepMs: Milliseconds): void {
    const share = stepMs > 0 ? stepMs / STEP_MS : 1;
    // Cameras of 30 frames a second are early now and then.
    this.#isFast = share < 0.75;
    this.#leftMs = this.#isFast ? Math.min(this.#perFrameMs, this.#leftMs + share * this.#perFrameMs) : this.#perFrameMs;
  }

  /** What was spent beyond the budget is not owed: it was due. */
  spend(ms: Milliseconds): void {
    this.#leftMs = Math.max(0, this.#leftMs - ms);
  }

  get leftMs(): Milliseconds {
    return this.#leftMs;
  }

  /** Whether a frame may go by without a look. */
  get mayRest(): boolean {
    return this.#isFast;
  }
}
