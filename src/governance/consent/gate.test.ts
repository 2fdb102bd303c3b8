import { describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, judgeConsent, refusalError, validUntilOf, type ConsentQuestion } from './gate.ts';
import { FIXTURE_NOW as T0, noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import { recordFixture } from './record-fixture.contract.ts';
import type { ConsentRecord } from './record.ts';

const DAY_MS = 24 * 3600 * 1000;
const VIEW = 'live-redacted-view';
const RECORDING = 'redacted-recording';
const FEATURES = 'feature-extraction';

const notice = noticeFixture();
const question: ConsentQuestion = {
  purposes: [VIEW],
  notice,
  noticeHash: 'a'.repeat(64),
  origin: 'https://app.example',
  clock: T0,
  highWater: T0,
};
const yes = recordFixture();
const child = recordFixture({ ageBand: 'under-14' });
const guardianYes = recordFixture({ role: 'guardian', dataSubject: 'guardian-1', guardianOf: 'subject-1', relation: 'parent', ageBand: null });
const withdrawal = recordFixture({ state: 'withdrawn', answers: {}, ageBand: null });

function codeOf(records: readonly ConsentRecord[], more: Partial<ConsentQuestion> = {}): string {
  const verdict = judgeConsent(records, { ...question, ...more });
  return verdict.granted ? 'granted' : `${verdict.refusal.code} ${String(verdict.refusal.field)}`;
}

describe('the last word decides', () => {
  it('a yes opens its purpose until its time is over [TAF-5.1a]', () => {
    expect(judgeConsent([yes], question)).toEqual({ granted: true, record: yes, validUntil: yes.validUntil });
  });

  it.each<[string, ConsentRecord[], Partial<ConsentQuestion>, string]>([
    ['nothing was answered [TAF-5.1a]', [], {}, 'ERR_CONSENT_MISSING null'],
    ['the notice was only shown [TAF-5.1a]', [recordFixture({ state: 'requested', answers: {} })], {}, 'ERR_CONSENT_MISSING null'],
    ['the purpose was refused [MEG-separate]', [yes], { purposes: [RECORDING] }, 'ERR_CONSENT_REFUSED answers'],
    ['one of several purposes was refused [MEG-separate]', [yes], { purposes: [VIEW, RECORDING] }, 'ERR_CONSENT_REFUSED answers'],
    ['a general yes says nothing of a biometric purpose [MEG-separate]', [yes], { purposes: [FEATURES] }, 'ERR_CONSENT_NOTICE noticeHash'],
    ['the notice does not name the purpose [TAF-5.3a]', [yes], { purposes: ['sharing'] }, 'ERR_CONSENT_PURPOSE purpose'],
    ['a refusal came after the yes', [yes, recordFixture({ state: 'refused', answers: { [VIEW]: 'refused' } })], {}, 'ERR_CONSENT_REFUSED answers'],
    ['a withdrawal came after the yes [MEG-withdraw]', [yes, withdrawal], {}, 'ERR_CONSENT_WITHDRAWN state'],
    ['an expiry came after the yes', [yes, recordFixture({ state: 'expired', answers: { [VIEW]: 'given' } })], {}, 'ERR_CONSENT_EXPIRED validUntil'],
    ['it was answered at another origin', [recordFixture({ origin: 'https://evil.example' })], {}, 'ERR_CONSENT_ORIGIN origin'],
    ['another notice was answered [TAF-5.1e]', [recordFixture({ noticeHash: 'c'.repeat(64) })], {}, 'ERR_CONSENT_NOTICE noticeHash'],
  ])('no grant when %s', (_name, records, more, expected) => {
    expect(codeOf(records, more)).toBe(expected);
  });

  it('a yes after a withdrawal, a refusal or a request stands [MEG-withdraw]', () => {
    expect(codeOf([yes, withdrawal, yes])).toBe('granted');
    expect(codeOf([recordFixture({ state: 'refused', answers: { [VIEW]: 'refused' } }), yes])).toBe('granted');
    expect(codeOf([yes, recordFixture({ state: 'requested', answers: {} })])).toBe('granted');
  });

  it('goes by the order of the records, whatever their times say', () => {
    expect(codeOf([yes, recordFixture({ state: 'withdrawn', answers: {}, recordedAt: T0 - 9 * DAY_MS })])).toBe('ERR_CONSENT_WITHDRAWN state');
  });
});

describe('time', () => {
  it('a yes is over at its very moment, not before', () => {
    const at = (clock: number): string => codeOf([yes], { clock, highWater: clock });
    expect(at(yes.validUntil - 1)).toBe('granted');
    expect(at(yes.validUntil)).toBe('ERR_CONSENT_EXPIRED validUntil');
  });

  it('each purpose has its own time, and a grant the shortest of its purposes', () => {
    const short = noticeFixture({ purposes: [purposeFixture(VIEW, { validForDays: 10 }), purposeFixture(RECORDING)] });
    const both = recordFixture({ answers: { [VIEW]: 'given', [RECORDING]: 'given' } });
    expect(judgeConsent([both], { ...question, notice: short, purposes: [RECORDING, VIEW] })).toMatchObject({ validUntil: T0 + 10 * DAY_MS });
    const later = { clock: T0 + 10 * DAY_MS, highWater: T0, notice: short };
    expect(codeOf([both], later)).toBe('ERR_CONSENT_EXPIRED validUntil');
    expect(codeOf([both], { ...later, purposes: [RECORDING] })).toBe('granted');
    expect(validUntilOf({ recordedAt: T0, validUntil: T0 + 5 }, purposeFixture(VIEW))).toBe(T0 + 5);
  });

  it.each([
    ['before its time', { validFrom: T0 + 1 }, 'ERR_CONSENT_NOTICE notice.validFrom'],
    ['after its time', { validUntil: T0 }, 'ERR_CONSENT_NOTICE notice.validUntil'],
  ])('no grant on a notice %s', (_name, over, expected) => {
    expect(codeOf([yes], { notice: noticeFixture(over) })).toBe(expected);
  });

  it('a grant is over when its notice is', () => {
    expect(judgeConsent([yes], { ...question, notice: noticeFixture({ validUntil: T0 + 7 }) })).toMatchObject({ validUntil: T0 + 7 });
  });

  it('a clock set back opens nothing; a clock that is a little off goes by the latest time seen', () => {
    expect(codeOf([yes], { clock: T0, highWater: T0 + CLOCK_TOLERANCE_MS + 1 })).toBe('ERR_CONSENT_CLOCK clock');
    expect(codeOf([yes], { clock: T0, highWater: T0 + CLOCK_TOLERANCE_MS })).toBe('granted');
    expect(codeOf([yes], { clock: yes.validUntil - 1, highWater: yes.validUntil })).toBe('ERR_CONSENT_EXPIRED validUntil');
  });

  it('a record of the future opens nothing', () => {
    const future = recordFixture({ recordedAt: T0 + CLOCK_TOLERANCE_MS + 1 });
    expect(codeOf([future])).toBe('ERR_CONSENT_CLOCK recordedAt');
  });
});

describe('minors [MEG-minor]', () => {
  it.each<[string, ConsentRecord[], string]>([
    ['the child alone', [child], 'ERR_CONSENT_GUARDIAN guardianOf'],
    ['the guardian alone', [guardianYes], 'ERR_CONSENT_MISSING null'],
    ['a guardian who refuses', [child, { ...guardianYes, state: 'refused', answers: { [VIEW]: 'refused' } }], 'ERR_CONSENT_GUARDIAN answers'],
    ['a guardian who agreed to another notice', [child, { ...guardianYes, noticeHash: 'c'.repeat(64) }], 'ERR_CONSENT_GUARDIAN noticeHash'],
    ['a guardian whose yes has expired', [child, { ...guardianYes, state: 'expired', answers: { [VIEW]: 'given' } }], 'ERR_CONSENT_GUARDIAN validUntil'],
    ['a guardian who agreed before a withdrawal', [child, guardianYes, withdrawal, child], 'ERR_CONSENT_GUARDIAN guardianOf'],
    ['a child who refuses', [guardianYes, { ...child, state: 'refused', answers: { [VIEW]: 'refused' } }], 'ERR_CONSENT_REFUSED answers'],
    ['a person who was not asked for their age', [recordFixture({ ageBand: null })], 'ERR_CONSENT_GUARDIAN ageBand'],
  ])('under 14: no grant for %s', (_name, records, expected) => {
    expect(codeOf(records)).toBe(expected);
  });

  it('under 14 both together open, in either order, until the earlier end', () => {
    const shorter = { ...guardianYes, validUntil: T0 + 9 };
    expect(judgeConsent([child, shorter], question)).toMatchObject({ granted: true, record: child, validUntil: T0 + 9 });
    expect(codeOf([guardianYes, child])).toBe('granted');
  });

  it('from 14 on nobody else is asked', () => {
    expect(codeOf([recordFixture({ ageBand: '14-17' })])).toBe('granted');
  });
});

it('a refusal tells whether the notice declares the purpose essential, and its field as an error, too [TAF-5.2b/c]', () => {
  const justification = { 'zh-CN': '门禁安全', en: 'Safety at the gate' };
  const service = noticeFixture({ scene: 'service', purposes: [purposeFixture(VIEW, { essential: { ground: 'public-safety', justification } })] });
  const verdict = judgeConsent([recordFixture({ origin: 'https://evil.example' })], { ...question, notice: service });
  if (verdict.granted) throw new Error('expected a refusal');
  expect(verdict.refusal).toMatchObject({ essential: true, purpose: VIEW });
  expect(refusalError(verdict.refusal)).toMatchObject({ code: 'ERR_CONSENT_ORIGIN', details: { field: 'origin', essential: true, purpose: VIEW } });
});

it('asks for at least one purpose', () => {
  expect(() => judgeConsent([yes], { ...question, purposes: [] })).toThrow(TypeError);
});
