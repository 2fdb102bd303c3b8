import { describe, expect, it } from 'vitest';
import { FacePrivacyError } from '../../core/errors.ts';
import { assertGrant, ConsentGrant, requireConsent } from './gate.ts';
import { createConsentRecord, withdrawalOf, type ConsentInput } from './old-record.ts';

const T0 = 1_790_000_000_000;
const input: ConsentInput = {
  dataSubject: 'subject-1',
  noticeVersion: '1',
  noticeLanguage: 'zh-CN',
  answers: { 'live-redacted-view': 'given', sharing: 'refused' },
  validForMs: 60_000,
};
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error instanceof FacePrivacyError ? error.code : error;
  }
  return 'did not throw';
};
const grantOf = (decision: ReturnType<typeof requireConsent>): ConsentGrant => {
  if (!decision.granted) throw new Error(decision.refusal.message);
  return decision.grant;
};

describe('requireConsent', () => {
  const record = createConsentRecord(input, T0);

  it('grants a purpose that was given', () => {
    const grant = grantOf(requireConsent([record], 'live-redacted-view', T0 + 1));
    expect(grant).toMatchObject({ purpose: 'live-redacted-view', recordId: record.recordId, validUntil: T0 + 60_000 });
    expect(grant.signal.aborted).toBe(false);
  });

  it.each([
    ['no record', [], 'live-redacted-view', T0, 'ERR_CONSENT_MISSING'],
    ['a refused purpose', [record], 'sharing', T0, 'ERR_CONSENT_PURPOSE'],
    ['an unanswered purpose', [record], 'comparison', T0, 'ERR_CONSENT_PURPOSE'],
    ['the very moment of expiry', [record], 'live-redacted-view', T0 + 60_000, 'ERR_CONSENT_EXPIRED'],
    ['a withdrawal', [withdrawalOf(record, T0 + 5), record], 'live-redacted-view', T0 + 6, 'ERR_CONSENT_WITHDRAWN'],
    ['a withdrawal under a clock set back', [withdrawalOf(record, T0 - 999), record], 'live-redacted-view', T0, 'ERR_CONSENT_WITHDRAWN'],
  ] as const)('refuses %s', (_name, records, purpose, now, expected) => {
    const decision = requireConsent(records, purpose, now);
    expect(decision).toMatchObject({ granted: false, refusal: { code: expected, purpose } });
  });

  it('goes by the latest answer, and by the stricter one of the same instant', () => {
    const refusal = { ...input, answers: { 'live-redacted-view': 'refused' } } as const;
    const later = createConsentRecord(refusal, T0 + 1);
    expect(requireConsent([record, later], 'live-redacted-view', T0 + 2).granted).toBe(false);
    const same = createConsentRecord(refusal, T0);
    expect(requireConsent([record, same], 'live-redacted-view', T0).granted).toBe(false);
    expect(requireConsent([same, record], 'live-redacted-view', T0).granted).toBe(false);
  });
});

describe('assertGrant', () => {
  const grant = grantOf(requireConsent([createConsentRecord(input, T0)], 'live-redacted-view', T0));

  it('lets a live grant of the right purpose through', () => {
    expect(() => { assertGrant(grant, ['live-redacted-view'], 'op', T0); }).not.toThrow();
  });

  it('refuses look-alikes, copies and forged instances', () => {
    const lookAlike = { ...grant, signal: new AbortController().signal };
    expect(code(() => { assertGrant(lookAlike, ['live-redacted-view'], 'op', T0); })).toBe('ERR_CONSENT_FORGED');
    const heir = Object.create(grant) as ConsentGrant;
    expect(code(() => { assertGrant(heir, ['live-redacted-view'], 'op', T0); })).toBe('ERR_CONSENT_FORGED');
    const Forge = ConsentGrant as unknown as new (...args: unknown[]) => ConsentGrant;
    expect(code(() => new Forge(Symbol('mint'), createConsentRecord(input, T0), 'sharing'))).toBe('ERR_CONSENT_FORGED');
    expect(() => { assertGrant(undefined, ['live-redacted-view'], 'op', T0); }).toThrow(TypeError);
  });

  it('names operation, need and holding for a wrong purpose', () => {
    expect(() => { assertGrant(grant, ['sharing'], 'share', T0); }).toThrow(/share needs a grant for 'sharing'; this one holds 'live-redacted-view'/);
  });

  it('refuses an expired or ended grant', () => {
    expect(code(() => { assertGrant(grant, ['live-redacted-view'], 'op', T0 + 60_000); })).toBe('ERR_CONSENT_EXPIRED');
    ConsentGrant.end(grant, new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'withdrawn'));
    expect(code(() => { assertGrant(grant, ['live-redacted-view'], 'op', T0); })).toBe('ERR_CONSENT_WITHDRAWN');
  });

  it('cannot be changed to hold more', () => {
    expect(Object.isFrozen(grant)).toBe(true);
  });
});
