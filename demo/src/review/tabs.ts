import { part } from '../dom.ts';

/** The parts of the desk. */
export const TABS = ['recordings', 'orders', 'audit', 'staff'] as const;

/** One of {@link TABS}. */
export type TabName = (typeof TABS)[number];

/** Tabs after the pattern of the ARIA Authoring Practices: one stop for Tab, arrows between them, each shows its panel at once. */
export class Tabs {
  readonly #onShow: (name: TabName) => void;
  #allowed: readonly TabName[] = TABS;
  #shown: TabName = 'recordings';

  constructor(onShow: (name: TabName) => void) {
    this.#onShow = onShow;
    for (const name of TABS) tabOf(name).addEventListener('click', () => { this.show(name); });
    part('tabs', HTMLElement).addEventListener('keydown', (event) => {
      const at = this.#allowed.indexOf(this.#shown);
      const last = this.#allowed.length - 1;
      const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
      const name = to === undefined ? undefined : this.#allowed[to];
      if (name === undefined) return;
      event.preventDefault();
      this.show(name);
      tabOf(name).focus();
    });
  }

  get shown(): TabName {
    return this.#shown;
  }

  /** Shows these tabs alone, and the first of them. */
  allow(names: readonly TabName[]): void {
    this.#allowed = names;
    for (const name of TABS) tabOf(name).hidden = !names.includes(name);
    const [first] = names;
    if (first !== undefined) this.show(first);
  }

  show(name: TabName): void {
    this.#shown = name;
    for (const other of TABS) {
      const tab = tabOf(other);
      tab.setAttribute('aria-selected', String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      part(`panel-${other}`, HTMLElement).hidden = other !== name;
    }
    this.#onShow(name);
  }
}

function tabOf(name: TabName): HTMLButtonElement {
  return part(`tab-${name}`, HTMLButtonElement);
}
