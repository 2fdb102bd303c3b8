import { UNMASK_REASONS, type Unmasking, type UnmaskReason, type UnmaskRequestItem, type WorkOrderItem } from 'bauta/review';
import { part } from '../dom.ts';
import { en, type MessageKey } from '../messages/en.ts';
import type { DeskContext } from './desk-context.ts';
import { make, makeButton, makeOption } from './make.ts';
import type { ShownCase } from './shown-case.ts';
import { moment } from './times.ts';

/** What the panel asks of the case view. */
export interface UnmaskPanelParts {
  timeUs(): number;
  pause(): void;
  seek(timeUs: number): void;
}

const SECOND_MS = 1000;
const PROBE_US = 250_000;
const MOST_PROBES = 60;

/** Asking to see one face, and looking at it for as long as that is allowed. */
export class UnmaskPanel {
  readonly #context: DeskContext;
  readonly #parts: UnmaskPanelParts;
  readonly #card = part('unmask-card', HTMLElement);
  readonly #form = part('ask-form', HTMLFormElement);
  readonly #track = part('ask-track', HTMLSelectElement);
  readonly #reason = part('ask-reason', HTMLSelectElement);
  readonly #place = part('look', HTMLElement);
  readonly #bar = part('looking', HTMLElement);
  #case: ShownCase | null = null;
  #requests: readonly UnmaskRequestItem[] = [];
  #orders: readonly WorkOrderItem[] = [];
  #look: { readonly it: Unmasking; readonly timer: number; wantedUs: number | null; busy: boolean } | null = null;

  constructor(context: DeskContext, parts: UnmaskPanelParts) {
    this.#context = context;
    this.#parts = parts;
    const { language } = context;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      context.attempt(() => this.#ask());
    });
    part('look-end', HTMLButtonElement).addEventListener('click', () => {
      context.attempt(async () => { await this.#look?.it.end(); });
    });
    language.follow(() => { this.#draw(); });
  }

  /** @param allowed false for whoever may not ask, and for a bundle, which has no originals. */
  async show(shown: ShownCase | null, allowed: boolean): Promise<void> {
    if (shown !== this.#case) {
      await this.#look?.it.end();
      part('ask-text', HTMLTextAreaElement).value = '';
    }
    this.#case = shown;
    this.#card.hidden = shown === null || !allowed;
    if (shown === null || !allowed) return;
    const { desk } = this.#context;
    const [requests, orders] = await Promise.all([desk.requests(), desk.workOrders()]);
    if (shown !== this.#case) return;
    const { recordingId } = shown.item;
    this.#requests = requests.filter((request) => request.recordingId === recordingId);
    this.#orders = orders.filter((order) => order.recordingId === recordingId && order.state === 'open' && order.trackIds.length > 0);
    this.#draw();
  }

  /** The face is drawn as it was at this time: one at a time, the latest wins. */
  at(timeUs: number): void {
    if (this.#look === null) return;
    this.#look.wantedUs = timeUs;
    this.#drawFace();
  }

  async #ask(): Promise<void> {
    const { desk, directory, toast, staff } = this.#context;
    const [orderId, trackId] = this.#track.value.split(' ');
    const order = this.#orders.find(({ id }) => id === orderId);
    if (order === undefined) return;
    const token = await directory.ask(staff().staffId, order.token, {
      trackId: Number(trackId),
      reason: this.#reason.value as UnmaskReason,
      reasonText: part('ask-text', HTMLTextAreaElement).value.trim(),
      windowMinutes: part('ask-minutes', HTMLInputElement).valueAsNumber,
    });
    await desk.submit(token);
    part('ask-text', HTMLTextAreaElement).value = '';
    toast.say('vAsked');
    await this.show(this.#case, true);
  }

  async #begin(request: UnmaskRequestItem): Promise<void> {
    const { desk, language } = this.#context;
    const shown = this.#case;
    if (shown === null) return;
    await this.#look?.it.end();
    const canvas = make('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', language.text('vLookLabel', { track: request.trackId }));
    this.#place.replaceChildren(canvas);
    const it = await desk.unmask({ requestId: request.id, canvas });
    const look = { it, timer: window.setInterval(() => { this.#count(); }, SECOND_MS), wantedUs: null, busy: false };
    this.#look = look;
    it.addEventListener('ended', ({ detail: { factor } }) => { this.#ended(look, factor); });
    if (it.ended !== null) {
      this.#ended(look, it.ended);
      return;
    }
    this.#place.hidden = false;
    this.#bar.hidden = false;
    language.write(part('looking-text', HTMLElement), 'vLookSearching', { track: request.trackId });
    this.#count();
    this.#parts.pause();
    part('look-end', HTMLButtonElement).focus();
    await this.#findFace(look.it, shown);
  }

  /** What is sealed may begin later than the track: goes to the first moment that there is a face of, here or after. */
  async #findFace(it: Unmasking, shown: ShownCase): Promise<void> {
    const spans = shown.timeline.tracks.find(({ trackId }) => trackId === it.trackId)?.spans ?? [];
    const steps = spans.flatMap(({ fromUs, untilUs }) => Array.from({ length: Math.ceil((untilUs - fromUs) / PROBE_US) }, (_, step) => fromUs + step * PROBE_US));
    for (const timeUs of [this.#parts.timeUs(), ...steps.slice(0, MOST_PROBES)]) {
      if (it.ended !== null) return;
      if (!(await it.show(timeUs))) continue;
      this.#parts.seek(timeUs);
      break;
    }
    this.at(this.#parts.timeUs());
  }

  #drawFace(): void {
    const look = this.#look;
    if (look === null || look.busy || look.wantedUs === null) return;
    const timeUs = look.wantedUs;
    look.wantedUs = null;
    look.busy = true;
    look.it.show(timeUs).then(
      (drawn) => {
        look.busy = false;
        this.#context.language.write(part('looking-text', HTMLElement), drawn ? 'vLooking' : 'vLookNothing', { track: look.it.trackId });
        this.#drawFace();
      },
      (error: unknown) => {
        look.busy = false;
        // Where the look has ended meanwhile, that was told.
        if (look.it.ended === null) this.#context.toast.fail(error);
      },
    );
  }

  #count(): void {
    const left = Math.max(0, Math.ceil(((this.#look?.it.endsAt ?? 0) - Date.now()) / SECOND_MS));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    this.#context.language.write(part('looking-time', HTMLElement), 'vLookLeft', { time });
  }

  #ended(look: { readonly it: Unmasking; readonly timer: number }, factor: string): void {
    clearInterval(look.timer);
    if (this.#look?.it !== look.it) return;
    this.#look = null;
    const hadFocus = this.#bar.contains(document.activeElement);
    this.#place.replaceChildren();
    this.#place.hidden = true;
    this.#bar.hidden = true;
    const { language, toast } = this.#context;
    const reason = (): string => language.text(endText(factor));
    toast.say('vLookEnded', { reason });
    if (hadFocus) part('unmask-title', HTMLElement).focus();
    this.#context.attempt(() => this.show(this.#case, true));
  }

  #draw(): void {
    const { language } = this.#context;
    const tracks = this.#orders.flatMap((order) => order.trackIds.map((trackId) => makeOption(`${order.id} ${trackId}`, language.text('vAskTrackOf', { track: trackId, used: order.looksUsed, most: order.maxUnmasks }))));
    const [track, reason] = [this.#track.value, this.#reason.value];
    this.#track.replaceChildren(...tracks);
    this.#reason.replaceChildren(...UNMASK_REASONS.map((code) => makeOption(code, language.text(`vReason_${code}`))));
    if (track !== '') this.#track.value = track;
    if (this.#track.selectedIndex < 0) this.#track.selectedIndex = 0;
    if (reason !== '') this.#reason.value = reason;
    this.#form.hidden = tracks.length === 0;
    language.write(part('unmask-none', HTMLElement), tracks.length === 0 ? 'vUnmaskNone' : null);
    part('unmask-requests', HTMLOListElement).replaceChildren(...this.#requests.map((request) => this.#row(request)));
  }

  #row(request: UnmaskRequestItem): HTMLLIElement {
    const { language, attempt, staff } = this.#context;
    const { trackId, state, reason, reasonText, validUntil, looksUsed, maxLooks, by } = request;
    const tone = state === 'approved' ? 'good' : state === 'open' ? 'plain' : 'bad';
    const row = make(
      'li',
      { class: 'row-card' },
      make('span', { class: 'row-head' }, make('b', { text: language.text('vTrack', { track: trackId }) }), make('span', { class: 'tag', text: language.text(`vRequest_${state}`), tone })),
      make('span', { text: `${language.text(`vReason_${reason}`)}: ${reasonText}` }),
      make('small', { text: language.text('vRequestFacts', { by, used: looksUsed, most: maxLooks, until: moment(language, validUntil) }) }),
    );
    if (state === 'approved' && by === staff().staffId) {
      row.append(make('div', { class: 'actions' }, makeButton(language.text('vLook'), () => { attempt(() => this.#begin(request)); }, 'primary')));
    }
    return row;
  }
}

/** Why a look is over, in words. */
function endText(factor: string): MessageKey {
  for (const key of [`vEnd_${factor}`, `vFactor_${factor}`]) if (Object.hasOwn(en, key)) return key as MessageKey;
  return 'vEnd_lost';
}
