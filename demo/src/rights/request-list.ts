import type { ListedRequest } from 'bauta/rights';
import { part } from '../dom.ts';
import { requestCard, type CardParts } from './request-card.ts';

/** Cards of requests, made anew whenever something has changed; the focus stays where it was, or goes to the card's heading. */
export class RequestList {
  readonly #list: HTMLOListElement;
  readonly #empty: HTMLElement;

  constructor(listId: string, emptyId: string) {
    this.#list = part(listId, HTMLOListElement);
    this.#empty = part(emptyId, HTMLElement);
  }

  show(requests: readonly ListedRequest[], partsOf: (request: ListedRequest) => CardParts): void {
    const focused = document.activeElement instanceof HTMLElement && this.#list.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.dataset['key'] ?? null;
    // What somebody is writing or choosing must not be lost.
    const written = new Map([...this.#list.querySelectorAll<HTMLTextAreaElement | HTMLSelectElement>('textarea, select')].map(({ id, value }) => [id, value]));
    this.#list.replaceChildren(...requests.map((request) => requestCard(partsOf(request))));
    this.#empty.hidden = requests.length > 0;
    for (const field of this.#list.querySelectorAll<HTMLTextAreaElement | HTMLSelectElement>('textarea, select')) field.value = written.get(field.id) ?? field.value;
    if (focused === null) return;
    const [side = '', requestId = ''] = key?.split(':') ?? [];
    const same = key === null ? document.getElementById(focused.id) : this.#list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    (same ?? document.getElementById(`${side}-${requestId}`))?.focus();
  }
}
