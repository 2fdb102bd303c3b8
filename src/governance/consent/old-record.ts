import { FacePrivacyError } from '../../core/errors.ts';
import { checkOptions, isObject, matching, numberBetween, oneOf } from '../../core/options.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';

/** What frames or what comes of them may be used for. Closed: an operation names exactly one (TAF-5.3a). */
export const PURPOSES = [
  'live-redacted-view',
  'staff-review',
  'redacted-recording',
  'feature-extraction',
  'comparison',
  'album-grouping',
  'sealed-originals',
  'sharing',
] as const;

/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** The person's own answer to one purpose. A purpose without an answer is refused. */
export type ConsentAnswer = 'given' | 'refused';

/** `given`: the answers hold; `withdrawn`: everything that rested on the record has ended. */
export type ConsentRecordState = 'given' | 'withdrawn';

/**
 * What a person answered, to which notice, when and until when. Immutable; a change of mind is a further record
 * (fields after ISO/IEC TS 27560).
 */
export interface ConsentRecord {
  readonly recordId: string;
  /** The record that this one replaces, for a withdrawal. */
  readonly replaces: string | null;
  /** Pseudonym of the person filmed; never a name. */
  readonly dataSubject: string;
  readonly noticeVersion: string;
  /** BCP 47 tag of the language in which the notice was shown. */
  readonly noticeLanguage: string;
  readonly state: ConsentRecordState;
  readonly answers: Readonly<Partial<Record<Purpose, ConsentAnswer>>>;
  readonly recordedAt: EpochMs;
  readonly validUntil: EpochMs;
}

/** What an app hands in when a person has answered a notice. */
export interface ConsentInput {
  readonly dataSubject: string;
  readonly noticeVersion: string;
  readonly noticeLanguage: string;
  readonly answers: Readonly<Partial<Record<Purpose, ConsentAnswer>>>;
  /** How long the answers hold, milliseconds, at most a year. */
  readonly validForMs: Milliseconds;
}

const YEAR_MS = 366 * 24 * 3600 * 1000;
const nonEmpty = matching('a non-empty string of at most 200 characters', (v) => typeof v === 'string' && v !== '' && v.length <= 200);
const isAnswers = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(
    ([purpose, answer]) => oneOf(PURPOSES)(purpose) === null && (answer === 'given' || answer === 'refused'),
  );
const answers = matching(`an object { purpose: 'given' | 'refused' } with purposes from ${PURPOSES.join(', ')}`, isAnswers);

/**
 * Makes the record of one answer. Pure apart from the random `recordId`.
 * @param now milliseconds since the epoch.
 * @throws TypeError when a field is missing, unknown or of the wrong kind.
 */
export function createConsentRecord(input: ConsentInput, now: EpochMs): ConsentRecord {
  checkOptions<ConsentInput>(
    'consent',
    input,
    {
      dataSubject: nonEmpty,
      noticeVersion: nonEmpty,
      noticeLanguage: nonEmpty,
      answers,
      validForMs: numberBetween(1, YEAR_MS),
    },
    ['dataSubject', 'noticeVersion', 'noticeLanguage', 'answers', 'validForMs'],
  );
  return freeze({
    recordId: crypto.randomUUID(),
    replaces: null,
    dataSubject: input.dataSubject,
    noticeVersion: input.noticeVersion,
    noticeLanguage: input.noticeLanguage,
    state: 'given',
    answers: { ...input.answers },
    recordedAt: now,
    validUntil: now + input.validForMs,
  });
}

/** The record that ends `record` (MEG-withdraw). What was done before stays lawful; nothing further rests on it. */
export function withdrawalOf(record: ConsentRecord, now: EpochMs): ConsentRecord {
  return freeze({
    ...record,
    recordId: crypto.randomUUID(),
    replaces: record.recordId,
    state: 'withdrawn',
    recordedAt: now,
  });
}

/**
 * Checks a record that comes from a store, which others may have written to.
 * @throws FacePrivacyError ERR_CONSENT_RECORD_INVALID.
 */
export function parseConsentRecord(value: unknown): ConsentRecord {
  const text = (v: unknown): boolean => typeof v === 'string' && v !== '';
  const ok =
    isObject(value) &&
    text(value['recordId']) &&
    (value['replaces'] === null || text(value['replaces'])) &&
    text(value['dataSubject']) &&
    text(value['noticeVersion']) &&
    text(value['noticeLanguage']) &&
    (value['state'] === 'given' || value['state'] === 'withdrawn') &&
    isAnswers(value['answers']) &&
    Number.isFinite(value['recordedAt']) &&
    Number.isFinite(value['validUntil']);
  if (!ok) {
    throw new FacePrivacyError('ERR_CONSENT_RECORD_INVALID', 'A stored consent record is damaged; ask for consent again.');
  }
  return freeze(value as unknown as ConsentRecord);
}

function freeze(record: ConsentRecord): ConsentRecord {
  return Object.freeze({ ...record, answers: Object.freeze({ ...record.answers }) });
}
