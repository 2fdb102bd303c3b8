import { chosen, part } from './dom.ts';
import type { Language } from './language.ts';

/** Where the picture shall come from. */
export type SourceChoice = { readonly kind: 'clip' } | { readonly kind: 'camera' } | { readonly kind: 'file'; readonly file: File };

/** True for a file that is a still picture. */
export function isPicture(choice: SourceChoice): choice is Extract<SourceChoice, { kind: 'file' }> {
  return choice.kind === 'file' && choice.file.type.startsWith('image/');
}

/** The choice of clip, camera or a file of one's own. */
export class SourcePicker {
  readonly #language: Language;
  readonly #source = part('source', HTMLFieldSetElement);
  readonly #file = part('file', HTMLInputElement);
  readonly #fileRow = part('file-row', HTMLElement);
  readonly #fileName = part('file-name', HTMLElement);
  readonly #problem = part('source-problem', HTMLElement);

  constructor(language: Language) {
    this.#language = language;
    this.#source.addEventListener('change', () => { this.#show(); });
    this.#show();
  }

  /** Null when a file is wanted and none is chosen; the person has been told then. */
  take(): SourceChoice | null {
    const kind = chosen(this.#source);
    if (kind === 'clip' || kind === 'camera') return { kind };
    const file = this.#file.files?.[0];
    if (file !== undefined) return { kind: 'file', file };
    this.#language.write(this.#problem, 'fileNeeded');
    this.#file.focus();
    return null;
  }

  choose(kind: SourceChoice['kind']): void {
    const input = this.#source.querySelector<HTMLInputElement>(`input[value=${kind}]`);
    if (input !== null) input.checked = true;
    this.#show();
  }

  /** Clip and camera cannot be chosen where nothing may be shown. */
  allowOnlyFiles(only: boolean): void {
    for (const input of this.#source.querySelectorAll('input')) {
      if (input.type === 'radio' && input.value !== 'file') input.disabled = only;
    }
    if (only) this.choose('file');
  }

  #show(): void {
    this.#fileRow.hidden = chosen(this.#source) !== 'file';
    this.#language.write(this.#problem, null);
    const name = this.#file.files?.[0]?.name;
    if (name === undefined) this.#language.write(this.#fileName, 'noFile');
    else this.#language.write(this.#fileName, 'plain', { text: name });
  }
}
