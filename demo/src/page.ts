import type { Notice, Purpose } from 'bauta';
import { BautaConsent, defineConsent } from 'bauta/elements';
import { Consent } from './consent.ts';
import { part } from './dom.ts';
import { describeFailure } from './failure.ts';
import type { Fillings, Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';
import { OwnRecords } from './own-records.ts';

/** What a page has behind the question. */
export interface Workplace {
  /** There is a live yes; called when the page opens and whenever an answer has changed. */
  resume?(): void;
  /** There is none any more: ends what runs and wipes what is shown. */
  stop(): Promise<void>;
}

/** What a workplace can ask of its page. */
export interface PageFrame {
  /** Says something to everybody, also to those who do not see the page. */
  announce(text: MessageKey, fillings?: Fillings): void;
  /** Looks again at what the ledger says: a grant was missing where one had been. */
  follow(): void;
}

/** What makes one page differ from another. */
export interface PageOptions {
  readonly language: Language;
  readonly notice: Notice;
  /** Pseudonym of the person at this page. */
  readonly dataSubject: string;
  /** Who has said yes to this can use the page. */
  readonly purpose: Purpose;
  /** Called once, when the ledger is open. */
  readonly open: (consent: Consent, frame: PageFrame) => Workplace;
}

/** Who has said yes sees the studio; everybody else the letter, which asks, or accepts that nothing is wanted. */
type View = 'welcome' | 'refused' | 'studio';

/** Opens a page: language, consent first, and then, for as long as there is a yes, its workplace. */
export function openPage(options: PageOptions): void {
  new Page(options).begin();
}

class Page {
  readonly #options: PageOptions;
  readonly #element: BautaConsent;
  readonly #withdraw = part('withdraw', HTMLButtonElement);
  #shown: View | null = null;
  /** Counts the looks at the ledger: one that comes back late is out of date. */
  #turn = 0;

  constructor(options: PageOptions) {
    defineConsent();
    this.#options = options;
    this.#element = part('consent', BautaConsent);
  }

  begin(): void {
    const { language } = this.#options;
    part('language', HTMLButtonElement).addEventListener('click', () => { language.toggle(); });
    const here = document.querySelector(`.pages [data-page="${document.documentElement.dataset['page'] ?? ''}"]`);
    here?.setAttribute('aria-current', 'page');
    language.apply();
    this.#open().catch((error: unknown) => { this.#fail(error); });
  }

  async #open(): Promise<void> {
    const { language, notice, dataSubject, open } = this.#options;
    const element = this.#element;
    const consent = await Consent.open(notice, dataSubject);
    const announce = (text: MessageKey, fillings?: Fillings): void => { language.write(part('announcer', HTMLElement), text, fillings); };
    const follow = (focus: boolean): void => {
      this.#follow(consent, workplace, focus).catch((error: unknown) => { this.#fail(error); });
    };
    const workplace = open(consent, { announce, follow: () => { follow(true); } });
    new OwnRecords(consent, language);
    for (const type of ['bauta-phase', 'bauta-answer', 'bauta-refuse', 'bauta-error']) element.addEventListener(type, () => { follow(this.#shown !== null); });
    element.addEventListener('bauta-withdraw', () => { announce('state_withdrawn'); });
    for (const type of ['change', 'ended'] as const) consent.ledger.addEventListener(type, () => { follow(this.#shown !== null); });
    this.#withdraw.addEventListener('click', () => { element.withdraw(); });
    language.follow(() => { element.language = language.tag; });
    element.notice = consent.notice;
    element.ledger = consent.ledger;
    element.dataSubject = consent.dataSubject;
  }

  /** The view follows from what the ledger says and what the element shows, whatever has happened. */
  async #follow(consent: Consent, workplace: Workplace, focus: boolean): Promise<void> {
    const turn = ++this.#turn;
    const granted = (await consent.grant(this.#options.purpose)) !== null;
    if (turn !== this.#turn) return; // Something has happened since: what was asked is out of date.
    // The end of the grant has ended what it carried; this ends what is only shown, such as a still picture.
    if (!granted) await workplace.stop();
    this.#show(granted ? 'studio' : this.#element.phase === 'answered' ? 'refused' : 'welcome', focus);
    if (granted) workplace.resume?.();
  }

  /** Shows one view; with `focus` keyboard and screen reader go on at its heading. */
  #show(view: View, focus: boolean): void {
    const changed = view !== this.#shown;
    this.#shown = view;
    for (const name of ['welcome', 'refused'] as const) part(name, HTMLElement).hidden = name !== view;
    part('view-letter', HTMLElement).hidden = view === 'studio';
    part('view-studio', HTMLElement).hidden = view !== 'studio';
    this.#withdraw.hidden = view !== 'studio';
    if (!changed) return;
    // One place for the person's answers: in the letter before, beside the work after.
    part(view === 'studio' ? 'studio-place' : 'letter-place', HTMLElement).append(part('own', HTMLElement));
    if (!focus) return;
    part(`${view}-title`, HTMLElement).focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  /** The page cannot go on: says so where the person is looking. */
  #fail(error: unknown): void {
    this.#show('welcome', false);
    this.#options.language.write(part('trouble', HTMLElement), describeFailure(error).text);
  }
}
