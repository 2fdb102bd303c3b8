import { NOTICE_VERSION, type AskedPurpose } from './consent.ts';
import { part } from './dom.ts';
import type { Language } from './language.ts';

/** What the form tells its owner. */
export interface ConsentStepListeners {
  onAgree(purposes: ReadonlySet<AskedPurpose>): void;
  onRefuse(): void;
}

/** The notice with its questions. Nothing is ticked when it appears, however often it appears. */
export class ConsentStep {
  readonly #form = part('consent-form', HTMLFormElement);
  readonly #live = part('purpose-live', HTMLInputElement);
  readonly #save = part('purpose-save', HTMLInputElement);
  readonly #missing = part('consent-missing', HTMLElement);
  readonly #language: Language;

  constructor(language: Language, listeners: ConsentStepListeners) {
    this.#language = language;
    language.write(part('notice-version', HTMLElement), 'noticeVersion', { version: NOTICE_VERSION });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#live.checked) listeners.onAgree(this.#ticked());
      else this.#ask();
    });
    part('refuse', HTMLButtonElement).addEventListener('click', () => {
      this.reset();
      listeners.onRefuse();
    });
    this.#live.addEventListener('change', () => {
      this.#problem(false);
    });
    this.reset();
  }

  /** Unticks everything: browsers restore form fields on reload, an answer must not come from there. */
  reset(): void {
    this.#form.reset();
    this.#live.checked = false;
    this.#save.checked = false;
    this.#problem(false);
  }

  #ticked(): Set<AskedPurpose> {
    const ticked = new Set<AskedPurpose>(['live-redacted-view']);
    if (this.#save.checked) ticked.add('redacted-recording');
    return ticked;
  }

  #ask(): void {
    this.#problem(true);
    this.#live.focus();
  }

  #problem(shown: boolean): void {
    this.#language.write(this.#missing, shown ? 'consentMissing' : null);
    this.#live.toggleAttribute('aria-invalid', shown);
    if (shown) this.#live.setAttribute('aria-invalid', 'true');
  }
}
