import type { KeptItem } from 'bauta/rights';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { make } from '../review/make.ts';

/** What is kept of a person, a line for each kind and time. */
export class KeptTable {
  readonly #language: Language;
  #items: readonly KeptItem[] = [];

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => { this.#draw(); });
  }

  show(items: readonly KeptItem[]): void {
    this.#items = items;
    this.#draw();
  }

  #draw(): void {
    const day = (at: number): string => new Date(at).toLocaleDateString(this.#language.tag, { dateStyle: 'medium' });
    const lines = new Map<string, { readonly first: KeptItem; readonly days: readonly [string, string]; count: number }>();
    for (const item of this.#items) {
      const days = [day(item.createdAt), day(item.expiresAt)] as const;
      const key = [item.category, item.held, ...days].join();
      const line = lines.get(key);
      if (line === undefined) lines.set(key, { first: item, days, count: 1 });
      else line.count += 1;
    }
    part('kept-rows', HTMLElement).replaceChildren(
      ...[...lines.values()].map(({ first, days, count }) => {
        const name = make('th', {}, this.#language.text(`qCategory_${first.category}`), ...(count === 1 ? [] : [' ', make('span', { class: 'badge', text: this.#language.text('qCount', { count }), tone: 'plain' })]));
        name.scope = 'row';
        if (first.held) name.append(make('small', { text: this.#language.text('qKeptHeld') }));
        return make('tr', {}, name, ...days.map((text) => make('td', { text })));
      }),
    );
    part('kept', HTMLElement).hidden = lines.size === 0;
    part('kept-empty', HTMLElement).hidden = lines.size > 0;
  }
}
