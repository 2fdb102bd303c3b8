import type { QueueFilter, ReviewItem } from 'bauta/review';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { make } from './make.ts';
import { mediaTime, moment } from './times.ts';

const DAY_MS = 24 * 3600 * 1000;

/** What the queue asks of the desk. */
export interface QueueParts {
  list(filter: QueueFilter): Promise<readonly ReviewItem[]>;
  onOpen(item: ReviewItem): void;
  /** False for whoever may see the list and no picture. */
  mayOpen(): boolean;
  onFailure(error: unknown): void;
}

/** The recordings there are, by what the person wants to see of them. */
export class Queue {
  readonly #language: Language;
  readonly #parts: QueueParts;
  readonly #list = part('queue', HTMLOListElement);
  readonly #empty = part('queue-empty', HTMLElement);
  readonly #state = part('filter-state', HTMLSelectElement);
  readonly #days = part('filter-day', HTMLSelectElement);
  readonly #mine = part('filter-mine', HTMLInputElement);
  readonly #held = part('filter-held', HTMLInputElement);
  #items: readonly ReviewItem[] = [];
  #current: string | null = null;
  /** A list that comes after a later one was asked for is out of date. */
  #turn = 0;

  constructor(language: Language, parts: QueueParts) {
    this.#language = language;
    this.#parts = parts;
    for (const input of [this.#state, this.#days, this.#mine, this.#held]) input.addEventListener('change', () => { this.refresh().catch(parts.onFailure.bind(parts)); });
    language.follow(() => { this.#draw(); });
  }

  /** Asks for the list anew. */
  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const items = await this.#parts.list(this.#filter());
    if (turn !== this.#turn) return;
    this.#items = items;
    this.#draw();
  }

  /** Nobody is there who may see it. */
  clear(): void {
    this.#turn += 1;
    this.#items = [];
    this.#current = null;
    this.#draw();
  }

  /** The one that is open. */
  set current(recordingId: string | null) {
    this.#current = recordingId;
    for (const button of this.#list.querySelectorAll<HTMLElement>('[data-id]')) mark(button, button.dataset['id'] === recordingId);
  }

  #filter(): QueueFilter {
    const state = this.#state.value as NonNullable<QueueFilter['state']> | '';
    return {
      ...(state === '' ? {} : { state }),
      ...(this.#days.value === '' ? {} : { from: Date.now() - Number(this.#days.value) * DAY_MS }),
      ...(this.#mine.checked ? { mine: true } : {}),
      ...(this.#held.checked ? { held: true } : {}),
    };
  }

  #draw(): void {
    const focused = document.activeElement instanceof HTMLElement && this.#list.contains(document.activeElement) ? document.activeElement.dataset['id'] : undefined;
    this.#list.replaceChildren(...this.#items.map((item) => make('li', {}, this.#row(item))));
    this.#empty.hidden = this.#items.length > 0;
    const filtered = Object.keys(this.#filter()).length > 0;
    this.#language.write(this.#empty, filtered ? 'vQueueNone' : 'vQueueEmpty');
    if (focused !== undefined) this.#list.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus();
  }

  #row(item: ReviewItem): HTMLElement {
    const mayOpen = this.#parts.mayOpen();
    const row = make(mayOpen ? 'button' : 'div', { class: 'row-card' }, this.#head(item), this.#facts(item), this.#tags(item));
    row.dataset['id'] = item.recordingId;
    if (row instanceof HTMLButtonElement) {
      row.type = 'button';
      row.addEventListener('click', () => { this.#parts.onOpen(item); });
      mark(row, item.recordingId === this.#current);
    }
    return row;
  }

  #head({ createdAt, durationUs }: ReviewItem): HTMLElement {
    return make('span', { class: 'row-head' }, make('b', { text: moment(this.#language, createdAt) }), make('span', { text: mediaTime(durationUs) }));
  }

  #facts({ expiresAt, workOrders, originals }: ReviewItem): HTMLElement {
    const text = this.#language.text('vQueueFacts', { orders: workOrders.length, sealed: originals.length, until: moment(this.#language, expiresAt) });
    return make('small', { text });
  }

  #tags({ state, held, openRequests, restricted, decision }: ReviewItem): HTMLElement {
    const { text } = { text: this.#language.text.bind(this.#language) };
    const tags = [make('span', { class: 'tag', text: text(`vState_${state}`), tone: state === 'decided' ? 'good' : 'plain' })];
    if (decision !== null) tags.push(make('span', { class: 'tag', text: text(`vOutcome_${decision.outcome}`), tone: decision.outcome === 'no-issue' ? 'good' : 'bad' }));
    if (held) tags.push(make('span', { class: 'tag', text: text('vHeld') }));
    if (restricted) tags.push(make('span', { class: 'tag', text: text('vRestricted'), tone: 'bad' }));
    if (openRequests > 0) tags.push(make('span', { class: 'tag', text: text('vOpenRequests', { count: openRequests }), tone: 'bad' }));
    return make('span', { class: 'tags' }, ...tags);
  }
}

function mark(row: HTMLElement, current: boolean): void {
  row.setAttribute('aria-current', String(current));
}
