import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkNotice, hashNotice, noticeText, type Notice } from './notice.ts';
import { noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import { SCENES, type Scene } from './scenes.ts';

type Path = readonly (string | number)[];

/** A copy of the fixture with the value at `path` replaced; `undefined` takes it out. */
function changed(path: Path, value: unknown, notice: Notice = noticeFixture()): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(notice));
  let target = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}
const both = { 'zh-CN': '文', en: 'Text' };
const service = noticeFixture({
  scene: 'service',
  purposes: [purposeFixture('staff-review', { essential: { ground: 'public-safety', justification: both } })],
  alternatives: null,
  sign: both,
});

/** Every field that a notice must have, the texts of each language included. */
function mandatoryFields(): Path[] {
  const optional = new Set(['essential', 'validForDays', 'privacyOfficer', 'policyUrl']);
  const walk = (value: unknown, path: Path): Path[] => {
    if (Array.isArray(value)) return value.flatMap((entry, index) => walk(entry, [...path, index]));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, entry]) => (optional.has(key) ? [] : [[...path, key], ...walk(entry, [...path, key])]));
  };
  const withRecipient = noticeFixture({ recipients: [{ type: both, purposes: ['live-redacted-view'] }] });
  return walk(withRecipient, []);
}
const dotted = (path: Path): string => path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');

describe('checkNotice', () => {
  it('accepts a complete notice of each scene, and the optional fields [TAF-5.1a]', () => {
    expect(() => { checkNotice(noticeFixture()); }).not.toThrow();
    expect(() => { checkNotice(service); }).not.toThrow();
    for (const scene of Object.keys(SCENES) as Scene[]) {
      expect(() => { checkNotice(noticeFixture({ scene, purposes: [purposeFixture('live-redacted-view', { validForDays: 30 })] })); }).not.toThrow();
    }
    const controller = { ...noticeFixture().controller, privacyOfficer: 'DPO', policyUrl: 'https://example.com/privacy' };
    expect(() => { checkNotice(noticeFixture({ controller })); }).not.toThrow();
    expect(() => { checkNotice(noticeFixture({ purposes: [purposeFixture('app:class-attendance')] })); }).not.toThrow();
  });

  it.each(mandatoryFields().map((path) => [dotted(path), path] as const))('refuses a notice without %s and names it [TAF-5.1a]', (place, path) => {
    const withRecipient = noticeFixture({ recipients: [{ type: both, purposes: ['live-redacted-view'] }] });
    expect(() => { checkNotice(changed(path, undefined, withRecipient)); }).toThrow(`notice${place} is missing; expected `);
  });

  it.each<[string, Path, unknown, string]>([
    ['no object', [], null, 'notice must be an object, got null.'],
    ['an unknown field', ['extra'], 1, 'notice.extra is not an option. Known options: noticeId, version,'],
    ['an unknown field of a purpose', ['purposes', 1, 'legalBasis'], 'consent', 'notice.purposes[1].legalBasis is not an option.'],
    ['a language that is not told of', ['rights', 'fr'], 'x', 'notice.rights.fr is not an option. Known options: zh-CN, en.'],
    ['no Chinese', ['languages'], ['en'], "notice.languages must be a list of different BCP 47 tags with 'zh-CN' among them"],
    ['a language twice', ['languages'], ['zh-CN', 'zh-CN'], 'notice.languages must be'],
    ['a tag that is none', ['languages'], ['zh-CN', 'english please'], 'notice.languages must be'],
    ['an empty text', ['purposes', 0, 'scope', 'zh-CN'], ' ', 'notice.purposes[0].scope.zh-CN must be a non-empty text of at most 4000 characters'],
    ['a text that is no text', ['complaint', 'en'], 7, 'notice.complaint.en must be a non-empty text of at most 4000 characters, got 7.'],
    ['an unknown scene', ['scene'], 'party', "notice.scene must be one of 'upload', 'call', 'processing', 'service', got 'party'."],
    ['an unknown purpose', ['purposes', 0, 'purpose'], 'spying', "notice.purposes[0].purpose must be one of 'live-redacted-view', "],
    ['a badly named own purpose', ['purposes', 0, 'purpose'], 'app:Class attendance', 'notice.purposes[0].purpose must be'],
    ['a purpose that is no text', ['purposes', 0, 'purpose'], 3, 'notice.purposes[0].purpose must be'],
    ['a purpose twice', ['purposes', 1, 'purpose'], 'live-redacted-view', "notice.purposes[0].purpose must be named once, got 'live-redacted-view' again"],
    ['no purpose', ['purposes'], [], 'notice.purposes must be a list of at least one purpose'],
    ['no data category', ['purposes', 0, 'dataCategories'], [], 'notice.purposes[0].dataCategories must be a list of at least one text'],
    ['a retention without end', ['purposes', 0, 'retention', 'periodDays'], Infinity, 'value.purposes[0].retention.periodDays is Infinity'],
    ['half a day of retention', ['purposes', 0, 'retention', 'periodDays'], 0.5, 'notice.purposes[0].retention.periodDays must be a whole number from 0 to 36500, got 0.5.'],
    ['a yes for ever', ['purposes', 0, 'validForDays'], 4000, 'notice.purposes[0].validForDays must be a whole number from 1 to 3650, got 4000.'],
    ['an end before the beginning', ['validUntil'], 5, 'notice.validUntil must be later than validFrom ('],
    ['a time as text', ['validFrom'], '2026-01-01', "notice.validFrom must be a whole number of milliseconds since 1970, got '2026-01-01'."],
    ['another age', ['ageThreshold'], 13, 'notice.ageThreshold must be 14, got 13.'],
    ['a jurisdiction in words', ['jurisdiction'], 'China', "notice.jurisdiction must be an ISO 3166 code such as 'CN', got 'China'."],
    ['an http policy', ['controller', 'policyUrl'], 'http://example.com', "notice.controller.policyUrl must be an https address, got 'http://example.com'."],
    ['a recipient for a purpose that is not told', ['recipients'], [{ type: both, purposes: ['sharing'] }], 'notice.recipients[0].purposes must be a list of purposes of this notice'],
    ['a value that JSON cannot hold', ['sign'], new Date(0), 'value.sign is not a plain object'],
  ])('refuses %s with field, value and fix', (_name, path, value, message) => {
    const bad = path.length === 0 ? value : changed(path, value);
    expect(() => { checkNotice(bad); }).toThrow(TypeError);
    expect(() => { checkNotice(bad); }).toThrow(message);
  });

  it('wants a way without biometrics as soon as a biometric purpose is named [MEG-alternative]', () => {
    for (const purpose of ['feature-extraction', 'comparison', 'album-grouping', 'sealed-originals'] as const) {
      const notice = noticeFixture({ purposes: [purposeFixture(purpose)], alternatives: null });
      expect(() => { checkNotice(notice); }).toThrow(`notice.alternatives must be a text that offers a way without biometrics, because '${purpose}' is named`);
    }
    expect(() => { checkNotice(noticeFixture({ purposes: [purposeFixture('live-redacted-view')], alternatives: null })); }).not.toThrow();
  });

  it('lets only scene call go on in the background [TAF-5.1f]', () => {
    for (const scene of ['upload', 'processing', 'service'] as const) {
      const notice = noticeFixture({ scene, purposes: [purposeFixture('live-redacted-view')], inBackground: 'continue' });
      expect(() => { checkNotice(notice); }).toThrow(`notice.inBackground must be 'stop', 'cover' in scene '${scene}' (TAF-5.1f), got 'continue'.`);
    }
    const call = noticeFixture({ scene: 'call', purposes: [purposeFixture('live-redacted-view')], inBackground: 'continue' });
    expect(() => { checkNotice(call); }).not.toThrow();
  });

  it.each(['upload', 'call', 'processing'] as const)('knows no essential purpose in scene %s [TAF-5.2b]', (scene) => {
    const essential = { ground: 'public-safety', justification: both } as const;
    const notice = noticeFixture({ scene, purposes: [purposeFixture('live-redacted-view', { essential })], sign: both });
    expect(() => { checkNotice(notice); }).toThrow(`notice.purposes[0].essential must be left out in scene '${scene}'`);
  });

  it('takes an essential purpose only on one of two grounds and with a written justification [TAF-5.2c]', () => {
    const at = ['purposes', 0, 'essential'];
    expect(() => { checkNotice(changed([...at, 'ground'], 'quality', service)); }).toThrow(
      "notice.purposes[0].essential.ground must be one of 'public-safety', 'vital-interests', got 'quality'.",
    );
    expect(() => { checkNotice(changed([...at, 'justification'], undefined, service)); }).toThrow('notice.purposes[0].essential.justification is missing');
    expect(() => { checkNotice(changed([...at, 'justification', 'zh-CN'], '', service)); }).toThrow('notice.purposes[0].essential.justification.zh-CN must be a non-empty text');
    expect(() => { checkNotice(changed([...at, 'ground'], 'vital-interests', service)); }).not.toThrow();
  });

  it('never takes recognition for essential [MEG-alternative]', () => {
    const purposes = [purposeFixture('comparison', { essential: { ground: 'public-safety', justification: both } })];
    expect(() => { checkNotice({ ...service, purposes, alternatives: both }); }).toThrow(
      "notice.purposes[0].essential must be left out for 'comparison': there is always a way without biometrics",
    );
  });

  it('never takes sound for essential: everything can be recorded without [MEG-separate]', () => {
    const purposes = [purposeFixture('sound-recording', { essential: { ground: 'public-safety', justification: both } })];
    expect(() => { checkNotice({ ...service, purposes }); }).toThrow("notice.purposes[0].essential must be left out for 'sound-recording': whatever is recorded can be recorded without sound.");
  });

  it('wants a sign where the ground is public safety [MEG-sign]', () => {
    expect(() => { checkNotice({ ...service, sign: null }); }).toThrow('notice.sign must be the text of the sign on the spot');
  });

  it('wants the types of recipients for sharing [TAF-5.4b]', () => {
    const purposes = [purposeFixture('sharing')];
    const named = noticeFixture({ purposes, recipients: [{ type: both, purposes: ['sharing'] }], alternatives: null });
    expect(() => { checkNotice(named); }).not.toThrow();
    expect(() => { checkNotice({ ...named, recipients: [] }); }).toThrow("notice.recipients must be told by type for 'sharing' (TAF-5.4b), got none for it.");
  });
});

describe('SCENES', () => {
  it('are the four of the standard; the person acts first in all but service [TAF-4] [TAF-5.2a]', () => {
    expect(Object.keys(SCENES)).toEqual(['upload', 'call', 'processing', 'service']);
    expect(Object.entries(SCENES).filter(([, rules]) => !rules.userGesture).map(([scene]) => scene)).toEqual(['service']);
  });

  it.each(Object.entries(SCENES))('%s: a notice may name what the scene allows and nothing else [TAF-4]', (scene, rules) => {
    for (const purpose of ['live-redacted-view', 'staff-review', 'redacted-recording', 'sound-recording', 'feature-extraction', 'comparison', 'album-grouping', 'sealed-originals', 'sharing'] as const) {
      const recipients = purpose === 'sharing' ? [{ type: both, purposes: [purpose] }] : [];
      const check = (): void => { checkNotice(noticeFixture({ scene: scene as Scene, purposes: [purposeFixture(purpose)], recipients })); };
      if (rules.purposes.includes(purpose)) expect(check).not.toThrow();
      else expect(check).toThrow(`in scene '${scene}'`);
    }
  });

  it('cannot be changed by whoever imports them', () => {
    expect(() => { (SCENES.upload as { userGesture: boolean }).userGesture = false; }).toThrow(TypeError);
    expect(() => { (SCENES.service.methods as string[]).push('blur'); }).toThrow(TypeError);
    expect(() => { (SCENES as Record<string, unknown>)['party'] = SCENES.upload; }).toThrow(TypeError);
  });

  it('where staff look, only covers that hold nothing of the face are allowed', () => {
    const reviewed = Object.values(SCENES).filter(({ purposes }) => purposes.includes('staff-review'));
    expect(reviewed.length).toBeGreaterThan(0);
    for (const { methods } of reviewed) expect(methods).toEqual(['frost', 'solid']);
  });
});

describe('hashNotice', () => {
  it('is 64 hexadecimal digits, the same for the same content in another order', async () => {
    const notice = noticeFixture();
    const hash = await hashNotice(notice);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const shuffled = Object.fromEntries(Object.entries(structuredClone(notice)).reverse()) as unknown as Notice;
    expect(await hashNotice(shuffled)).toBe(hash);
  });

  it('changes with every text of the notice (property) [TAF-5.1e]', async () => {
    const notice = noticeFixture();
    const hash = await hashNotice(notice);
    const texts: Path[] = [];
    const walk = (value: unknown, path: Path): void => {
      if (typeof value === 'string') texts.push(path);
      else if (typeof value === 'object' && value !== null) for (const [key, entry] of Object.entries(value)) walk(entry, [...path, key]);
    };
    walk(notice, []);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), fc.string({ minLength: 1 }), async (path, suffix) => {
        fc.pre(!/\p{Surrogate}/u.test(suffix));
        const before = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], notice) as string;
        expect(await hashNotice(changed(path, before + suffix) as Notice)).not.toBe(hash);
      }),
    );
  });
});

describe('noticeText', () => {
  it('gives the notice in one language', () => {
    const text = noticeText(noticeFixture(), 'en');
    expect(text.controller).toEqual({ name: 'Example Ltd', address: 'Shanghai', contact: 'privacy@example.com' });
    expect(text.purposes[0]).toMatchObject({ title: 'Title of live-redacted-view', dataCategories: ['Redacted picture'], retention: { text: 'Thirty days', periodDays: 30 } });
    expect(text.sign).toBeNull();
    expect(noticeText(noticeFixture(), 'zh-CN').rights).toBe('可以随时撤回');
  });

  it('refuses a language that the notice does not have', () => {
    expect(() => noticeText(noticeFixture(), 'fr')).toThrow("language must be one of 'zh-CN', 'en', got 'fr'.");
  });
});
