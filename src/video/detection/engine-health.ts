import { FacePrivacyError } from '../../core/errors.ts';
import type { DetectionSettings } from '../../core/protocol.ts';
import type { Milliseconds } from '../../core/time.ts';
import { plausibleDetections, withTimeout } from './engine-call.ts';
import type { DetectorModel, FaceDetector, Look } from './face-detector.ts';
import { createSelfTest } from './self-test.ts';

/** The outcome of the self-test of one model. */
export interface SelfTestResult {
  readonly passed: boolean;
  readonly model: DetectorModel;
}

/** What {@link EngineHealth} needs. */
export interface EngineHealthOptions {
  readonly detector: FaceDetector;
  readonly settings: DetectionSettings;
  readonly now: () => Milliseconds;
  onSelfTest(result: SelfTestResult): void;
  onFailure(error: FacePrivacyError): void;
}

/** Waiting time after the second failure in a row; doubles with each further one. */
const FIRST_BACK_OFF_MS: Milliseconds = 250;
const LONGEST_BACK_OFF_MS: Milliseconds = 8000;

/**
 * Knows whether the engine may be trusted: after every model passed the self-test, until something fails. Then it has
 * to pass again; it is asked at once, later with growing pauses.
 */
export class EngineHealth {
  readonly #options: EngineHealthOptions;
  readonly #selfTest;
  /** Models that have to pass before anything is trusted. */
  #untested: readonly Look[];
  #nextInTurn = 0;
  #lastTestMs: Milliseconds = -Infinity;
  #failure: FacePrivacyError | null = null;
  #failuresInRow = 0;
  #retryAtMs: Milliseconds = -Infinity;
  #hanging = false;
  #closed = false;

  constructor(options: EngineHealthOptions) {
    this.#options = options;
    this.#selfTest = createSelfTest(options.detector);
    this.#untested = this.#selfTest.looks;
  }

  /**
   * Runs the self-tests that are due: all models at the start and after a failure, else one at a time.
   * @throws FacePrivacyError the failure that is not over yet or the new one
   */
  async ensure(): Promise<void> {
    const nowMs = this.#options.now();
    if (this.#failure !== null && (this.#hanging || nowMs < this.#retryAtMs)) throw this.#failure;
    while (this.#untested.length > 0) {
      await this.#test(this.#untested[0]!);
      this.#untested = this.#untested.slice(1);
    }
    this.#failure = null;
    if (nowMs - this.#lastTestMs < this.#options.settings.selfTestIntervalMs) return;
    const { looks } = this.#selfTest;
    await this.#test(looks[this.#nextInTurn++ % looks.length]!);
  }

  /** Calls the engine with a time limit, and never while it still hangs in an earlier call. */
  async call<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The face finder is closed.');
    const { timeoutMs } = this.#options.settings;
    this.#hanging = true;
    const answer = Promise.resolve().then(run);
    const settle = (): void => {
      this.#hanging = false;
    };
    answer.then(settle, settle);
    return withTimeout(answer, timeoutMs);
  }

  /** A frame was searched without a failure. */
  searched(): void {
    this.#failuresInRow = 0;
  }

  /** Notes a failure; told once, also when each frame reports it again. */
  failed(failure: FacePrivacyError): void {
    if (failure === this.#failure || this.#closed) return;
    this.#failure = failure;
    this.#untested = this.#selfTest.looks;
    const doublings = this.#failuresInRow - 1;
    this.#retryAtMs = this.#options.now() + (doublings < 0 ? 0 : Math.min(FIRST_BACK_OFF_MS * 2 ** doublings, LONGEST_BACK_OFF_MS));
    this.#failuresInRow += 1;
    this.#options.onFailure(failure);
  }

  close(): void {
    this.#closed = true;
  }

  async #test(look: Look): Promise<void> {
    const { detector, now } = this.#options;
    const { pixels } = this.#selfTest;
    let passed = false;
    try {
      this.#selfTest.judge(look, plausibleDetections(await this.call(() => detector.detect(pixels, look)), pixels.display));
      passed = true;
    } finally {
      this.#lastTestMs = now();
      if (!this.#closed) this.#options.onSelfTest({ passed, model: look.model });
    }
  }
}
