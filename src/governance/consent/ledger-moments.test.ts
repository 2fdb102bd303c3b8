import { expect, it, vi } from 'vitest';
import type { Incident } from '../incidents.ts';
import { ConsentGrant } from './grant.ts';
import { adult, FakeBrowser, granted } from './ledger-fixture.contract.ts';
import { noticeFixture } from './notice-fixture.contract.ts';

const VIEW = 'live-redacted-view';
const notice = noticeFixture();

/** A part that is not served any more, as after a new version of the app was put up, or is still on its way. */
const gone = vi.hoisted(() => ({ isGone: false, arrives: null as Promise<void> | null }));
vi.mock('./moments.ts', async (original) => {
  const parts = await original<typeof import('./moments.ts')>();
  // An import() ends as the `then` of its module says.
  const then = (resolve: (parts: unknown) => void, reject: (error: unknown) => void): void => {
    if (gone.isGone) reject(new TypeError('Failed to fetch dynamically imported module'));
    else void gone.arrives?.then(() => { resolve(parts); });
  };
  return new Proxy(parts, {
    get: (target, name) => {
      if (name === 'then') return gone.isGone || gone.arrives !== null ? then : undefined;
      return Reflect.get(target, name) as unknown;
    },
  });
});

async function startWithYes() {
  Object.assign(gone, { isGone: false, arrives: null });
  const browser = new FakeBrowser();
  const ledger = await browser.open();
  await ledger.answer(adult(notice, 'given'));
  const grant = granted(await ledger.require(VIEW, 'subject-1'));
  const incidents: Incident[] = [];
  ledger.addEventListener('incident', ({ detail }) => incidents.push(detail));
  return { browser, ledger, grant, incidents };
}

it('a withdrawal needs no part that could be missing: grants end, it is recorded, and nothing is given out after [MEG-withdraw]', async () => {
  const { browser, ledger, grant } = await startWithYes();
  gone.isGone = true;
  await ledger.withdraw('subject-1');
  expect(grant.signal.aborted).toBe(true);
  expect((await ledger.history('subject-1')).at(-1)).toMatchObject({ state: 'withdrawn' });
  expect(await ledger.require(VIEW, 'subject-1')).toMatchObject({ granted: false, refusal: { code: 'ERR_CONSENT_WITHDRAWN' } });
  expect(await (await browser.open()).require(VIEW, 'subject-1')).toMatchObject({ granted: false });
});

it('without the part nothing is answered, excepted, taken along or exported, and the error says so', async () => {
  const { browser, ledger } = await startWithYes();
  const before = browser.place.audit.length;
  gone.isGone = true;
  const missing = { name: 'FacePrivacyError', code: 'ERR_ASSET_MISSING' };
  await expect(ledger.answer(adult(notice, 'refused'))).rejects.toMatchObject(missing);
  await expect(ledger.request({ dataSubject: 'subject-1', language: 'zh-CN' })).rejects.toMatchObject(missing);
  await expect(ledger.requireByException({ code: '35273-5.6-d', reason: 'a reason long enough', purposes: [VIEW], dataSubject: 'subject-1' })).rejects.toMatchObject(missing);
  await expect(ledger.receipt('subject-1')).rejects.toMatchObject(missing);
  await expect(ledger.standing('subject-1')).rejects.toMatchObject(missing);
  await expect(ledger.exportAudit()).rejects.toMatchObject(missing);
  expect(browser.place.audit).toHaveLength(before);
});

it('incidents need no such part: they are told before anything else happens [MEG-incident]', async () => {
  const { grant, incidents } = await startWithYes();
  gone.isGone = true;
  const reported = ConsentGrant.context(grant).report({ kind: 'egress-attempted', about: 'fetch' });
  expect(incidents.map(({ kind, about }) => [kind, about])).toEqual([['egress-attempted', 'fetch']]);
  await reported;
});

it('an answer that waits for the part is not the last word after a withdrawal, or under another notice', async () => {
  const { ledger } = await startWithYes();
  const arrive = hold();
  const late = expect(ledger.answer(adult(notice, 'given'))).rejects.toMatchObject({ code: 'ERR_CONSENT_CONFLICT' });
  await ledger.withdraw('subject-1');
  arrive();
  await late;
  expect(await ledger.require(VIEW, 'subject-1')).toMatchObject({ granted: false, refusal: { code: 'ERR_CONSENT_WITHDRAWN' } });

  const arriveAgain = hold();
  const other = expect(ledger.answer(adult(notice, 'given'))).rejects.toMatchObject({ code: 'ERR_CONSENT_NOTICE' });
  await ledger.setNotice({ ...notice, version: 'another' });
  arriveAgain();
  await other;
  expect((await ledger.history('subject-1')).at(-1)).toMatchObject({ state: 'withdrawn' });
});

function hold(): () => void {
  let release = (): void => undefined;
  gone.arrives = new Promise((resolve) => {
    release = resolve;
  });
  return () => {
    gone.arrives = null;
    release();
  };
}
