import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { BoxEditor } from './box-editor.ts';
import { make, makeButton } from './make.ts';
import type { ShownBox, ShownCase } from './shown-case.ts';
import { mediaTime } from './times.ts';

/** What the panel asks of the case view. */
export interface BoxesPanelParts {
  timeUs(): number;
  pause(): void;
  seek(timeUs: number): void;
  onChange(boxes: readonly ShownBox[]): void;
  attempt(act: () => Promise<void>): void;
  onAdded(): void;
}

const USUAL_US = 2_000_000;

/** Places that people cover besides: added in the picture, listed, never removed. */
export class BoxesPanel {
  readonly #language: Language;
  readonly #parts: BoxesPanelParts;
  readonly #editor: BoxEditor;
  readonly #begin = part('box-begin', HTMLButtonElement);
  readonly #form = part('box-form', HTMLFormElement);
  readonly #from = part('box-from', HTMLInputElement);
  readonly #until = part('box-until', HTMLInputElement);
  readonly #problem = part('box-problem', HTMLElement);
  #case: ShownCase | null = null;
  #boxes: readonly ShownBox[] = [];

  constructor(language: Language, parts: BoxesPanelParts) {
    this.#language = language;
    this.#parts = parts;
    this.#editor = new BoxEditor(language, { onDone: () => { this.#from.focus(); }, onCancel: () => { this.#close(); } });
    this.#begin.addEventListener('click', () => { this.#open(); });
    part('box-cancel', HTMLButtonElement).addEventListener('click', () => { this.#close(); });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      parts.attempt(() => this.#add());
    });
    language.follow(() => { this.#draw(); });
  }

  async show(shown: ShownCase | null): Promise<void> {
    if (shown !== this.#case) this.#close(false);
    this.#case = shown;
    const boxes = shown === null ? [] : await shown.boxes();
    if (shown !== this.#case) return;
    this.#boxes = boxes;
    this.#draw();
    this.#parts.onChange(boxes);
  }

  #open(): void {
    if (this.#case === null) return;
    const { item, timeline } = this.#case;
    this.#parts.pause();
    const from = this.#parts.timeUs();
    const until = Math.min(timeline.durationUs, from + USUAL_US);
    for (const input of [this.#from, this.#until]) input.max = (Math.ceil(timeline.durationUs / 100_000) / 10).toFixed(1);
    this.#from.value = (from / 1e6).toFixed(1);
    this.#until.value = (until / 1e6).toFixed(1);
    this.#form.hidden = false;
    this.#begin.hidden = true;
    this.#editor.open(item);
  }

  #close(focus = true): void {
    this.#editor.close();
    this.#form.hidden = true;
    this.#begin.hidden = false;
    this.#language.write(this.#problem, null);
    if (focus) this.#begin.focus();
  }

  async #add(): Promise<void> {
    const shown = this.#case;
    if (shown === null) return;
    const fromUs = Math.round(this.#from.valueAsNumber * 1e6);
    // The field has one decimal, the end of the media more.
    const untilUs = Math.min(Math.round(this.#until.valueAsNumber * 1e6), shown.timeline.durationUs);
    if (!(fromUs < untilUs)) {
      this.#language.write(this.#problem, 'vBoxTimes');
      this.#from.focus();
      return;
    }
    await shown.addBox({ fromUs, untilUs, box: this.#editor.box });
    this.#close();
    this.#parts.onAdded();
    await this.show(shown);
  }

  #draw(): void {
    part('boxes', HTMLOListElement).replaceChildren(
      ...this.#boxes.map(({ fromUs, untilUs }, index) => {
        const text = this.#language.text('vBoxRow', { number: index + 1, from: mediaTime(fromUs), until: mediaTime(untilUs) });
        return make('li', {}, makeButton(text, () => { this.#parts.seek(fromUs); }, 'row-card'));
      }),
    );
  }
}
