import { describe, expect, it, vi } from 'vitest';
import { verifyChain } from '../audit/entry.ts';
import { assertGrant, ConsentGrant } from './grant.ts';
import { adult, answersTo, FakeBrowser, granted, refused } from './ledger-fixture.contract.ts';
import { MemoryStore } from './memory-store.contract.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import type { Notice } from './notice.ts';
import type { ConsentRecord } from './record.ts';

const VIEW = 'live-redacted-view';
const RECORDING = 'redacted-recording';
const FEATURES = 'feature-extraction';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;
const notice = noticeFixture();
const newer = noticeFixture({ version: '2' });

async function start() {
  const browser = new FakeBrowser();
  return { browser, ledger: await browser.open() };
}

async function startWithYes() {
  const { browser, ledger } = await start();
  await ledger.answer(adult(notice, 'given'));
  return { browser, ledger, grant: granted(await ledger.require(VIEW, 'subject-1')) };
}

/** The stored record, to be edited as somebody with the developer tools would. */
function storedRecord(browser: FakeBrowser, index = -1): ConsentRecord {
  return browser.place.rows.at(index)!.record as ConsentRecord;
}

describe('asking and answering', () => {
  it('gives no grant before an answer is stored; a notice that was shown is none [TAF-5.1a]', async () => {
    const { ledger } = await start();
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_MISSING' });
    await ledger.request({ dataSubject: 'subject-1', language: 'en' });
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_MISSING' });
    await ledger.answer(adult(notice, 'given'));
    const grant = granted(await ledger.require(VIEW, 'subject-1'));
    expect(grant).toMatchObject({ purposes: [VIEW], scene: 'upload', dataSubject: 'subject-1', exception: null, validUntil: FIXTURE_NOW + 365 * DAY_MS });
    expect(grant.signal.aborted).toBe(false);
  });

  it('is for one person only, and for what that person agreed to [MEG-separate]', async () => {
    const { ledger } = await start();
    await ledger.answer(adult(notice, 'given', { [FEATURES]: 'refused' }));
    expect(refused(await ledger.require(VIEW, 'subject-2')).code).toBe('ERR_CONSENT_MISSING');
    expect(refused(await ledger.require(FEATURES, 'subject-1')).code).toBe('ERR_CONSENT_REFUSED');
    expect(refused(await ledger.require([VIEW, FEATURES], 'subject-1'))).toEqual({ code: 'ERR_CONSENT_REFUSED', field: 'answers', purpose: FEATURES });
    expect(granted(await ledger.require([VIEW, RECORDING], 'subject-1')).purposes).toEqual([VIEW, RECORDING]);
  });

  it('puts the scene on the record, and ties the showing of the notice to its answer [TAF-4] [MEG-request-id]', async () => {
    const { ledger } = await start();
    const shown = await ledger.request({ dataSubject: 'subject-1', language: 'en' });
    const answered = await ledger.answer(adult(notice, 'given'));
    expect(answered).toMatchObject({ scene: 'upload', requestId: shown.requestId, replaces: shown.recordId, state: 'given', origin: 'https://app.example', controller: '示例公司' });
    expect((await ledger.history('subject-1')).map(({ state }) => state)).toEqual(['requested', 'given']);
  });

  it('refusing everything is an outcome like any other, and needs no age [TAF-5.1c]', async () => {
    const { ledger } = await start();
    const record = await ledger.answer({ ...adult(notice, 'refused'), ageBand: null });
    expect(record.state).toBe('refused');
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_REFUSED');
    expect(await ledger.standing('subject-1')).toMatchObject({ state: 'refused', recordId: record.recordId });
  });

  it.each<[string, object, RegExp]>([
    ['a purpose without an answer [TAF-5.1a]', { answers: { [VIEW]: 'given' } }, /answer\.answers\.redacted-recording is missing/],
    ['an answer to a purpose that was not asked', { answers: { ...answersTo(notice, 'given'), sharing: 'given' } }, /answer\.answers\.sharing is not an option/],
    ['an answer that is none', { answers: answersTo(notice, 'given', { [VIEW]: true as never }) }, /answer\.answers\.live-redacted-view must be one of 'given', 'refused'/],
    ['a language that the notice does not have', { language: 'fr' }, /answer\.language must be one of 'zh-CN', 'en'/],
    ['no pseudonym', { dataSubject: '' }, /answer\.dataSubject must be/],
    ['a yes without an age [MEG-minor]', { ageBand: null }, /answer\.ageBand must be/],
    ['an unknown field', { extra: 1 }, /answer\.extra is not an option/],
  ])('refuses %s, and stores nothing', async (_name, over, message) => {
    const { browser, ledger } = await start();
    await expect(ledger.answer({ ...adult(notice, 'given'), ...over })).rejects.toThrow(message);
    expect(browser.place.rows).toEqual([]);
  });

  it('refuses what is no purpose', async () => {
    const { ledger } = await start();
    await expect(ledger.require('spying' as never, 'subject-1')).rejects.toThrow(/require\.purposes must be purposes/);
    await expect(ledger.require([], 'subject-1')).rejects.toThrow(TypeError);
  });
});

describe('notices', () => {
  it('refuses one that is not valid now, naming the field [TAF-5.1a]', async () => {
    const browser = new FakeBrowser();
    await expect(browser.open({ notice: noticeFixture({ validUntil: FIXTURE_NOW }) })).rejects.toMatchObject({ code: 'ERR_CONSENT_NOTICE', details: { field: 'notice.validUntil' } });
    await expect(browser.open({ notice: noticeFixture({ validFrom: FIXTURE_NOW + 1 }) })).rejects.toMatchObject({ code: 'ERR_CONSENT_NOTICE', details: { field: 'notice.validFrom' } });
    const { controller: _, ...incomplete } = notice;
    await expect(browser.open({ notice: incomplete as Notice })).rejects.toThrow(/notice\.controller is missing/);
  });

  it('a changed notice ends what rests on the old one, and is asked anew [TAF-5.1e]', async () => {
    const { ledger, grant } = await startWithYes();
    await ledger.setNotice(newer);
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_NOTICE' });
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_NOTICE', field: 'noticeHash' });
    expect(await ledger.standing('subject-1')).toBeNull();
    await ledger.answer(adult(newer, 'given'));
    expect((await ledger.require(VIEW, 'subject-1')).granted).toBe(true);
  });

  it('the same notice again ends nothing', async () => {
    const { ledger, grant } = await startWithYes();
    await ledger.setNotice(noticeFixture());
    expect(grant.signal.aborted).toBe(false);
  });

  it('a newer notice in another tab ends grants here, and nothing opens until the page is loaded anew [TAF-5.1e]', async () => {
    const { browser, ledger, grant } = await startWithYes();
    await browser.open({ notice: newer });
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_NOTICE' });
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_NOTICE');
    await expect(ledger.answer(adult(notice, 'given'))).rejects.toMatchObject({ code: 'ERR_CONSENT_NOTICE' });
    expect((await ledger.auditLog()).map(({ code }) => code)).toContain('notice.changed');
  });

  it('keeps its own copy: an object that changes after opening changes nothing', async () => {
    const browser = new FakeBrowser();
    const given = structuredClone(notice) as { -readonly [K in keyof Notice]: Notice[K] };
    const ledger = await browser.open({ notice: given });
    given.version = '9';
    expect(ledger.notice.version).toBe('1');
    expect(Object.isFrozen(ledger.notice.controller.name)).toBe(true);
  });
});

describe('endings', () => {
  it('withdrawal ends every live grant at once, before it is stored [MEG-withdraw]', async () => {
    const { ledger, grant } = await startWithYes();
    const ended: string[] = [];
    ledger.addEventListener('ended', ({ detail }) => ended.push(`${detail.dataSubject} ${detail.purposes.join()} ${detail.reason.code}`));
    const withdrawing = ledger.withdraw('subject-1');
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    await withdrawing;
    expect(ended).toEqual([`subject-1 ${VIEW} ERR_CONSENT_WITHDRAWN`]);
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
    expect(await ledger.standing('subject-1')).toMatchObject({ state: 'withdrawn', answers: {} });
  });

  it('withdrawal holds after a reload, and withdrawing nothing records nothing [MEG-withdraw]', async () => {
    const { browser, ledger } = await startWithYes();
    await ledger.withdraw('subject-1');
    await ledger.withdraw('subject-1');
    await ledger.withdraw('subject-2');
    await ledger.close();
    const reloaded = await browser.open();
    expect(refused(await reloaded.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
    expect((await reloaded.history('subject-1')).map(({ state }) => state)).toEqual(['given', 'withdrawn']);
  });

  it('withdrawal ends grants in other tabs [MEG-withdraw]', async () => {
    const { browser, ledger, grant } = await startWithYes();
    const other = await browser.open();
    await other.withdraw('subject-1');
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
  });

  it('a no in another tab ends grants here', async () => {
    const { browser, ledger, grant } = await startWithYes();
    const ended = new Promise<string>((resolve) => { ledger.addEventListener('ended', ({ detail }) => { resolve(detail.reason.code); }); });
    const other = await browser.open();
    await other.answer(adult(notice, 'refused'));
    expect(await ended).toBe('ERR_CONSENT_REFUSED');
    expect(grant.signal.aborted).toBe(true);
  });

  it('a withdrawal while a grant is on its way: none comes out alive', async () => {
    const { ledger } = await startWithYes();
    const asking = ledger.require(VIEW, 'subject-1');
    await ledger.withdraw('subject-1');
    const decision = await asking;
    expect(decision.granted && !decision.grant.signal.aborted).toBe(false);
  });

  it('asked while a withdrawal is on its way into the store: no grant, not for a moment [MEG-withdraw]', async () => {
    const { ledger } = await startWithYes();
    const withdrawing = ledger.withdraw('subject-1');
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
    await withdrawing;
  });

  it('a further yes leaves running grants alone, a no to their purpose ends them', async () => {
    const { ledger, grant } = await startWithYes();
    await ledger.answer(adult(notice, 'given', { [RECORDING]: 'refused' }));
    expect(grant.signal.aborted).toBe(false);
    await ledger.answer(adult(notice, 'given', { [VIEW]: 'refused' }));
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_REFUSED' });
  });

  it('expiry is recorded when it is noticed, purpose by purpose', async () => {
    const browser = new FakeBrowser();
    const short = noticeFixture({ purposes: [purposeFixture(VIEW, { validForDays: 1 }), purposeFixture(RECORDING)] });
    const ledger = await browser.open({ notice: short });
    await ledger.answer(adult(short, 'given'));
    browser.clock += DAY_MS;
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_EXPIRED', field: 'validUntil' });
    expect((await ledger.require(RECORDING, 'subject-1')).granted).toBe(true);
    expect((await ledger.history('subject-1')).at(-1)).toMatchObject({ state: 'expired', answers: { [VIEW]: 'given' } });
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_EXPIRED');
    expect(await ledger.history('subject-1')).toHaveLength(2);
  });

  it('closing the ledger keeps what is on its way into the log, and what the end of its grants sets off [MEG-audit]', async () => {
    const { browser, ledger, grant } = await startWithYes();
    grant.signal.addEventListener('abort', () => void ConsentGrant.note(grant, 'capture.stopped'));
    void ConsentGrant.note(grant, 'capture.covered');
    await ledger.close();
    expect(browser.place.audit.map(({ code }) => code)).toEqual(['consent.given', 'capture.covered', 'capture.stopped']);
    await expect(ConsentGrant.note(grant, 'capture.started')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { reason: 'closed' } });
  });

  it('closing the ledger ends its grants and is not undone', async () => {
    const { ledger, grant } = await startWithYes();
    void ledger.close();
    await ledger.close();
    expect(grant.signal.aborted).toBe(true);
    await expect(ledger.require(VIEW, 'subject-1')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  });
});

describe('bad records open nothing and are told by field', () => {
  it.each<[string, (browser: FakeBrowser) => void, string]>([
    ['an answer edited', (browser) => { Object.assign(storedRecord(browser).answers, { [FEATURES]: 'given' }); }, 'proof.signature'],
    ['a time edited', (browser) => { Object.assign(storedRecord(browser), { validUntil: FIXTURE_NOW + 9999 * DAY_MS }); }, 'proof.signature'],
    ['replayed for another notice by hand', (browser) => { Object.assign(storedRecord(browser), { noticeHash: 'f'.repeat(64) }); }, 'proof.signature'],
    ['moved to another person', (browser) => { Object.assign(storedRecord(browser), { dataSubject: 'subject-2' }); }, 'dataSubject'],
    ['its proof cut off', (browser) => { delete (storedRecord(browser) as { proof?: unknown }).proof; }, 'proof'],
    ['a record of the old form', (browser) => { Object.assign(storedRecord(browser), { schemaVersion: 1 }); }, 'schemaVersion'],
    ['the withdrawal cut out', (browser) => { browser.place.rows.pop(); }, 'recordId'],
    ['a record put in twice', (browser) => { browser.place.rows.push(structuredClone(browser.place.rows[0]!)); }, 'replaces'],
    ['everything wiped but the log', (browser) => { browser.place.rows.length = 0; }, 'recordId'],
  ])('%s', async (name, spoil, field) => {
    const { browser, ledger } = await start();
    await ledger.answer(adult(notice, 'given', { [FEATURES]: 'refused' }));
    if (name.includes('withdrawal')) await ledger.withdraw('subject-1');
    spoil(browser);
    const reloaded = await browser.open();
    expect(refused(await reloaded.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_RECORD_INVALID', field });
    await expect(reloaded.history('subject-1')).rejects.toMatchObject({ code: 'ERR_CONSENT_RECORD_INVALID', details: { field } });
    expect(await reloaded.standing('subject-1')).toBeNull();
    expect(await reloaded.auditLog()).toContainEqual(expect.objectContaining({ code: 'record.invalid', ids: { about: 'subject-1', field } }));
    // What cannot be trusted is put aside, and the person can answer again.
    await reloaded.answer(adult(notice, 'given'));
    expect((await reloaded.require(VIEW, 'subject-1')).granted).toBe(true);
    expect(await verifyChain(await reloaded.auditLog())).toMatchObject({ intact: true });
  });

  it('a record that is edited while a grant runs ends it at the next look', async () => {
    const { browser, ledger, grant } = await startWithYes();
    Object.assign(storedRecord(browser).answers, { [RECORDING]: 'refused' });
    const other = await browser.open();
    const ended = new Promise<string>((resolve) => { ledger.addEventListener('ended', ({ detail }) => { resolve(detail.reason.code); }); });
    await other.request({ dataSubject: 'subject-1', language: 'zh-CN' });
    // The request set the bad record aside: nothing is answered any more.
    expect(await ended).toBe('ERR_CONSENT_MISSING');
    expect(grant.signal.aborted).toBe(true);
  });

  it('a whole database copied to another origin opens nothing there', async () => {
    const { browser } = await startWithYes();
    browser.origin = 'https://other.example';
    const elsewhere = await browser.open();
    expect(refused(await elsewhere.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_ORIGIN', field: 'origin' });
  });

  it('a database whose key was replaced opens nothing', async () => {
    const { browser } = await startWithYes();
    browser.place.key = null;
    const reloaded = await browser.open();
    expect(refused(await reloaded.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_RECORD_INVALID', field: 'proof.keyId' });
  });
});

describe('two tabs', () => {
  it('that answer differently at once: nothing stands, and one is told which field', async () => {
    const { browser, ledger } = await start();
    const other = await browser.open();
    const outcomes = await Promise.allSettled([ledger.answer(adult(notice, 'given')), other.answer(adult(notice, 'refused'))]);
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(failures).toMatchObject([{ code: 'ERR_CONSENT_CONFLICT', details: { field: 'answers' } }]);
    for (const tab of [ledger, other]) expect(refused(await tab.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
    expect(await verifyChain(await ledger.auditLog())).toMatchObject({ intact: true });
  });

  it('that answer the same at once: both are recorded, and it stands', async () => {
    const { browser, ledger } = await start();
    const other = await browser.open();
    await Promise.all([ledger.answer(adult(notice, 'given')), other.answer(adult(notice, 'given'))]);
    expect((await other.require(VIEW, 'subject-1')).granted).toBe(true);
    expect(await ledger.history('subject-1')).toHaveLength(2);
  });

  it('one withdraws while the other answers: nothing stands', async () => {
    const { browser, ledger } = await startWithYes();
    const other = await browser.open();
    await Promise.allSettled([ledger.withdraw('subject-1'), other.answer(adult(notice, 'given', { [FEATURES]: 'refused' }))]);
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
  });

  it('that write at once keep one chain', async () => {
    const { browser, ledger, grant } = await startWithYes();
    const other = await browser.open();
    const theirs = granted(await other.require(VIEW, 'subject-1'));
    await Promise.all(Array.from({ length: 20 }, (_, index) => ConsentGrant.note(index % 2 === 0 ? grant : theirs, 'camera.asked', { n: index })));
    expect(await verifyChain(await ledger.auditLog())).toMatchObject({ intact: true, length: 21 });
  });

  it('a tab that no message reaches still finds the withdrawal in the store', async () => {
    const { browser, ledger } = await startWithYes();
    const other = await browser.open();
    browser.tabs.deaf = true;
    await other.withdraw('subject-1');
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
  });
});

describe('a store that is full, gone or wiped', () => {
  it('gives no grant for an answer that could not be stored', async () => {
    const { browser, ledger } = await start();
    browser.place.full = true;
    await expect(ledger.answer(adult(notice, 'given'))).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { field: 'store' } });
    browser.place.full = false;
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_MISSING');
  });

  it('a withdrawal that cannot be stored ends the grants and what they rested on, and says that it failed [MEG-withdraw]', async () => {
    const { browser, ledger, grant } = await startWithYes();
    browser.place.full = true;
    await expect(ledger.withdraw('subject-1')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    browser.place.full = false;
    const reloaded = await browser.open();
    expect((await reloaded.require(VIEW, 'subject-1')).granted).toBe(false);
  });

  it('data cleared in mid-course ends grants, and the answers are gone', async () => {
    const browser = new FakeBrowser();
    const ledger = await browser.open();
    await ledger.answer(adult(notice, 'given'));
    const grant = granted(await ledger.require(VIEW, 'subject-1'));
    Object.assign(browser, { place: new (browser.place.constructor as new () => FakeBrowser['place'])() });
    browser.stores.at(-1)!.onLost?.();
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect(refused(await (await browser.open()).require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_MISSING');
  });
});

describe('clocks', () => {
  it('a clock set back opens nothing, ends nothing sooner or later, and is noted once', async () => {
    const { browser, ledger } = await startWithYes();
    browser.clock += DAY_MS;
    await ledger.require(VIEW, 'subject-1');
    browser.clock -= DAY_MS - MINUTE_MS;
    for (const tab of [ledger, await browser.open()]) {
      expect(refused(await tab.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_CLOCK', field: 'clock' });
      expect((await tab.require(VIEW, 'subject-1')).granted).toBe(false);
    }
    expect((await ledger.auditLog()).filter(({ code }) => code === 'clock.set-back')).toHaveLength(2);
    browser.clock += DAY_MS;
    expect(granted(await ledger.require(VIEW, 'subject-1')).validUntil).toBe(FIXTURE_NOW + 365 * DAY_MS);
  });

  it('what the latest clock called over stays over, however the clock is set', async () => {
    const { browser, ledger, grant } = await startWithYes();
    browser.clock = grant.validUntil;
    expect(refused(await ledger.require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_EXPIRED');
    browser.clock = FIXTURE_NOW + 1;
    const reloaded = await browser.open();
    expect((await reloaded.require(VIEW, 'subject-1')).granted).toBe(false);
    expect(() => { assertGrant(grant, 'openCamera'); }).toThrow();
  });

  it('a person who answers under a clock set back starts anew, and whatever stood ends', async () => {
    const { browser, ledger } = await start();
    browser.clock = FIXTURE_NOW + 400 * DAY_MS;
    await ledger.answer(adult(notice, 'given', {}, 'subject-2'));
    browser.clock = FIXTURE_NOW;
    await ledger.answer(adult(notice, 'given'));
    expect(granted(await ledger.require(VIEW, 'subject-1')).validUntil).toBe(FIXTURE_NOW + 365 * DAY_MS);
    expect(refused(await ledger.require(VIEW, 'subject-2')).code).toMatch(/EXPIRED|CLOCK/);
    browser.clock = FIXTURE_NOW + 401 * DAY_MS;
    expect(refused(await ledger.require(VIEW, 'subject-2')).code).toBe('ERR_CONSENT_EXPIRED');
  });
});

describe('minors [MEG-minor]', () => {
  const child = { dataSubject: 'child-1', language: 'zh-CN', ageBand: 'under-14' } as const;
  const guardian = { dataSubject: 'child-1', guardian: 'guardian-1', relation: 'parent', language: 'zh-CN' } as const;

  it('under 14 nothing opens without the guardian, whose answer is a record of its own', async () => {
    const { ledger } = await start();
    await ledger.answer({ ...child, answers: answersTo(notice, 'given') });
    expect(refused(await ledger.require(VIEW, 'child-1'))).toMatchObject({ code: 'ERR_CONSENT_GUARDIAN', field: 'guardianOf' });
    expect(await ledger.standing('child-1')).toMatchObject({ awaitsGuardian: true, state: 'given' });
    const record = await ledger.answerAsGuardian({ ...guardian, answers: answersTo(notice, 'given', { [FEATURES]: 'refused' }) });
    expect(record).toMatchObject({ role: 'guardian', dataSubject: 'guardian-1', guardianOf: 'child-1', relation: 'parent' });
    expect((await ledger.require(VIEW, 'child-1')).granted).toBe(true);
    expect(refused(await ledger.require(FEATURES, 'child-1')).code).toBe('ERR_CONSENT_GUARDIAN');
    expect(await ledger.standing('child-1')).toMatchObject({ awaitsGuardian: false, state: 'given', recordId: record.recordId, answers: { [VIEW]: 'given', [FEATURES]: 'refused' } });
  });

  it('a guardian who refuses has answered: nothing is left, and nobody waits', async () => {
    const { ledger } = await start();
    await ledger.answer({ ...child, answers: answersTo(notice, 'given') });
    await ledger.answerAsGuardian({ ...guardian, answers: answersTo(notice, 'refused') });
    expect(refused(await ledger.require(VIEW, 'child-1')).code).toBe('ERR_CONSENT_GUARDIAN');
    expect(await ledger.standing('child-1')).toMatchObject({ awaitsGuardian: false, state: 'refused' });
  });

  it('a guardian who changes their mind ends what runs', async () => {
    const { ledger } = await start();
    await ledger.answer({ ...child, answers: answersTo(notice, 'given') });
    await ledger.answerAsGuardian({ ...guardian, answers: answersTo(notice, 'given') });
    const grant = granted(await ledger.require(VIEW, 'child-1'));
    await ledger.answerAsGuardian({ ...guardian, answers: answersTo(notice, 'given', { [VIEW]: 'refused' }) });
    expect(grant.signal.reason).toMatchObject({ code: 'ERR_CONSENT_GUARDIAN' });
  });

  it('nobody is their own guardian', async () => {
    const { ledger } = await start();
    await expect(ledger.answerAsGuardian({ ...guardian, guardian: 'child-1', answers: answersTo(notice, 'given') })).rejects.toThrow(/answerAsGuardian\.guardian/);
  });
});

describe('exceptions [TAF-5.1g] [TAF-5.4c]', () => {
  const input = { code: '35273-5.6-e', reason: 'A person lies unconscious on the platform.', purposes: [VIEW], dataSubject: 'unknown-1' } as const;
  const sharing = noticeFixture({ purposes: [purposeFixture(VIEW), purposeFixture('sharing')], recipients: [{ type: { 'zh-CN': '警方', en: 'Police' }, purposes: ['sharing'] }] });

  it('are off unless the app configures them', async () => {
    const { ledger } = await start();
    await expect(ledger.requireByException(input)).rejects.toThrow(/not configured/);
    expect(await ledger.exceptionsUsed()).toEqual([]);
  });

  it('leave code and reason behind before the grant exists, and last an hour', async () => {
    const browser = new FakeBrowser();
    const ledger = await browser.open({ exceptions: ['35273-5.6-e'] });
    const grant = granted(await ledger.requireByException(input));
    expect(grant).toMatchObject({ recordId: null, exception: '35273-5.6-e', purposes: [VIEW], validUntil: FIXTURE_NOW + 3_600_000 });
    const [used] = await ledger.exceptionsUsed();
    expect(used).toMatchObject({ code: input.code, reason: input.reason, dataSubject: 'unknown-1' });
    const [entry] = await ledger.auditLog();
    expect(entry).toMatchObject({ code: 'exception.used', ids: { exceptionId: used?.exceptionId, exception: input.code } });
    expect(JSON.stringify(entry)).not.toContain('unconscious');
  });

  it('a reason that could not be stored gives no grant', async () => {
    const browser = new FakeBrowser();
    const ledger = await browser.open({ exceptions: ['35273-5.6-e'] });
    browser.place.full = true;
    await expect(ledger.requireByException(input)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  });

  it('a grant that is on its way when the ledger closes never comes out: nothing would end it', async () => {
    const browser = new FakeBrowser();
    const ledger = await browser.open({ exceptions: ['35273-5.6-e'] });
    const store = browser.stores[0]!;
    vi.spyOn(store, 'commit').mockImplementation(async (batch) => {
      const written = await MemoryStore.prototype.commit.call(store, batch);
      void ledger.close();
      return written;
    });
    await expect(ledger.requireByException(input)).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED', details: { reason: 'closed' } });
    expect(browser.place.exceptions).toHaveLength(1);
  });

  it.each<[string, object, RegExp]>([
    ['a reason of one word', { reason: 'because' }, /exception\.reason/],
    ['a code of neither list', { code: '35273-5.6-z' }, /exception\.code/],
    ['the list for sharing used for filming', { code: '35273-9.5-e' }, /requireByException\.purposes/],
    ['the list for filming used for sharing', { purposes: ['sharing'] }, /requireByException\.purposes/],
    ['a purpose that the notice does not name', { purposes: [RECORDING] }, /requireByException\.purposes/],
    ['no purpose', { purposes: [] }, /requireByException\.purposes/],
  ])('refuse %s', async (_name, over, message) => {
    const ledger = await new FakeBrowser().open({ notice: sharing, exceptions: ['35273-5.6-e', '35273-9.5-e'] });
    await expect(ledger.requireByException({ ...input, ...over })).rejects.toThrow(message);
    expect(await ledger.exceptionsUsed()).toEqual([]);
  });

  it('of the other list are for sharing', async () => {
    const ledger = await new FakeBrowser().open({ notice: sharing, exceptions: ['35273-9.5-e'] });
    expect(granted(await ledger.requireByException({ ...input, code: '35273-9.5-e', purposes: ['sharing'] })).purposes).toEqual(['sharing']);
  });
});

describe('the audit log [MEG-audit]', () => {
  it('tells the life of a consent by ids and codes, in one whole chain', async () => {
    const { ledger } = await start();
    await ledger.request({ dataSubject: 'subject-1', language: 'en' });
    const record = await ledger.answer(adult(notice, 'given'));
    await ConsentGrant.note(granted(await ledger.require(VIEW, 'subject-1')), 'camera.opened');
    await ledger.withdraw('subject-1');
    const log = await ledger.auditLog();
    expect(log.map(({ code }) => code)).toEqual(['consent.requested', 'consent.given', 'camera.opened', 'consent.withdrawn']);
    expect(log[1]?.ids).toEqual({ subject: 'subject-1', recordId: record.recordId, requestId: record.requestId, noticeHash: record.noticeHash });
    expect(log[2]?.ids).toEqual({ recordId: record.recordId });
    expect(await verifyChain(log)).toEqual({ intact: true, length: 4 });
  });

  it('notes what happens after the end of a grant, too', async () => {
    const { ledger, grant } = await startWithYes();
    await ledger.withdraw('subject-1');
    await ConsentGrant.note(grant, 'capture.stopped');
    expect((await ledger.auditLog()).at(-1)).toMatchObject({ code: 'capture.stopped' });
  });
});

it('a receipt is signed and noted [MEG-request-id]', async () => {
  const { ledger } = await startWithYes();
  const receipt = await ledger.receipt('subject-1');
  expect(receipt.evidence.records).toEqual(await ledger.history('subject-1'));
  expect((await ledger.auditLog()).at(-1)).toMatchObject({ code: 'receipt.exported' });
  await expect(ledger.receipt('subject-2')).rejects.toThrow(TypeError);
});
