import type { LoadProgress } from 'bauta';
import { part } from './dom.ts';
import type { Language } from './language.ts';

const MEGABYTE = 1_000_000;

/** How far the model is that analyses faces. */
export class ModelLoading {
  readonly #language: Language;
  readonly #place = part('engine-loading', HTMLElement);
  readonly #text = part('engine-text', HTMLElement);
  readonly #bar = part('engine-bar', HTMLProgressElement);

  constructor(language: Language) {
    this.#language = language;
  }

  show({ loadedBytes, totalBytes }: LoadProgress): void {
    this.#place.hidden = false;
    if (loadedBytes >= totalBytes) {
      this.#bar.removeAttribute('value');
      this.#language.write(this.#text, 'fEngineChecking');
      return;
    }
    this.#bar.max = Math.max(1, totalBytes);
    this.#bar.value = loadedBytes;
    const size = (bytes: number) => () => this.#language.number(bytes / MEGABYTE, 1);
    this.#language.write(this.#text, 'fEngineLoading', { done: size(loadedBytes), total: size(totalBytes) });
  }

  hide(): void {
    this.#place.hidden = true;
    this.#language.write(this.#text, null);
  }
}
