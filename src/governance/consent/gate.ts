import { FacePrivacyError } from '../../core/errors.ts';
import { CLOCK_TOLERANCE_MS, type EpochMs, type Milliseconds } from '../../core/time.ts';
import type { ConsentGrant } from './grant.ts';
import { lastWord } from './history.ts';
import { guardianNeed } from './minors.ts';
import type { Notice, NoticePurpose } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentRecord } from './record.ts';

export { CLOCK_TOLERANCE_MS };

/** Days for which a yes holds where the notice says nothing. */
export const DEFAULT_VALIDITY_DAYS = 365;

const DAY_MS: Milliseconds = 24 * 3600 * 1000;

/** Codes of a {@link ConsentRefusal}. */
export type RefusalCode =
  | 'ERR_CONSENT_MISSING'
  | 'ERR_CONSENT_PURPOSE'
  | 'ERR_CONSENT_REFUSED'
  | 'ERR_CONSENT_WITHDRAWN'
  | 'ERR_CONSENT_EXPIRED'
  | 'ERR_CONSENT_NOTICE'
  | 'ERR_CONSENT_RECORD_INVALID'
  | 'ERR_CONSENT_ORIGIN'
  | 'ERR_CONSENT_GUARDIAN'
  | 'ERR_CONSENT_CLOCK';

/** Why there is no grant. */
export interface ConsentRefusal {
  readonly code: RefusalCode;
  /** The first of the purposes asked for that is not allowed. */
  readonly purpose: Purpose;
  /** The field at fault, of the record, the notice or the question; null where no field is. */
  readonly field: string | null;
  /** Whether the notice declares the purpose to be the minimum that the service needs (TAF-5.2b/c). */
  readonly essential: boolean;
  /** What happened and what to do, for developers. */
  readonly message: string;
}

/** Grant or refusal: a refusal is an outcome, not an exception (TAF-5.1c). */
export type ConsentDecision =
  | { readonly granted: true; readonly grant: ConsentGrant }
  | { readonly granted: false; readonly refusal: ConsentRefusal };

/** What the gate is asked. */
export interface ConsentQuestion {
  readonly purposes: readonly Purpose[];
  readonly notice: Notice;
  readonly noticeHash: string;
  readonly origin: string;
  /** What the clock says. */
  readonly clock: EpochMs;
  /** The latest time that this browser has seen; time goes on from there. */
  readonly highWater: EpochMs;
}

/** What the gate answers: on which record a grant rests, and until when, or why there is none. */
export type ConsentVerdict =
  | { readonly granted: true; readonly record: ConsentRecord; readonly validUntil: EpochMs }
  | { readonly granted: false; readonly refusal: ConsentRefusal };

/**
 * The rule (TAF-5.1a, TAF-5.3a, MEG-separate): a purpose may be pursued if and only if the last word on it is a yes of
 * the person, under 14 also of the guardian, given here, to this very notice, and not yet over. Pure.
 * @param records all records about one person, checked and in order, see `readHistory`.
 */
export function judgeConsent(records: readonly ConsentRecord[], question: ConsentQuestion): ConsentVerdict {
  let validUntil = question.notice.validUntil;
  let record: ConsentRecord | null = null;
  for (const purpose of question.purposes) {
    const verdict = judgePurpose(records, purpose, question);
    if (!verdict.granted) return verdict;
    validUntil = Math.min(validUntil, verdict.validUntil);
    // Answers to several notices may carry one grant: it names the latest.
    if (record === null || records.indexOf(verdict.record) > records.indexOf(record)) record = verdict.record;
  }
  if (record === null) throw new TypeError('purposes must name at least one purpose.');
  return { granted: true, record, validUntil };
}

/** When a yes to one purpose is over: what the notice says of the purpose, never more than the record. */
export function validUntilOf(record: Pick<ConsentRecord, 'recordedAt' | 'validUntil'>, purpose: NoticePurpose): EpochMs {
  return Math.min(record.validUntil, record.recordedAt + (purpose.validForDays ?? DEFAULT_VALIDITY_DAYS) * DAY_MS);
}

/** A refusal as an error, with its field in `details`. */
export function refusalError({ code, purpose, field, essential, message }: ConsentRefusal): FacePrivacyError {
  return new FacePrivacyError(code, message, { details: { purpose, essential, ...(field === null ? {} : { field }) } });
}

function judgePurpose(records: readonly ConsentRecord[], purpose: Purpose, question: ConsentQuestion): ConsentVerdict {
  const { notice, clock, highWater } = question;
  const now = Math.max(clock, highWater);
  const asked = notice.purposes.find((entry) => entry.purpose === purpose);
  const refuse = (code: RefusalCode, field: string | null, message: string): ConsentVerdict => {
    return { granted: false, refusal: { code, purpose, field, essential: asked?.essential !== undefined, message } };
  };
  if (highWater - clock > CLOCK_TOLERANCE_MS) {
    return refuse('ERR_CONSENT_CLOCK', 'clock', 'The clock was set back; nothing opens until it is right or the person answers anew.');
  }
  if (now < notice.validFrom) return refuse('ERR_CONSENT_NOTICE', 'notice.validFrom', 'The notice is not valid yet.');
  if (now >= notice.validUntil) return refuse('ERR_CONSENT_NOTICE', 'notice.validUntil', 'The notice is no longer valid; show a new one.');
  if (asked === undefined) return refuse('ERR_CONSENT_PURPOSE', 'purpose', `The notice does not name '${purpose}'; nobody can have agreed to it.`);

  const word = lastWord(records, purpose, 'subject');
  if (word === null) {
    return records.some(({ role, state }) => role === 'subject' && (state === 'given' || state === 'refused'))
      ? refuse('ERR_CONSENT_NOTICE', 'noticeHash', `What was answered says nothing of '${purpose}'; show the notice.`)
      : refuse('ERR_CONSENT_MISSING', null, 'Nobody has answered the notice; show it first.');
  }
  const fault = faultOf(word, asked, question, now);
  if (fault !== null) return refuse(...fault);

  const guardian = guardianNeed(word, records, purpose);
  if (guardian.need === 'none') return { granted: true, record: word, validUntil: validUntilOf(word, asked) };
  if (guardian.need === 'age') return refuse('ERR_CONSENT_GUARDIAN', 'ageBand', 'The person was not asked for their age; ask for it.');
  if (guardian.word === null) {
    return refuse('ERR_CONSENT_GUARDIAN', 'guardianOf', 'The person is under 14 and no guardian has agreed; ask the guardian.');
  }
  const doubt = faultOf(guardian.word, asked, question, now);
  if (doubt !== null) return refuse('ERR_CONSENT_GUARDIAN', doubt[1], `The guardian's answer does not hold: ${doubt[2]}`);
  return { granted: true, record: word, validUntil: Math.min(validUntilOf(word, asked), validUntilOf(guardian.word, asked)) };
}

/** Why a last word is no valid yes, or null. */
function faultOf(word: ConsentRecord, asked: NoticePurpose, question: ConsentQuestion, now: EpochMs): [RefusalCode, string | null, string] | null {
  if (word.state === 'withdrawn') return ['ERR_CONSENT_WITHDRAWN', 'state', 'Consent was withdrawn; ask again.'];
  if (word.origin !== question.origin) return ['ERR_CONSENT_ORIGIN', 'origin', 'The answer was given at another web origin; ask here.'];
  if (word.noticeHash !== question.noticeHash) return ['ERR_CONSENT_NOTICE', 'noticeHash', 'The answer was given to another notice; show the present one.'];
  if (word.recordedAt > now + CLOCK_TOLERANCE_MS) return ['ERR_CONSENT_CLOCK', 'recordedAt', 'The answer lies in the future; the clock is wrong.'];
  if (word.state === 'expired') return ['ERR_CONSENT_EXPIRED', 'validUntil', 'Consent has expired; ask again.'];
  if (word.answers[asked.purpose] !== 'given') return ['ERR_CONSENT_REFUSED', 'answers', `'${asked.purpose}' was refused.`];
  if (now >= validUntilOf(word, asked)) return ['ERR_CONSENT_EXPIRED', 'validUntil', 'Consent has expired; ask again.'];
  return null;
}
