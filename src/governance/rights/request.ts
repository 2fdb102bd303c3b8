import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { isId } from '../access/statement-content.ts';
import type { AuditCode } from '../audit/entry.ts';
import { isRight, deadlineMs, type Right } from './rights.ts';

/**
 * - `received`: nobody has checked yet who asks; `identified`: it is the person, or the guardian;
 * - `accepted`: being carried out; `completed`: done, there is a receipt;
 * - `refused`: with a reason; `retracted`: the person changed their mind. That lifts a restriction, also one that was carried out.
 */
export type RightsState = 'received' | 'identified' | 'accepted' | 'completed' | 'refused' | 'retracted';

/** Why a request is refused. Closed; GB/T 35273-2020, 8.7 e, lists when that is allowed. */
export const REFUSAL_REASONS = Object.freeze(['not-the-person', 'nothing-kept', 'dispute-open', 'legal-duty', 'rights-of-others', 'manifestly-repeated'] as const);

/** One of {@link REFUSAL_REASONS}. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What the app's check of identity found. The library keeps how it was done, never with what. */
export interface IdentityCheck {
  /** Short name of the way, such as `signed-in` or `id-desk`: letters, digits, `.`, `_`, `:`, `@`, `-`. No data of the person. */
  readonly method: string;
  readonly outcome: 'confirmed' | 'failed';
}

/** What can happen to a request. */
export type RightsEvent =
  | { readonly type: 'received'; readonly right: Right; readonly dataSubject: string; /** Who asks for a child, else null. */ readonly guardian: string | null }
  | { readonly type: 'identified'; readonly check: IdentityCheck }
  | { readonly type: 'accepted'; readonly by: string }
  | { readonly type: 'completed'; readonly receiptId: string; readonly done: number; readonly left: number }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly by: string }
  | { readonly type: 'retracted' };

/** An event as it stands in the register: one of a request, numbered, at its time. Never changed, never removed. */
export type RightsEntry = RightsEvent & { readonly requestId: string; readonly number: number; readonly at: EpochMs };

/** A request as its events make it. */
export interface RightsRequest {
  readonly requestId: string;
  readonly right: Right;
  readonly dataSubject: string;
  readonly guardian: string | null;
  readonly state: RightsState;
  readonly receivedAt: EpochMs;
  /** By when there has to be an answer; where it comes from: `RIGHT_RULES`. */
  readonly deadline: EpochMs;
  readonly identity: IdentityCheck | null;
  readonly refusal: RefusalReason | null;
  readonly receiptId: string | null;
  readonly endedAt: EpochMs | null;
}

/** Which events may follow each state. A failed check of identity leaves a request where it is, to be tried again or refused. */
export const NEXT_EVENTS: Readonly<Record<RightsState, readonly RightsEvent['type'][]>> = Object.freeze({
  received: ['identified', 'refused', 'retracted'],
  identified: ['accepted', 'refused', 'retracted'],
  accepted: ['completed', 'refused'],
  completed: [],
  refused: [],
  retracted: [],
});

/** Which events may follow now. What was restricted can be lifted; everything else that was done is done. */
export function nextEvents({ state, right }: Pick<RightsRequest, 'state' | 'right'>): readonly RightsEvent['type'][] {
  return state === 'completed' && right === 'restrict' ? ['retracted'] : NEXT_EVENTS[state];
}

/** The audit code of each event. */
export const RIGHTS_CODES: Readonly<Record<RightsEvent['type'], AuditCode>> = Object.freeze({
  received: 'rights.received',
  identified: 'rights.identified',
  accepted: 'rights.accepted',
  completed: 'rights.completed',
  refused: 'rights.refused',
  retracted: 'rights.retracted',
});

/**
 * A request after one more event. Pure.
 * @param request null before the first.
 * @throws TypeError for a malformed event; FacePrivacyError ERR_RIGHTS_REQUEST, `details.state`, for one that cannot follow.
 */
export function follow(request: RightsRequest | null, entry: RightsEntry): RightsRequest {
  checkEvent(entry);
  if (entry.type === 'received') {
    if (request !== null) throw outOfTurn(request.state, entry.type);
    const { requestId, right, dataSubject, guardian, at } = entry;
    return { requestId, right, dataSubject, guardian, state: 'received', receivedAt: at, deadline: at + deadlineMs(right), identity: null, refusal: null, receiptId: null, endedAt: null };
  }
  if (request === null || !nextEvents(request).includes(entry.type)) throw outOfTurn(request?.state ?? 'none', entry.type);
  switch (entry.type) {
    case 'identified':
      return { ...request, identity: entry.check, state: entry.check.outcome === 'confirmed' ? 'identified' : 'received' };
    case 'accepted':
      return { ...request, state: 'accepted' };
    case 'completed':
      return { ...request, state: 'completed', receiptId: entry.receiptId, endedAt: entry.at };
    case 'refused':
      return { ...request, state: 'refused', refusal: entry.reason, endedAt: entry.at };
    case 'retracted':
      return { ...request, state: 'retracted', endedAt: entry.at };
  }
}

/** True while a request has no answer although its time is over. */
export function isOverdue({ endedAt, deadline }: Pick<RightsRequest, 'endedAt' | 'deadline'>, now: EpochMs): boolean {
  return endedAt === null && now > deadline;
}

function checkEvent(event: RightsEvent): void {
  const bad = (field: string): TypeError => new TypeError(`${field} of the event '${event.type}' is missing or malformed.`);
  if (!Object.hasOwn(RIGHTS_CODES, event.type)) throw new TypeError(`type must be one of ${Object.keys(RIGHTS_CODES).join(', ')}, got '${String(event.type)}'.`);
  if (event.type === 'received') {
    if (!isRight(event.right)) throw bad('right');
    if (!isPseudonym(event.dataSubject)) throw bad('dataSubject');
    if (event.guardian !== null && (!isPseudonym(event.guardian) || event.guardian === event.dataSubject)) throw bad('guardian');
  }
  if (event.type === 'identified' && (!isId(event.check.method) || !['confirmed', 'failed'].includes(event.check.outcome))) throw bad('check');
  if (event.type === 'completed') {
    if (!isId(event.receiptId)) throw bad('receiptId');
    for (const field of ['done', 'left'] as const) if (!Number.isSafeInteger(event[field]) || event[field] < 0) throw bad(field);
  }
  if (event.type === 'refused' && !REFUSAL_REASONS.includes(event.reason)) throw bad('reason');
  if ((event.type === 'refused' || event.type === 'accepted') && !isId(event.by)) throw bad('by');
}

function isPseudonym(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 200;
}

function outOfTurn(state: RightsState | 'none', event: RightsEvent['type']): FacePrivacyError {
  return new FacePrivacyError('ERR_RIGHTS_REQUEST', `'${event}' cannot follow when a request is ${state === 'none' ? 'not there' : state}.`, { details: { state, event } });
}
