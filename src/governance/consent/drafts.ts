import type { EpochMs } from '../../core/time.ts';
import type { Desk } from './desk.ts';
import { validUntilOf } from './gate.ts';
import { lastWord, type Role } from './history.ts';
import type { Draft, DraftRecord } from './journal.ts';
import type { LanguageTag } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentRecord } from './record.ts';

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

/** What every record says of notice and place. */
export function basis({ notice, noticeHash, origin }: Desk, language: LanguageTag): Omit<DraftRecord, 'dataSubject' | 'requestId' | 'state' | 'validUntil'> {
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
