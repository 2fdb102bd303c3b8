import { FIXTURE_NOW } from './notice-fixture.contract.ts';
import type { ConsentRecord } from './record.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A record as an adult's yes to the live view leaves it, for rules that do not look at signatures. For tests only. */
export function recordFixture(overrides: Partial<ConsentRecord> = {}): ConsentRecord {
  return {
    schemaVersion: 2,
    recordId: crypto.randomUUID(),
    replaces: null,
    requestId: 'request-1',
    role: 'subject',
    dataSubject: 'subject-1',
    guardianOf: null,
    relation: null,
    noticeId: 'fixture',
    noticeVersion: '1',
    noticeHash: 'a'.repeat(64),
    noticeLanguage: 'zh-CN',
    scene: 'upload',
    jurisdiction: 'CN',
    controller: '示例公司',
    origin: 'https://app.example',
    state: 'given',
    answers: { 'live-redacted-view': 'given', 'redacted-recording': 'refused' },
    ageBand: 'adult',
    recordedAt: FIXTURE_NOW,
    validUntil: FIXTURE_NOW + YEAR_MS,
    proof: { keyId: 'b'.repeat(64), algorithm: 'ECDSA-P256-SHA256', signature: 'A'.repeat(86) },
    ...overrides,
  };
}
