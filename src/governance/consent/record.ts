import { FacePrivacyError } from '../../core/errors.ts';
import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import type { LanguageTag } from './notice.ts';
import { isPurpose, type Purpose } from './purposes.ts';
import { SCENES, type Scene } from './scenes.ts';

/** The person's own answer to one purpose. */
export type ConsentAnswer = 'given' | 'refused';

/** An answer to each purpose of a notice. */
export type ConsentAnswers = Readonly<Partial<Record<Purpose, ConsentAnswer>>>;

/**
 * - `requested`: the notice was shown, nothing is answered yet;
 * - `given`: at least one purpose was agreed to; `refused`: none was;
 * - `withdrawn`: the person took everything back; `expired`: the time of an agreement was over.
 */
export type ConsentRecordState = 'requested' | 'given' | 'refused' | 'withdrawn' | 'expired';

/** Told by the person, never guessed from a picture (MEG-minor). */
export type AgeBand = 'under-14' | '14-17' | 'adult';

/** What the one who answers for a child is to it. */
export type GuardianRelation = 'parent' | 'guardian';

/** Signature of a record by the key of this browser, which cannot be exported. */
export interface ConsentProof {
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  readonly keyId: string;
  readonly algorithm: 'ECDSA-P256-SHA256';
  /** 64 bytes (r, s), base64url without padding. */
  readonly signature: string;
}

/**
 * One event in the life of a consent: who was told what, in which words, and what they answered. Immutable; a change of
 * mind is a further record. Fields after ISO/IEC TS 27560.
 */
export interface ConsentRecord {
  readonly schemaVersion: 2;
  readonly recordId: string;
  /** The record before this one about the same person; null for the first. One missing link and none of them counts. */
  readonly replaces: string | null;
  /** Ties the showing of the notice to its answer (MEG-request-id). */
  readonly requestId: string;
  readonly role: 'subject' | 'guardian';
  /** Pseudonym of the person who answered; never a name. */
  readonly dataSubject: string;
  /** Pseudonym of the child for whom a guardian answered, else null. */
  readonly guardianOf: string | null;
  readonly relation: GuardianRelation | null;
  readonly noticeId: string;
  readonly noticeVersion: string;
  /** SHA-256 of the notice, see `hashNotice`. */
  readonly noticeHash: string;
  /** Language in which the notice was shown. */
  readonly noticeLanguage: LanguageTag;
  readonly scene: Scene;
  readonly jurisdiction: string;
  /** Name of the controller, in Simplified Chinese. */
  readonly controller: string;
  /** Web origin at which the answer was given. */
  readonly origin: string;
  readonly state: ConsentRecordState;
  /** `given` and `refused`: every purpose of the notice. `expired`: the purposes whose time is over. Else empty. */
  readonly answers: ConsentAnswers;
  /** What the person said; null where nobody was asked. */
  readonly ageBand: AgeBand | null;
  readonly recordedAt: EpochMs;
  /** From this moment on nothing rests on the record. */
  readonly validUntil: EpochMs;
  readonly proof: ConsentProof;
}

/** A record before it is signed. */
export type UnsignedRecord = Omit<ConsentRecord, 'proof'>;

const MAX_TEXT_LENGTH = 500;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

const text = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH;
const time = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const among = (...values: unknown[]) => (value: unknown): boolean => values.includes(value);
const digest = (value: unknown): boolean => typeof value === 'string' && SHA256_HEX.test(value);
const answersOf = (value: unknown): boolean =>
  isObject(value) && Object.entries(value).every(([purpose, answer]) => isPurpose(purpose) && (answer === 'given' || answer === 'refused'));

const FIELDS: { readonly [K in keyof ConsentRecord]: (value: unknown) => boolean } = {
  schemaVersion: among(2),
  recordId: text,
  replaces: (value) => value === null || text(value),
  requestId: text,
  role: among('subject', 'guardian'),
  dataSubject: text,
  guardianOf: (value) => value === null || text(value),
  relation: among('parent', 'guardian', null),
  noticeId: text,
  noticeVersion: text,
  noticeHash: digest,
  noticeLanguage: text,
  scene: (value) => typeof value === 'string' && Object.hasOwn(SCENES, value),
  jurisdiction: text,
  controller: text,
  origin: text,
  state: among('requested', 'given', 'refused', 'withdrawn', 'expired'),
  answers: answersOf,
  ageBand: among('under-14', '14-17', 'adult', null),
  recordedAt: time,
  validUntil: time,
  proof: isObject,
};

const PROOF_FIELDS: { readonly [K in keyof ConsentProof]: (value: unknown) => boolean } = {
  keyId: digest,
  algorithm: among('ECDSA-P256-SHA256'),
  signature: (value) => typeof value === 'string' && SIGNATURE.test(value),
};

/** The fields that every record has, `proof` with its own; ISO/IEC TS 27560 asks for them. */
export const RECORD_FIELDS: readonly string[] = [...Object.keys(FIELDS), ...Object.keys(PROOF_FIELDS).map((field) => `proof.${field}`)];

/** An error that names the field at fault. */
export function recordFault(field: string, what: string): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_RECORD_INVALID', `A stored consent record cannot be trusted: ${field} ${what}. Ask for consent again.`, { details: { field } });
}

/**
 * Checks the form of a record that comes from outside: every field, no other, each of its kind and in accord with the
 * rest. The signature is another matter, see `verifyProof`.
 * @returns a frozen copy.
 * @throws FacePrivacyError ERR_CONSENT_RECORD_INVALID with `details.field`.
 */
export function parseRecord(value: unknown): ConsentRecord {
  if (!isObject(value)) throw recordFault('record', 'is no object');
  checkFields(value, FIELDS, '');
  checkFields(value['proof'] as Record<string, unknown>, PROOF_FIELDS, 'proof.');
  const record = structuredClone(value) as unknown as ConsentRecord;
  const { role, guardianOf, relation, answers, state } = record;
  if ((role === 'guardian') !== (guardianOf !== null)) throw recordFault('guardianOf', `does not fit role '${role}'`);
  if ((role === 'guardian') !== (relation !== null)) throw recordFault('relation', `does not fit role '${role}'`);
  if (record.validUntil < record.recordedAt) throw recordFault('validUntil', 'lies before recordedAt');
  const given = Object.values(answers).includes('given');
  const answered = state === 'given' || state === 'refused' || state === 'expired';
  if (answered !== Object.keys(answers).length > 0 || (state !== 'expired' && given !== (state === 'given'))) {
    throw recordFault('answers', `do not fit state '${state}'`);
  }
  return Object.freeze({ ...record, answers: Object.freeze(record.answers), proof: Object.freeze(record.proof) });
}

/** The person whom a record is about: who answered, or the child for whom a guardian did. */
export function subjectOf(record: Pick<ConsentRecord, 'dataSubject' | 'guardianOf'>): string {
  return record.guardianOf ?? record.dataSubject;
}

function checkFields(value: Record<string, unknown>, fields: Readonly<Record<string, (value: unknown) => boolean>>, prefix: string): void {
  for (const [field, fits] of Object.entries(fields)) {
    if (!Object.hasOwn(value, field)) throw recordFault(`${prefix}${field}`, 'is missing');
    if (!fits(value[field])) throw recordFault(`${prefix}${field}`, 'is malformed');
  }
  const extra = Object.keys(value).find((field) => !Object.hasOwn(fields, field));
  if (extra !== undefined) throw recordFault(`${prefix}${extra}`, 'is unknown');
}
