import type { Milliseconds } from '../../core/time.ts';

/** The step of most cameras: the budget is earned in this time. */
const STEP_MS: Milliseconds = 1000 / 30;
/** Steps usually shorter than this share of it are those of a faster source. */
const FAST_SHARE = 0.9;
/** The weight of the newest step in the usual one: single frames of any camera come early now and then. */
const STEP_WEIGHT = 0.1;
/** A pause of the source says little about its steps. */
const MOST_COUNTED = 2;

/**
 * What detection may take, as a share of time: `perFrameMs` for every thirtieth of a second. Frames that come faster do not make faces move
 * faster, so they earn their share of it only, and some go without a look. It cannot be saved up beyond one frame's worth.
 */
export class LookBudget {
  readonly #perFrameMs: Milliseconds;
  #leftMs: Milliseconds;
  #usualShare = 1;

  constructor(perFrameMs: Milliseconds) {
    this.#perFrameMs = perFrameMs;
    this.#leftMs = perFrameMs;
  }

  /** A frame has come `stepMs` after the one before; anything but a positive number earns the whole budget. */
  earn(stepMs: Milliseconds): void {
    const share = stepMs > 0 ? stepMs / STEP_MS : 1;
    this.#usualShare += STEP_WEIGHT * (Math.min(MOST_COUNTED, share) - this.#usualShare);
    this.#leftMs = this.mayRest ? Math.min(this.#perFrameMs, this.#leftMs + share * this.#perFrameMs) : this.#perFrameMs;
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
    return this.#usualShare < FAST_SHARE;
  }
}
