import type { EpochMs } from '../../core/time.ts';
import type { AnswerInput, GuardianInput, RequestInput } from './answers.ts';
import type { Desk } from './desk.ts';
import { validUntilOf } from './gate.ts';
import { lastWord, type Role } from './history.ts';
import type { Draft, DraftRecord } from './journal.ts';
import type { LanguageTag, Notice } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentAnswers, ConsentRecord } from './record.ts';

/** The record that the notice was shown. */
export function draftRequest({ dataSubject, language }: RequestInput, desk: Desk): Draft {
  return { code: 'consent.requested', record: { ...basis(desk, language), dataSubject, requestId: crypto.randomUUID(), state: 'requested', validUntil: desk.notice.validUntil } };
}

/** The record of an answer; it belongs to the latest showing of the notice. */
export function draftAnswer({ dataSubject, language, answers, ageBand }: AnswerInput, past: readonly ConsentRecord[], now: EpochMs, desk: Desk): Draft {
  const state = stateOf(answers);
  return {
    code: `consent.${state}`,
    record: { ...basis(desk, language), dataSubject, requestId: requestOf(past, desk), state, answers: { ...answers }, ageBand, validUntil: latestEnd(answers, now, desk.notice) },
  };
}

/** The record of a guardian's answer. */
export function draftGuardian({ dataSubject, guardian, relation, language, answers }: GuardianInput, past: readonly ConsentRecord[], now: EpochMs, desk: Desk): Draft {
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

/** The record that ends everything; nothing where nothing stands. */
export function draftWithdrawal(
  dataSubject: string,
  past: readonly ConsentRecord[],
  now: EpochMs,
  desk: Desk,
  code: 'consent.withdrawn' | 'consent.conflict' = 'consent.withdrawn',
): Draft[] {
  const last = past.findLast(({ state }) => state !== 'requested');
  if (last === undefined || last.state === 'withdrawn') return [];
  const record = { ...basis(desk, last.noticeLanguage), dataSubject, requestId: last.requestId, state: 'withdrawn' as const, validUntil: now };
  return [{ code, record }];
}

/**
 * The records that tell of agreements whose time is over, purpose by purpose.
 * @param all end every agreement, over or not: the clock cannot be trusted.
 */
export function draftExpiries(past: readonly ConsentRecord[], now: EpochMs, desk: Desk, all = false): Draft[] {
  const drafts: Draft[] = [];
  for (const role of ['subject', 'guardian'] as const satisfies readonly Role[]) {
    for (const [word, purposes] of standingWords(past, role)) {
      const over = purposes.filter((purpose) => all || now >= endOf(word, purpose, desk));
      if (over.length === 0) continue;
      const { recordId: _, replaces: __, recordedAt: ___, proof: ____, schemaVersion: _____, ...kept } = word;
      const answers = Object.fromEntries(over.map((purpose) => [purpose, 'given'] as const));
      drafts.push({ code: 'consent.expired', record: { ...kept, state: 'expired', answers, ageBand: null, validUntil: now } });
    }
  }
  return drafts;
}

/**
 * Whether something else was recorded about the person since `base` was read: another answer, or a withdrawal. Then two
 * tabs answered at once, and neither is the last word.
 */
export function isConflict(base: readonly ConsentRecord[], past: readonly ConsentRecord[], { record: mine }: Draft): boolean {
  const known = new Set(base.map(({ recordId }) => recordId));
  return past.some(({ recordId, state, role, answers, noticeHash }) => {
    if (known.has(recordId) || state === 'requested' || state === 'expired') return false;
    return state === 'withdrawn' || (role === mine.role && (noticeHash !== mine.noticeHash || !sameAnswers(answers, mine.answers)));
  });
}

function basis({ notice, noticeHash, origin }: Desk, language: LanguageTag): Omit<DraftRecord, 'dataSubject' | 'requestId' | 'state' | 'validUntil'> {
  return {
    role: 'subject',
    guardianOf: null,
    relation: null,
    noticeId: notice.noticeId,
    noticeVersion: notice.version,
    noticeHash,
    noticeLanguage: language,
    scene: notice.scene,
    jurisdiction: notice.jurisdiction,
    controller: notice.controller.name['zh-CN'] ?? '',
    origin,
    answers: {},
    ageBand: null,
  };
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

function standingWords(past: readonly ConsentRecord[], role: Role): Map<ConsentRecord, Purpose[]> {
  const words = new Map<ConsentRecord, Purpose[]>();
  const purposes = new Set(past.flatMap(({ answers }) => Object.keys(answers) as Purpose[]));
  for (const purpose of purposes) {
    const word = lastWord(past, purpose, role);
    if (word?.state === 'given' && word.answers[purpose] === 'given') words.set(word, [...(words.get(word) ?? []), purpose]);
  }
  return words;
}

/** The notice in force says when a purpose is over; of other notices only the record is known. */
function endOf(word: ConsentRecord, purpose: Purpose, { notice, noticeHash }: Desk): EpochMs {
  const entry = word.noticeHash === noticeHash ? notice.purposes.find((one) => one.purpose === purpose) : undefined;
  return entry === undefined ? word.validUntil : validUntilOf(word, entry);
}

function sameAnswers(a: ConsentAnswers, b: ConsentAnswers): boolean {
  const purposes = Object.keys({ ...a, ...b }) as Purpose[];
  return purposes.every((purpose) => a[purpose] === b[purpose]);
}
