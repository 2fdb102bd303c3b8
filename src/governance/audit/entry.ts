import { canonicalJson, sha256Hex } from '../../core/canonical-json.ts';
import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';

/** What an audit log can tell. Closed; an entry holds one of these and ids, never pixels, names or free text (MEG-audit). */
export const AUDIT_CODES = [
  'consent.requested',
  'consent.given',
  'consent.refused',
  'consent.withdrawn',
  'consent.expired',
  'consent.guardian',
  'consent.conflict',
  'notice.changed',
  'record.invalid',
  'exception.used',
  'receipt.exported',
  'receipt.imported',
  'clock.set-back',
  'camera.asked',
  'camera.opened',
  'camera.denied',
  'camera.suppressed',
  'camera.permission-changed',
  'capture.started',
  'capture.stopped',
  'capture.covered',
  'capture.uncovered',
  'claim.started',
  'claim.ended',
  'vector.extracted',
  'comparison.made',
  'template.enrolled',
  'template.removed',
  'template.expired',
  'gallery.renewed',
  'gallery.erased',
  'album.added',
  'album.grouped',
  'album.erased',
  'audit.head-signed',
  'audit.exported',
  'recording.started',
  'recording.stopped',
  'recording.failed',
  'recording.recovered',
  'recording.imported',
  'original.sealed',
  'staff.signed-in',
  'staff.signed-out',
  'staff.refused',
  'access.refused',
  'review.opened',
  'review.box-added',
  'review.note-added',
  'review.decided',
  'review.bundle-opened',
  'work-order.issued',
  'work-order.closed',
  'unmask.requested',
  'unmask.approved',
  'unmask.rejected',
  'unmask.refused',
  'unmask.started',
  'unmask.ended',
  'unmask.revoked',
  'retention.swept',
  'retention.erased',
  'retention.hold-placed',
  'retention.hold-released',
  'retention.hold-ended',
  'retention.storage-short',
  'rights.received',
  'rights.identified',
  'rights.accepted',
  'rights.refused',
  'rights.completed',
  'rights.retracted',
  'sharing.granted',
  'sharing.refused',
  'sharing.checked',
  'sharing.exported',
  'incident.raised',
] as const;

/** One of {@link AUDIT_CODES}. */
export type AuditCode = (typeof AUDIT_CODES)[number];

/** Ids, codes, times and counts of an entry. */
export type AuditIds = Readonly<Record<string, string | number>>;

/** One event, chained to the one before by its hash. */
export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly sequence: number;
  readonly at: EpochMs;
  readonly code: AuditCode;
  readonly ids: AuditIds;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 of the canonical JSON of all fields above. */
  readonly hash: string;
}

/** `previousHash` of the first entry. */
export const AUDIT_ROOT = '0'.repeat(64);

const MAX_ID_LENGTH = 200;
/** Enough for every event there is; too few for a feature vector. */
const MAX_IDS = 16;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * The entry that follows `previous`.
 * @param previous the last entry of the log, or null for an empty one.
 * @throws TypeError for an unknown code, or an id that is neither a finite number nor a short string.
 */
export async function chainEntry(previous: AuditEntry | null, code: AuditCode, ids: AuditIds, now: EpochMs): Promise<AuditEntry> {
  if (!AUDIT_CODES.includes(code)) throw new TypeError(`audit code must be one of ${AUDIT_CODES.join(', ')}, got '${code}'.`);
  if (Object.keys(ids).length > MAX_IDS) throw new TypeError(`audit ids must be at most ${MAX_IDS}, got ${Object.keys(ids).length}.`);
  for (const [key, id] of Object.entries(ids)) {
    if (!isId(id)) throw new TypeError(`audit ids.${key} must be a number or a string of at most ${MAX_ID_LENGTH} characters.`);
  }
  const content = {
    sequence: (previous?.sequence ?? 0) + 1,
    at: now,
    code,
    ids: { ...ids },
    previousHash: previous?.hash ?? AUDIT_ROOT,
  };
  return Object.freeze({ ...content, ids: Object.freeze(content.ids), hash: await sha256Hex(contentText(content)) });
}

/** Form of each field of an entry that comes from outside. */
const FIELDS: { readonly [K in keyof AuditEntry]: (value: unknown) => boolean } = {
  sequence: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  at: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  code: (value) => (AUDIT_CODES as readonly unknown[]).includes(value),
  ids: (value) => isObject(value) && Object.keys(value).length <= MAX_IDS && Object.values(value).every(isId),
  previousHash: isDigest,
  hash: isDigest,
};

/** The first field of `value` that is missing, malformed or unknown; null when it has the form of an entry. */
export function faultyField(value: unknown): string | null {
  if (!isObject(value)) return 'entry';
  const faulty = Object.entries(FIELDS).find(([field, fits]) => !Object.hasOwn(value, field) || !fits(value[field]));
  return faulty?.[0] ?? Object.keys(value).find((field) => !Object.hasOwn(FIELDS, field)) ?? null;
}

/** The text whose SHA-256 is the hash of an entry. */
export function contentText({ sequence, at, code, ids, previousHash }: Omit<AuditEntry, 'hash'>): string {
  return canonicalJson({ sequence, at, code, ids, previousHash });
}

/** True for 64 lower-case hexadecimal digits. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && SHA256_HEX.test(value);
}

function isId(value: unknown): value is string | number {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value.length <= MAX_ID_LENGTH;
}

/** What {@link verifyChain} found. */
export type ChainVerdict =
  | { readonly intact: true; readonly length: number }
  | {
      readonly intact: false;
      /** Position in the log, from 0, of the first entry that does not fit. */
      readonly index: number;
      /** The field that does not fit. */
      readonly field: keyof AuditEntry;
    };

/**
 * Tells whether a log is whole from its first entry on: nothing edited, inserted, removed or swapped. What was cut off
 * at the end cannot be seen from the log alone: compare `length` with what was seen before.
 */
export async function verifyChain(entries: readonly AuditEntry[]): Promise<ChainVerdict> {
  let previousHash = AUDIT_ROOT;
  for (const [index, { hash, ...content }] of entries.entries()) {
    const broken = (field: keyof AuditEntry): ChainVerdict => ({ intact: false, index, field });
    if (content.sequence !== index + 1) return broken('sequence');
    if (content.previousHash !== previousHash) return broken('previousHash');
    if (!AUDIT_CODES.includes(content.code)) return broken('code');
    // All there is, so that a field too many shows as well.
    if (hash !== (await sha256Hex(canonicalJson(content)))) return broken('hash');
    previousHash = hash;
  }
  return { intact: true, length: entries.length };
}
