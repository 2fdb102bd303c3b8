import { REDACTION_METHODS, type AdapterChoice, type Engine, type RedactionMethod } from 'bauta';
import { chosen, part } from './dom.ts';
import type { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';

/** Where the picture shall come from. */
export type SourceChoice = { readonly kind: 'clip' } | { readonly kind: 'camera' } | { readonly kind: 'file'; readonly file: File };

/** How faces shall look. */
export interface Style {
  readonly method: RedactionMethod;
  readonly strength: number;
}

/** What takes effect at a start. */
export interface StartSettings {
  readonly engine: Engine;
  readonly delayFrames: number;
  readonly adapter: AdapterChoice;
}

/** What the controls tell their owner. */
export interface ControlListeners {
  onStart(): void;
  onStyle(style: Style): void;
}

/** The form beside the picture. */
export class Controls {
  readonly #language: Language;
  readonly #source = part('source', HTMLFieldSetElement);
  readonly #method = part('method', HTMLFieldSetElement);
  readonly #file = part('file', HTMLInputElement);
  readonly #fileRow = part('file-row', HTMLElement);
  readonly #fileName = part('file-name', HTMLElement);
  readonly #problem = part('source-problem', HTMLElement);
  readonly #strength = part('strength', HTMLInputElement);
  readonly #start = part('start', HTMLButtonElement);

  constructor(language: Language, listeners: ControlListeners) {
    this.#language = language;
    part('controls', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#start.getAttribute('aria-disabled') !== 'true') listeners.onStart();
    });
    this.#source.addEventListener('change', () => {
      this.#showSource();
    });
    for (const input of [this.#method, this.#strength]) {
      input.addEventListener('input', () => {
        this.#showStrength();
        listeners.onStyle(this.style);
      });
    }
    for (const option of part('delay', HTMLSelectElement).options) {
      language.write(option, 'delayFrames', { count: option.value });
    }
    language.follow(() => {
      this.#showStrength();
    });
    this.setStart('start', true);
    this.#showSource();
  }

  /** Null when a file is wanted and none is chosen; the person has been told then. */
  takeSource(): SourceChoice | null {
    const kind = chosen(this.#source);
    if (kind === 'clip' || kind === 'camera') return { kind };
    const file = this.#file.files?.[0];
    if (file !== undefined) return { kind: 'file', file };
    this.#language.write(this.#problem, 'fileNeeded');
    this.#file.focus();
    return null;
  }

  chooseClip(): void {
    const clip = this.#source.querySelector<HTMLInputElement>('input[value=clip]');
    if (clip !== null) clip.checked = true;
    this.#showSource();
  }

  get style(): Style {
    const method = REDACTION_METHODS.find((name) => name === chosen(this.#method));
    if (method === undefined) throw new TypeError(`The page offers the method '${chosen(this.#method)}', which does not exist.`);
    return { method, strength: this.#strength.valueAsNumber / 100 };
  }

  get startSettings(): StartSettings {
    return {
      engine: part('engine', HTMLSelectElement).value as Engine,
      delayFrames: Number(part('delay', HTMLSelectElement).value),
      adapter: part('adapter', HTMLSelectElement).value as AdapterChoice,
    };
  }

  /** What the main button says and whether it does anything now; it keeps the focus either way. */
  setStart(label: Extract<MessageKey, 'start' | 'switchSource' | 'coverAgain'>, enabled: boolean): void {
    this.#language.write(this.#start, label);
    this.#start.setAttribute('aria-disabled', String(!enabled));
    // While a picture runs, the one thing that must stand out is "Stop".
    this.#start.classList.toggle('primary', label !== 'switchSource');
    this.#start.classList.toggle('quiet', label === 'switchSource');
  }

  focusStart(): void {
    this.#start.focus();
  }

  #showSource(): void {
    this.#fileRow.hidden = chosen(this.#source) !== 'file';
    this.#language.write(this.#problem, null);
    const name = this.#file.files?.[0]?.name;
    if (name === undefined) this.#language.write(this.#fileName, 'noFile');
    else this.#language.write(this.#fileName, 'plain', { text: name });
  }

  #showStrength(): void {
    part('strength-value', HTMLOutputElement).textContent = `${this.#language.number(this.#strength.valueAsNumber)} %`;
  }
}
