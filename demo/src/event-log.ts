import { part } from './dom.ts';
import type { Fillings, Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';

const LONGEST = 50;

/** What is worth a line. */
export type LogKind = 'state' | 'error' | 'incident' | 'self-test';

interface Entry {
  readonly kind: LogKind;
  readonly at: Date;
  readonly what: string | { readonly key: MessageKey; readonly fillings?: Fillings };
  count: number;
}

/** The events of this visit, newest first. Codes and words only. */
export class EventLog {
  readonly #list = part('log', HTMLOListElement);
  readonly #empty = part('log-empty', HTMLElement);
  readonly #language: Language;
  readonly #entries: Entry[] = [];

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => {
      this.#render();
    });
  }

  /** @param what a stable code, or a text of the page. */
  add(kind: LogKind, what: Entry['what']): void {
    const newest = this.#entries[0];
    if (newest?.kind === kind && typeof what === 'string' && newest.what === what) newest.count += 1;
    else this.#entries.unshift({ kind, at: new Date(), what, count: 1 });
    this.#entries.length = Math.min(this.#entries.length, LONGEST);
    this.#render();
  }

  #render(): void {
    this.#empty.hidden = this.#entries.length > 0;
    this.#list.hidden = this.#entries.length === 0;
    this.#list.replaceChildren(...this.#entries.map((entry) => this.#row(entry)));
  }

  #row({ kind, at, what, count }: Entry): HTMLElement {
    const language = this.#language;
    const row = document.createElement('li');
    row.dataset['kind'] = kind;
    const time = document.createElement('time');
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString(language.tag, { hour12: false });
    const name = document.createElement('b');
    name.textContent = language.text(`log_${kind}`);
    const text = document.createElement('span');
    text.textContent = typeof what === 'string' ? what : language.text(what.key, what.fillings);
    if (count > 1) text.append(` (${language.text('logTimes', { count })})`);
    row.append(time, name, text);
    return row;
  }
}
