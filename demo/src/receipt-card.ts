import type { ErasureReceipt } from 'bauta/receipts';
import { verifyErasureReceipt } from 'bauta/receipts';
import { FacePrivacyError } from 'bauta';
import { part } from './dom.ts';
import type { Language } from './language.ts';
import { en, type MessageKey } from './messages/en.ts';
import { saveFile } from './save-file.ts';

/** The receipt of the last erasure, for the person to take home. */
export class ReceiptCard {
  readonly #language: Language;
  readonly #card = part('receipt', HTMLElement);
  readonly #lines = part('receipt-lines', HTMLElement);
  #receipt: ErasureReceipt | null = null;

  constructor(language: Language) {
    this.#language = language;
    part('receipt-save', HTMLButtonElement).addEventListener('click', () => {
      if (this.#receipt === null) return;
      const file = new Blob([JSON.stringify(this.#receipt, null, 2)], { type: 'application/json' });
      saveFile(file, `${language.text('receipt_file')}.json`);
    });
    language.follow(() => { this.#draw(); });
  }

  clear(): void {
    this.#receipt = null;
    this.#card.hidden = true;
  }

  /** Shows it when its signature has been checked, and says what came of that. */
  async show(receipt: ErasureReceipt): Promise<void> {
    const holds = await verifyErasureReceipt(receipt, { origin: location.origin }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof FacePrivacyError && error.code === 'ERR_RECEIPT_INVALID') return false;
        throw error;
      },
    );
    this.#receipt = receipt;
    this.#language.write(part('receipt-proof', HTMLElement), holds ? 'receipt_signed' : 'receipt_unsigned');
    this.#draw();
    this.#card.hidden = false;
  }

  #draw(): void {
    if (this.#receipt === null) return;
    const { receiptId, erasedAt, scope, erased, proof } = this.#receipt;
    const language = this.#language;
    const what = `scope_${scope}`;
    const lines: readonly (readonly [MessageKey, string])[] = [
      ['receipt_what', language.text(Object.hasOwn(en, what) ? (what as MessageKey) : 'scope_other')],
      ['receipt_templates', language.number(erased.templates)],
      ['receipt_rows', language.number(erased.rows)],
      ['receipt_keys', language.number(erased.keys)],
      ['receipt_time', new Date(erasedAt).toLocaleString(language.tag, { dateStyle: 'medium', timeStyle: 'medium' })],
      ['receipt_id', receiptId],
      ['receipt_key', proof.keyId],
    ];
    this.#lines.replaceChildren(
      ...lines.map(([key, value]) => {
        const [row, name, text] = [document.createElement('div'), document.createElement('dt'), document.createElement('dd')];
        name.textContent = language.text(key);
        text.textContent = value;
        row.append(name, text);
        return row;
      }),
    );
  }
}
