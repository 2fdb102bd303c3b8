import { FacePrivacyError } from 'bauta';
import { may, type Actor } from 'bauta/review';
import { RIGHT_RULES, RIGHTS, type KeptItem, type ListedRequest, type RefusalReason, type Right, type RightsCorrection } from 'bauta/rights';
import { chosen, part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import type { Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';
import { PEOPLE } from '../review/directory.ts';
import { make, makeOption } from '../review/make.ts';
import { Desk } from './desk.ts';
import { KeptTable } from './kept-table.ts';
import { persons, type Person } from './persons.ts';
import { ReceiptList } from './receipt-list.ts';
import { RequestList } from './request-list.ts';
import type { RequestActions, RequestWork } from './work.ts';

/** What the page shows at one moment. */
interface Shown {
  readonly mine: readonly ListedRequest[];
  readonly all: readonly ListedRequest[];
  readonly correctable: readonly KeptItem[];
}

/** What is kept of the person at this browser, what they asked for, and, below, what staff see of that. */
export class RightsPage {
  readonly #language: Language;
  readonly #kept: KeptTable;
  readonly #receipts: ReceiptList;
  readonly #mine = new RequestList('requests', 'requests-empty');
  readonly #all = new RequestList('staff-requests', 'staff-empty');
  readonly #persons = persons();
  readonly #work = new Map<string, RequestWork>();
  readonly #staff = part('staff-who', HTMLSelectElement);
  #desk: Desk | null = null;
  #shown: Shown = { mine: [], all: [], correctable: [] };
  /** Counts the looks at what is kept: one that comes back late is out of date. */
  #turn = 0;

  constructor(language: Language) {
    this.#language = language;
    this.#kept = new KeptTable(language);
    this.#receipts = new ReceiptList(language);
    this.#choices();
    this.#staff.append(...PEOPLE.map(({ staffId }) => makeOption(staffId, '')));
    this.#staff.value = 'supervisor-1';
    this.#staff.addEventListener('change', () => { this.#draw(); });
    part('ask', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try(() => this.#ask());
    });
    const staff = part('staff', HTMLDetailsElement);
    if (location.hash === '#staff') staff.open = true;
    language.follow(() => {
      for (const option of this.#staff.options) option.text = language.text(`vPerson_${option.value}` as MessageKey);
      this.#draw();
    });
  }

  /** Opens the desk of the first person. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async open(): Promise<void> {
    const [first] = this.#persons;
    if (first !== undefined) await this.#choose(first);
  }

  async #choose(person: Person): Promise<void> {
    this.#turn += 1;
    this.#desk?.close();
    this.#desk = null;
    const turn = this.#turn;
    const desk = await Desk.open(person);
    if (turn !== this.#turn) {
      desk.close();
      return;
    }
    this.#desk = desk;
    desk.rights.addEventListener('change', () => { this.#try(() => this.#look()); });
    this.#language.write(part('known-as', HTMLElement), 'qKnownAs', { subject: person.dataSubject });
    await this.#look();
  }

  async #look(): Promise<void> {
    const desk = this.#desk;
    if (desk === null) return;
    const turn = ++this.#turn;
    const { rights, person: { dataSubject } } = desk;
    const [kept, correctable, receipts, all] = await Promise.all([rights.preview('access', dataSubject), rights.preview('correct', dataSubject), rights.receipts(dataSubject), rights.list()]);
    if (turn !== this.#turn) return;
    this.#kept.show(kept);
    this.#receipts.show(receipts);
    this.#shown = { mine: byLatest(all.filter((request) => request.dataSubject === dataSubject)), all, correctable };
    this.#draw();
  }

  #draw(): void {
    const { mine, all, correctable } = this.#shown;
    const language = this.#language;
    const actor = this.#actor;
    const workOf = ({ requestId }: ListedRequest): RequestWork | null => this.#work.get(requestId) ?? null;
    this.#mine.show(mine, (request) => ({ language, request, work: workOf(request), actions: this.#actions('person'), side: 'person', correctable }));
    const readable = all.filter(({ dataSubject }) => may(actor, 'read', { kind: 'rights-request', dataSubject }));
    const handles = (dataSubject: string): boolean => may(actor, 'handle', { kind: 'rights-request', dataSubject });
    this.#all.show(readable, (request) => ({ language, request, work: workOf(request), actions: this.#actions(actor.staffId), side: handles(request.dataSubject) ? 'staff' : 'reader', correctable: [] }));
    part('staff-may-not', HTMLElement).hidden = handles('anybody');
    if (all.length > 0) part('staff-empty', HTMLElement).hidden = true;
  }

  get #actor(): Actor {
    return PEOPLE.find(({ staffId }) => staffId === this.#staff.value) ?? { staffId: 'nobody', roles: [] };
  }

  #actions(by: string): RequestActions {
    return {
      identify: (requestId) => {
        this.#try(async (desk) => {
          const { identity } = await desk.rights.identify(requestId);
          this.#say(identity?.outcome === 'confirmed' ? 'qTold_identified' : 'qTold_identityFailed');
        });
      },
      carryOut: (requestId, corrections) => { this.#try((desk) => this.#carryOut(desk, requestId, by, corrections)); },
      cancel: (requestId) => { this.#work.get(requestId)?.abort?.abort(); },
      retract: (requestId) => {
        this.#try(async (desk) => {
          await desk.rights.retract(requestId);
          this.#say('qTold_retracted');
        });
      },
      lift: (requestId) => {
        this.#try(async (desk) => {
          await desk.rights.lift(requestId);
          this.#say('qTold_lifted');
        });
      },
      refuse: (requestId, reason) => {
        this.#try(async (desk) => {
          await desk.rights.refuse(requestId, reason as RefusalReason, by);
          this.#say('qTold_refused');
        });
      },
    };
  }

  async #ask(): Promise<void> {
    const desk = this.#desk;
    if (desk === null) return;
    await desk.rights.request(chosen(part('rights-list', HTMLElement)) as Right, { dataSubject: desk.person.dataSubject });
    await this.#look();
    this.#say('qTold_received');
    document.querySelector<HTMLElement>('#requests h3')?.focus();
  }

  async #carryOut({ rights }: Desk, requestId: string, by: string, corrections: readonly RightsCorrection[]): Promise<void> {
    const abort = new AbortController();
    const set = (work: RequestWork): void => {
      this.#work.set(requestId, work);
      this.#draw();
    };
    set({ abort, progress: null, result: null });
    try {
      const result = await rights.carryOut(requestId, { by, corrections, signal: abort.signal, onProgress: (progress) => { set({ abort, progress, result: null }); } });
      this.#work.set(requestId, { abort: null, progress: null, result });
      this.#say(result.request.right === 'close-account' ? 'qTold_newNumber' : 'qTold_completed');
    } catch (error) {
      this.#work.delete(requestId);
      if (!(error instanceof FacePrivacyError) || error.code !== 'ERR_ABORTED') throw error;
    } finally {
      await this.#look();
    }
  }

  /** Runs what the person asked for; what goes wrong is said where they look. */
  #try(act: (desk: Desk) => Promise<void>): void {
    const desk = this.#desk;
    const trouble = part('trouble', HTMLElement);
    this.#language.write(trouble, null);
    if (desk === null) return;
    act(desk).catch((error: unknown) => {
      // The person was exchanged for another meanwhile.
      if (error instanceof FacePrivacyError && error.code === 'ERR_SESSION_CLOSED' && desk !== this.#desk) return;
      this.#language.write(trouble, describeFailure(error).text);
      trouble.scrollIntoView({ block: 'nearest' });
    });
  }

  #say(key: MessageKey): void {
    this.#language.write(part('announcer', HTMLElement), key);
  }

  #choices(): void {
    const language = this.#language;
    part('who-list', HTMLElement).append(
      ...this.#persons.map((person, index) => {
        const { choice, input, name } = choiceOf('who', String(index), index === 0);
        language.write(name, `qWho_${person.page}`, { number: person.number });
        input.addEventListener('change', () => {
          this.#choose(person).catch((error: unknown) => { language.write(part('trouble', HTMLElement), describeFailure(error).text); });
        });
        return choice;
      }),
    );
    part('rights-list', HTMLElement).append(
      ...SHOWN_RIGHTS.map((right, index) => {
        const { choice, name, hint } = choiceOf('right', right, index === 0);
        language.write(name, `qRight_${right}`);
        language.write(hint, `qRight_${right}_hint`);
        return choice;
      }),
    );
    const days = Math.max(...RIGHTS.map((right) => RIGHT_RULES[right].deadline.days));
    language.write(part('ask-hint', HTMLElement), 'qAskHint', { days });
  }
}

/** What is asked for most, and what can be taken back, comes first. */
const SHOWN_RIGHTS = ['access', 'port', 'correct', 'restrict', 'erase', 'withdraw', 'close-account'] as const satisfies readonly Right[];

function choiceOf(group: string, value: string, checked: boolean): { readonly choice: HTMLLabelElement; readonly input: HTMLInputElement; readonly name: HTMLElement; readonly hint: HTMLElement } {
  const input = make('input');
  input.type = 'radio';
  input.name = group;
  input.value = value;
  input.checked = checked;
  const [name, hint] = [make('b'), make('small')];
  return { choice: make('label', { class: 'choice' }, input, make('span', {}, name, hint)), input, name, hint };
}

function byLatest(requests: readonly ListedRequest[]): ListedRequest[] {
  return [...requests].sort((a, b) => b.receivedAt - a.receivedAt);
}
