import type { ErrorReport } from '../core/errors.ts';
import type { Reply, StopReport } from '../core/protocol.ts';
import type { TrackSample } from '../core/recording.ts';
import type { CaseNotes, ManualBox, ReviewDecision, ReviewNote, ReviewOutcome } from '../core/review.ts';
import type { EpochMs, Microseconds } from '../core/time.ts';
import type { UnmaskFactor } from '../governance/access/judge-unmask.ts';
import type { Role } from '../governance/access/roles.ts';
import type { StatementKind, UnmaskReason } from '../governance/access/statement-content.ts';
import type { AuditCode, AuditEntry } from '../governance/audit/entry.ts';
import type { Notice } from '../governance/consent/notice.ts';
import type { Incident } from '../governance/incidents.ts';
import type { SecondOfCovers } from '../governance/manifest/cover-ledger.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import type { Hold } from '../governance/retention/item.ts';

/** Whose word counts, and for what: a key of the app's directory, as it is configured. */
export interface TrustedKeyInput {
  /** `kid` in the header of what it signs. */
  readonly keyId: string;
  /** `iss` of what it signs. */
  readonly issuer: string;
  readonly kinds: readonly StatementKind[];
  /** ECDSA over P-256, its public half. */
  readonly publicKey: JsonWebKey;
}

/** On whose word staff may act. */
export interface ReviewTrust {
  readonly keys: readonly TrustedKeyInput[];
  /** `aud` of everything that is said for this app: its web origin. */
  readonly audience: string;
  /** How many other people have to approve that a face is seen, 1 to 5; default 1. */
  readonly approvalsNeeded?: number;
}

/** What the unmask worker is told once. It opens everything itself. */
export interface ReviewSetup {
  readonly notice: Notice;
  readonly trust: Required<ReviewTrust>;
  readonly databases: { readonly consent: string; readonly recordings: string; readonly originals: string; readonly review: string };
}

/** Who is signed in. */
export interface StaffMember {
  readonly staffId: string;
  readonly roles: readonly Role[];
  /** From then on nobody is. */
  readonly validUntil: EpochMs;
}

/** A region as it is asked for. */
export type ManualBoxInput = Pick<ManualBox, 'fromUs' | 'untilUs' | 'box'>;

/** Where a recording stands in its review. */
export type ReviewState = 'new' | 'in-review' | 'decided';

/** A recording in the queue. */
export interface ReviewItem {
  readonly recordingId: string;
  readonly createdAt: EpochMs;
  readonly durationUs: Microseconds;
  /** Of the recorded picture, pixels. */
  readonly width: number;
  readonly height: number;
  readonly expiresAt: EpochMs;
  readonly state: ReviewState;
  /** Ids of the work orders that name it and are open. */
  readonly workOrders: readonly string[];
  /** Requests to see a face in it that nobody has answered. */
  readonly openRequests: number;
  /** A dispute keeps it. */
  readonly held: boolean;
  /** Its person asked that it be kept and not used: it is listed and cannot be opened. */
  readonly restricted: boolean;
  /** Ids of the tracks whose face is sealed. */
  readonly originals: readonly number[];
  readonly decision: ReviewDecision | null;
}

/** Who is signed in, and the how-manieth change that is: answers and events come over different ports. */
export interface SignedIn {
  readonly member: StaffMember | null;
  readonly sequence: number;
}

/** Which recordings to list; whatever is left out does not filter. */
export interface QueueFilter {
  readonly state?: ReviewState;
  /** Only those of which an open work order names whoever is signed in. */
  readonly mine?: boolean;
  /** By `createdAt`, both included. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly held?: boolean;
}

/** When a track was there. */
export interface TrackTimes {
  readonly trackId: number;
  readonly spans: readonly { readonly fromUs: Microseconds; readonly untilUs: Microseconds }[];
  /** Its face is sealed and may be asked for. */
  readonly sealed: boolean;
}

/** What happened when in a recording. */
export interface ReviewTimeline {
  readonly durationUs: Microseconds;
  readonly samples: readonly TrackSample[];
  readonly covers: readonly SecondOfCovers[];
  readonly tracks: readonly TrackTimes[];
}

/** A recording opened for review: redacted media, and what is known of it. */
export interface CaseContent {
  readonly item: ReviewItem;
  /** Redacted. */
  readonly media: Blob;
  /** Null for a recording that was cut off. */
  readonly manifest: RedactionManifest | null;
  /** A manifest that is there and false is thrown, not shown. */
  readonly manifestVerdict: { readonly valid: true } | { readonly valid: false; readonly error: ErrorReport };
  readonly timeline: ReviewTimeline;
}

/** A work order, and how it stands. */
export interface WorkOrderItem {
  readonly id: string;
  readonly recordingId: string;
  readonly trackIds: readonly number[];
  readonly assignedTo: readonly string[];
  readonly maxUnmasks: number;
  /** Looks that were begun under it. */
  readonly looksUsed: number;
  readonly by: string;
  readonly issuedAt: EpochMs;
  readonly validUntil: EpochMs;
  readonly state: 'open' | 'closed' | 'over';
  /** As it was signed. */
  readonly token: string;
}

/** A request to see a face, and how it stands. */
export interface UnmaskRequestItem {
  readonly id: string;
  readonly workOrderId: string;
  readonly recordingId: string;
  readonly trackId: number;
  readonly by: string;
  readonly reason: UnmaskReason;
  readonly reasonText: string;
  readonly windowMinutes: number;
  readonly issuedAt: EpochMs;
  readonly validUntil: EpochMs;
  readonly state: 'open' | 'approved' | 'rejected' | 'revoked' | 'used-up' | 'over';
  /** Who said yes and may still be counted. */
  readonly approvals: readonly string[];
  /** Who said anything. */
  readonly decidedBy: readonly string[];
  /** Looks that were begun under its work order, of so many. */
  readonly looksUsed: number;
  readonly maxLooks: number;
  /** As it was signed. */
  readonly token: string;
}

/** A hold and what it keeps. */
export interface HeldRecording extends Hold {
  readonly recordingId: string;
}

/** What a dispute needs to be kept for. */
export interface HoldInput {
  /** 10 to 500 characters; stays out of the audit log. */
  readonly reason: string;
  /** Its end, at most 180 days ahead. */
  readonly until: EpochMs;
}

/** Which entries of the audit log. */
export interface AuditFilter {
  /** Sequence number of the first one. */
  readonly from?: number;
  readonly codes?: readonly AuditCode[];
}

/** What was taken in. */
export interface Submitted {
  readonly kind: Exclude<StatementKind, 'staff'>;
  readonly id: string;
}

/** A look that has begun. */
export interface UnmaskingFacts {
  readonly unmaskingId: string;
  readonly recordingId: string;
  readonly trackId: number;
  readonly startsAt: EpochMs;
  /** From then on nothing is shown. */
  readonly endsAt: EpochMs;
}

/**
 * What ended a look: a factor that is missing now, `hidden` (the page was not seen, or gave no sign), `ended` (by whoever looked, or by another
 * look), `failed` (what was sealed could not be read) or `lost` (the worker or the desk ended).
 */
export type UnmaskEnd = UnmaskFactor | 'hidden' | 'ended' | 'failed' | 'lost';

/** Everything the unmask worker says on its own. */
export type ReviewWorkerEvent =
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'staff'; readonly data: SignedIn }
  /** Something about a recording changed, here or in another tab; null: about several or none. */
  | { readonly kind: 'change'; readonly data: { readonly recordingId: string | null } }
  | { readonly kind: 'incident'; readonly data: Incident }
  | { readonly kind: 'unmask-ended'; readonly data: { readonly unmaskingId: string; readonly end: UnmaskEnd } }
  /** It cannot go on; the page closes it. */
  | { readonly kind: 'error'; readonly data: ErrorReport };

/**
 * The control plane of the unmask worker (Comlink). Calls answer with a {@link Reply} and never throw. No sealed pixel, no key and no nonce that was
 * answered ever crosses it; faces are drawn onto the canvas that is handed in.
 */
export interface ReviewWorkerApi {
  /** Opens every store, then shuts the network. Once. **Takes** the port. */
  load(setup: ReviewSetup, events: MessagePort): Promise<Reply<{ readonly cspEnforced: boolean }>>;
  challenge(): Promise<Reply<string>>;
  signIn(assertion: string): Promise<Reply<SignedIn>>;
  signOut(): Promise<Reply<SignedIn>>;
  queue(filter: QueueFilter): Promise<Reply<readonly ReviewItem[]>>;
  open(recordingId: string): Promise<Reply<CaseContent>>;
  /** Which of these nobody may see any more. */
  gone(recordingIds: readonly string[]): Promise<Reply<readonly string[]>>;
  notesOf(recordingId: string): Promise<Reply<CaseNotes>>;
  addBox(recordingId: string, box: ManualBoxInput): Promise<Reply<ManualBox>>;
  addNote(recordingId: string, text: string): Promise<Reply<ReviewNote>>;
  decide(recordingId: string, outcome: ReviewOutcome, text: string): Promise<Reply<ReviewDecision>>;
  submit(token: string): Promise<Reply<Submitted>>;
  workOrders(): Promise<Reply<readonly WorkOrderItem[]>>;
  requests(): Promise<Reply<readonly UnmaskRequestItem[]>>;
  closeWorkOrder(workOrderId: string): Promise<Reply<void>>;
  revokeRequest(requestId: string): Promise<Reply<void>>;
  hold(recordingId: string, hold: HoldInput): Promise<Reply<Hold>>;
  releaseHold(recordingId: string, holdId: string): Promise<Reply<void>>;
  holds(recordingId: string | null): Promise<Reply<readonly HeldRecording[]>>;
  auditLog(filter: AuditFilter): Promise<Reply<readonly AuditEntry[]>>;
  exportAudit(): Promise<Reply<Blob>>;
  noteBundle(manifestId: string): Promise<Reply<void>>;
  /** Begins a look. **Takes** the canvas; it is empty again when `unmask-ended` is told. */
  unmask(requestId: string, canvas: OffscreenCanvas): Promise<Reply<UnmaskingFacts>>;
  /** Draws the face as it was at a time of the media; false where there is none, and nothing is drawn then. */
  show(unmaskingId: string, timeUs: Microseconds): Promise<Reply<boolean>>;
  endUnmasking(unmaskingId: string): Promise<Reply<void>>;
  /** A sign that the page is there, and whether it is seen: without it a look ends. */
  present(visible: boolean): Promise<Reply<void>>;
  /** The page has erased what is due: what is kept of reviews of it goes, too. */
  swept(): Promise<Reply<void>>;
  stop(): Promise<Reply<StopReport>>;
}
