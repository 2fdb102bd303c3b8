import type { Consent } from './consent.ts';
import { part } from './dom.ts';
import type { Language } from './language.ts';

/** What the person's own browser has on record: their answers, and the audit log's entries, ids and codes only. */
export class OwnRecords {
  readonly #consent: Consent;
  readonly #language: Language;
  readonly #details = part('records', HTMLDetailsElement);

  constructor(consent: Consent, language: Language) {
    this.#consent = consent;
    this.#language = language;
    const show = (): void => {
      if (this.#details.open) this.#show().catch(reportError);
    };
    this.#details.addEventListener('toggle', show);
    consent.ledger.addEventListener('change', show);
    language.follow(show);
  }

  async #show(): Promise<void> {
    const { ledger, dataSubject } = this.#consent;
    const [history, audit] = await Promise.all([ledger.history(dataSubject), ledger.auditLog()]);
    const records = history.map(({ recordedAt, state, role, noticeVersion }) =>
      this.#row(recordedAt, `${this.#language.text(`record_${state}`)} · ${this.#language.text(`role_${role}`)} · ${noticeVersion}`),
    );
    part('history', HTMLOListElement).replaceChildren(...records.reverse());
    part('audit', HTMLOListElement).replaceChildren(...audit.map(({ at, code }) => this.#row(at, code)).reverse());
  }

  #row(epochMs: number, text: string): HTMLElement {
    const [row, time, what] = [document.createElement('li'), document.createElement('time'), document.createElement('span')];
    time.textContent = new Date(epochMs).toLocaleString(this.#language.tag, { dateStyle: 'short', timeStyle: 'medium' });
    time.dateTime = new Date(epochMs).toISOString();
    what.textContent = text;
    row.append(time, what);
    return row;
  }
}

