export { openReview, type ReviewOptions } from './desks/open-review.ts';
export { ReviewDesk, type ReviewDeskEvents } from './review/review-desk.ts';
export { ReviewCase } from './review/review-case.ts';
export { Unmasking, type UnmaskingEvents } from './review/unmasking.ts';
export { REVIEW_OUTCOMES, type CaseNotes, type ManualBox, type ReviewDecision, type ReviewNote, type ReviewOutcome } from './core/review.ts';
export type {
  AuditFilter,
  HeldRecording,
  HoldInput,
  ManualBoxInput,
  QueueFilter,
  ReviewItem,
  ReviewState,
  ReviewTimeline,
  ReviewTrust,
  StaffMember,
  Submitted,
  TrackTimes,
  TrustedKeyInput,
  UnmaskEnd,
  UnmaskRequestItem,
  WorkOrderItem,
} from './review/protocol.ts';
export { decideUnmask, issueWorkOrder, requestUnmask, type Act, type ActSigner } from './governance/access/staff-acts.ts';
export { signStaffAssertion } from './governance/access/staff-assertion.ts';
export { Statement, verifyAssertion, verifyStatement, type StatementExpectation, type TrustedKey } from './governance/access/statement.ts';
export { NonceBook } from './governance/access/nonces.ts';
export { may, type Actor, type Resource } from './governance/access/permission.ts';
export { ACTIONS, PERMISSIONS, RESOURCE_KINDS, ROLES, type Action, type Condition, type Permission, type ResourceKind, type Role } from './governance/access/roles.ts';
export {
  ACCESS_LIMITS,
  UNMASK_REASONS,
  type StaffContent,
  type StatementContents,
  type StatementKind,
  type UnmaskDecisionContent,
  type UnmaskReason,
  type UnmaskRequestContent,
  type WorkOrderContent,
} from './governance/access/statement-content.ts';
export { UNMASK_FACTORS, type UnmaskFactor } from './governance/access/judge-unmask.ts';
export { HOLD_LIMITS } from './governance/retention/holds.ts';
export { standingOf, type Hold, type ItemStanding } from './governance/retention/item.ts';
export { INCIDENT_KINDS, type Incident, type IncidentKind } from './governance/incidents.ts';
export type { TrackSample } from './core/recording.ts';
export type { Box } from './core/geometry.ts';
export type { SecondOfCovers } from './governance/manifest/cover-ledger.ts';
export type { RedactionManifest } from './governance/manifest/manifest.ts';
export type { AuditCode, AuditEntry } from './governance/audit/entry.ts';
