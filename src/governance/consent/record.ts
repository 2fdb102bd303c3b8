import type { EpochMs } from '../../core/time.ts';
import type { LanguageTag } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { Scene } from './scenes.ts';

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
  readonly answers: ConsentAnswers;
  /** Null where nobody was asked: requests, withdrawals, expiries and guardians. */
  readonly ageBand: AgeBand | null;
  readonly recordedAt: EpochMs;
  /** From this moment on nothing rests on the record. */
  readonly validUntil: EpochMs;
  readonly proof: ConsentProof;
}

/** A record before it is signed. */
export type UnsignedRecord = Omit<ConsentRecord, 'proof'>;
