import { openDB } from 'idb';
import { afterEach, describe, expect, it } from 'vitest';
import { openConsentLedger, type LedgerOptions } from './consent.ts';
import { adult, granted, refused } from '../governance/consent/ledger-fixture.contract.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { noticeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { openConsentStore } from '../vault/consent-store.ts';

const VIEW = 'live-redacted-view';
const DAY_MS = 24 * 3600 * 1000;
const now = Date.now();
const notice = noticeFixture({ validFrom: now - DAY_MS, validUntil: now + 720 * DAY_MS });
const yes = adult(notice, 'given');

const tabs: ConsentLedger[] = [];

/** A tab: a ledger of its own over the same database, with real IndexedDB, WebCrypto and BroadcastChannel. */
async function openTab(name: string, options: Partial<LedgerOptions> = {}): Promise<ConsentLedger> {
  const ledger = await openConsentLedger({ notice, store: await openConsentStore(name), ...options });
  tabs.push(ledger);
  return ledger;
}
const ended = (ledger: ConsentLedger): Promise<string> =>
  new Promise((resolve) => {
    ledger.addEventListener('ended', ({ detail }) => { resolve(detail.reason.code); }, { once: true });
  });
const fresh = (): string => `ledger-${crypto.randomUUID()}`;

afterEach(async () => {
  for (const ledger of tabs.splice(0)) await ledger.close();
});

describe('in a real browser', () => {
  it('a yes survives a reload, a withdrawal, too [MEG-withdraw]', async () => {
    const name = fresh();
    const first = await openTab(name);
    await first.answer(yes);
    expect((await first.require(VIEW, 'subject-1')).granted).toBe(true);
    await first.close();
    const second = await openTab(name);
    expect((await second.require(VIEW, 'subject-1')).granted).toBe(true);
    await second.withdraw('subject-1');
    await second.close();
    expect(refused(await (await openTab(name)).require(VIEW, 'subject-1')).code).toBe('ERR_CONSENT_WITHDRAWN');
  });

  it('a withdrawal, a no and a newer notice in one tab end grants in another [MEG-withdraw] [TAF-5.1e]', async () => {
    const name = fresh();
    const [here, there] = [await openTab(name), await openTab(name)];
    await here.answer(yes);
    granted(await here.require(VIEW, 'subject-1'));
    let end = ended(here);
    await there.withdraw('subject-1');
    expect(await end).toBe('ERR_CONSENT_WITHDRAWN');

    await there.answer(yes);
    granted(await here.require(VIEW, 'subject-1'));
    end = ended(here);
    await there.answer(adult(notice, 'refused'));
    expect(await end).toBe('ERR_CONSENT_REFUSED');

    await there.answer(yes);
    granted(await here.require(VIEW, 'subject-1'));
    end = ended(here);
    await openTab(name, { notice: { ...notice, version: '2' } });
    expect(await end).toBe('ERR_CONSENT_NOTICE');
  });

  it('two tabs that answer differently at once leave nothing standing', async () => {
    const name = fresh();
    const pair = [await openTab(name), await openTab(name)] as const;
    const outcomes = await Promise.allSettled([pair[0].answer(yes), pair[1].answer(adult(notice, 'refused'))]);
    // The second may also have come after the first was done: then its no is simply the last word.
    const decision = await pair[0].require(VIEW, 'subject-1');
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as { code?: string }).code] : []));
    if (failures.length > 0) {
      expect(failures).toEqual(['ERR_CONSENT_CONFLICT']);
      expect(refused(decision).code).toBe('ERR_CONSENT_WITHDRAWN');
    } else {
      expect((await pair[0].history('subject-1')).at(-1)?.state === 'given').toBe(decision.granted);
    }
  });

  it('one byte of a stored record changed opens nothing', async () => {
    const name = fresh();
    const ledger = await openTab(name);
    await ledger.answer(adult(notice, 'given', { 'feature-extraction': 'refused' }));
    const raw = await openDB(name);
    const [row] = (await raw.getAll('records')) as [{ record: { answers: Record<string, string> } }];
    row.record.answers['feature-extraction'] = 'given';
    await raw.put('records', row);
    raw.close();
    expect(refused(await ledger.require('feature-extraction', 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_RECORD_INVALID', field: 'proof.signature' });
  });

  it('data wiped in mid-course ends grants', async () => {
    const name = fresh();
    const ledger = await openTab(name);
    await ledger.answer(yes);
    const grant = granted(await ledger.require(VIEW, 'subject-1'));
    const end = ended(ledger);
    indexedDB.deleteDatabase(name);
    expect(await end).toBe('ERR_STORAGE_FAILED');
    expect(grant.signal.aborted).toBe(true);
    await expect(ledger.require(VIEW, 'subject-1')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  });

  it('time ends a grant by itself', async () => {
    const endsSoon = noticeFixture({ validFrom: now - DAY_MS, validUntil: Date.now() + 1500 });
    const ledger = await openTab(fresh(), { notice: endsSoon });
    await ledger.answer(adult(endsSoon, 'given'));
    granted(await ledger.require(VIEW, 'subject-1'));
    expect(await ended(ledger)).toBe('ERR_CONSENT_EXPIRED');
  });
});

it('opening a ledger touches neither mediaDevices nor permissions [TAF-5.1b]', async () => {
  const touched: string[] = [];
  const spied = ['mediaDevices', 'permissions'] as const;
  const originals = spied.map((name) => Object.getOwnPropertyDescriptor(Navigator.prototype, name)!);
  spied.forEach((name, index) => {
    Object.defineProperty(Navigator.prototype, name, {
      ...originals[index],
      get() {
        touched.push(name);
        return originals[index]?.get?.call(navigator) as unknown;
      },
    });
  });
  try {
    const ledger = await openTab(fresh());
    await ledger.request({ dataSubject: 'subject-1', language: 'zh-CN' });
    await ledger.answer(yes);
    granted(await ledger.require(VIEW, 'subject-1'));
    await ledger.withdraw('subject-1');
  } finally {
    spied.forEach((name, index) => Object.defineProperty(Navigator.prototype, name, originals[index]!));
  }
  expect(touched).toEqual([]);
});

it.each<[string, object, RegExp]>([
  ['no notice', { notice: undefined }, /openConsentLedger\.notice is missing/],
  ['a notice that lacks a field', { notice: { ...notice, rights: null } }, /notice\.rights/],
  ['an unknown option', { throttle: 1 }, /openConsentLedger\.throttle is not an option/],
  ['an exception that is none', { exceptions: ['because'] }, /openConsentLedger\.exceptions must be/],
])('refuses %s', async (_name, options, message) => {
  await expect(openConsentLedger({ notice, ...options })).rejects.toThrow(message);
});
