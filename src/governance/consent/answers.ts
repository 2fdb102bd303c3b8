import { checkOptions, matching } from '../../core/options.ts';
import type { LanguageTag } from './notice.ts';
import { isPurpose, type Purpose } from './purposes.ts';
import type { AgeBand, ConsentAnswers, GuardianRelation } from './record.ts';

/** The notice is shown to a person. */
export interface RequestInput {
  /** Pseudonym of the person, at most 200 characters; never a name. */
  readonly dataSubject: string;
  /** The language in which the notice is shown, one of the notice's. */
  readonly language: LanguageTag;
}

/** What a person answered. */
export interface AnswerInput extends RequestInput {
  /** An answer to each purpose of the notice: what is not answered is not assumed (TAF-5.1a). */
  readonly answers: ConsentAnswers;
  /** What the person said of their age; null only where everything is refused. */
  readonly ageBand: AgeBand | null;
}

/** What a guardian answered for a child under 14. */
export interface GuardianInput extends RequestInput {
  /** Pseudonym of the guardian; `dataSubject` is the child. */
  readonly guardian: string;
  readonly relation: GuardianRelation;
  readonly answers: ConsentAnswers;
}

const MAX_PSEUDONYM_LENGTH = 200;
/** A pseudonym of a person. */
export const pseudonym = matching(`a non-empty string of at most ${MAX_PSEUDONYM_LENGTH} characters`, (v) => typeof v === 'string' && v !== '' && v.length <= MAX_PSEUDONYM_LENGTH);

/** Checks a pseudonym. @throws TypeError. */
export function checkDataSubject(owner: string, dataSubject: unknown): asserts dataSubject is string {
  checkOptions(owner, { dataSubject }, { dataSubject: pseudonym }, ['dataSubject']);
}

/** A purpose or several, without repetition. @throws TypeError. */
export function checkPurposes(owner: string, purposes: unknown): readonly Purpose[] {
  if (!Array.isArray(purposes) || purposes.length === 0) throw new TypeError(`${owner}.purposes must be a purpose or a list of them.`);
  const unknown: unknown = purposes.find((purpose) => !isPurpose(purpose));
  if (unknown !== undefined) throw new TypeError(`${owner}.purposes must be purposes of the library or 'app:' names, got ${JSON.stringify(unknown)}.`);
  return [...new Set(purposes as Purpose[])];
}
