import { describe, expect, it } from 'vitest';
import { FIXTURE_NOW } from './notice-fixture.contract.ts';
import { noticeFor, type NoticeFields } from './notice-templates.ts';
import { checkNotice, hashNotice, type Localised, type Notice } from './notice.ts';
import type { LibraryPurpose } from './purposes.ts';
import { SCENES, type Scene } from './scenes.ts';

const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });
const scenes = Object.keys(SCENES) as Scene[];

function fields(purposes: readonly LibraryPurpose[], overrides: Partial<NoticeFields> = {}): NoticeFields {
  return {
    noticeId: 'shop-video',
    version: '3',
    validFrom: FIXTURE_NOW,
    validUntil: FIXTURE_NOW + 1,
    service: both('视频客服', 'video support'),
    controller: { name: both('晨星商店有限公司', 'Morning Star Shop Ltd'), address: both('杭州市西湖区一号', '1 Xihu District, Hangzhou'), contact: 'privacy@example.com' },
    purposes: purposes.map((purpose) => ({ purpose, retentionDays: purpose === 'live-redacted-view' ? 0 : 90 })),
    recipients: purposes.includes('sharing') ? [{ type: both('物流企业', 'Delivery companies'), purposes: ['sharing'] }] : [],
    storedAt: 'device',
    alternative: both('短信验证码或者人工核验', 'a code by text message or a check by our staff'),
    place: both('门店入口', 'the entrance of the shop'),
    ...overrides,
  };
}
const all = (scene: Scene): Notice => noticeFor(scene, fields(SCENES[scene].purposes));

/** Every text of a notice in one language, with its place. */
function texts(notice: Notice, tag: string): [string, string][] {
  const found: [string, string][] = [];
  const walk = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const text = (value as Record<string, unknown>)[tag];
    if (typeof text === 'string') found.push([place, text]);
    else for (const [key, entry] of Object.entries(value)) walk(entry, `${place}.${key}`);
  };
  walk(notice, 'notice');
  return found;
}

describe.each(scenes)('noticeFor %s', (scene) => {
  it('makes a complete notice with every purpose of the scene, in both languages [TAF-4] [TAF-5.1a] [MEG-policy]', () => {
    const notice = all(scene);
    expect(() => { checkNotice(notice); }).not.toThrow();
    expect(notice.purposes.map(({ purpose }) => purpose)).toEqual(SCENES[scene].purposes);
    expect(notice).toMatchObject({ scene, jurisdiction: 'CN', languages: ['zh-CN', 'en'], whenNotVisible: 'cover', inBackground: 'stop', ageThreshold: 14 });
    expect(texts(notice, 'zh-CN').map(([place]) => place)).toEqual(texts(notice, 'en').map(([place]) => place));
  });

  it('leaves nothing unfilled, no text in the wrong language, no half sentence', () => {
    for (const [place, filled] of texts(all(scene), 'zh-CN')) {
      const text = filled.replaceAll('privacy@example.com', '');
      expect(text, place).not.toMatch(/[$【】a-zA-Z]/);
      expect(text, place).toMatch(/\p{Script=Han}/u);
      expect(text, place).not.toMatch(/[,;:?!]|。。|；。|，。/);
    }
    for (const [place, text] of texts(all(scene), 'en')) {
      expect(text, place).not.toMatch(/undefined|\$\{|\[|\p{Script=Han}|\.\.| {2}/u);
    }
    for (const { description, method, retention } of all(scene).purposes) {
      for (const text of [description, method, retention.text]) {
        expect(text['zh-CN']).toMatch(/。$/);
        expect(text['en']).toMatch(/^[A-Z].*\.$/);
      }
    }
  });

  it('does not promise more than covering', () => {
    const text = [...texts(all(scene), 'zh-CN'), ...texts(all(scene), 'en')].map(([, entry]) => entry).join('\n');
    expect(text).not.toMatch(/匿名|anonym/i);
  });

  it('says who, how to reach them and how long [TAF-5.1a] [MEG-withdraw]', () => {
    const notice = all(scene);
    for (const tag of ['zh-CN', 'en']) {
      expect(notice.rights[tag]).toContain('privacy@example.com');
      expect(notice.complaint[tag]).toContain('privacy@example.com');
      expect(notice.sign?.[tag]).toContain('privacy@example.com');
    }
    expect(notice.rights['zh-CN']).toContain('撤回');
    expect(notice.rights['en']).toContain('withdraw');
    expect(notice.purposes[0]?.retention.text).toMatchObject({ 'zh-CN': expect.stringMatching(/^不保存/) as string, en: expect.stringMatching(/^Not kept/) as string });
    expect(notice.purposes[1]?.retention).toMatchObject({ periodDays: 90, text: { 'zh-CN': expect.stringContaining('保存90日') as string, en: expect.stringContaining('90 days') as string } });
  });
});

describe('noticeFor', () => {
  it('tells scenes apart: no two notices are the same [TAF-4]', async () => {
    const shared = ['live-redacted-view', 'redacted-recording'] as const;
    const notices = scenes.map((scene) => noticeFor(scene, fields(shared)));
    for (const key of ['description', 'method'] as const) {
      for (const index of [0, 1]) expect(new Set(notices.map(({ purposes }) => purposes[index]?.[key]['zh-CN'])).size).toBe(4);
    }
    expect(new Set(await Promise.all(notices.map(hashNotice))).size).toBe(4);
  });

  it('tells the others in a call as recipients', () => {
    expect(noticeFor('call', fields(['live-redacted-view'])).recipients).toEqual([
      { type: { 'zh-CN': expect.stringContaining('其他参与者') as string, en: expect.stringContaining('other people in the call') as string }, purposes: ['live-redacted-view'] },
    ]);
    expect(noticeFor('upload', fields(['live-redacted-view'])).recipients).toEqual([]);
  });

  it('asks separately for biometrics and for voices and says that no harm comes of a no [MEG-separate]', () => {
    const notice = all('upload');
    for (const { purpose, description } of notice.purposes) {
      const separately = ['sound-recording', 'feature-extraction', 'comparison', 'album-grouping', 'sealed-originals'].includes(purpose);
      expect(description['zh-CN']?.includes('单独同意')).toBe(separately);
      expect(description['en']?.includes('We ask for this separately')).toBe(separately);
    }
  });

  it('mentions the seal only where originals may be sealed', () => {
    const without = noticeFor('service', fields(['live-redacted-view', 'redacted-recording']));
    expect(without.purposes.map(({ method }) => method['zh-CN']).join('')).not.toContain('封存');
    expect(all('service').purposes[0]?.method['zh-CN']).toContain('封存');
  });

  it('mentions sound only where it may be kept, and says then that a voice tells who somebody is [MEG-separate]', () => {
    const without = noticeFor('service', fields(['live-redacted-view', 'redacted-recording', 'sharing']));
    const told = without.purposes.map(({ method, scope }) => [method['en'], scope['en']].join(' ')).join(' ');
    expect(told.match(/sound/gi)).toEqual(['sound']);
    expect(told).toContain('No sound is processed, and nobody is identified.');
    const purposes = new Map(all('service').purposes.map((purpose) => [purpose.purpose, purpose]));
    expect(purposes.get('redacted-recording')?.method).toMatchObject({ 'zh-CN': expect.stringContaining('不保存声音') as string, en: expect.stringContaining('without sound unless you separately agree') as string });
    expect(purposes.get('sharing')?.method['zh-CN']).toContain('录像的声音一律去除');
    expect(purposes.get('sound-recording')).toMatchObject({ description: { 'zh-CN': expect.stringContaining('说话人的身份') as string, en: expect.stringContaining('who is speaking') as string }, retention: { category: 'recorded-sound' } });
  });

  it('wants the way without biometrics from the app [MEG-alternative]', () => {
    const { alternative, ...rest } = fields(['live-redacted-view', 'comparison']);
    expect(alternative).toBeDefined();
    expect(() => noticeFor('upload', rest)).toThrow("fields.alternative is missing; 'comparison' is biometric");
    expect(noticeFor('upload', { ...rest, alternative: both('密码', 'a password') }).alternatives).toEqual(
      both('您不同意处理面部特征或者面部原始画面的，可以选择密码。选择该方式不影响您获得同样的服务，也不增加费用。', 'If you do not want your facial features or the original picture of your face to be used, you can choose a password. You get the same service and pay no more.'),
    );
  });

  it('writes the sign of a public place [MEG-sign]', () => {
    expect(all('service').sign?.['zh-CN']).toContain('晨星商店有限公司在门店入口采集图像，用于视频客服');
    expect(all('service').sign?.['en']).toContain('Morning Star Shop Ltd films at the entrance of the shop for video support');
    const { place, ...rest } = fields(['live-redacted-view']);
    expect(place).toBeDefined();
    expect(noticeFor('service', rest).sign).toBeNull();
  });

  it('takes Chinese alone, and own purposes as they are', () => {
    const own = all('upload').purposes[0]!;
    const zh = (text: string): Localised => ({ 'zh-CN': text });
    const notice = noticeFor('upload', fields(['live-redacted-view'], {
      languages: ['zh-CN'],
      service: zh('视频客服'),
      controller: { name: zh('晨星'), address: zh('杭州'), contact: 'privacy@example.com' },
      alternative: zh('密码'),
      place: zh('门店'),
      storedAt: zh('阿里云杭州机房'),
    }));
    expect(notice.languages).toEqual(['zh-CN']);
    expect(notice.storageLocation).toEqual({ 'zh-CN': '阿里云杭州机房' });
    const withOwn = noticeFor('upload', fields(['live-redacted-view'], { ownPurposes: [{ ...own, purpose: 'app:lesson', validForDays: 7 }] }));
    expect(withOwn.purposes[1]).toMatchObject({ purpose: 'app:lesson', validForDays: 7 });
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { ...fields(['live-redacted-view']), logo: 'x' }, 'fields.logo is not an option. Known options: noticeId,'],
    ['a missing field', { ...fields(['live-redacted-view']), controller: undefined }, 'fields.controller is missing'],
    ['no word on where data is kept', { ...fields(['live-redacted-view']), storedAt: 'cloud' }, "fields.storedAt must be 'device' or an object with a text in each language, got 'cloud'."],
    ['a service without its English', { ...fields(['live-redacted-view']), service: { 'zh-CN': '客服' } }, 'fields.service.en is missing'],
    ['a language without a template', { ...fields(['live-redacted-view']), languages: ['zh-CN', 'fr'] }, "fields.languages must be a list of 'zh-CN' and 'en'"],
    ['no Chinese', { ...fields(['live-redacted-view']), languages: ['en'] }, "notice.languages must be a list of different BCP 47 tags with 'zh-CN' among them"],
    ['an unknown purpose', fields(['spying' as LibraryPurpose]), 'fields.purposes[0].purpose must be one of'],
    ['a purpose without retention', { ...fields([]), purposes: [{ purpose: 'live-redacted-view' }] }, 'fields.purposes[0].retentionDays is missing'],
    ['a purpose that the scene does not know', fields(['staff-review']), "notice.purposes[0].purpose must be one of"],
    ['a controller without English name', { ...fields(['live-redacted-view']), controller: { ...fields([]).controller, name: { 'zh-CN': '晨星' } } }, 'notice.controller.name.en is missing'],
  ])('refuses %s', (_name, bad, message) => {
    expect(() => noticeFor('upload', bad as NoticeFields)).toThrow(TypeError);
    expect(() => noticeFor('upload', bad as NoticeFields)).toThrow(message);
  });

  it('refuses an unknown scene', () => {
    expect(() => noticeFor('party' as Scene, fields([]))).toThrow("scene must be one of upload, call, processing, service, got 'party'.");
  });
});
