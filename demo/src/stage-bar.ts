import { part } from './dom.ts';
import type { Language } from './language.ts';

/** What the buttons under the picture ask for. */
export interface StageBarListeners {
  onStop(): void;
  onPause(): void;
  onSave(): void;
  onBoxes(shown: boolean): void;
}

/** The buttons under the picture. */
export class StageBar {
  readonly #language: Language;
  readonly #bar = part('stage-bar', HTMLElement);
  readonly #stop = part('stop', HTMLButtonElement);
  readonly #pause = part('pause', HTMLButtonElement);
  readonly #save = part('save', HTMLButtonElement);
  readonly #fullscreen = part('fullscreen', HTMLButtonElement);

  constructor(language: Language, listeners: StageBarListeners) {
    this.#language = language;
    const boxes = part('show-boxes', HTMLInputElement);
    this.#stop.addEventListener('click', () => { listeners.onStop(); });
    this.#pause.addEventListener('click', () => { listeners.onPause(); });
    this.#save.addEventListener('click', () => { listeners.onSave(); });
    boxes.addEventListener('change', () => { listeners.onBoxes(boxes.checked); });
    boxes.checked = false;
    this.#fullscreen.addEventListener('click', () => {
      // The whole stage: the indicator and the stop button stay in sight.
      const change = document.fullscreenElement === null ? part('stage', HTMLElement).requestFullscreen() : document.exitFullscreen();
      change.catch(reportError);
    });
    this.#fullscreen.hidden = !document.fullscreenEnabled;
    document.addEventListener('fullscreenchange', () => { this.#nameFullscreen(); });
    this.#nameFullscreen();
  }

  /** @param mode `live`: a session runs; `picture`: a picture is shown; null: nothing. */
  show(mode: 'live' | 'picture' | null, canSave: boolean): void {
    this.#bar.hidden = mode === null;
    if (mode === null) {
      if (document.fullscreenElement !== null) document.exitFullscreen().catch(reportError);
      return;
    }
    this.#language.write(this.#stop, mode === 'live' ? 'stop' : 'closePicture');
    this.#pause.hidden = mode === 'picture';
    this.setPaused(false);
    this.#save.hidden = !canSave;
  }

  setPaused(paused: boolean): void {
    this.#language.write(this.#pause, paused ? 'resume' : 'pause');
  }

  focusStop(): void {
    this.#stop.focus();
  }

  #nameFullscreen(): void {
    this.#language.write(this.#fullscreen, document.fullscreenElement === null ? 'fullscreen' : 'fullscreenEnd');
  }
}
