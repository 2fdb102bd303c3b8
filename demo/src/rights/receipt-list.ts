import type { ErasureReceipt, PersonsReceipts, RightsReceipt } from 'bauta/rights';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { make } from '../review/make.ts';
import { moment } from '../review/times.ts';
import { saveFile } from '../save-file.ts';

/** Receipts to take home, the latest first. */
export class ReceiptList {
  readonly #language: Language;
  readonly #list = part('receipts', HTMLUListElement);
  #receipts: PersonsReceipts = { requests: [], erasures: [] };

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => { this.#draw(); });
  }

  show(receipts: PersonsReceipts): void {
    this.#receipts = receipts;
    this.#draw();
  }

  #draw(): void {
    const { requests, erasures } = this.#receipts;
    const rows = [
      ...requests.map((receipt) => ({ at: receipt.completedAt, text: this.#language.text(`qRight_${receipt.right}`), receipt })),
      ...erasures.map((receipt) => ({ at: receipt.erasedAt, text: this.#language.text('qErasure', { reason: this.#language.text(`qReason_${receipt.reason}`) }), receipt })),
    ].sort((a, b) => b.at - a.at);
    this.#list.replaceChildren(...rows.map(({ at, text, receipt }) => this.#row(at, text, receipt)));
    part('receipts-empty', HTMLElement).hidden = rows.length > 0;
  }

  #row(at: number, text: string, receipt: RightsReceipt | ErasureReceipt): HTMLLIElement {
    const time = make('time', { text: moment(this.#language, at) });
    time.dateTime = new Date(at).toISOString();
    const button = make('button', { class: 'quiet', text: this.#language.text('qSaveReceipt') });
    button.type = 'button';
    button.setAttribute('aria-label', `${this.#language.text('qSaveReceipt')}: ${text}, ${time.textContent}`);
    button.addEventListener('click', () => {
      saveFile(new Blob([JSON.stringify(receipt, null, 2)], { type: 'application/json' }), `${this.#language.text('qReceiptFile')}.json`);
    });
    return make('li', {}, make('div', {}, make('span', { text }), time), button);
  }
}
