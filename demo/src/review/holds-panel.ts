import type { HeldRecording } from 'bauta/review';
import { part } from '../dom.ts';
import type { DeskContext } from './desk-context.ts';
import { make, makeButton } from './make.ts';
import type { ShownCase } from './shown-case.ts';
import { moment } from './times.ts';

/** Disputes for which a recording is kept longer: placed and released by whoever answers for them. */
export class HoldsPanel {
  readonly #context: DeskContext;
  readonly #card = part('holds-card', HTMLElement);
  readonly #reason = part('hold-reason', HTMLTextAreaElement);
  readonly #until = part('hold-until', HTMLInputElement);
  #case: ShownCase | null = null;
  #holds: readonly HeldRecording[] = [];

  constructor(context: DeskContext) {
    this.#context = context;
    part('hold-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      context.attempt(() => this.#place());
    });
    context.language.follow(() => { this.#draw(); });
  }

  /** @param allowed false for whoever may not hold, and for a bundle. */
  async show(shown: ShownCase | null, allowed: boolean): Promise<void> {
    if (shown !== this.#case) this.#reason.value = '';
    this.#case = shown;
    this.#card.hidden = shown === null || !allowed;
    if (shown === null || !allowed) return;
    const holds = await this.#context.desk.holds(shown.item.recordingId);
    if (shown !== this.#case) return;
    this.#holds = holds;
    this.#draw();
  }

  async #place(): Promise<void> {
    const shown = this.#case;
    if (shown === null) return;
    // Until the end of that day, here.
    const until = new Date(`${this.#until.value}T23:59:59`).getTime();
    await this.#context.desk.hold(shown.item.recordingId, { reason: this.#reason.value.trim(), until });
    this.#reason.value = '';
    this.#context.toast.say('vHoldPlaced');
    await this.show(shown, true);
  }

  async #release({ recordingId, holdId }: HeldRecording): Promise<void> {
    await this.#context.desk.releaseHold(recordingId, holdId);
    this.#context.toast.say('vHoldReleased');
    await this.show(this.#case, true);
  }

  #draw(): void {
    const { language, attempt } = this.#context;
    part('holds', HTMLOListElement).replaceChildren(
      ...this.#holds.map((hold) => {
        const { owner, placedAt, until, releasedAt, reason } = hold;
        const open = releasedAt === null && Date.now() < until;
        const ended = releasedAt === null ? until : releasedAt;
        const facts = language.text(open ? 'vHoldFacts' : 'vHoldOver', { owner, placed: moment(language, placedAt), until: moment(language, ended) });
        const row = make('li', { class: 'row-card' }, make('span', { class: 'said', text: reason }), make('small', { text: facts }));
        if (open) row.append(make('div', { class: 'actions' }, makeButton(language.text('vHoldRelease'), () => { attempt(() => this.#release(hold)); })));
        return row;
      }),
    );
  }
}
