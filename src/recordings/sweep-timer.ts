import type { Milliseconds } from '../core/time.ts';
import type { KeptOriginals } from './kept-originals.ts';
import { sweepKept, type SweepOutcome } from './retention-sweep.ts';

/** Consent may end, and clocks be set, without anybody telling. */
const LOOK_EVERY_MS: Milliseconds = 15 * 60_000;
/** What is due at this very moment may be due for a clock that is read a moment later. */
const LEAST_WAIT_MS: Milliseconds = 50;

/** @internal Who wants to know what a timer's sweeps did. */
export interface SweepListeners {
  onSwept(outcome: SweepOutcome): void;
  /** The sweep failed; the next one goes on with what is left. */
  onError(error: unknown): void;
}

/** @internal Sweeps again when the next item is due, and at intervals (MEG-retain). One sweep at a time. The holder closes it. */
export class SweepTimer {
  readonly #kept: KeptOriginals;
  readonly #listeners: SweepListeners;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sweeping: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(kept: KeptOriginals, listeners: SweepListeners) {
    this.#kept = kept;
    this.#listeners = listeners;
  }

  /** Sweeps now, after one that runs, and sets the timer. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  sweep(): Promise<SweepOutcome> {
    const sweeping = this.#sweeping.then(async () => {
      let dueMs = Infinity;
      try {
        const parts = await this.#kept.parts();
        const outcome = await sweepKept(parts);
        if (outcome.nextAt !== null) dueMs = outcome.nextAt - parts.context.now();
        return outcome;
      } finally {
        this.#wait(dueMs);
      }
    });
    this.#sweeping = sweeping.catch(() => undefined); // Told to whoever asked for it.
    return sweeping;
  }

  /** Resolves when a sweep that runs has ended; there is none after it. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  #wait(dueMs: Milliseconds): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => { this.#sweepUnasked(); }, Math.max(LEAST_WAIT_MS, Math.min(dueMs, LOOK_EVERY_MS)));
  }

  #sweepUnasked(): void {
    this.sweep().then(
      (outcome) => { if (!this.#closed) this.#listeners.onSwept(outcome); },
      (error: unknown) => { if (!this.#closed) this.#listeners.onError(error); },
    );
  }
}
