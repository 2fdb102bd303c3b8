import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/canonical-json.ts';
import { noticeFixture, purposeFixture } from '../consent/notice-fixture.contract.ts';
import { noticeFor } from '../consent/notice-templates.ts';
import { SCENES, type Scene } from '../consent/scenes.ts';
import { BUNDLED_COMPONENTS } from './bundled-components.ts';
import { disclosure, type Disclosure } from './disclosure.ts';
import { disclosureAsHtml, disclosureAsMarkdown } from './render.ts';

const LANGUAGES = ['zh-CN', 'en'] as const;

/** What a reader of the HTML gets to see: cells of each row. */
function cellsOf(html: string): string[][] {
  const decode = (text: string): string =>
    text.replaceAll(/<\/?a[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  return [...html.matchAll(/<tr>(.*)<\/tr>/g)].map(([, row = '']) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => decode(cell)));
}

describe('the tables of a disclosure [TEN-tables, MEG-disclose]', () => {
  it.each(Object.keys(SCENES).map((scene) => [scene as Scene]))('say in scene %s for each purpose type, purpose, method, necessity, time and place, in both languages', (scene) => {
    const { personalInformation } = disclosure({ scene });
    expect(personalInformation.slice(0, SCENES[scene].purposes.length).map(({ id }) => id)).toEqual(SCENES[scene].purposes);
    for (const { id, necessary, ...texts } of personalInformation) {
      expect(necessary).toBe(['consent-records', 'access-records', 'audit-log'].includes(id));
      for (const [field, text] of Object.entries(texts)) {
        for (const language of LANGUAGES) expect(text[language].length, `${id} ${field} ${language}`).toBeGreaterThan(2);
        expect(text['zh-CN'], `${id} ${field}`).toMatch(/\p{Script=Han}/u);
        expect(text.en, `${id} ${field}`).not.toMatch(/\p{Script=Han}/u);
      }
    }
    expect(personalInformation.some(({ id }) => id === 'access-records')).toBe(scene === 'service');
  });

  it('say what the app says where it has a notice', () => {
    const notice = noticeFor('service', {
      noticeId: 'n', version: '1', validFrom: 1, validUntil: 2,
      service: { 'zh-CN': '视频客服', en: 'video support' },
      controller: { name: { 'zh-CN': '晨星', en: 'Star' }, address: { 'zh-CN': '杭州', en: 'Hangzhou' }, contact: 'a@b.example' },
      purposes: [{ purpose: 'live-redacted-view', retentionDays: 0, essential: { ground: 'public-safety', justification: { 'zh-CN': '安全需要', en: 'for safety' } } }, { purpose: 'redacted-recording', retentionDays: 12 }],
      storedAt: { 'zh-CN': '北京的服务器', en: 'A server in Beijing' },
      place: { 'zh-CN': '一号大厅', en: 'Hall 1' },
    });
    const { personalInformation } = disclosure({ notice });
    expect(personalInformation.map(({ id, necessary }) => [id, necessary])).toEqual([['live-redacted-view', true], ['redacted-recording', false], ['consent-records', true], ['audit-log', true]]);
    expect(personalInformation[1]!.retention.en).toContain('12 days');
    expect(personalInformation[1]!.place).toEqual({ 'zh-CN': '北京的服务器', en: 'A server in Beijing' });
    expect(personalInformation[0]!.purpose.en).toContain('video support');
  });

  it('name every permission, what for, when, and what refusing costs [TEN-tables]', () => {
    const { permissions } = disclosure();
    expect(permissions.map(({ id }) => id)).toEqual(['camera', 'microphone', 'file', 'database', 'persistent-storage', 'gpu']);
    expect(permissions.filter(({ necessary }) => necessary).map(({ id }) => id)).toEqual(['database']);
  });

  it('name the microphone only where the notice asks for sound [TEN-tables]', () => {
    const asked = disclosure({ notice: noticeFixture({ purposes: [purposeFixture('redacted-recording'), purposeFixture('sound-recording')] }) });
    expect(asked.permissions.map(({ id }) => id)).toContain('microphone');
    expect(disclosure({ notice: noticeFixture({ purposes: [purposeFixture('redacted-recording')] }) }).permissions.map(({ id }) => id)).not.toContain('microphone');
  });

  it('name every component with version, licence, provider, link, and the hash of each model [MEG-disclose]', () => {
    const { components } = disclosure();
    expect(components).toBe(BUNDLED_COMPONENTS);
    expect(components.length).toBeGreaterThan(5);
    for (const component of components) {
      for (const field of ['name', 'version', 'licence', 'provider'] as const) expect(component[field].length).toBeGreaterThan(1);
      expect(component.link).toMatch(/^https:\/\//);
      for (const { file, sha256 } of component.files) expect(sha256 === null, file).toBe(file.startsWith('workers/'));
    }
  });

  it('are plain JSON', () => {
    expect(JSON.parse(canonicalJson(disclosure()))).toEqual(disclosure());
  });

  it('refuse a notice that lacks something, a scene and an option that are none', () => {
    const { purposes: _, ...incomplete } = noticeFixture();
    expect(() => disclosure({ notice: incomplete as never })).toThrow(/notice\.purposes/);
    expect(() => disclosure({ scene: 'shop' as never })).toThrow(/scene must be/);
    expect(() => disclosure({ language: 'en' } as never)).toThrow(/language is not an option/);
  });
});

describe('a disclosure as text [TEN-tables, MEG-disclose]', () => {
  it.each(LANGUAGES)('has in %s the same rows in HTML and Markdown', (language) => {
    const told = disclosure();
    const html = disclosureAsHtml(told, language);
    expect(html).toContain(`<section lang="${language}">`);
    const rows = cellsOf(html);
    expect(rows).toHaveLength(told.personalInformation.length + told.permissions.length + told.components.length + 3);
    expect(rows[1]?.[0]).toBe(told.personalInformation[0]!.type[language]);
    const markdown = disclosureAsMarkdown(told, language);
    expect(markdown.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(rows.length + 3);
    expect(markdown).toContain(told.components[0]!.version.replaceAll('-', '\\-'));
    expect(() => disclosureAsHtml(told, 'fr' as never)).toThrow(TypeError);
    expect(() => disclosureAsMarkdown(told, 'toString' as never)).toThrow(TypeError);
  });

  const nasty = fc.array(fc.oneof(fc.string(), fc.constantFrom('<script>', '"', "'", '|', '\n', '&amp;', '](javascript:x)', '\\', '</td>', '`', '\\|', '-->')), { maxLength: 6 }).map((parts) => parts.join(''));
  const told = disclosure();
  const saying = (text: string, link: string): Disclosure => {
    const both = { 'zh-CN': text, en: text };
    return { ...told, personalInformation: [{ ...told.personalInformation[0]!, type: both, purpose: both }], components: [{ ...told.components[0]!, name: text, provider: text, link }] };
  };

  it('shows any text as text (property, seed 14)', () => {
    fc.assert(
      fc.property(nasty, fc.oneof(nasty, fc.constantFrom('javascript:alert(1)', 'https://a.example/"onclick="x', 'http://a.example')), (text, link) => {
        const html = disclosureAsHtml(saying(text, link), 'en');
        const flat = (value: string): string => value.replaceAll(/\s+/g, ' ');
        expect(flat(cellsOf(html.replaceAll(/\r|\n|\u2028|\u2029/g, ' ').replaceAll('</tr>', '</tr>\n'))[1]?.[0] ?? '')).toBe(flat(text));
        const tags = [...html.matchAll(/<\/?([a-z0-9]*)([^>]*)>/g)];
        expect(new Set(tags.map(([, name]) => name))).toEqual(new Set(['section', 'h1', 'table', 'caption', 'thead', 'tr', 'th', 'tbody', 'td', 'p', ...(html.includes('<a ') ? ['a'] : [])]));
        for (const [, name, attributes] of tags) expect(attributes).toMatch(name === 'a' ? /^( href="https:\/\/[^"<>\s]+" rel="noreferrer")?$/ : /^( (lang|scope)="[a-zA-Z-]+")?$/);
      }),
      { seed: 14, numRuns: 300 },
    );
  });

  it('keeps any text within its cell in Markdown, without markup (property, seed 15)', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const rows = disclosureAsMarkdown(saying(text, 'https://a.example'), 'en').split('\n').filter((line) => line.startsWith('|'));
        // One that is not escaped divides cells; the header of each table says how many there are.
        const bars = (line: string): number => line.replaceAll(/\\[\s\S]/g, '').split('|').length;
        expect(bars(rows[2]!)).toBe(bars(rows[0]!));
        expect(rows[2]!.replaceAll(/\\[\s\S]/g, '')).not.toMatch(/[`*_[\]<>#]/);
      }),
      { seed: 15, numRuns: 300 },
    );
  });
});
