import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';
import { unmaskError } from './judge-unmask.ts';
import { signJws } from './jws.ts';
import { assertMay, samePerson, type Actor } from './permission.ts';
import { Statement, STATEMENT_TYPES } from './statement.ts';
import { ACCESS_LIMITS, faultyClaim, type StatementKind, type UnmaskReason, type WorkOrderContent } from './statement-content.ts';

/** Whoever signs what staff do here: the browser's key, in the name of this device. */
export interface ActSigner {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  /** `iss` of the {@link TrustedKey} of this device. */
  readonly issuer: string;
  readonly audience: string;
}

/** A statement that was made: its id, and the token to be kept and verified whenever it is used. */
export interface Act {
  readonly id: string;
  readonly token: string;
}

/**
 * A supervisor orders a review.
 * @throws TypeError for a malformed order; FacePrivacyError ERR_ACCESS_DENIED, ERR_STATEMENT_EXPIRED.
 */
export async function issueWorkOrder(staff: Statement<'staff'>, order: WorkOrderContent & { readonly validForMs: Milliseconds }, by: ActSigner, now: EpochMs): Promise<Act> {
  const { validForMs, ...content } = order;
  assertMay(actorOf(staff, now), 'issue', { kind: 'work-order' });
  return state('work-order', staff, { ...content }, validForMs, by, now);
}

/**
 * A reviewer asks to see one face.
 * @throws TypeError for a malformed request, such as a reason that is too short; FacePrivacyError ERR_ACCESS_DENIED,
 * ERR_STATEMENT_EXPIRED.
 */
export async function requestUnmask(
  staff: Statement<'staff'>,
  workOrder: Statement<'work-order'>,
  request: { readonly trackId: number; readonly reason: UnmaskReason; readonly reasonText: string; readonly windowMinutes: number },
  by: ActSigner,
  now: EpochMs,
): Promise<Act> {
  assertMay(actorOf(staff, now), 'request', { kind: 'unmask-request', assignedTo: workOrder.content.assignedTo });
  const { recordingId, trackIds } = workOrder.content;
  if (!trackIds.includes(request.trackId)) throw unmaskError({ code: 'ERR_UNMASK_REFUSED', factor: 'track', message: 'The work order does not name this track.' });
  return state('unmask-request', staff, { workOrderId: workOrder.id, recordingId, ...request }, ACCESS_LIMITS.lifetimeMs['unmask-request'], by, now);
}

/**
 * A second person says yes or no to a request. Nobody decides on their own.
 * @throws FacePrivacyError ERR_UNMASK_REFUSED with factor `second-person`; ERR_ACCESS_DENIED, ERR_STATEMENT_EXPIRED.
 */
export async function decideUnmask(staff: Statement<'staff'>, request: Statement<'unmask-request'>, decision: 'approve' | 'reject', by: ActSigner, now: EpochMs): Promise<Act> {
  const actor = actorOf(staff, now);
  if (samePerson(actor.staffId, request.by)) throw unmaskError({ code: 'ERR_UNMASK_REFUSED', factor: 'second-person', message: 'Whoever asks cannot approve; somebody else has to.' });
  assertMay(actor, 'approve', { kind: 'unmask-request', requestedBy: request.by });
  const content = { requestId: request.id, requestHash: request.hash, decision, roles: actor.roles };
  return state('unmask-decision', staff, content, decision === 'approve' ? ACCESS_LIMITS.approvalLifetimeMs : ACCESS_LIMITS.lifetimeMs['unmask-decision'], by, now);
}

/** Who acts, if they are logged in now. @throws FacePrivacyError ERR_STATEMENT_FORGED, ERR_STATEMENT_EXPIRED. */
export function actorOf(staff: Statement<'staff'>, now: EpochMs): Actor {
  if (!Statement.isGenuine(staff, 'staff')) throw new FacePrivacyError('ERR_STATEMENT_FORGED', 'This is no verified assertion; use verifyAssertion().', { details: { kind: 'staff', field: 'statement' } });
  if (!Statement.holds(staff, now)) throw new FacePrivacyError('ERR_STATEMENT_EXPIRED', 'Nobody is logged in any more; log in again.', { details: { kind: 'staff', field: 'exp' } });
  return staff.content;
}

async function state(kind: StatementKind, staff: Statement<'staff'>, content: object, validForMs: Milliseconds, by: ActSigner, now: EpochMs): Promise<Act> {
  const id = crypto.randomUUID();
  const iat = Math.floor(now / 1000);
  const payload = { ...content, iss: by.issuer, aud: by.audience, sub: staff.content.staffId, jti: id, iat, exp: iat + Math.floor(validForMs / 1000) };
  const field = faultyClaim(kind, payload);
  if (field !== null) throw new TypeError(`${kind}.${field === 'exp' ? 'validForMs' : field} is missing, malformed or out of bounds.`);
  return { id, token: await signJws(STATEMENT_TYPES[kind], payload, by) };
}
