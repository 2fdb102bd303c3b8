import { may } from 'bauta/review';
import { openRights, type ListedRequest, type Rights } from 'bauta/rights';
import type { Consent } from '../consent.ts';
import type { CardParts } from '../rights/request-card.ts';
import { RequestList } from '../rights/request-list.ts';
import type { DeskContext } from './desk-context.ts';

/** A list to be read: nothing on its cards can be pressed. */
const NO_ACTIONS: CardParts['actions'] = { identify: nothing, carryOut: nothing, cancel: nothing, retract: nothing, lift: nothing, refuse: nothing };

/** What people have asked about their data and by when it is due, for those who have to see that it is answered. */
export class DataRequestsView {
  readonly #context: DeskContext;
  readonly #consent: Consent;
  readonly #list = new RequestList('data-requests', 'data-requests-empty');
  #opening: Promise<Rights> | null = null;
  #requests: readonly ListedRequest[] = [];

  constructor(context: DeskContext, consent: Consent) {
    this.#context = context;
    this.#consent = consent;
    context.language.follow(() => { this.#draw(); });
  }

  async refresh(): Promise<void> {
    const rights = await (this.#opening ??= this.#open());
    const actor = this.#context.desk.staff;
    this.#requests = actor === null ? [] : (await rights.list()).filter(({ dataSubject }) => may(actor, 'read', { kind: 'rights-request', dataSubject }));
    this.#draw();
  }

  /** Nobody is there who may see them. */
  clear(): void {
    this.#requests = [];
    this.#draw();
    this.#opening?.then((rights) => { rights.close(); }, nothing);
    this.#opening = null;
  }

  async #open(): Promise<Rights> {
    // Nobody is identified here: requests are read.
    const rights = await openRights({ ledger: this.#consent.ledger, checkIdentity: () => Promise.resolve({ method: 'none', outcome: 'failed' }) });
    rights.addEventListener('change', () => { if (this.#opening !== null) this.#context.attempt(() => this.refresh()); });
    return rights;
  }

  #draw(): void {
    const { language } = this.#context;
    // What is due first comes first.
    const byDeadline = [...this.#requests].sort((a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null) || a.deadline - b.deadline);
    this.#list.show(byDeadline, (request) => ({ language, request, work: null, actions: NO_ACTIONS, side: 'reader', correctable: [] }));
  }
}

function nothing(): void {
  // See NO_ACTIONS; and what failed to open needs no closing.
}
