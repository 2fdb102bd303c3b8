import { fromBase64Url } from '../core/base64url.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { isObject } from '../core/options.ts';
import type { EpochMs } from '../core/time.ts';
import { unmaskError, type UnmaskFactor } from '../governance/access/judge-unmask.ts';
import { may, samePerson } from '../governance/access/permission.ts';
import { Statement, STATEMENT_TYPES, verifyStatement } from '../governance/access/statement.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import type { KeptStatement, KeptUse } from '../vault/review-store.ts';
import { findRecording } from './find-recording.ts';
import type { ReviewParts } from './ports.ts';
import type { Submitted, UnmaskRequestItem, WorkOrderItem } from './protocol.ts';

type Kind = KeptStatement['kind'];
/** A statement, and the token that it was made of. */
export interface Kept<K extends Kind> {
  readonly statement: Statement<K>;
  readonly token: string;
}

/** All that was said about requests and orders, verified, at one moment. */
export interface BookView {
  readonly now: EpochMs;
  readonly orders: readonly Kept<'work-order'>[];
  readonly requests: readonly Kept<'unmask-request'>[];
  readonly decisions: readonly Kept<'unmask-decision'>[];
  /** Ids of orders that were closed and requests that were revoked. */
  readonly ended: readonly string[];
  readonly uses: readonly KeptUse[];
}

/** More would be no use of the library. */
const MAX_VERIFIED = 2000;

/**
 * Work orders, requests and decisions: taken in when they are genuine and could lead somewhere, kept as the tokens that were signed, verified again
 * whenever they are used. What cannot be verified (any more) counts as missing.
 */
export class StatementBook {
  readonly #parts: ReviewParts;
  /** By token: none can be changed without becoming another one. */
  readonly #verified = new Map<string, Statement>();

  constructor(parts: ReviewParts) {
    this.#parts = parts;
  }

  /** Everything as it is kept now. @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_VAULT_INTEGRITY. */
  async view(): Promise<BookView> {
    const { additions, consent } = this.#parts;
    const [kept, ended, uses] = await Promise.all([additions.list('statement'), additions.list('ended'), additions.list('use')]);
    const verified = (await Promise.all(kept.map(async ({ value }) => ({ token: value.token, statement: await this.#genuine(value) })))).filter((entry) => entry.statement !== null);
    const of = <K extends Kind>(kind: K): Kept<K>[] => verified.filter((entry): entry is Kept<K> => entry.statement !== null && Statement.isGenuine(entry.statement, kind));
    return {
      now: consent.now(),
      orders: of('work-order'),
      requests: of('unmask-request'),
      decisions: of('unmask-decision'),
      ended: ended.map(({ value }) => value.id),
      uses: uses.map(({ value }) => value),
    };
  }

  /**
   * Verifies a token and looks whether it could lead anywhere. Nothing is kept yet.
   * @throws FacePrivacyError ERR_STATEMENT_*, ERR_UNMASK_REFUSED with the factor, ERR_ACCESS_DENIED, ERR_MEDIA_INVALID.
   */
  async verify(token: string): Promise<{ readonly submitted: Submitted; readonly isNew: boolean; readonly keep: () => Promise<void> }> {
    const { additions, consent, recordings, trust } = this.#parts;
    const kind = kindOf(token);
    if (kind === null) throw new FacePrivacyError('ERR_STATEMENT_INVALID', 'This is no signed work order, request or decision.', { details: { kind: 'statement', field: 'typ' } });
    const statement = await verifyStatement(token, kind, trust, consent.now());
    const submitted = { kind, id: statement.id };
    const before = await additions.find('statement', statement.id);
    if (before?.value.token === token) return { submitted, isNew: false, keep: () => Promise.resolve() };
    if (before !== null) throw replayedError(kind);
    const recordingId = recordingOf(statement, await this.view());
    if ((await findRecording(recordings, recordingId)) === null) throw new FacePrivacyError('ERR_MEDIA_INVALID', 'There is no such recording on this device.', { details: { reason: 'unknown', recordingId } });
    return { submitted, isNew: true, keep: () => this.#keep({ id: statement.id, kind, token, keptAt: consent.now() }, recordingId, statement) };
  }

  async #keep(kept: KeptStatement, recordingId: string, statement: Statement<Kind>): Promise<void> {
    const { additions, consent, tellChange } = this.#parts;
    const [code, ids] = eventOf(statement, recordingId);
    // In the log first: nothing can be used of which the log does not know.
    await consent.note(code, ids);
    if (!(await additions.add('statement', kept.id, { recordingId, value: kept }, kept.keptAt))) {
      // Another tab was faster.
      const first = await additions.find('statement', kept.id);
      if (first?.value.token !== kept.token) throw replayedError(kept.kind);
    }
    tellChange(recordingId);
  }

  /** Null for what is not genuine, or not any more: its key was taken off the list. Whether it holds now is the judge's question. */
  async #genuine({ token, kind, keptAt }: KeptStatement): Promise<Statement | null> {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    try {
      const statement = await verifyStatement(token, kind, this.#parts.trust, keptAt);
      if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
      this.#verified.set(token, statement);
      return statement;
    } catch (error) {
      if (error instanceof FacePrivacyError) return null;
      throw error;
    }
  }
}

function replayedError(kind: Kind): FacePrivacyError {
  return new FacePrivacyError('ERR_STATEMENT_REPLAYED', 'Another statement has this id already.', { details: { kind, field: 'jti' } });
}

/** How a work order stands. */
export function orderItem({ statement, token }: Kept<'work-order'>, view: BookView): WorkOrderItem {
  const { id, by, issuedAt, validUntil, content: { recordingId, trackIds, assignedTo, maxUnmasks } } = statement;
  const state = view.ended.includes(id) ? 'closed' : Statement.holds(statement, view.now) ? 'open' : 'over';
  return { id, recordingId, trackIds, assignedTo, maxUnmasks, looksUsed: usesOf(id, view), by, issuedAt, validUntil, state, token };
}

/** How a request stands. What it says is for people to read; `judgeUnmask` alone decides. */
export function requestItem({ statement: request, token }: Kept<'unmask-request'>, view: BookView, approvalsNeeded: number): UnmaskRequestItem {
  const { id, by, issuedAt, validUntil, content } = request;
  const order = view.orders.find(({ statement }) => statement.id === content.workOrderId)?.statement;
  const decisions = view.decisions.map(({ statement }) => statement).filter((decision) => answers(decision, request));
  const approvals = approvalsOf(decisions, view.now);
  const looksUsed = usesOf(content.workOrderId, view);
  const maxLooks = order?.content.maxUnmasks ?? 0;
  const firstLook = Math.min(...view.uses.filter(({ requestId }) => requestId === id).map(({ startedAt }) => startedAt));
  const holds = order !== undefined && Statement.holds(order, view.now) && Statement.holds(request, view.now) && view.now < firstLook + content.windowMinutes * 60_000;
  const state = (): UnmaskRequestItem['state'] => {
    if (view.ended.includes(id) || view.ended.includes(content.workOrderId)) return 'revoked';
    if (decisions.some(({ content: { decision } }) => decision === 'reject')) return 'rejected';
    if (!holds) return 'over';
    if (looksUsed >= maxLooks) return 'used-up';
    return approvals.length >= approvalsNeeded ? 'approved' : 'open';
  };
  const { workOrderId, recordingId, trackId, reason, reasonText, windowMinutes } = content;
  const decidedBy = [...new Set(decisions.map(({ by: who }) => who))];
  return { id, workOrderId, recordingId, trackId, by, reason, reasonText, windowMinutes, issuedAt, validUntil, state: state(), approvals, decidedBy, looksUsed, maxLooks, token };
}

/** True for a word of somebody else, who may give it, on this very request. */
function answers(decision: Statement<'unmask-decision'>, request: Statement<'unmask-request'>): boolean {
  const { by, content: { requestId, requestHash, roles } } = decision;
  return requestId === request.id && requestHash === request.hash && !samePerson(by, request.by) && may({ staffId: by, roles }, 'approve', { kind: 'unmask-request', requestedBy: request.by });
}

function approvalsOf(decisions: readonly Statement<'unmask-decision'>[], now: EpochMs): string[] {
  return [...new Set(decisions.filter((each) => each.content.decision === 'approve' && Statement.holds(each, now)).map(({ by }) => by.toLowerCase()))];
}

function usesOf(orderId: string, { uses }: BookView): number {
  return uses.filter(({ workOrderId }) => workOrderId === orderId).length;
}

/** The recording that a new statement is about. @throws FacePrivacyError when it could never lead anywhere. */
function recordingOf(statement: Statement<Kind>, view: BookView): string {
  if (Statement.isGenuine(statement, 'work-order')) return statement.content.recordingId;
  if (Statement.isGenuine(statement, 'unmask-request')) return assertRequest(statement, view);
  if (Statement.isGenuine(statement, 'unmask-decision')) return assertDecision(statement, view);
  throw new FacePrivacyError('ERR_STATEMENT_INVALID', 'This is no work order, request or decision.', { details: { kind: 'statement', field: 'typ' } });
}

function assertRequest({ by, content }: Statement<'unmask-request'>, view: BookView): string {
  const order = view.orders.find(({ statement }) => statement.id === content.workOrderId)?.statement;
  if (order === undefined) throw refusal('work-order', 'There is no such work order here.');
  if (view.ended.includes(order.id) || !Statement.holds(order, view.now)) throw refusal('work-order', 'The work order is closed or over.');
  if (!order.content.assignedTo.some((person) => samePerson(person, by))) throw refusal('work-order', 'The work order is assigned to somebody else.');
  if (order.content.recordingId !== content.recordingId) throw refusal('recording', 'The work order names another recording.');
  if (!order.content.trackIds.includes(content.trackId)) throw refusal('track', 'The work order does not name this track.');
  return content.recordingId;
}

function assertDecision(decision: Statement<'unmask-decision'>, view: BookView): string {
  const { by, content: { requestId, requestHash, roles } } = decision;
  const request = view.requests.find(({ statement }) => statement.id === requestId)?.statement;
  if (request === undefined) throw refusal('request', 'There is no such request here.');
  if (request.hash !== requestHash) throw refusal('request', 'The decision is about another request of this id.');
  if (samePerson(by, request.by)) throw refusal('second-person', 'Whoever asks cannot approve; somebody else has to.');
  if (!may({ staffId: by, roles }, 'approve', { kind: 'unmask-request', requestedBy: request.by })) {
    throw new FacePrivacyError('ERR_ACCESS_DENIED', 'The roles of whoever decided do not allow to.', { details: { action: 'approve', resource: 'unmask-request' } });
  }
  const earlier = view.decisions.map(({ statement }) => statement).filter((each) => answers(each, request) && samePerson(each.by, by) && Statement.holds(each, view.now));
  if (earlier.some(({ content }) => content.decision === decision.content.decision)) throw refusal('second-person', 'This person has said so already; one person counts once.');
  return request.content.recordingId;
}

function refusal(factor: UnmaskFactor, message: string): FacePrivacyError {
  return unmaskError({ code: 'ERR_UNMASK_REFUSED', factor, message });
}

/** What the log is told; words stay out of it. */
function eventOf(statement: Statement<Kind>, recordingId: string): [AuditCode, AuditIds] {
  const { id, by, issuer, validUntil } = statement;
  const common = { recordingId, by, issuer, until: validUntil };
  if (Statement.isGenuine(statement, 'work-order')) {
    const { assignedTo, trackIds, maxUnmasks } = statement.content;
    return ['work-order.issued', { ...common, workOrderId: id, assigned: assignedTo.length, tracks: trackIds.length, maxUnmasks }];
  }
  if (Statement.isGenuine(statement, 'unmask-request')) {
    const { workOrderId, trackId, reason, windowMinutes } = statement.content;
    return ['unmask.requested', { ...common, requestId: id, workOrderId, trackId, reason, windowMinutes }];
  }
  const { content } = statement as Statement<'unmask-decision'>;
  return [content.decision === 'approve' ? 'unmask.approved' : 'unmask.rejected', { ...common, decisionId: id, requestId: content.requestId }];
}

/** What a token says that it is; to be verified. Null for an assertion, too: that is no matter of keeping. */
function kindOf(token: unknown): Kind | null {
  if (typeof token !== 'string') return null;
  const bytes = fromBase64Url(token.split('.', 1)[0] ?? '');
  const kinds = ['work-order', 'unmask-request', 'unmask-decision'] as const;
  if (bytes === null) return null;
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(header) ? (kinds.find((kind) => STATEMENT_TYPES[kind] === header['typ']) ?? null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
