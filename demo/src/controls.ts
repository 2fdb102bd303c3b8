import { REDACTION_METHODS, type AdapterChoice, type Engine, type RedactionMethod } from 'bauta';
import { chosen, part } from './dom.ts';
import type { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';
import { SourcePicker, type SourceChoice } from './source-picker.ts';

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
  readonly #source: SourcePicker;
  readonly #method = part('method', HTMLFieldSetElement);
  readonly #strength = part('strength', HTMLInputElement);
  readonly #start = part('start', HTMLButtonElement);

  constructor(language: Language, listeners: ControlListeners) {
    this.#language = language;
    this.#source = new SourcePicker(language);
    part('controls', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#start.getAttribute('aria-disabled') !== 'true') listeners.onStart();
    });
    // What leaks, leaks least at full strength; the person may turn it down.
    this.#method.addEventListener('input', () => {
      if (['blur', 'pixelate'].includes(chosen(this.#method))) this.#strength.value = '100';
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
  }

  /** Null when a file is wanted and none is chosen; the person has been told then. */
  takeSource(): SourceChoice | null {
    return this.#source.take();
  }

  chooseClip(): void {
    this.#source.choose('clip');
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

  #showStrength(): void {
    part('strength-value', HTMLOutputElement).textContent = `${this.#language.number(this.#strength.valueAsNumber)} %`;
  }
}
