import { enrolIndicator, type IndicatorLink, type IndicatorState, type Sighting } from '../core/visible-indicator.ts';
import type { Notice } from '../governance/consent/notice.ts';
import { INDICATOR_STYLES } from './indicator-styles.ts';
import { indicatorText } from './indicator-texts.ts';
import type { Legible } from './legible.ts';
import { hasVisibilityObserver, watchByLooking, watchByObserver, type VisibilityWatch } from './visibility-watch.ts';

/** Where there is no DOM (Node, workers) importing must not fail; nothing can be made of the class there. */
const Base = 'HTMLElement' in globalThis ? HTMLElement : (class {} as typeof HTMLElement);

/**
 * `<bauta-indicator>`: shows that the camera is in use, and watches that it can be seen (TAF-5.1f). A session that
 * captures needs one that is mounted, on screen, visible and uncovered, from before the first frame to the end.
 *
 * - Attribute `kiosk`: large, with the sign of the notice for a public place (MEG-sign).
 * - Language: Chinese or English, by the nearest `lang`.
 * - Look: `--bauta-indicator-surface`, `-text`, `-signal`, `-radius`, `-font`; parts `plate`, `dot`, `label`, `sign`.
 *   Its text needs a contrast of 4.5 to the surface, 11 px and a plate of 48 x 20 px: below that it counts as not seen.
 *
 * How it is watched: src/elements/visibility-watch.ts.
 */
export class BautaIndicator extends Base {
  static readonly observedAttributes = ['lang'];

  readonly #parts: Legible & { readonly sign: HTMLElement };
  readonly #links = new Map<IndicatorLink, { state: IndicatorState; readonly onChange: (sighting: Sighting) => void }>();
  readonly #languageChanges = new MutationObserver(() => {
    this.#draw();
  });
  #watch: VisibilityWatch | null = null;
  #sighting: Sighting = 'not-seen-yet';
  #notice: Notice | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'closed' });
    // Constructed style sheets need no exception in the page's policy.
    const styles = new CSSStyleSheet();
    styles.replaceSync(INDICATOR_STYLES);
    root.adoptedStyleSheets = [styles];
    const part = (name: string, ...children: Node[]): HTMLElement => {
      const element = document.createElement('span');
      element.className = name;
      element.setAttribute('part', name);
      element.append(...children);
      return element;
    };
    const [dot, label, sign] = [part('dot'), part('label'), part('sign')];
    const plate = part('plate', dot, label, sign);
    plate.setAttribute('role', 'status');
    dot.setAttribute('aria-hidden', 'true');
    root.append(plate);
    this.#parts = { host: this, plate, label, sign };
    this.#draw();
    // Whoever derives from this class may change what it does: such an element is no proof of anything.
    if (new.target === BautaIndicator) enrolIndicator(this, { link: (onChange) => this.#link(onChange) });
  }

  /** The notice whose sign is shown in kiosk mode; null: no sign. */
  get notice(): Notice | null {
    return this.#notice;
  }

  set notice(notice: Notice | null) {
    this.#notice = notice;
    this.#draw();
  }

  /** @internal Custom element reaction. */
  connectedCallback(): void {
    this.#languageChanges.observe(document.documentElement, { attributes: true, attributeFilter: ['lang'] });
    if (Object.hasOwn(this, 'notice')) {
      // Set before the element was defined: the plain property would hide the accessor.
      const { notice } = this;
      Reflect.deleteProperty(this, 'notice');
      this.notice = notice;
    }
    this.#draw();
    this.#look();
  }

  /** @internal Custom element reaction. */
  disconnectedCallback(): void {
    this.#languageChanges.disconnect();
    this.#watch?.close();
    this.#watch = null;
    this.#see('removed');
  }

  /** @internal Custom element reaction. */
  attributeChangedCallback(): void {
    this.#draw();
  }

  #link(onChange: (sighting: Sighting) => void): IndicatorLink {
    const entry = { state: 'off' as IndicatorState, onChange };
    const sighting = (): Sighting => this.#sighting;
    const link: IndicatorLink = {
      get sighting() {
        return sighting();
      },
      show: (state) => {
        entry.state = state;
        this.#draw();
      },
      close: () => {
        if (!this.#links.delete(link)) return;
        if (this.#links.size === 0) this.#rest();
        this.#draw();
      },
    };
    this.#links.set(link, entry);
    if (this.isConnected) this.#look();
    else this.#sighting = 'removed';
    return link;
  }

  /** Begins to watch anew; only while somebody wants to know. */
  #look(): void {
    if (this.#links.size === 0 || this.#watch !== null) return;
    this.#sighting = 'not-seen-yet';
    const watch = hasVisibilityObserver() ? watchByObserver : watchByLooking;
    this.#watch = watch(this.#parts, (sighting) => {
      this.#see(sighting);
    });
  }

  #rest(): void {
    this.#watch?.close();
    this.#watch = null;
  }

  #see(sighting: Sighting): void {
    if (sighting === this.#sighting) return;
    this.#sighting = sighting;
    for (const { onChange } of [...this.#links.values()]) onChange(sighting);
  }

  #draw(): void {
    const states = [...this.#links.values()].map(({ state }) => state);
    const state = states.includes('on') ? 'on' : states.includes('covered') ? 'covered' : 'off';
    const language = this.closest<HTMLElement>('[lang]')?.lang ?? '';
    const { plate, label, sign } = this.#parts;
    plate.dataset['state'] = state;
    const words = indicatorText(state, language);
    label.lang = words.language;
    // Unchanged words stay as they are: a status that is set again is read out again.
    if (label.textContent !== words.text) label.textContent = words.text;
    const text = signOf(this.#notice, language);
    sign.lang = text.language;
    if (sign.textContent !== text.text) sign.textContent = text.text;
  }
}

function signOf(notice: Notice | null, language: string): { readonly text: string; readonly language: string } {
  if (notice === null || notice.sign === null) return { text: '', language: 'zh-CN' };
  const wanted = language.toLowerCase();
  const tag =
    notice.languages.find((known) => known.toLowerCase() === wanted) ??
    notice.languages.find((known) => known.split('-')[0]?.toLowerCase() === wanted.split('-')[0]) ??
    'zh-CN';
  return { text: notice.sign[tag] ?? '', language: tag };
}

/** Registers `<bauta-indicator>`. Importing this file registers nothing; a second call does nothing. */
export function defineIndicator(): void {
  if (customElements.get('bauta-indicator') === undefined) customElements.define('bauta-indicator', BautaIndicator);
}

declare global {
  interface HTMLElementTagNameMap {
    'bauta-indicator': BautaIndicator;
  }
}
