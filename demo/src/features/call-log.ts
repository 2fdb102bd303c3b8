import type { EmbedderCall } from 'bauta/features';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';

/** Ids are long; their beginning tells them apart. */
const ID_LENGTH = 8;

/** Every look at a face (TAF-5.3d), the latest first: ids and times. */
export class CallLog {
  readonly #language: Language;
  readonly #list = part('calls', HTMLOListElement);
  readonly #calls: { readonly call: EmbedderCall; readonly at: Date }[] = [];

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => {
      this.#list.replaceChildren(...this.#calls.map((entry) => this.#row(entry)).reverse());
      this.#count();
    });
  }

  add(call: EmbedderCall): void {
    const entry = { call, at: new Date() };
    this.#calls.push(entry);
    this.#list.prepend(this.#row(entry));
    this.#count();
  }

  #count(): void {
    const { length } = this.#calls;
    this.#list.hidden = length === 0;
    part('calls-none', HTMLElement).hidden = length > 0;
    part('looks-count', HTMLElement).textContent = this.#language.number(length);
  }

  #row({ call: { sequence, origin }, at }: { readonly call: EmbedderCall; readonly at: Date }): HTMLElement {
    const row = document.createElement('li');
    const time = document.createElement('time');
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString(this.#language.tag, { hour12: false });
    const text = document.createElement('span');
    text.textContent =
      origin.kind === 'claim'
        ? this.#language.text('fAnalysedClaim', { sequence, track: origin.trackId, id: origin.claimId.slice(0, ID_LENGTH) })
        : this.#language.text('fAnalysedPicture', { sequence, id: origin.pictureId.slice(0, ID_LENGTH) });
    row.append(time, text);
    return row;
  }
}
