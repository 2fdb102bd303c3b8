import { FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import type { Notice } from '../governance/consent/notice.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import { exportReceipt } from '../governance/consent/receipt.ts';
import type { ConsentAnswer, ConsentAnswers } from '../governance/consent/record.ts';
import type { Standing } from '../governance/consent/standing.ts';
import { mayAsk } from '../governance/consent/throttle.ts';
import { consentPanel, type PanelActions, type ShownPhase } from './consent-panel.ts';
import { ConsentDraft, missingGroups } from './consent-questions.ts';
import { CONSENT_STYLES } from './consent-styles.ts';
import type { ConsentTexts } from './consent-texts-en.ts';
import { closestLanguage } from './consent-texts.ts';
import { consentView, type ConsentView } from './consent-view.ts';
import { saveFile } from './save-file.ts';

/** What the element shows; `waiting`: nothing, until ledger, notice and person are set and the ledger has been read. */
export type ConsentPhase = 'waiting' | ShownPhase;

/** What the element needs to ask anything. */
interface Asked {
  readonly ledger: ConsentLedger;
  readonly notice: Notice;
  readonly dataSubject: string;
}

/** An event that is on its way to the app. */
interface Told {
  readonly type: 'bauta-answer' | 'bauta-refuse' | 'bauta-withdraw' | 'bauta-phase' | 'bauta-error';
  readonly detail: Readonly<Record<string, string>>;
}

/** Where there is no DOM importing must not fail; nothing can be made of the class there. */
const Base = 'HTMLElement' in globalThis ? HTMLElement : (class {} as typeof HTMLElement);

/**
 * `<bauta-consent>`: shows a notice, takes an answer to each of its purposes, and keeps what was answered in sight,
 * changeable and withdrawable (MEG-policy, MEG-separate, MEG-minor, MEG-withdraw). It holds no rule and no record:
 * everything goes through the ledger, which the app asks for a grant afterwards.
 *
 * Set `ledger`, `notice` and `dataSubject`, in any order. Events (they bubble, are composed and hold nothing about the
 * person): `bauta-answer` and `bauta-refuse` when an answer is stored (detail: `recordId`), `bauta-withdraw`,
 * `bauta-phase` (detail: `phase`) and `bauta-error` (detail: `code`).
 */
export class BautaConsent extends Base {
  #ledger: ConsentLedger | null = null;
  #notice: Notice | null = null;
  #dataSubject: string | null = null;
  #language: string | null = null;
  #texts: Readonly<Record<string, ConsentTexts>> = {};

  #phase: ConsentPhase = 'waiting';
  #standing: Standing | null = null;
  #cameraMayAskAt: EpochMs | null = null;
  #draft = new ConsentDraft();
  #error: FacePrivacyError | null = null;
  #busy = false;
  /** Something changed while an action ran. */
  #stale = false;
  /** Counts the looks at the ledger: an early one that comes back late must not paint over a later one. */
  #look = 0;

  readonly #actions: PanelActions = {
    onAgree: () => { this.#submit(); },
    onRefuseAll: () => { this.#refuseAll(); },
    onWithdraw: () => { this.withdraw(); },
    onChange: () => { this.ask(); },
    onReceipt: () => {
      this.#act(async ({ ledger, dataSubject }, { text }) => {
        saveFile(exportReceipt(await ledger.receipt(dataSubject), 'json'), `${text('receiptName')}.json`, 'application/json');
        return null;
      });
    },
  };

  readonly #onChange = ({ detail }: { readonly detail: { readonly dataSubject: string } }): void => {
    if (detail.dataSubject !== this.#dataSubject) return;
    if (this.#busy) this.#stale = true;
    else this.#refresh();
  };

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CONSENT_STYLES);
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
  }

  /** The ledger, opened with the same notice. The element borrows it: the app closes it. */
  get ledger(): ConsentLedger | null { return this.#ledger; }
  set ledger(ledger: ConsentLedger | null) {
    if (ledger === this.#ledger) return;
    this.#ledger?.removeEventListener('change', this.#onChange);
    this.#ledger = ledger;
    if (this.isConnected) ledger?.addEventListener('change', this.#onChange);
    this.#begin();
  }

  /** The notice that is shown. */
  get notice(): Notice | null { return this.#notice; }
  set notice(notice: Notice | null) {
    if (notice === this.#notice) return;
    this.#notice = notice;
    this.#begin();
  }

  /** Pseudonym of the person who is asked. */
  get dataSubject(): string | null { return this.#dataSubject; }
  set dataSubject(dataSubject: string | null) {
    if (dataSubject === this.#dataSubject) return;
    this.#dataSubject = dataSubject;
    this.#begin();
  }

  /** BCP 47 tag; null: the language of the page. The notice's closest language is shown, zh-CN where none is close. */
  get language(): string | null { return this.#language; }
  set language(language: string | null) {
    this.#language = language;
    this.#draw();
  }

  /** The element's own words in further languages, by tag; zh-CN and en are there. */
  get texts(): Readonly<Record<string, ConsentTexts>> { return this.#texts; }
  set texts(texts: Readonly<Record<string, ConsentTexts>>) {
    this.#texts = texts;
    this.#draw();
  }

  get phase(): ConsentPhase { return this.#phase; }

  /** Shows the questions again, nothing chosen. What was answered before holds until new answers are stored. */
  ask(): void {
    this.#act(async (asked) => {
      await this.#ask(asked);
      return null;
    });
  }

  /** Withdraws everything, as the button does. */
  withdraw(): void {
    this.#act(async ({ ledger, dataSubject }) => {
      await ledger.withdraw(dataSubject);
      await this.#read();
      return { type: 'bauta-withdraw', detail: {} };
    });
  }

  /** Gives the focus to the heading: a screen reader begins there. */
  override focus(options?: FocusOptions): void {
    this.shadowRoot?.querySelector('h2')?.focus(options);
  }

  /** @internal */
  connectedCallback(): void {
    // What was set before the element was defined has become own properties, which hide the accessors.
    for (const name of ['ledger', 'notice', 'dataSubject', 'language', 'texts'] as const) {
      const early = Object.getOwnPropertyDescriptor(this, name);
      if (early === undefined) continue;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, early.value);
    }
    this.#ledger?.addEventListener('change', this.#onChange);
    if (this.#phase === 'waiting') this.#begin();
    else this.#refresh(); // Moved: it goes on where it was.
  }

  /** @internal */
  disconnectedCallback(): void {
    this.#ledger?.removeEventListener('change', this.#onChange);
  }

  get #asked(): Asked | null {
    const [ledger, notice, dataSubject] = [this.#ledger, this.#notice, this.#dataSubject];
    return ledger === null || notice === null || dataSubject === null ? null : { ledger, notice, dataSubject };
  }

  /** Something that everything rests on was set: begins anew, once for all that is set in one go. */
  #begin(): void {
    const look = ++this.#look;
    queueMicrotask(() => {
      if (look !== this.#look || !this.isConnected) return;
      this.#standing = null;
      this.#enter('waiting');
      this.#refresh();
    });
  }

  #refresh(): void {
    this.#read().catch((error: unknown) => {
      // What is on the screen already is not told again.
      if (!(error instanceof FacePrivacyError) || error.code !== this.#error?.code) this.#fail(error);
    });
  }

  /** Reads the person's last word and shows what follows from it. */
  async #read(): Promise<void> {
    const asked = this.#asked;
    if (asked === null) return;
    const look = ++this.#look;
    const { ledger, dataSubject } = asked;
    const standing = await ledger.standing(dataSubject);
    const camera = mayAsk(await ledger.throttle.read(), 'app', Date.now());
    if (look !== this.#look) return;
    const asking = this.#phase === 'asking' && standing?.recordId === this.#standing?.recordId;
    this.#standing = standing;
    this.#cameraMayAskAt = camera.allowed ? null : camera.mayAskAt;
    if (asking) return; // Somebody is choosing, and nothing that was answered has changed.
    if (standing?.awaitsGuardian === true) this.#enter('guardian');
    else if (standing === null || standing.state === 'expired') await this.#ask(asked);
    else this.#enter('answered');
  }

  async #ask({ ledger, dataSubject }: Asked): Promise<void> {
    await ledger.request({ dataSubject, language: this.#shownLanguage });
    this.#enter('asking');
  }

  #submit(): void {
    this.#draft.checked = true;
    const view = this.#view;
    if (view === null) return;
    const respondent = this.#phase === 'guardian' ? 'guardian' : 'subject';
    const [missing] = missingGroups({ view, respondent, draft: this.#draft });
    if (missing === undefined) {
      this.#send(Object.fromEntries(this.#draft.answers));
      return;
    }
    this.#draw();
    this.shadowRoot?.querySelector<HTMLInputElement>(`input[name="${missing}"]`)?.focus();
  }

  #refuseAll(): void {
    const purposes = (this.#notice?.purposes ?? []).map(({ purpose }) => purpose);
    if (this.#phase === 'guardian' && this.#draft.relation === null) {
      // Who refuses for a child has to say so, too.
      for (const purpose of purposes) this.#draft.answers.set(purpose, 'refused');
      this.#submit();
      return;
    }
    this.#send(Object.fromEntries(purposes.map((purpose): [Purpose, ConsentAnswer] => [purpose, 'refused'])));
  }

  #send(answers: ConsentAnswers): void {
    const { ageBand, relation } = this.#draft;
    const byGuardian = this.#phase === 'guardian';
    this.#act(async ({ ledger, dataSubject }, { language }) => {
      const { recordId, state } =
        byGuardian && relation !== null
          ? await ledger.answerAsGuardian({ dataSubject, guardian: crypto.randomUUID(), relation, language, answers })
          : await ledger.answer({ dataSubject, language, answers, ageBand });
      await this.#read();
      // A child's own answers are half of an answer.
      if (this.#standing?.awaitsGuardian === true) return null;
      return { type: state === 'refused' ? 'bauta-refuse' : 'bauta-answer', detail: { recordId } };
    });
  }

  /** Does what a person asked for, one thing at a time, and puts the focus where it goes on. */
  #act(action: (asked: Asked, view: ConsentView) => Promise<Told | null>): void {
    const asked = this.#asked;
    const view = this.#view;
    if (asked === null || view === null || this.#busy) return;
    this.#busy = true;
    this.#stale = false;
    const before = this.#phase;
    this.#error = null;
    action(asked, view)
      .then((told) => {
        this.#draw();
        if (this.#phase !== before) this.focus();
        // Last, so that an app can take the focus elsewhere.
        if (told !== null) this.#tell(told);
      })
      .catch((error: unknown) => { this.#fail(error); })
      .finally(() => {
        this.#busy = false;
        if (this.#stale) this.#refresh();
      });
  }

  #fail(error: unknown): void {
    if (!(error instanceof FacePrivacyError)) {
      reportError(error);
      return;
    }
    this.#error = error;
    // Even what cannot be stored can be read.
    if (this.#phase === 'waiting') this.#phase = 'asking';
    this.#draw();
    this.#tell({ type: 'bauta-error', detail: { code: error.code } });
  }

  #enter(phase: ConsentPhase): void {
    const changed = phase !== this.#phase;
    this.#phase = phase;
    if (changed) this.#draft = new ConsentDraft();
    this.#draw();
    if (changed && phase !== 'waiting') this.#tell({ type: 'bauta-phase', detail: { phase } });
  }

  get #shownLanguage(): string {
    const wanted = this.#language ?? this.closest<HTMLElement>('[lang]')?.lang ?? '';
    return closestLanguage(wanted, this.#notice?.languages ?? []) ?? 'zh-CN';
  }

  get #view(): ConsentView | null {
    return this.#notice === null ? null : consentView(this.#notice, this.#shownLanguage, this.#texts);
  }

  /** Draws everything anew; the focus finds its place again by `data-key`. */
  #draw(): void {
    const root = this.shadowRoot;
    const view = this.#view;
    if (root === null) return;
    if (view === null || this.#phase === 'waiting') {
      root.replaceChildren();
      return;
    }
    const focused = root.activeElement?.getAttribute('data-key');
    const state = { view, phase: this.#phase, standing: this.#standing, cameraMayAskAt: this.#cameraMayAskAt, draft: this.#draft, error: this.#error };
    root.replaceChildren(consentPanel(state, this.#actions));
    if (root.activeElement === null && focused === undefined) return;
    const place = root.querySelector<HTMLElement>(`[data-key="${focused ?? ''}"]`);
    (place ?? this).focus();
  }

  #tell({ type, detail }: Told): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** Registers `<bauta-consent>`. Importing this file registers nothing; a second call does nothing. */
export function defineConsent(): void {
  if (customElements.get('bauta-consent') === undefined) customElements.define('bauta-consent', BautaConsent);
}

declare global {
  interface HTMLElementTagNameMap {
    'bauta-consent': BautaConsent;
  }
}
