import type { EpochMs } from '../../core/time.ts';
import { judgeConsent, type ConsentQuestion } from './gate.ts';
import { guardianNeed } from './minors.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentAnswer, ConsentAnswers, ConsentRecord, ConsentRecordState } from './record.ts';

/** How things stand with one person and the present notice, ready to be shown. */
export interface Standing {
  /** The latest record that counts, of the person or the guardian. */
  readonly recordId: string;
  /** `refused` also when a guardian left nothing of what a child agreed to. */
  readonly state: Exclude<ConsentRecordState, 'requested'>;
  /** What holds of each purpose: `given` only where the person and, under 14, the guardian once asked said yes. Empty after a withdrawal. */
  readonly answers: ConsentAnswers;
  readonly validUntil: EpochMs;
  /** The person is under 14 and no guardian has answered this notice yet. */
  readonly awaitsGuardian: boolean;
}

/**
 * How things stand with one person, for those who show it; the gate alone decides. Null when nothing was answered to the
 * notice in question.
 * @param records all records about the person, checked and in order.
 */
export function standingOf(records: readonly ConsentRecord[], question: Omit<ConsentQuestion, 'purposes'>): Standing | null {
  const start = records.findLastIndex(({ role, state }) => role === 'subject' && (state === 'given' || state === 'refused'));
  const last = records[start];
  if (last === undefined || last.noticeHash !== question.noticeHash) return null;
  const end = records.slice(start).find(({ state }) => state === 'withdrawn');
  if (end !== undefined) return { recordId: end.recordId, state: 'withdrawn', answers: {}, validUntil: end.validUntil, awaitsGuardian: false };

  const given = (Object.keys(last.answers) as Purpose[]).filter((purpose) => last.answers[purpose] === 'given');
  const guardians = given.map((purpose) => guardianNeed(last, records, purpose));
  const words = guardians.flatMap((need) => (need.need === 'guardian' && need.word?.noticeHash === question.noticeHash ? [need.word] : []));
  const awaitsGuardian = words.length === 0 && guardians.some(({ need }) => need === 'guardian');
  const codes = new Map<Purpose, string | null>(
    given.map((purpose) => {
      const verdict = judgeConsent(records, { ...question, purposes: [purpose] });
      return [purpose, verdict.granted ? null : verdict.refusal.code];
    }),
  );
  const holds = (purpose: Purpose): ConsentAnswer => (awaitsGuardian || codes.get(purpose) === null ? 'given' : 'refused');
  const answers: ConsentAnswers = { ...last.answers, ...Object.fromEntries(given.map((purpose) => [purpose, holds(purpose)] as const)) };
  const over = given.length > 0 && given.every((purpose) => codes.get(purpose) === 'ERR_CONSENT_EXPIRED');
  const state = over ? 'expired' : Object.values(answers).includes('given') ? 'given' : 'refused';
  const latest = [last, ...words].sort((a, b) => records.indexOf(b) - records.indexOf(a))[0] ?? last;
  const validUntil = Math.min(last.validUntil, ...words.map((word) => word.validUntil));
  return { recordId: latest.recordId, state, answers, validUntil, awaitsGuardian };
}
