import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import type { AuditCode, AuditIds } from '../audit/entry.ts';
import type { ExceptionCode } from './exceptions.ts';
import type { GrantContext } from './grant-context.ts';
import { OPERATIONS, type Operation, type Purpose } from './purposes.ts';
import type { Scene } from './scenes.ts';

const mintKey = Symbol('mint');

/** @internal What a grant is made of. */
export interface GrantContent {
  readonly purposes: readonly Purpose[];
  readonly dataSubject: string;
  readonly recordId: string | null;
  readonly exception: ExceptionCode | null;
  readonly noticeHash: string;
  readonly validUntil: EpochMs;
  readonly context: GrantContext;
}

/**
 * The only key to the camera and to every later operation. Only a `ConsentLedger` gives one, from what is stored. It is
 * live until what it rests on ends: by withdrawal, expiry, another answer or another notice, in this tab or another.
 */
export class ConsentGrant {
  readonly #ended = new AbortController();
  readonly #context: GrantContext;
  /** What it allows: exactly the purposes that were asked for. */
  readonly purposes: readonly Purpose[];
  readonly scene: Scene;
  /** Pseudonym of the person who agreed. */
  readonly dataSubject: string;
  /** The record that it rests on; null under an exception. */
  readonly recordId: string | null;
  /** The exception that stands in for consent, or null (TAF-5.1g, TAF-5.4c). */
  readonly exception: ExceptionCode | null;
  readonly noticeHash: string;
  readonly validUntil: EpochMs;

  /** @internal */
  constructor(key: typeof mintKey, content: GrantContent) {
    if (key !== mintKey) {
      throw new FacePrivacyError('ERR_CONSENT_FORGED', 'A ConsentGrant comes from ledger.require(); it cannot be constructed.');
    }
    this.#context = content.context;
    this.purposes = Object.freeze([...content.purposes]);
    this.scene = content.context.notice.scene;
    this.dataSubject = content.dataSubject;
    this.recordId = content.recordId;
    this.exception = content.exception;
    this.noticeHash = content.noticeHash;
    this.validUntil = content.validUntil;
    Object.freeze(this);
  }

  /** Aborts when the grant ends; its reason is a FacePrivacyError, such as ERR_CONSENT_WITHDRAWN or ERR_CONSENT_EXPIRED. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** @internal Ends the grant, once and for all. */
  static end(grant: ConsentGrant, reason: FacePrivacyError): void {
    if (!grant.#ended.signal.aborted) grant.#ended.abort(reason);
  }

  /** @internal Notice, scene rules, throttle and clock that the grant rests on. */
  static context(grant: ConsentGrant): GrantContext {
    return grant.#context;
  }

  /** @internal Writes an audit entry that names the grant; works after its end, too. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static note(grant: ConsentGrant, code: AuditCode, ids: AuditIds = {}): Promise<void> {
    const basis: AuditIds = grant.recordId === null ? { exception: String(grant.exception) } : { recordId: grant.recordId };
    return grant.#context.note(code, { ...basis, ...ids });
  }

  /** @internal True only for objects that {@link mintGrant} made; a look-alike has no private field. */
  static isGenuine(value: unknown): value is ConsentGrant {
    return typeof value === 'object' && value !== null && #ended in value;
  }
}

/** @internal Makes a grant. For the ledger alone, which has asked the gate. */
export function mintGrant(content: GrantContent): ConsentGrant {
  return new ConsentGrant(mintKey, content);
}

/**
 * Throws unless `value` is a genuine grant, live now, for a purpose that allows the operation (TAF-5.3a).
 * @param operation its name, see {@link OPERATIONS}.
 * @throws TypeError when it is no object of ours; FacePrivacyError ERR_CONSENT_FORGED for a look-alike,
 * ERR_CONSENT_PURPOSE, ERR_CONSENT_EXPIRED, or whatever ended the grant.
 */
export function assertGrant(value: unknown, operation: Operation): asserts value is ConsentGrant {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${operation}: grant must be a ConsentGrant from ledger.require(), got ${value === null ? 'null' : typeof value}.`);
  }
  if (!ConsentGrant.isGenuine(value)) {
    throw new FacePrivacyError('ERR_CONSENT_FORGED', `${operation}: the grant was not given by a ledger.`, { details: { operation } });
  }
  if (value.signal.aborted) throw value.signal.reason as FacePrivacyError;
  if (ConsentGrant.context(value).now() >= value.validUntil) {
    throw new FacePrivacyError('ERR_CONSENT_EXPIRED', `${operation}: consent has expired; ask again.`, { details: { operation, field: 'validUntil' } });
  }
  const allowing: readonly Purpose[] = OPERATIONS[operation];
  if (!value.purposes.some((purpose) => allowing.includes(purpose))) {
    const quoted = (purposes: readonly string[], joint: string): string => purposes.map((purpose) => `'${purpose}'`).join(joint);
    throw new FacePrivacyError(
      'ERR_CONSENT_PURPOSE',
      `${operation} needs a grant for ${quoted(allowing, ' or ')}; this one holds ${quoted(value.purposes, ', ')}.`,
      { details: { operation, needs: allowing.join(' '), holds: value.purposes.join(' '), field: 'purposes' } },
    );
  }
}
