import type { Localised, Notice, NoticePurpose } from './notice.ts';
import type { Purpose } from './purposes.ts';

/** A moment at which {@link noticeFixture} is valid. */
export const FIXTURE_NOW = 1_790_000_000_000;

const DAY_MS = 86_400_000;
const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });

/** A purpose with everything that a notice has to say of it. */
export function purposeFixture(purpose: Purpose, overrides: Partial<NoticePurpose> = {}): NoticePurpose {
  return {
    purpose,
    title: both('用途', `Title of ${purpose}`),
    description: both('说明', 'Description'),
    method: both('方式', 'Method'),
    scope: both('范围', 'Scope'),
    dataCategories: [both('已遮挡面部的画面', 'Redacted picture')],
    retention: { category: 'redacted-media', periodDays: 30, text: both('三十日', 'Thirty days') },
    ...overrides,
  };
}

/** A short notice that passes `checkNotice`: scene `upload`, two ordinary purposes and a biometric one. For tests only. */
export function noticeFixture(overrides: Partial<Notice> = {}): Notice {
  return {
    noticeId: 'fixture',
    version: '1',
    jurisdiction: 'CN',
    languages: ['zh-CN', 'en'],
    scene: 'upload',
    validFrom: FIXTURE_NOW - 30 * DAY_MS,
    validUntil: FIXTURE_NOW + 720 * DAY_MS,
    controller: { name: both('示例公司', 'Example Ltd'), address: both('上海市', 'Shanghai'), contact: 'privacy@example.com' },
    purposes: [purposeFixture('live-redacted-view'), purposeFixture('redacted-recording'), purposeFixture('feature-extraction')],
    recipients: [],
    storageLocation: both('本设备', 'This device'),
    rights: both('可以随时撤回', 'You can withdraw at any time'),
    complaint: both('网信部门', 'The cyberspace authority'),
    alternatives: both('可以改用密码', 'A password will do instead'),
    whenNotVisible: 'cover',
    inBackground: 'stop',
    sign: null,
    ageThreshold: 14,
    ...overrides,
  };
}
