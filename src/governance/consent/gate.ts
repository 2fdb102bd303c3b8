import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import type { AuditCode, AuditIds } from '../audit/entry.ts';
import type { GrantContext } from './grant-context.ts';
import type { ConsentRecord, Purpose } from './old-record.ts';

const mintKey = Symbol('mint');

/**
 * The only key to the camera and to every later operation. Only {@link requireConsent} can make one; it is live until
 * its record is withdrawn or expires, and `signal` aborts at that moment.
 */
export class ConsentGrant {
  readonly #ended = new AbortController();
  #context: GrantContext | null = null;
  readonly purpose: Purpose;
  readonly purposes: readonly Purpose[];
  readonly recordId: string;
  /** Pseudonym of the person who agreed. */
  readonly dataSubject: string;
  readonly noticeVersion: string;
  readonly validUntil: EpochMs;

  /** @internal */
  constructor(key: typeof mintKey, record: ConsentRecord, purpose: Purpose) {
    if (key !== mintKey) {
      throw new FacePrivacyError('ERR_CONSENT_FORGED', 'A ConsentGrant comes from requireConsent(); it cannot be constructed.');
    }
    this.purpose = purpose;
    this.purposes = Object.freeze([purpose]);
    this.recordId = record.recordId;
    this.dataSubject = record.dataSubject;
    this.noticeVersion = record.noticeVersion;
    this.validUntil = record.validUntil;
    Object.freeze(this);
  }

  /** Aborts when the grant ends; its reason is a FacePrivacyError (ERR_CONSENT_WITHDRAWN or ERR_CONSENT_EXPIRED). */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** @internal Ends the grant; called by the ledger on withdrawal and by holders when it has expired. */
  static end(grant: ConsentGrant, reason: FacePrivacyError): void {
    if (!grant.#ended.signal.aborted) grant.#ended.abort(reason);
  }

  /** @internal Notice, scene rules, throttle and clock that the grant rests on. */
  static context(grant: ConsentGrant): GrantContext {
    if (grant.#context === null) throw new FacePrivacyError('ERR_CONSENT_FORGED', 'The grant does not come from a ledger.');
    return grant.#context;
  }

  /** @internal Writes an audit entry that names the grant; works after its end, too. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static note(grant: ConsentGrant, code: AuditCode, ids: AuditIds = {}): Promise<void> {
    return ConsentGrant.context(grant).note(code, { recordId: grant.recordId, ...ids });
  }

  /** @internal True only for objects that {@link requireConsent} made; a look-alike has no private field. */
  static isGenuine(value: unknown): value is ConsentGrant {
    return typeof value === 'object' && value !== null && #ended in value;
  }
}

/** Why there is no grant. */
export interface ConsentRefusal {
  readonly code: 'ERR_CONSENT_MISSING' | 'ERR_CONSENT_PURPOSE' | 'ERR_CONSENT_WITHDRAWN' | 'ERR_CONSENT_EXPIRED';
  readonly purpose: Purpose;
  /** What happened and what to do, for developers. */
  readonly message: string;
}

/** Grant or refusal: a refusal is an outcome, not an exception (TAF-5.1c). */
export type ConsentDecision =
  | { readonly granted: true; readonly grant: ConsentGrant }
  | { readonly granted: false; readonly refusal: ConsentRefusal };

/** The records that no withdrawal has ended, the latest first. What a clock says cannot revive a withdrawn one. */
export function standingRecords(records: readonly ConsentRecord[]): ConsentRecord[] {
  const ended = new Set(records.map((record) => record.replaces));
  return records
    .filter((record) => record.state === 'given' && !ended.has(record.recordId))
    .sort((a, b) => b.recordedAt - a.recordedAt);
}

/**
 * Decides by the latest record whether a purpose may be pursued now. Pure.
 * @param records the records of one data subject, in any order.
 * @param now milliseconds since the epoch.
 */
export function requireConsent(records: readonly ConsentRecord[], purpose: Purpose, now: EpochMs): ConsentDecision {
  if (records.length === 0) return refuse('ERR_CONSENT_MISSING', purpose, 'No consent record is stored; show the notice first.');
  const [latest, ...others] = standingRecords(records);
  if (latest === undefined) return refuse('ERR_CONSENT_WITHDRAWN', purpose, 'Consent was withdrawn; ask again.');
  if (now >= latest.validUntil) return refuse('ERR_CONSENT_EXPIRED', purpose, 'Consent has expired; ask again.');
  // Two records of the same instant cannot be ordered: then both must agree.
  const sameInstant = others.filter((record) => record.recordedAt === latest.recordedAt);
  if ([latest, ...sameInstant].some((record) => record.answers[purpose] !== 'given')) {
    return refuse('ERR_CONSENT_PURPOSE', purpose, `The latest record does not give consent for '${purpose}'.`);
  }
  return { granted: true, grant: new ConsentGrant(mintKey, latest, purpose) };
}

/**
 * Throws unless `value` is a genuine grant, live now, for one of `purposes`.
 * @param operation the name of the operation for the message (TAF-5.3a).
 * @throws TypeError when it is no object of ours; FacePrivacyError ERR_CONSENT_FORGED for a look-alike,
 * ERR_CONSENT_PURPOSE, ERR_CONSENT_EXPIRED or ERR_CONSENT_WITHDRAWN.
 */
export function assertGrant(value: unknown, purposes: readonly Purpose[], operation: string, now: EpochMs): asserts value is ConsentGrant {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${operation}: grant must be a ConsentGrant from requireConsent(), got ${value === null ? 'null' : typeof value}.`);
  }
  if (!ConsentGrant.isGenuine(value)) {
    throw new FacePrivacyError('ERR_CONSENT_FORGED', `${operation}: the grant was not made by requireConsent().`);
  }
  if (value.signal.aborted) throw value.signal.reason as FacePrivacyError;
  if (now >= value.validUntil) {
    throw new FacePrivacyError('ERR_CONSENT_EXPIRED', `${operation}: consent has expired; ask again.`);
  }
  if (!purposes.includes(value.purpose)) {
    throw new FacePrivacyError(
      'ERR_CONSENT_PURPOSE',
      `${operation} needs a grant for ${purposes.map((p) => `'${p}'`).join(' or ')}; this one holds '${value.purpose}'.`,
      { details: { operation, holds: value.purpose } },
    );
  }
}

function refuse(code: ConsentRefusal['code'], purpose: Purpose, message: string): ConsentDecision {
  return { granted: false, refusal: { code, purpose, message } };
}
