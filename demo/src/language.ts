import { en, type MessageKey } from './messages/en.ts';
import { zhCn } from './messages/zh-cn.ts';
import { recall, remember } from './preferences.ts';

/** The languages of the page, as BCP 47 tags. */
export type LanguageTag = 'en' | 'zh-CN';

/** What a text is filled with; a function gives a part that depends on the language. */
export type Fillings = Readonly<Record<string, string | number | (() => string)>>;

const MESSAGES: Readonly<Record<LanguageTag, Readonly<Record<MessageKey, string>>>> = { en, 'zh-CN': zhCn };

/** The language of the page: holds which element shows which text and rewrites all of them on a change. */
export class Language {
  #tag: LanguageTag;
  readonly #written = new Map<Element, { readonly key: MessageKey; readonly fillings: Fillings }>();
  readonly #followers = new Set<() => void>();
  #mark = '';

  constructor() {
    const remembered = recall('bauta-demo.language');
    this.#tag = isTag(remembered) ? remembered : preferredTag(navigator.languages);
  }

  get tag(): LanguageTag {
    return this.#tag;
  }

  /** A sign before the title of the page, for whoever looks at the tabs only. */
  set mark(mark: string) {
    this.#mark = mark;
    this.#writeTitle();
  }

  /** The text of a key. @throws TypeError when a `{name}` in it is not filled. */
  text(key: MessageKey, fillings: Fillings = {}): string {
    return MESSAGES[this.#tag][key].replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = fillings[name];
      if (value === undefined) throw new TypeError(`The text '${key}' needs '${name}'.`);
      return String(typeof value === 'function' ? value() : value);
    });
  }

  /** A number as this language writes it. */
  number(value: number, digits = 0): string {
    return value.toLocaleString(this.#tag, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  }

  /** Writes a text into an element and keeps it in the language of the page; null empties it. */
  write(element: Element, key: MessageKey | null, fillings: Fillings = {}): void {
    if (key === null) this.#written.delete(element);
    else this.#written.set(element, { key, fillings });
    const text = key === null ? '' : this.text(key, fillings);
    // An unchanged text is left alone: a live region would be read out again.
    if (element.textContent !== text) element.textContent = text;
  }

  /** Calls `follower` now and after every change of the language. */
  follow(follower: () => void): void {
    this.#followers.add(follower);
    follower();
  }

  /** Switches to the other language and remembers it. */
  toggle(): void {
    this.#tag = this.#tag === 'en' ? 'zh-CN' : 'en';
    remember('bauta-demo.language', this.#tag);
    this.apply();
  }

  /** Writes every text of the page: what the markup names in `data-t` and `data-t-label`, and what was written since. */
  apply(): void {
    document.documentElement.lang = this.#tag;
    this.#writeTitle();
    const host = location.host;
    for (const element of document.querySelectorAll<HTMLElement>('[data-t]')) {
      element.textContent = this.text(keyOf(element.dataset['t']), { host });
    }
    for (const element of document.querySelectorAll<HTMLElement>('[data-t-label]')) {
      element.setAttribute('aria-label', this.text(keyOf(element.dataset['tLabel'])));
    }
    for (const [element, { key, fillings }] of this.#written) this.write(element, key, fillings);
    for (const follower of this.#followers) follower();
  }

  #writeTitle(): void {
    document.title = this.#mark + this.text(keyOf(`title_${document.documentElement.dataset['page'] ?? ''}`));
  }
}

function keyOf(value: string | undefined): MessageKey {
  if (value === undefined || !Object.hasOwn(en, value)) throw new TypeError(`The page names the text '${value ?? ''}', which does not exist.`);
  return value as MessageKey;
}

function isTag(value: string | null): value is LanguageTag {
  return value !== null && Object.hasOwn(MESSAGES, value);
}

/** The first language that the person prefers and the page has; English where there is none. */
function preferredTag(preferred: readonly string[]): LanguageTag {
  const primary = preferred.map((tag) => tag.toLowerCase().split('-', 1)[0]).find((tag) => tag === 'zh' || tag === 'en');
  return primary === 'zh' ? 'zh-CN' : 'en';
}
