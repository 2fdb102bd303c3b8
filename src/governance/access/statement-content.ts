import { isObject } from '../../core/options.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';
import { areRoles, type Role } from './roles.ts';

/** Who is logged in, said by the app's own directory. */
export interface StaffContent {
  readonly staffId: string;
  readonly roles: readonly Role[];
}

/** The business process that calls for a review: which recording, which tracks, by whom, how often a face may be seen. */
export interface WorkOrderContent {
  readonly recordingId: string;
  /** Tracks of which a face may be asked for; empty: redacted review only. */
  readonly trackIds: readonly number[];
  /** Staff who may act on it. */
  readonly assignedTo: readonly string[];
  /** How often a face may be uncovered under this order, all tracks together. */
  readonly maxUnmasks: number;
}

/** Why a face has to be seen. Closed; the words beside it stay out of the audit log. */
export const UNMASK_REASONS = Object.freeze(['complaint', 'identity-dispute', 'safety-incident', 'legal-request', 'redaction-hides-matter'] as const);

/** One of {@link UNMASK_REASONS}. */
export type UnmaskReason = (typeof UNMASK_REASONS)[number];

/** Somebody asks to see one face. */
export interface UnmaskRequestContent {
  readonly workOrderId: string;
  readonly recordingId: string;
  readonly trackId: number;
  readonly reason: UnmaskReason;
  /** 10 to 500 characters. */
  readonly reasonText: string;
  /** From the first look on. */
  readonly windowMinutes: number;
}

/** Another person's word on a request. */
export interface UnmaskDecisionContent {
  readonly requestId: string;
  /** SHA-256 of the request as it was signed: no other request can take its place. */
  readonly requestHash: string;
  readonly decision: 'approve' | 'reject';
  /** Roles of the one who decides, at that time. */
  readonly roles: readonly Role[];
}

/** What each kind of statement says, besides who says it, for whom and until when. */
export interface StatementContents {
  readonly staff: StaffContent;
  readonly 'work-order': WorkOrderContent;
  readonly 'unmask-request': UnmaskRequestContent;
  readonly 'unmask-decision': UnmaskDecisionContent;
}

/** A kind of statement. */
export type StatementKind = keyof StatementContents;

const MINUTE_MS: Milliseconds = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Limits that hold for every app; numbers are decided in docs/decisions/0009. */
export const ACCESS_LIMITS = Object.freeze({
  /** An issuer's clock may be ahead by this much. Nothing holds longer than it says. */
  clockSkewMs: MINUTE_MS,
  /** How long a statement may hold, from the moment it is made. */
  lifetimeMs: Object.freeze({ staff: 12 * HOUR_MS, 'work-order': 90 * DAY_MS, 'unmask-request': 3 * DAY_MS, 'unmask-decision': 3 * DAY_MS }) satisfies Readonly<Record<StatementKind, Milliseconds>>,
  /** A yes has to be fresh; a no outlives the request that it answers. */
  approvalLifetimeMs: DAY_MS,
  maxWindowMinutes: 30,
  maxUnmasksPerOrder: 20,
  maxTracksPerOrder: 50,
  maxAssigned: 50,
});

/** The payload of a statement, after the field names of RFC 7519 where there are some; times in seconds. */
export interface StatementPayload extends Readonly<Record<string, unknown>> {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly jti: string;
  readonly iat: number;
  readonly nbf?: number;
  readonly exp: number;
}

type Fits = (value: unknown) => boolean;

const ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/;

/** True for an id of a person or thing: short, ASCII, no spaces, so that it cannot be made to look like another. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

const integer = (min: number, max: number): Fits => (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const listOf = (fits: Fits, max: number, min = 0): Fits => (value) => Array.isArray(value) && value.length >= min && value.length <= max && new Set(value).size === value.length && value.every(fits);
const seconds = integer(0, 1e10);
const trackId = integer(0, Number.MAX_SAFE_INTEGER);

const COMMON: Readonly<Record<string, Fits>> = { iss: (value) => typeof value === 'string' && value !== '' && value.length <= 200, aud: (value) => typeof value === 'string' && value !== '', sub: isId, jti: isId, iat: seconds, exp: seconds };

const OWN: { readonly [K in StatementKind]: Readonly<Record<string, Fits>> } = {
  staff: { roles: areRoles, nonce: (value) => typeof value === 'string' && value.length >= 16 && value.length <= 200 },
  'work-order': {
    recordingId: isId,
    trackIds: listOf(trackId, ACCESS_LIMITS.maxTracksPerOrder),
    assignedTo: listOf(isId, ACCESS_LIMITS.maxAssigned, 1),
    maxUnmasks: integer(0, ACCESS_LIMITS.maxUnmasksPerOrder),
  },
  'unmask-request': {
    workOrderId: isId,
    recordingId: isId,
    trackId,
    reason: (value) => (UNMASK_REASONS as readonly unknown[]).includes(value),
    reasonText: (value) => typeof value === 'string' && value.trim().length >= 10 && value.length <= 500,
    windowMinutes: integer(1, ACCESS_LIMITS.maxWindowMinutes),
  },
  'unmask-decision': {
    requestId: isId,
    requestHash: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
    decision: (value) => value === 'approve' || value === 'reject',
    roles: areRoles,
  },
};

/** The first field of a payload that is missing, malformed, unknown or in discord with the others; null when none is. */
export function faultyClaim(kind: StatementKind, payload: Readonly<Record<string, unknown>>): string | null {
  const fields: Readonly<Record<string, Fits>> = { ...COMMON, ...OWN[kind] };
  for (const [field, fits] of Object.entries(fields)) if (!Object.hasOwn(payload, field) || !fits(payload[field])) return field;
  const { iat, exp, nbf } = payload as StatementPayload;
  if (nbf !== undefined && (!seconds(nbf) || nbf >= exp)) return 'nbf';
  const lifetimeMs = kind === 'unmask-decision' && payload['decision'] === 'approve' ? ACCESS_LIMITS.approvalLifetimeMs : ACCESS_LIMITS.lifetimeMs[kind];
  if (exp <= iat || (exp - iat) * 1000 > lifetimeMs) return 'exp';
  return Object.keys(payload).find((field) => !Object.hasOwn(fields, field) && field !== 'nbf') ?? null;
}

/** The content of a payload that {@link faultyClaim} finds nothing wrong with. */
export function contentOf<K extends StatementKind>(kind: K, payload: Readonly<Record<string, unknown>>): StatementContents[K] {
  const fields = Object.keys(OWN[kind]).filter((field) => field !== 'nonce');
  const own = Object.fromEntries(fields.map((field) => [field, copyOf(payload[field])]));
  const content = kind === 'staff' ? { staffId: payload['sub'], ...own } : own;
  return Object.freeze(content) as unknown as StatementContents[K];
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : isObject(value) ? Object.freeze({ ...value }) : value;
}

/** From and until when a payload holds. */
export function validityOf({ iat, nbf, exp }: StatementPayload): { readonly issuedAt: EpochMs; readonly validFrom: EpochMs; readonly validUntil: EpochMs } {
  return { issuedAt: iat * 1000, validFrom: (nbf ?? iat) * 1000, validUntil: exp * 1000 };
}
