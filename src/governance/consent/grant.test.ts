import { describe, expect, it } from 'vitest';
import { FacePrivacyError } from '../../core/errors.ts';
import { assertGrant, ConsentGrant } from './grant.ts';
import { adult, FakeBrowser, granted } from './ledger-fixture.contract.ts';
import { noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import { OPERATIONS, PURPOSES, type Operation, type Purpose } from './purposes.ts';

// Scene `service` allows every purpose but album grouping, which `upload` has.
const serviceNotice = noticeFixture({ scene: 'service', purposes: PURPOSES.filter((purpose) => purpose !== 'album-grouping').map((purpose) => purposeFixture(purpose)), recipients: [{ type: { 'zh-CN': '警方', en: 'Police' }, purposes: ['sharing'] }] });
const uploadNotice = noticeFixture({ purposes: [purposeFixture('album-grouping'), purposeFixture('app:attendance')] });

async function grantFor(purposes: readonly Purpose[], browser = new FakeBrowser()): Promise<ConsentGrant> {
  const notice = purposes.some((purpose) => purpose === 'album-grouping' || purpose.startsWith('app:')) ? uploadNotice : serviceNotice;
  const ledger = await browser.open({ notice });
  await ledger.answer(adult(notice, 'given'));
  return granted(await ledger.require(purposes, 'subject-1'));
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof FacePrivacyError ? error.code : error;
  }
  return 'did not throw';
}

describe('each operation and each purpose [TAF-5.3a]', () => {
  const operations = Object.keys(OPERATIONS) as Operation[];
  const cases = operations.flatMap((operation) => [...PURPOSES, 'app:attendance' as const].map((purpose) => [operation, purpose] as const));

  it.each(cases)('%s under a grant for %s', async (operation, purpose) => {
    const grant = await grantFor([purpose]);
    const allowed = (OPERATIONS[operation] as readonly Purpose[]).includes(purpose);
    if (allowed) {
      expect(() => { assertGrant(grant, operation); }).not.toThrow();
      return;
    }
    const needs = OPERATIONS[operation].map((name) => `'${name}'`).join(' or ');
    expect(() => { assertGrant(grant, operation); }).toThrow(
      expect.objectContaining({
        code: 'ERR_CONSENT_PURPOSE',
        message: `${operation} needs a grant for ${needs}; this one holds '${purpose}'.`,
        details: { operation, needs: OPERATIONS[operation].join(' '), holds: purpose, field: 'purposes' },
      }) as Error,
    );
  });
});

describe('a grant cannot be had in another way', () => {
  it('refuses look-alikes, copies and forged instances', async () => {
    const grant = await grantFor(['live-redacted-view']);
    const lookAlike = { ...grant, signal: new AbortController().signal };
    expect(codeOf(() => { assertGrant(lookAlike, 'openCamera'); })).toBe('ERR_CONSENT_FORGED');
    expect(codeOf(() => { assertGrant(Object.create(grant), 'openCamera'); })).toBe('ERR_CONSENT_FORGED');
    expect(codeOf(() => { assertGrant(new Proxy(grant, {}), 'openCamera'); })).toBe('ERR_CONSENT_FORGED');
    const Forge = grant.constructor as unknown as new (...args: unknown[]) => ConsentGrant;
    expect(codeOf(() => new Forge(Symbol('mint'), {}))).toBe('ERR_CONSENT_FORGED');
    expect(codeOf(() => structuredClone({ grant: { ...grant } }) && new Forge())).toBe('ERR_CONSENT_FORGED');
    for (const value of [undefined, null, 'yes', 1]) expect(codeOf(() => { assertGrant(value, 'openCamera'); })).toBeInstanceOf(TypeError);
  });

  it('cannot be changed to hold more or longer', async () => {
    const grant = await grantFor(['live-redacted-view']);
    expect(Object.isFrozen(grant) && Object.isFrozen(grant.purposes)).toBe(true);
    expect(Object.isFrozen(ConsentGrant.context(grant).notice.purposes)).toBe(true);
  });

  it('holds exactly the purposes that were asked for', async () => {
    expect((await grantFor(['sharing'])).purposes).toEqual(['sharing']);
    expect((await grantFor(['live-redacted-view', 'redacted-recording', 'live-redacted-view'])).purposes).toEqual(['live-redacted-view', 'redacted-recording']);
  });
});

describe('a grant ends', () => {
  it('by the time of the ledger, also when nothing tells', async () => {
    const browser = new FakeBrowser();
    const grant = await grantFor(['live-redacted-view'], browser);
    browser.clock = grant.validUntil - 1;
    expect(codeOf(() => { assertGrant(grant, 'openCamera'); })).toBe('did not throw');
    browser.clock = grant.validUntil;
    expect(codeOf(() => { assertGrant(grant, 'openCamera'); })).toBe('ERR_CONSENT_EXPIRED');
    browser.clock = grant.validUntil - 1;
    expect(codeOf(() => { assertGrant(grant, 'openCamera'); })).toBe('ERR_CONSENT_EXPIRED');
  });

  it('for good, with the reason given first', async () => {
    const grant = await grantFor(['live-redacted-view']);
    ConsentGrant.end(grant, new FacePrivacyError('ERR_CAMERA_PERMISSION_CHANGED', 'changed'));
    ConsentGrant.end(grant, new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'withdrawn'));
    expect(codeOf(() => { assertGrant(grant, 'openCamera'); })).toBe('ERR_CAMERA_PERMISSION_CHANGED');
  });
});
