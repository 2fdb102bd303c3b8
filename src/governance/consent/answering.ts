import { checkOptions, isObject, matching, oneOf, type OptionRule } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import { pseudonym, type AnswerInput, type GuardianInput, type RequestInput } from './answers.ts';
import type { Desk } from './desk.ts';
import { basis } from './drafts.ts';
import { validUntilOf } from './gate.ts';
import type { Draft } from './journal.ts';
import type { Notice } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { Answering } from './recorder.ts';
import type { ConsentAnswers, ConsentRecord } from './record.ts';

// What people answer, from input to record. A page gets it when a notice is shown or answered: whoever answered on an earlier visit needs none of it.

/** The record that the notice was shown. @throws TypeError that names field, value and fix. */
export function takeRequest(input: RequestInput, desk: Desk): Draft {
  checkRequest(input, desk.notice);
  return draftRequest(input, desk);
}

/** What a person answered, to be recorded. @throws TypeError that names field, value and fix. */
export function takeAnswer(input: AnswerInput, desk: Desk): Answering {
  checkAnswer(input, desk.notice);
  return { dataSubject: input.dataSubject, draft: (past, now) => draftAnswer(input, past, now, desk), isConflict };
}

/** What a guardian answered, to be recorded for the child. @throws TypeError that names field, value and fix. */
export function takeGuardian(input: GuardianInput, desk: Desk): Answering {
  checkGuardian(input, desk.notice);
  return { dataSubject: input.dataSubject, draft: (past, now) => draftGuardian(input, past, now, desk), isConflict };
}

/** The record that the notice was shown. */
function draftRequest({ dataSubject, language }: RequestInput, desk: Desk): Draft {
  return { code: 'consent.requested', record: { ...basis(desk, language), dataSubject, requestId: crypto.randomUUID(), state: 'requested', validUntil: desk.notice.validUntil } };
}

/** The record of an answer; it belongs to the latest showing of the notice. */
function draftAnswer({ dataSubject, language, answers, ageBand }: AnswerInput, past: readonly ConsentRecord[], now: EpochMs, desk: Desk): Draft {
  const state = stateOf(answers);
  return {
    code: `consent.${state}`,
    record: { ...basis(desk, language), dataSubject, requestId: requestOf(past, desk), state, answers: { ...answers }, ageBand, validUntil: latestEnd(answers, now, desk.notice) },
  };
}

/** The record of a guardian's answer. */
function draftGuardian({ dataSubject, guardian, relation, language, answers }: GuardianInput, past: readonly ConsentRecord[], now: EpochMs, desk: Desk): Draft {
  return {
    code: 'consent.guardian',
    record: {
      ...basis(desk, language),
      role: 'guardian',
      dataSubject: guardian,
      guardianOf: dataSubject,
      relation,
      requestId: requestOf(past, desk),
      state: stateOf(answers),
      answers: { ...answers },
      validUntil: latestEnd(answers, now, desk.notice),
    },
  };
}

/**
 * Whether something else was recorded about the person since `base` was read: another answer, or a withdrawal. Then two
 * tabs answered at once, and neither is the last word.
 */
function isConflict(base: readonly ConsentRecord[], past: readonly ConsentRecord[], { record: mine }: Draft): boolean {
  const known = new Set(base.map(({ recordId }) => recordId));
  return past.some(({ recordId, state, role, answers, noticeHash }) => {
    if (known.has(recordId) || state === 'requested' || state === 'expired') return false;
    return state === 'withdrawn' || (role === mine.role && (noticeHash !== mine.noticeHash || !sameAnswers(answers, mine.answers)));
  });
}

const anObject = matching('an object { purpose: answer }', isObject);

function checkRequest(input: unknown, notice: Notice): asserts input is RequestInput {
  checkOptions<RequestInput>('request', input, common(notice), ['dataSubject', 'language']);
}

function checkAnswer(input: unknown, notice: Notice): asserts input is AnswerInput {
  const ageBand = matching("one of 'under-14', '14-17', 'adult'", (value) => value === null || oneOf(['under-14', '14-17', 'adult'])(value) === null);
  checkOptions<AnswerInput>('answer', input, { ...common(notice), answers: anObject, ageBand }, ['dataSubject', 'language', 'answers', 'ageBand']);
  checkAnswers('answer', input.answers, notice);
  if (input.ageBand === null && Object.values(input.answers).includes('given')) {
    throw new TypeError("answer.ageBand must be one of 'under-14', '14-17', 'adult' where a purpose is given, got null.");
  }
}

function checkGuardian(input: unknown, notice: Notice): asserts input is GuardianInput {
  const rules = { ...common(notice), guardian: pseudonym, relation: oneOf(['parent', 'guardian']), answers: anObject };
  checkOptions<GuardianInput>('answerAsGuardian', input, rules, ['dataSubject', 'language', 'guardian', 'relation', 'answers']);
  checkAnswers('answerAsGuardian', input.answers, notice);
  if (input.guardian === input.dataSubject) throw new TypeError('answerAsGuardian.guardian must be somebody else than dataSubject, the child.');
}

function common(notice: Notice): { dataSubject: OptionRule; language: OptionRule } {
  return { dataSubject: pseudonym, language: oneOf(notice.languages) };
}

function checkAnswers(owner: string, answers: ConsentAnswers, { purposes }: Notice): void {
  const names = purposes.map(({ purpose }) => purpose);
  const rules = Object.fromEntries(names.map((name) => [name, oneOf(['given', 'refused'])]));
  checkOptions<Record<string, unknown>>(`${owner}.answers`, answers, rules, names);
}

function stateOf(answers: ConsentAnswers): 'given' | 'refused' {
  return Object.values(answers).includes('given') ? 'given' : 'refused';
}

function requestOf(past: readonly ConsentRecord[], { noticeHash }: Desk): string {
  return past.findLast((record) => record.state === 'requested' && record.noticeHash === noticeHash)?.requestId ?? crypto.randomUUID();
}

/** When the last of the agreements is over; a refusal holds until the notice does not. */
function latestEnd(answers: ConsentAnswers, now: EpochMs, notice: Notice): EpochMs {
  const unlimited = { recordedAt: now, validUntil: notice.validUntil };
  const ends = notice.purposes.filter(({ purpose }) => answers[purpose] === 'given').map((purpose) => validUntilOf(unlimited, purpose));
  return ends.length === 0 ? notice.validUntil : Math.max(...ends);
}

function sameAnswers(a: ConsentAnswers, b: ConsentAnswers): boolean {
  const purposes = Object.keys({ ...a, ...b }) as Purpose[];
  return purposes.every((purpose) => a[purpose] === b[purpose]);
}
