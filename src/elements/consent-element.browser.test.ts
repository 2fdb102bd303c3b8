import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openConsentLedger } from '../session/consent.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import type { Notice } from '../governance/consent/notice.ts';
import { openConsentStore } from '../vault/consent-store.ts';
import { defineConsent, type BautaConsent } from './consent-element.ts';

/** Other work may take the machine for seconds. */
const PATIENCE = { timeout: 15_000 };

defineConsent();

const notice = noticeFixture({
  validFrom: Date.now() - 86_400_000,
  validUntil: Date.now() + 400 * 86_400_000,
  recipients: [{ type: { 'zh-CN': '合作方', en: 'Partners' }, purposes: ['redacted-recording'] }],
});
const told = ['bauta-answer', 'bauta-refuse', 'bauta-withdraw', 'bauta-error'] as const;

let ledger: ConsentLedger;
let element: BautaConsent;
let events: { readonly type: string; readonly detail: Readonly<Record<string, string>> }[];
let database: string;
const person = 'p-1';

async function mount(shown: Notice = notice): Promise<void> {
  database = `consent-element-${crypto.randomUUID()}`;
  ledger = await openConsentLedger({ notice: shown, store: await openConsentStore(database) });
  document.documentElement.lang = 'en';
  element = document.createElement('bauta-consent');
  Object.assign(element, { ledger, notice: shown, dataSubject: person });
  document.body.append(element);
  await shows('asking');
}

beforeEach(() => {
  events = [];
  for (const type of told) document.addEventListener(type, note);
});

afterEach(async () => {
  for (const type of told) document.removeEventListener(type, note);
  await ledger.close();
  document.body.replaceChildren();
  indexedDB.deleteDatabase(database);
});

function note(event: Event): void {
  const { type, detail } = event as CustomEvent<Record<string, string>>;
  events.push({ type, detail });
}

const shows = (phase: string): Promise<void> => vi.waitFor(() => { expect(element.phase).toBe(phase); }, PATIENCE);
const happened = (type: string): Promise<void> => vi.waitFor(() => { expect(events.map((event) => event.type)).toContain(type); }, PATIENCE);
const all = <T extends Element = HTMLElement>(selector: string): T[] => [...element.shadowRoot!.querySelectorAll<T>(selector)];
const one = <T extends Element = HTMLElement>(selector: string): T => {
  const found = all<T>(selector)[0];
  if (found === undefined) throw new Error(`nothing matches ${selector}`);
  return found;
};
const choose = (key: string): void => { one<HTMLInputElement>(`[data-key="${key}"]`).click(); };
const press = (key: string): void => { one(`button[data-key="${key}"]`).click(); };
const chooseAll = (answer: 'given' | 'refused'): void => { for (const { purpose } of notice.purposes) choose(`purpose-${purpose}=${answer}`); };
const texts = (selector: string): string[] => all(selector).map(({ textContent }) => textContent ?? '');
const focused = (): string => element.shadowRoot?.activeElement?.getAttribute('name') ?? element.shadowRoot?.activeElement?.id ?? '';

async function agree(age: 'under-14' | '14-17' | 'adult' = 'adult'): Promise<void> {
  chooseAll('given');
  choose(`age=${age}`);
  press('agree');
  await vi.waitFor(() => { expect(element.phase).not.toBe('asking'); }, PATIENCE);
}

describe('<bauta-consent> asking', () => {
  beforeEach(() => mount());

  it('tells purpose, method, scope, data, time and recipients of each purpose, and notes that it did [TAF-5.1a]', async () => {
    const [first, second] = all('[part~=purpose]').map(({ textContent }) => textContent ?? '');
    for (const word of ['Title of live-redacted-view', 'Description', 'Method', 'Scope', 'Redacted picture', 'Thirty days', 'Nobody else']) expect(first).toContain(word);
    expect(second).toContain('Partners');
    expect((await ledger.history(person)).map(({ state }) => state)).toEqual(['requested']);
  });

  it('chooses nothing beforehand, not in a form that is reset or shown again [MEG-policy]', async () => {
    const chosen = (): number => all<HTMLInputElement>('input').filter(({ checked }) => checked).length;
    expect(all('input').length).toBeGreaterThan(6);
    expect(chosen()).toBe(0);
    await agree();
    element.ask();
    await shows('asking');
    expect(chosen()).toBe(0);
    expect(one('.hint').textContent).toBe('Your answer so far: Yes');
    choose('age=adult');
    one<HTMLFormElement>('form').reset();
    expect(chosen()).toBe(0);
  });

  it('gives refusal and agreement the same looks and size', () => {
    const [yes, no] = all('[part~=answer]');
    const looks = (button: HTMLElement | undefined): unknown[] => {
      const { width, height, top } = button!.getBoundingClientRect();
      const { color, backgroundColor, borderTopColor, borderTopWidth, fontSize, fontWeight } = getComputedStyle(button!);
      return [width, height, top, color, backgroundColor, borderTopColor, borderTopWidth, fontSize, fontWeight];
    };
    expect(looks(yes)).toEqual(looks(no));
  });

  it('puts biometric purposes apart, with a question of their own and the way without [MEG-separate][MEG-alternative]', async () => {
    const apart = one('[part=biometric]');
    expect(apart.textContent).toContain('A password will do instead');
    expect([...apart.querySelectorAll('fieldset')].map(({ textContent }) => textContent)).toEqual([expect.stringContaining('biometric processing')]);
    // A yes to everything else leaves it unanswered.
    choose('purpose-live-redacted-view=given');
    choose('purpose-redacted-recording=given');
    choose('age=adult');
    press('agree');
    expect(focused()).toBe('purpose-feature-extraction');
    expect(await ledger.standing(person)).toBeNull();
    choose('purpose-feature-extraction=refused');
    press('agree');
    await shows('answered');
    expect((await ledger.require('feature-extraction', person)).granted).toBe(false);
    expect((await ledger.require('live-redacted-view', person)).granted).toBe(true);
  });

  it('marks what is missing, in place, and leads there', () => {
    press('agree');
    expect(texts('fieldset .problem').filter((text) => text !== '')).toEqual(['Choose yes or no.', 'Choose yes or no.', 'Choose yes or no.', 'Choose one.']);
    expect(all('[aria-invalid=true]')).toHaveLength(4);
    expect(focused()).toBe('purpose-live-redacted-view');
    expect(events).toEqual([]);
  });

  it('has the whole notice one press away, also after the answer [MEG-policy]', async () => {
    const open = (): string => {
      press('policy');
      const dialog = one<HTMLDialogElement>('dialog');
      expect(dialog.open).toBe(true);
      dialog.close();
      return dialog.textContent ?? '';
    };
    for (const word of ['Example Ltd', 'Shanghai', 'This device', 'You can withdraw at any time', 'The cyberspace authority', 'Partners']) expect(open()).toContain(word);
    await agree();
    expect(open()).toContain('This device');
  });

  it('keeps what was chosen, and the focus, when the language changes', () => {
    choose('purpose-live-redacted-view=given');
    one<HTMLInputElement>('[data-key="purpose-live-redacted-view=given"]').focus();
    element.language = 'zh';
    expect(one('h2').textContent).toMatch(/\p{Script=Han}/u);
    expect(one('[part=panel]').lang).toBe('zh-CN');
    expect(one<HTMLInputElement>('[data-key="purpose-live-redacted-view=given"]').checked).toBe(true);
    expect(focused()).toBe('purpose-live-redacted-view');
  });
});

describe('<bauta-consent> and the answer', () => {
  beforeEach(() => mount());

  it('stores it, shows it, and says so without a word about the person', async () => {
    await agree();
    await happened('bauta-answer');
    const standing = await ledger.standing(person);
    expect(events).toEqual([{ type: 'bauta-answer', detail: { recordId: standing?.recordId } }]);
    expect(texts('[part=summary] b')).toEqual(['Yes', 'Yes', 'Yes']);
    expect(focused()).toBe('title');
  });

  it('refuses everything with one press, without asking for the age, and does not ask again by itself', async () => {
    press('refuse');
    await shows('answered');
    expect((await ledger.standing(person))?.state).toBe('refused');
    expect(events.map(({ type }) => type)).toEqual(['bauta-refuse']);
    expect(one('[part=state]').textContent).toBe('You refused. Nothing is processed.');
    expect(all('[data-key=withdraw]')).toEqual([]);
    const again = document.createElement('bauta-consent');
    Object.assign(again, { ledger, notice, dataSubject: person });
    document.body.append(again);
    await vi.waitFor(() => { expect(again.phase).toBe('answered'); }, PATIENCE);
  });

  it('is withdrawn by one button that is always there [MEG-withdraw]', async () => {
    await agree();
    const decision = await ledger.require('live-redacted-view', person);
    if (!decision.granted) throw new Error(decision.refusal.message);
    const button = one('button[data-key=withdraw]');
    expect(button.checkVisibility()).toBe(true);
    button.click();
    await happened('bauta-withdraw');
    expect(decision.grant.signal.aborted).toBe(true);
    expect(one('[part=state]').textContent).toMatch(/withdrew/);
    press('change');
    await shows('asking');
  });

  it('follows what another element or tab records', async () => {
    await ledger.answer({ dataSubject: person, language: 'en', ageBand: 'adult', answers: Object.fromEntries(notice.purposes.map(({ purpose }) => [purpose, 'given'])) });
    await shows('answered');
    await ledger.withdraw(person);
    await vi.waitFor(() => { expect(one('[part=state]').dataset['state']).toBe('withdrawn'); }, PATIENCE);
  });

  it('says from when on the page may ask for the camera by itself, once it was refused', async () => {
    await ledger.throttle.update(() => ({ refusedAt: Date.now() }));
    await agree();
    expect(texts('.standing .hint').join()).toMatch(/The camera was refused.+ before /);
  });

  it('goes on where it was when it is moved', async () => {
    choose('age=adult');
    document.body.appendChild(document.createElement('div')).append(element);
    await ledger.standing(person);
    expect(element.phase).toBe('asking');
    expect(one<HTMLInputElement>('[data-key="age=adult"]').checked).toBe(true);
  });

  it('shows why an answer could not be stored, beside the buttons, and goes on', async () => {
    await ledger.close();
    chooseAll('given');
    choose('age=adult');
    press('agree');
    await happened('bauta-error');
    // Twice where the element looked at the closed ledger by itself just before.
    for (const event of events) expect(event).toEqual({ type: 'bauta-error', detail: { code: 'ERR_STORAGE_FAILED' } });
    expect(one('.problem[role=alert] .code').textContent).toContain('ERR_STORAGE_FAILED');
    expect(element.phase).toBe('asking');
  });
});

describe('<bauta-consent> and a child', () => {
  beforeEach(async () => {
    await mount();
    await agree('under-14');
  });

  it('asks a guardian, from whom everything has to come anew; nothing opens before [MEG-minor]', async () => {
    await shows('guardian');
    expect(events).toEqual([]);
    expect((await ledger.require('live-redacted-view', person)).granted).toBe(false);
    expect(all<HTMLInputElement>('input').filter(({ checked }) => checked)).toEqual([]);
    chooseAll('given');
    press('agree');
    expect(focused()).toBe('relation');
    choose('relation=parent');
    press('agree');
    await shows('answered');
    const last = (await ledger.history(person)).at(-1);
    expect(last).toMatchObject({ role: 'guardian', guardianOf: person, relation: 'parent', state: 'given' });
    expect(last?.dataSubject).not.toBe(person);
    expect((await ledger.require('live-redacted-view', person)).granted).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['bauta-answer']);
  });

  it('takes a guardian\'s no for an answer', async () => {
    await shows('guardian');
    press('refuse');
    expect(focused()).toBe('relation');
    choose('relation=guardian');
    press('refuse');
    await shows('answered');
    expect(one('[part=state]').dataset['state']).toBe('refused');
    expect((await ledger.require('live-redacted-view', person)).granted).toBe(false);
    expect(events.map(({ type }) => type)).toEqual(['bauta-refuse']);
  });

  it('leads back to the first answers', async () => {
    await shows('guardian');
    press('back');
    await shows('asking');
  });
});

describe('<bauta-consent> and the notice', () => {
  it('says on which ground a purpose is declared necessary, and why [TAF-5.2b/c]', async () => {
    const essential = { ground: 'public-safety', justification: { 'zh-CN': '机场安检', en: 'Airport security' } } as const;
    await mount(noticeFixture({
      validFrom: notice.validFrom,
      validUntil: notice.validUntil,
      scene: 'service',
      sign: { 'zh-CN': '正在采集', en: 'Recording' },
      purposes: [purposeFixture('staff-review', { essential })],
    }));
    expect(one('[part~=purpose]').textContent).toContain('for public safetyAirport security');
  });

  it('speaks further languages with the app\'s own words, and puts text in as text', async () => {
    const french = { fr: '<b>Qui</b>' };
    const localise = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(localise);
      if (typeof value !== 'object' || value === null) return value;
      if ('zh-CN' in value) return { ...value, ...french };
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, localise(entry)]));
    };
    await mount({ ...(localise(notice) as Notice), languages: ['zh-CN', 'en', 'fr'] });
    const { CONSENT_TEXTS_EN } = await import('./consent-texts-en.ts');
    element.texts = { fr: { ...CONSENT_TEXTS_EN, askTitle: 'Avant de choisir' } };
    element.language = 'fr-CA';
    expect(one('h2').textContent).toBe('Avant de choisir');
    expect(one('[part~=purpose] h3').textContent).toBe('<b>Qui</b>');
  });
});
