import { chosen, part } from '../dom.ts';
import type { Language } from '../language.ts';
import { make } from './make.ts';
import type { Outcome, ShownCase, ShownDecision, ShownNote } from './shown-case.ts';
import { moment } from './times.ts';

/** What the panel asks of the case view. */
export interface FindingsPanelParts {
  attempt(act: () => Promise<void>): void;
  onNoted(): void;
  onDecided(): void;
}

/** Notes and the decision: both are added, none is changed. */
export class FindingsPanel {
  readonly #language: Language;
  readonly #parts: FindingsPanelParts;
  readonly #note = part('note', HTMLTextAreaElement);
  readonly #decisionForm = part('decision-form', HTMLFormElement);
  #case: ShownCase | null = null;
  #notes: readonly ShownNote[] = [];
  #decision: ShownDecision | null = null;

  constructor(language: Language, parts: FindingsPanelParts) {
    this.#language = language;
    this.#parts = parts;
    part('note-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      parts.attempt(() => this.#addNote());
    });
    this.#decisionForm.addEventListener('submit', (event) => {
      event.preventDefault();
      parts.attempt(() => this.#decide());
    });
    language.follow(() => { this.#draw(); });
  }

  async show(shown: ShownCase | null): Promise<void> {
    if (shown !== this.#case) {
      this.#note.value = '';
      this.#decisionForm.reset();
    }
    this.#case = shown;
    const [notes, decision] = shown === null ? [[], null] : await Promise.all([shown.notes(), shown.decision()]);
    if (shown !== this.#case) return;
    this.#notes = notes;
    this.#decision = decision;
    this.#draw();
  }

  async #addNote(): Promise<void> {
    const shown = this.#case;
    const text = this.#note.value.trim();
    if (shown === null || text === '') return;
    await shown.addNote(text);
    this.#note.value = '';
    this.#parts.onNoted();
    await this.show(shown);
  }

  async #decide(): Promise<void> {
    const shown = this.#case;
    if (shown === null) return;
    const text = part('decision-text', HTMLTextAreaElement).value.trim();
    await shown.decide({ outcome: chosen(part('outcome', HTMLFieldSetElement)) as Outcome, ...(text === '' ? {} : { text }) });
    this.#decisionForm.reset();
    this.#parts.onDecided();
    await this.show(shown);
  }

  #draw(): void {
    const said = (by: string, at: number): string => `${by} · ${moment(this.#language, at)}`;
    part('notes', HTMLOListElement).replaceChildren(
      ...this.#notes.map(({ by, at, text }) => make('li', { class: 'row-card' }, make('span', { class: 'said', text }), make('small', { text: said(by, at) }))),
    );
    const decision = this.#decision;
    part('decided', HTMLElement).hidden = decision === null;
    part('decided', HTMLElement).dataset['tone'] = decision?.outcome === 'no-issue' ? 'good' : 'bad';
    part('decided-title', HTMLElement).textContent = decision === null ? '' : this.#language.text(`vOutcome_${decision.outcome}`);
    part('decided-text', HTMLElement).textContent = decision?.text ?? '';
    part('decided-by', HTMLElement).textContent = decision === null ? '' : said(decision.by, decision.at);
  }
}
