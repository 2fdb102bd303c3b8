import { checkOptions, isObject, matching, oneOf, type OptionRule } from '../../core/options.ts';
import type { LanguageTag, Notice } from './notice.ts';
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
const pseudonym = matching(`a non-empty string of at most ${MAX_PSEUDONYM_LENGTH} characters`, (v) => typeof v === 'string' && v !== '' && v.length <= MAX_PSEUDONYM_LENGTH);
const anObject = matching('an object { purpose: answer }', isObject);

/** Checks a pseudonym. @throws TypeError. */
export function checkDataSubject(owner: string, dataSubject: unknown): asserts dataSubject is string {
  checkOptions(owner, { dataSubject }, { dataSubject: pseudonym }, ['dataSubject']);
}

/** @throws TypeError that names field, value and fix. */
export function checkRequest(input: unknown, notice: Notice): asserts input is RequestInput {
  checkOptions<RequestInput>('request', input, common(notice), ['dataSubject', 'language']);
}

/** @throws TypeError that names field, value and fix. */
export function checkAnswer(input: unknown, notice: Notice): asserts input is AnswerInput {
  const ageBand = matching("one of 'under-14', '14-17', 'adult'", (value) => value === null || oneOf(['under-14', '14-17', 'adult'])(value) === null);
  checkOptions<AnswerInput>('answer', input, { ...common(notice), answers: anObject, ageBand }, ['dataSubject', 'language', 'answers', 'ageBand']);
  checkAnswers('answer', input.answers, notice);
  if (input.ageBand === null && Object.values(input.answers).includes('given')) {
    throw new TypeError("answer.ageBand must be one of 'under-14', '14-17', 'adult' where a purpose is given, got null.");
  }
}

/** @throws TypeError that names field, value and fix. */
export function checkGuardian(input: unknown, notice: Notice): asserts input is GuardianInput {
  const rules = { ...common(notice), guardian: pseudonym, relation: oneOf(['parent', 'guardian']), answers: anObject };
  checkOptions<GuardianInput>('answerAsGuardian', input, rules, ['dataSubject', 'language', 'guardian', 'relation', 'answers']);
  checkAnswers('answerAsGuardian', input.answers, notice);
  if (input.guardian === input.dataSubject) throw new TypeError('answerAsGuardian.guardian must be somebody else than dataSubject, the child.');
}

/** A purpose or several, without repetition. @throws TypeError. */
export function checkPurposes(owner: string, purposes: unknown): readonly Purpose[] {
  if (!Array.isArray(purposes) || purposes.length === 0) throw new TypeError(`${owner}.purposes must be a purpose or a list of them.`);
  const unknown: unknown = purposes.find((purpose) => !isPurpose(purpose));
  if (unknown !== undefined) throw new TypeError(`${owner}.purposes must be purposes of the library or 'app:' names, got ${JSON.stringify(unknown)}.`);
  return [...new Set(purposes as Purpose[])];
}

function common(notice: Notice): { dataSubject: OptionRule; language: OptionRule } {
  return { dataSubject: pseudonym, language: oneOf(notice.languages) };
}

function checkAnswers(owner: string, answers: ConsentAnswers, { purposes }: Notice): void {
  const names = purposes.map(({ purpose }) => purpose);
  const rules = Object.fromEntries(names.map((name) => [name, oneOf(['given', 'refused'])]));
  checkOptions<Record<string, unknown>>(`${owner}.answers`, answers, rules, names);
}
