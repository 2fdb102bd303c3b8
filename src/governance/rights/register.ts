import { FacePrivacyError } from '../../core/errors.ts';
import type { Clock, EpochMs } from '../../core/time.ts';
import type { AuditCode, AuditIds } from '../audit/entry.ts';
import { signDocument, verifyDocument, type DocumentExpectation, type DocumentProof, type Sign } from '../signed-document.ts';
import { follow, isOverdue, RIGHTS_CODES, type IdentityCheck, type RefusalReason, type RightsEntry, type RightsEvent, type RightsRequest } from './request.ts';
import { isRight, RIGHT_RULES, type Right } from './rights.ts';
import type { RightStep } from './rights-plan.ts';

/** Where requests are kept. Entries are only ever added. Every method rejects with ERR_STORAGE_FAILED when the place fails. */
export interface RightsStore {
  /** All entries of one request, unchecked, in any order. */
  entries(requestId: string): Promise<readonly RightsEntry[]>;
  /** Ids of all requests. */
  requestIds(): Promise<readonly string[]>;
  /**
   * Adds an entry and its line in the audit log, both or neither, and the receipt that goes with it. Answers false, and adds
   * nothing, when the request has an entry of that number already.
   */
  append(entry: RightsEntry, audit: AuditLine, receipt: RightsReceipt | null): Promise<boolean>;
  /** The receipt of a request that was carried out, or null. */
  receipt(requestId: string): Promise<RightsReceipt | null>;
}

/** What the audit log will say. */
export interface AuditLine {
  readonly code: AuditCode;
  readonly ids: AuditIds;
}

/** What a register is made of. */
export interface RegisterParts {
  readonly store: RightsStore;
  /** Never goes back. */
  readonly now: Clock;
  readonly sign: Sign;
  readonly origin: string;
  /** Finds out whether it is the person (or their guardian) who asks (PIPL, 50; GB/T 35273-2020, 8.7 a). The app's own. */
  checkIdentity(request: RightsRequest): Promise<IdentityCheck>;
}

/** What a person takes home of a request. */
export interface RightsReceiptContent {
  readonly kind: 'rights-receipt';
  readonly version: 1;
  readonly receiptId: string;
  readonly origin: string;
  readonly requestId: string;
  readonly right: Right;
  readonly dataSubject: string;
  readonly receivedAt: EpochMs;
  readonly deadline: EpochMs;
  readonly deadlineSource: string;
  readonly completedAt: EpochMs;
  /** How many items were copied, corrected, erased or restricted. */
  readonly done: number;
  /** How many were left, and why. */
  readonly left: Readonly<Partial<Record<Extract<RightStep, { effect: 'none' }>['because'], number>>>;
  /** Receipts of what was erased. */
  readonly erasureReceiptIds: readonly string[];
}

/** A request, and whether its time is over without an answer. */
export interface ListedRequest extends RightsRequest {
  readonly overdue: boolean;
}

/** A receipt that can be verified anywhere. */
export interface RightsReceipt extends RightsReceiptContent, DocumentProof {}

/** Requests of people about their own data: append-only, audited, each with an id, a deadline and a receipt (MEG-rights, MEG-request-id). */
export class RightsRegister {
  readonly #parts: RegisterParts;

  constructor(parts: RegisterParts) {
    this.#parts = parts;
  }

  /** Takes a request. @throws TypeError for a right that is none; FacePrivacyError ERR_STORAGE_FAILED. */
  receive(request: { readonly right: Right; readonly dataSubject: string; readonly guardian?: string }): Promise<RightsRequest> {
    const { right, dataSubject, guardian = null } = request;
    return this.#append(crypto.randomUUID(), { type: 'received', right, dataSubject, guardian });
  }

  /**
   * Has the app check who asks. Nothing is carried out before; a check that fails can be tried again.
   * @throws FacePrivacyError ERR_RIGHTS_REQUEST, ERR_STORAGE_FAILED; whatever the app's check throws: nothing is recorded then.
   */
  async identify(requestId: string): Promise<RightsRequest> {
    const request = await this.#existing(requestId);
    if (request.state !== 'received') throw new FacePrivacyError('ERR_RIGHTS_REQUEST', `This request is ${request.state}; identity is checked once, in the beginning.`, { details: { state: request.state, event: 'identified' } });
    const { method, outcome } = await this.#parts.checkIdentity(request);
    return this.#append(requestId, { type: 'identified', check: { method, outcome } });
  }

  /** Begins to carry it out. @param by id of staff, or `person` where the person does it alone. */
  accept(requestId: string, by: string): Promise<RightsRequest> {
    return this.#append(requestId, { type: 'accepted', by });
  }

  /** Refuses it, with a reason out of a closed list. */
  refuse(requestId: string, reason: RefusalReason, by: string): Promise<RightsRequest> {
    return this.#append(requestId, { type: 'refused', reason, by });
  }

  /** The person takes the request back. */
  retract(requestId: string): Promise<RightsRequest> {
    return this.#append(requestId, { type: 'retracted' });
  }

  /**
   * Ends it with a receipt, which is kept with it.
   * @param steps what was done; @param erasureReceiptIds the receipts of what was erased.
   */
  async complete(requestId: string, steps: readonly RightStep[], erasureReceiptIds: readonly string[] = []): Promise<RightsReceipt> {
    const { origin, sign, now } = this.#parts;
    const before = await this.#existing(requestId);
    const left: Partial<Record<string, number>> = {};
    for (const step of steps) if (step.effect === 'none') left[step.because] = (left[step.because] ?? 0) + 1;
    const done = steps.filter(({ effect }) => effect !== 'none').length;
    const receiptId = crypto.randomUUID();
    const at = now();
    const { right, dataSubject, receivedAt, deadline } = before;
    const receipt = await signDocument<RightsReceiptContent>(
      {
        kind: 'rights-receipt', version: 1, receiptId, origin, requestId, right, dataSubject, receivedAt, deadline,
        deadlineSource: RIGHT_RULES[right].deadline.source, completedAt: at, done, left, erasureReceiptIds: [...erasureReceiptIds],
      },
      sign,
    );
    await this.#append(requestId, { type: 'completed', receiptId, done, left: steps.length - done }, { at, receipt });
    return receipt;
  }

  /** The receipt of a request, or null while it has none. */
  receipt(requestId: string): Promise<RightsReceipt | null> {
    return this.#parts.store.receipt(requestId);
  }

  /** A request as it stands, or null. @throws FacePrivacyError ERR_RIGHTS_REQUEST when its entries do not fit each other. */
  async read(requestId: string): Promise<RightsRequest | null> {
    return replay(await this.#parts.store.entries(requestId));
  }

  /** All requests, or those of one person, the most urgent first; those without an answer whose time is over are `overdue`. */
  async list(dataSubject?: string): Promise<readonly ListedRequest[]> {
    const now = this.#parts.now();
    const all = await Promise.all((await this.#parts.store.requestIds()).map((id) => this.#existing(id)));
    const requests = all.filter((request) => dataSubject === undefined || request.dataSubject === dataSubject);
    const rank = ({ endedAt, deadline }: RightsRequest): number => (endedAt === null ? deadline : Infinity);
    return requests.map((request) => ({ ...request, overdue: isOverdue(request, now) })).sort((a, b) => rank(a) - rank(b) || a.receivedAt - b.receivedAt);
  }

  async #existing(requestId: string): Promise<RightsRequest> {
    const request = await this.read(requestId);
    if (request === null) throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'There is no such request.', { details: { state: 'none' } });
    return request;
  }

  async #append(requestId: string, event: RightsEvent, { at = this.#parts.now(), receipt = null }: { readonly at?: EpochMs; readonly receipt?: RightsReceipt | null } = {}): Promise<RightsRequest> {
    const entries = await this.#parts.store.entries(requestId);
    const entry: RightsEntry = { ...event, requestId, number: entries.length + 1, at };
    const before = replay(entries);
    const after = follow(before, entry);
    // Not `subject`: by that the log names the last consent record of a person.
    const ids: AuditIds = { requestId, right: after.right, about: after.dataSubject, number: entry.number, ...idsOf(event) };
    if (await this.#parts.store.append(entry, { code: RIGHTS_CODES[event.type], ids }, receipt)) return after;
    throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'Somebody else acted on this request at the same time; read it again.', { details: { state: before?.state ?? 'none', event: event.type } });
  }
}

/**
 * Verifies a receipt: form, origin, signature to the last byte.
 * @throws FacePrivacyError ERR_RECEIPT_INVALID with `details.field`.
 */
export async function verifyRightsReceipt(receipt: unknown, expected: DocumentExpectation): Promise<RightsReceipt> {
  return (await verifyDocument(receipt, 'rights-receipt', RECEIPT_FIELDS, expected)) as unknown as RightsReceipt;
}

const text = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 300;
const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const RECEIPT_FIELDS: Readonly<Record<Exclude<keyof RightsReceiptContent, 'kind' | 'origin'>, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  receiptId: text,
  requestId: text,
  right: isRight,
  dataSubject: text,
  receivedAt: count,
  deadline: count,
  deadlineSource: text,
  completedAt: count,
  done: count,
  left: (value) => typeof value === 'object' && value !== null && Object.values(value).every(count),
  erasureReceiptIds: (value) => Array.isArray(value) && value.every(text),
};

/** Entries in their order, one of each number from 1 on, each able to follow the one before. */
function replay(entries: readonly RightsEntry[]): RightsRequest | null {
  let request: RightsRequest | null = null;
  for (const [index, entry] of [...entries].sort((a, b) => a.number - b.number).entries()) {
    if (entry.number !== index + 1 || (request !== null && entry.requestId !== request.requestId)) {
      throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'Entries of this request are missing or not its own.', { details: { number: index + 1, field: 'number' } });
    }
    request = follow(request, entry);
  }
  return request;
}

/** What the audit log tells besides: who acted and how it came out, no words. */
function idsOf(event: RightsEvent): AuditIds {
  switch (event.type) {
    case 'identified':
      return { method: event.check.method, outcome: event.check.outcome };
    case 'accepted':
      return { by: event.by };
    case 'refused':
      return { by: event.by, reason: event.reason };
    case 'completed':
      return { receiptId: event.receiptId, done: event.done, left: event.left };
    default:
      return {};
  }
}
