import { FacePrivacyError } from 'bauta';
import { part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import type { Fillings, Language } from '../language.ts';
import { en, type MessageKey } from '../messages/en.ts';

/** What was done, or why not: one line that stays in sight until the next thing is done. */
export class Toast {
  readonly #language: Language;
  readonly #toast = part('toast', HTMLElement);
  readonly #problem = part('toast-problem', HTMLElement);
  readonly #text = part('toast-text', HTMLElement);

  constructor(language: Language) {
    this.#language = language;
    part('toast-close', HTMLButtonElement).addEventListener('click', () => { this.clear(); });
  }

  clear(): void {
    this.#toast.hidden = true;
    this.#language.write(this.#problem, null);
    this.#language.write(this.#text, null);
  }

  say(key: MessageKey, fillings: Fillings = {}): void {
    this.clear();
    this.#toast.hidden = false;
    this.#language.write(this.#text, key, fillings);
  }

  fail(error: unknown): void {
    const { title, text, code } = describeFailure(error);
    const factor = error instanceof FacePrivacyError ? `vFactor_${String(error.details['factor'])}` : '';
    const why = Object.hasOwn(en, factor) ? (factor as MessageKey) : text;
    const words = (): string => [this.#language.text(title), this.#language.text(why), ...(code === null ? [] : [this.#language.text('errorCode', { code })])].join(' · ');
    this.clear();
    this.#toast.hidden = false;
    this.#language.write(this.#problem, 'plain', { text: words });
  }
}
