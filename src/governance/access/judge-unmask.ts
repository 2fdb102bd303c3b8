import { FacePrivacyError } from '../../core/errors.ts';
import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import { CLOCK_TOLERANCE_MS } from '../consent/gate.ts';
import { may, samePerson } from './permission.ts';
import { Statement } from './statement.ts';
import { mintUnmaskGrant, type UnmaskGrant } from './unmask-grant.ts';

/**
 * What an unmask needs, in the order in which it is asked for (TAF-5.3b):
 * `clock` right; `staff` logged in; open `work-order`, which names `recording` and `track`; `request` of this person, for
 * this; `role`; not `revoked`; `approval` by enough people, each a `second-person`, none of whom said no; within the time
 * `window`; `count` not used up; the person's `consent` still standing; `item` there and not about to be erased.
 */
export const UNMASK_FACTORS = Object.freeze([
  'clock', 'staff', 'work-order', 'recording', 'track', 'request', 'role', 'revoked', 'second-person', 'approval', 'window', 'count', 'consent', 'item',
] as const);

/** One of {@link UNMASK_FACTORS}. */
export type UnmaskFactor = (typeof UNMASK_FACTORS)[number];

/** One look that was begun. */
export interface UnmaskUse {
  readonly grantId: string;
  readonly requestId: string;
  readonly workOrderId: string;
  readonly startedAt: EpochMs;
}

/** All that is known when somebody wants to see a face. Whatever is missing, or no genuine statement, speaks against it. */
export interface UnmaskFacts {
  readonly staff: Statement<'staff'> | null;
  readonly workOrder: Statement<'work-order'> | null;
  readonly request: Statement<'unmask-request'> | null;
  readonly decisions: readonly Statement<'unmask-decision'>[];
  /** What would be opened. */
  readonly recordingId: string;
  readonly trackId: number;
  /** Ids of work orders that were closed, and of requests that were revoked. */
  readonly ended: readonly string[];
  /** Every look under this work order so far. */
  readonly uses: readonly UnmaskUse[];
  /** The person's consent to sealed originals, now. */
  readonly consent: 'stands' | 'ended' | 'unclear';
  /** The sealed track: there, being erased, or gone. */
  readonly item: 'kept' | 'erasing' | 'erased';
  /** How many other people have to approve: 1 unless the app asks for more. */
  readonly approvalsNeeded: number;
}

/** What the clock says, and the latest time that this browser has seen. */
export interface UnmaskTime {
  readonly clock: EpochMs;
  readonly highWater: EpochMs;
}

/** Why nothing is shown. */
export interface UnmaskRefusal {
  readonly code: 'ERR_UNMASK_REFUSED';
  /** The first factor that is missing. */
  readonly factor: UnmaskFactor;
  readonly message: string;
}

/** Leave to look, or the missing factor. */
export type UnmaskVerdict = { readonly granted: true; readonly grant: UnmaskGrant } | { readonly granted: false; readonly refusal: UnmaskRefusal };

/** A refusal as an error. */
export function unmaskError({ code, factor, message }: UnmaskRefusal): FacePrivacyError {
  return new FacePrivacyError(code, message, { details: { factor } });
}

/**
 * The rule: one face of one track may be seen if and only if nothing of {@link UNMASK_FACTORS} is missing. Pure; the
 * statements were verified before. The window counts from the first look under a request: beginning again makes it no
 * longer.
 */
export function judgeUnmask(facts: UnmaskFacts, time: UnmaskTime): UnmaskVerdict {
  const judged = judge(facts, time, null);
  if (Array.isArray(judged)) return { granted: false, refusal: { code: 'ERR_UNMASK_REFUSED', factor: judged[0], message: judged[1] } };
  return { granted: true, grant: mintUnmaskGrant(judged) };
}

/**
 * Whether a look that has begun may go on: the same rule on the facts as they are now, the look itself not counted.
 * @returns null, or the factor that ends it.
 */
export function unmaskEndedBy(grant: UnmaskGrant, facts: UnmaskFacts, time: UnmaskTime): UnmaskFactor | null {
  const judged = judge(facts, time, grant);
  if (Array.isArray(judged)) return judged[0];
  if (judged.requestId !== grant.requestId || judged.staffId !== grant.staffId || judged.recordingId !== grant.recordingId || judged.trackId !== grant.trackId) return 'request';
  return Math.max(time.clock, time.highWater) < grant.endsAt ? null : 'window';
}

type Judged = Parameters<typeof mintUnmaskGrant>[0];
type Missing = [factor: UnmaskFactor, message: string];

function judge(facts: UnmaskFacts, { clock, highWater }: UnmaskTime, going: UnmaskGrant | null): Judged | Missing {
  const { staff, workOrder, request, decisions, recordingId, trackId } = facts;
  const now = Math.max(clock, highWater);
  if (!(highWater - clock <= CLOCK_TOLERANCE_MS) || !Number.isFinite(now)) return ['clock', 'The clock was set back; nothing is shown until it is right.'];
  if (!Statement.isGenuine(staff, 'staff') || !Statement.holds(staff, now)) return ['staff', 'Nobody is logged in; log in again.'];
  const { staffId } = staff.content;

  if (!Statement.isGenuine(workOrder, 'work-order')) return ['work-order', 'There is no work order.'];
  if (!Statement.holds(workOrder, now)) return ['work-order', 'The work order is not valid now.'];
  if (!Array.isArray(facts.ended) || facts.ended.includes(workOrder.id)) return ['work-order', 'The work order is closed.'];
  if (samePerson(workOrder.by, staffId)) return ['work-order', 'Nobody gives a work order to themselves.'];
  if (!workOrder.content.assignedTo.some((person) => samePerson(person, staffId))) return ['work-order', 'The work order is assigned to somebody else.'];
  if (typeof recordingId !== 'string' || workOrder.content.recordingId !== recordingId) return ['recording', 'The work order names another recording.'];
  if (!workOrder.content.trackIds.includes(trackId)) return ['track', 'The work order does not name this track.'];

  if (!Statement.isGenuine(request, 'unmask-request')) return ['request', 'There is no request.'];
  const { content: asked } = request;
  if (!Statement.holds(request, now)) return ['request', 'The request is too old; make a new one.'];
  if (!samePerson(request.by, staffId)) return ['request', 'Somebody else made the request.'];
  if (asked.workOrderId !== workOrder.id || asked.recordingId !== recordingId || asked.trackId !== trackId) return ['request', 'The request is for something else.'];
  if (!may(staff.content, 'unmask', { kind: 'unmask-request', requestedBy: request.by })) return ['role', 'The role does not allow to see faces.'];
  if (facts.ended.includes(request.id)) return ['revoked', 'The request was revoked.'];

  const approvers = approversOf(request, decisions, staffId, now, facts.approvalsNeeded);
  if (approvers.missing !== null) return approvers.missing;

  if (!Array.isArray(facts.uses) || !(facts.uses as readonly unknown[]).every(isUse)) return ['count', 'Nobody knows how often a face was seen.'];
  const uses = (facts.uses as readonly UnmaskUse[]).filter(({ grantId }) => grantId !== going?.grantId);
  const first = Math.min(going?.startsAt ?? now, ...uses.filter(({ requestId }) => requestId === request.id).map(({ startedAt }) => startedAt));
  const endsAt = Math.min(first + asked.windowMinutes * 60_000, workOrder.validUntil, staff.validUntil, request.validUntil, approvers.validUntil);
  if (!(now < endsAt)) return ['window', 'The time for this request is over.'];
  if (uses.filter(({ workOrderId }) => workOrderId === workOrder.id).length >= workOrder.content.maxUnmasks) return ['count', 'No look is left under this work order.'];
  if (facts.consent !== 'stands') return ['consent', 'The person does not agree, or not any more, that originals are kept.'];
  if (facts.item !== 'kept') return ['item', 'What was sealed is erased, or about to be.'];
  return { requestId: request.id, workOrderId: workOrder.id, recordingId, trackId, staffId, approvedBy: approvers.people, startsAt: now, endsAt };
}

function isUse(value: unknown): value is UnmaskUse {
  return isObject(value) && typeof value['grantId'] === 'string' && typeof value['requestId'] === 'string' && typeof value['workOrderId'] === 'string' && Number.isFinite(value['startedAt']);
}

interface Approvers {
  readonly missing: Missing | null;
  readonly people: readonly string[];
  readonly validUntil: EpochMs;
}

/** Different people, all others than the one who asked, allowed to, of this very request, and none of them against it. */
function approversOf(request: Statement<'unmask-request'>, decisions: UnmaskFacts['decisions'], staffId: string, now: EpochMs, needed: number): Approvers {
  const none = (factor: UnmaskFactor, message: string): Approvers => ({ missing: [factor, message], people: [], validUntil: 0 });
  if (!Array.isArray(decisions) || !Number.isInteger(needed) || needed < 1) return none('approval', 'Nobody has approved.');
  const people = new Map<string, EpochMs>();
  let own = false;
  for (const decision of decisions as readonly unknown[]) {
    if (!Statement.isGenuine(decision, 'unmask-decision')) continue;
    const { content, by } = decision;
    if (content.requestId !== request.id || content.requestHash !== request.hash) continue;
    if (samePerson(by, request.by) || samePerson(by, staffId)) {
      own = true;
      continue;
    }
    if (!may({ staffId: by, roles: content.roles }, 'approve', { kind: 'unmask-request', requestedBy: request.by })) continue;
    if (content.decision === 'reject') return none('approval', 'Somebody said no to the request.');
    if (Statement.holds(decision, now) && decision.issuedAt >= request.issuedAt) people.set(by.toLowerCase(), Math.max(decision.validUntil, people.get(by.toLowerCase()) ?? 0));
  }
  if (people.size >= needed) return { missing: null, people: [...people.keys()], validUntil: Math.min(...people.values()) };
  if (own && people.size === needed - 1) return none('second-person', 'Whoever asks cannot approve; somebody else has to.');
  if (people.size > 0) return none('second-person', `${needed} different people have to approve.`);
  return none('approval', 'Nobody has approved, or not lately.');
}
