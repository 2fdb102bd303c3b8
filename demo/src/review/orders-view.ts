import { may, type ReviewItem, type UnmaskRequestItem, type WorkOrderItem } from 'bauta/review';
import { part } from '../dom.ts';
import { PEOPLE } from './directory.ts';
import type { DeskContext } from './desk-context.ts';
import { make, makeButton, makeOption, makeTick, ticked } from './make.ts';
import { mediaTime, moment } from './times.ts';

/** Work orders and requests to see a face: given, answered, closed. */
export class OrdersView {
  readonly #context: DeskContext;
  readonly #form = part('issue-form', HTMLFormElement);
  readonly #recording = part('issue-recording', HTMLSelectElement);
  readonly #tracks = part('issue-tracks', HTMLElement);
  readonly #to = part('issue-to', HTMLElement);
  #items: readonly ReviewItem[] = [];
  #orders: readonly WorkOrderItem[] = [];
  #requests: readonly UnmaskRequestItem[] = [];

  constructor(context: DeskContext) {
    this.#context = context;
    this.#recording.addEventListener('change', () => { this.#drawTracks(); });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      context.attempt(() => this.#issue());
    });
    context.language.follow(() => { this.#draw(); });
  }

  async refresh(): Promise<void> {
    const { desk } = this.#context;
    [this.#orders, this.#requests, this.#items] = await Promise.all([desk.workOrders(), desk.requests(), desk.queue()]);
    this.#draw();
  }

  /** Nobody is there who may see them. */
  clear(): void {
    [this.#orders, this.#requests, this.#items] = [[], [], []];
    this.#draw();
  }

  async #issue(): Promise<void> {
    const { desk, directory, toast, staff, language } = this.#context;
    const assignedTo = ticked(this.#to);
    language.write(part('issue-problem', HTMLElement), assignedTo.length === 0 ? 'vIssueNobody' : null);
    if (assignedTo.length === 0) {
      this.#to.querySelector('input')?.focus();
      return;
    }
    const token = await directory.order(staff().staffId, {
      recordingId: this.#recording.value,
      trackIds: ticked(this.#tracks).map(Number),
      assignedTo,
      maxUnmasks: part('issue-looks', HTMLInputElement).valueAsNumber,
      days: part('issue-days', HTMLInputElement).valueAsNumber,
    });
    await desk.submit(token);
    toast.say('vIssued');
    await this.refresh();
  }

  async #answer({ token }: UnmaskRequestItem, decision: 'approve' | 'reject'): Promise<void> {
    const { desk, directory, toast, staff } = this.#context;
    await desk.submit(await directory.decide(staff().staffId, token, decision));
    toast.say(decision === 'approve' ? 'vApproved' : 'vRejected');
    await this.refresh();
  }

  async #end(act: Promise<void>, told: 'vClosed' | 'vRevoked'): Promise<void> {
    await act;
    this.#context.toast.say(told);
    await this.refresh();
  }

  #draw(): void {
    const { desk, language } = this.#context;
    const actor = desk.staff;
    part('issue-card', HTMLElement).hidden = actor === null || !may(actor, 'issue', { kind: 'work-order' });
    part('rights-card', HTMLElement).hidden = actor === null || !may(actor, 'read', { kind: 'rights-request', dataSubject: '*' });
    part('requests', HTMLOListElement).replaceChildren(...this.#requests.map((request) => this.#requestRow(request)));
    part('requests-empty', HTMLElement).hidden = this.#requests.length > 0;
    part('orders', HTMLOListElement).replaceChildren(...this.#orders.map((order) => this.#orderRow(order)));
    part('orders-empty', HTMLElement).hidden = this.#orders.length > 0;
    const chosen = this.#recording.value;
    this.#recording.replaceChildren(...this.#items.map(({ recordingId }) => makeOption(recordingId, this.#nameOf(recordingId))));
    if (this.#items.some(({ recordingId }) => recordingId === chosen)) this.#recording.value = chosen;
    const to = new Set(ticked(this.#to));
    const reviewers = PEOPLE.filter(({ roles }) => (roles as readonly string[]).includes('reviewer'));
    this.#to.replaceChildren(...reviewers.map(({ staffId }) => makeTick(staffId, language.text(`vPerson_${staffId}`), to.has(staffId))));
    this.#drawTracks();
  }

  #drawTracks(): void {
    const { language } = this.#context;
    const item = this.#items.find(({ recordingId }) => recordingId === this.#recording.value);
    const before = new Set(ticked(this.#tracks));
    const ticks = (item?.originals ?? []).map((trackId) => makeTick(String(trackId), language.text('vTrack', { track: trackId }), before.has(String(trackId))));
    this.#tracks.replaceChildren(...(ticks.length > 0 ? ticks : [make('p', { class: 'hint', text: language.text('vIssueNoTracks') })]));
  }

  #requestRow(request: UnmaskRequestItem): HTMLLIElement {
    const { language, attempt, desk } = this.#context;
    const { by, trackId, reason, reasonText, state, issuedAt, windowMinutes, recordingId, decidedBy } = request;
    const tone = state === 'approved' ? 'good' : state === 'open' ? 'plain' : 'bad';
    const facts = language.text('vRequestLong', { by, when: moment(language, issuedAt), minutes: windowMinutes, recording: this.#nameOf(recordingId) });
    const row = make(
      'li',
      { class: 'row-card' },
      make('span', { class: 'row-head' }, make('b', { text: language.text('vTrack', { track: trackId }) }), make('span', { class: 'tag', text: language.text(`vRequest_${state}`), tone })),
      make('span', { class: 'said', text: `${language.text(`vReason_${reason}`)}: ${reasonText}` }),
      make('small', { text: facts }),
    );
    if (decidedBy.length > 0) row.append(make('small', { text: language.text('vDecidedBy', { people: decidedBy.join(', ') }) }));
    const actor = desk.staff;
    const actions: HTMLElement[] = [];
    if (actor !== null && state === 'open' && may(actor, 'approve', { kind: 'unmask-request', requestedBy: by })) {
      actions.push(makeButton(language.text('vApprove'), () => { attempt(() => this.#answer(request, 'approve')); }, 'primary'));
      actions.push(makeButton(language.text('vReject'), () => { attempt(() => this.#answer(request, 'reject')); }));
    }
    if (actor !== null && (state === 'open' || state === 'approved') && may(actor, 'revoke', { kind: 'unmask-request', requestedBy: by })) {
      actions.push(makeButton(language.text('vRevoke'), () => { attempt(() => this.#end(desk.revokeRequest(request.id), 'vRevoked')); }, 'quiet danger'));
    }
    if (actions.length > 0) row.append(make('div', { class: 'actions' }, ...actions));
    return row;
  }

  #orderRow(order: WorkOrderItem): HTMLLIElement {
    const { language, attempt, desk } = this.#context;
    const { id, recordingId, trackIds, assignedTo, looksUsed, maxUnmasks, by, validUntil, state } = order;
    const tracks = trackIds.length === 0 ? language.text('vOrderNoTracks') : trackIds.map((track) => language.text('vTrack', { track })).join(', ');
    const row = make(
      'li',
      { class: 'row-card' },
      make('span', { class: 'row-head' }, make('b', { text: this.#nameOf(recordingId) }), make('span', { class: 'tag', text: language.text(`vOrder_${state}`), tone: state === 'open' ? 'good' : 'plain' })),
      make('span', { text: language.text('vOrderFacts', { people: assignedTo.join(', '), tracks, used: looksUsed, most: maxUnmasks }) }),
      make('small', { text: language.text('vOrderBy', { by, until: moment(language, validUntil) }) }),
    );
    const actor = desk.staff;
    if (actor !== null && state === 'open' && may(actor, 'close', { kind: 'work-order', assignedTo })) {
      row.append(make('div', { class: 'actions' }, makeButton(language.text('vCloseOrder'), () => { attempt(() => this.#end(desk.closeWorkOrder(id), 'vClosed')); })));
    }
    return row;
  }

  /** A recording is called by its time; one that is gone, by its number. */
  #nameOf(recordingId: string): string {
    const { language } = this.#context;
    const item = this.#items.find((known) => known.recordingId === recordingId);
    return item === undefined ? recordingId.slice(0, 8) : `${moment(language, item.createdAt)} · ${mediaTime(item.durationUs)}`;
  }
}
