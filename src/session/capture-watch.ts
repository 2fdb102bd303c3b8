import { FacePrivacyError } from '../core/errors.ts';
import type { Milliseconds } from '../core/time.ts';
import type { IndicatorLink, IndicatorState, VisibleIndicator } from '../core/visible-indicator.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { Notice } from '../governance/consent/notice.ts';
import type { SceneRules } from '../governance/consent/scenes.ts';

/** An indicator that was mounted just now has this long to be seen, before the camera opens or the start fails. */
export const SEEN_WITHIN_MS: Milliseconds = 2000;

/** What has to happen with the picture; `error` says why. */
export type CaptureVerdict =
  | { readonly action: 'run'; readonly error: null }
  | { readonly action: 'cover' | 'stop'; readonly error: FacePrivacyError };

const RUN: CaptureVerdict = { action: 'run', error: null };

/**
 * The rule against hidden capture (TAF-5.1f): watches indicator and page while something is captured, and says by the
 * notice whether the picture may go on, has to be covered, or the capture has to stop.
 */
export class CaptureWatch {
  /** Hears of each change of the verdict. */
  onVerdict: (verdict: CaptureVerdict) => void = () => undefined;
  readonly #notice: Notice;
  readonly #rules: SceneRules;
  readonly #link: IndicatorLink;
  #verdict: CaptureVerdict = RUN;
  #wake: () => void = () => undefined;
  #begun = false;

  constructor(indicator: VisibleIndicator, { notice, rules }: { readonly notice: Notice; readonly rules: SceneRules }) {
    this.#notice = notice;
    this.#rules = rules;
    this.#link = indicator.link(() => {
      this.#wake();
      this.#judge();
    });
    document.addEventListener('visibilitychange', this.#judge);
  }

  get verdict(): CaptureVerdict {
    return this.#verdict;
  }

  /**
   * Resolves when the indicator is seen; nothing may be opened before.
   * @throws FacePrivacyError ERR_PAGE_HIDDEN in a hidden page; ERR_INDICATOR_HIDDEN when it is not in the document, or not
   * seen within {@link SEEN_WITHIN_MS}; the reason of `signal`.
   */
  async seen(signal: AbortSignal): Promise<void> {
    const endMs = performance.now() + SEEN_WITHIN_MS;
    for (;;) {
      signal.throwIfAborted();
      if (document.visibilityState === 'hidden') throw pageHidden();
      const { sighting } = this.#link;
      if (sighting === null) break;
      const leftMs = endMs - performance.now();
      if (sighting === 'removed' || leftMs <= 0) throw this.#unseen();
      await this.#change(leftMs, signal);
    }
    this.#begun = true;
    this.#judge();
  }

  /** What the indicator says of this capture. */
  show(state: IndicatorState): void {
    this.#link.show(state);
  }

  /** Idempotent. */
  close(): void {
    document.removeEventListener('visibilitychange', this.#judge);
    this.onVerdict = () => undefined;
    this.#link.close();
  }

  readonly #judge = (): void => {
    if (!this.#begun) return;
    const verdict = this.#judged();
    if (verdict.action === this.#verdict.action && verdict.error?.code === this.#verdict.error?.code) return;
    this.#verdict = verdict;
    this.onVerdict(verdict);
  };

  #judged(): CaptureVerdict {
    const { sighting } = this.#link;
    const hiddenPage = document.visibilityState === 'hidden';
    const { inBackground, whenNotVisible } = this.#notice;
    if (hiddenPage) {
      const action = this.#rules.background.includes(inBackground) ? inBackground : 'stop';
      if (action !== 'continue') return { action, error: pageHidden() };
      // Nothing is painted in a hidden page, so nothing more is known of the indicator than whether it is there.
      return sighting === 'removed' ? { action: whenNotVisible, error: this.#unseen() } : RUN;
    }
    return sighting === null ? RUN : { action: whenNotVisible, error: this.#unseen() };
  }

  #unseen(): FacePrivacyError {
    const reason = this.#link.sighting ?? 'not-seen-yet';
    return new FacePrivacyError('ERR_INDICATOR_HIDDEN', `The indicator of the running camera cannot be seen (${reason}).`, { details: { reason } });
  }

  #change(limitMs: Milliseconds, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        document.removeEventListener('visibilitychange', done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#wake = done;
      signal.addEventListener('abort', done);
      document.addEventListener('visibilitychange', done);
    });
  }
}

function pageHidden(): FacePrivacyError {
  return new FacePrivacyError('ERR_PAGE_HIDDEN', 'The page is hidden; the notice does not let capture go on then.');
}

/** The watch for a capture under `grant`. @throws TypeError without an indicator. */
export function watchFor(grant: ConsentGrant, indicator: VisibleIndicator | null, operation: string): CaptureWatch {
  if (indicator === null) {
    throw new TypeError(`${operation}: indicator is missing; a camera, a track or an element that plays a stream needs a mounted <bauta-indicator>.`);
  }
  return new CaptureWatch(indicator, ConsentGrant.context(grant));
}
