import { describe, expect, test } from 'vitest';
import type { ConsentGrant } from '../governance/consent/grant.ts';
import { adult, FakeBrowser, granted } from '../governance/consent/ledger-fixture.contract.ts';
import { noticeFixture, purposeFixture } from '../governance/consent/notice-fixture.contract.ts';
import { sealOriginals } from './seal-originals.ts';

const PURPOSE = 'sealed-originals';

function noticeOf(periodDays: number) {
  const { retention, ...purpose } = purposeFixture(PURPOSE);
  return noticeFixture({ purposes: [purposeFixture('live-redacted-view'), { ...purpose, retention: { ...retention, category: 'sealed-regions', periodDays } }] });
}

async function grantUnder(periodDays: number) {
  const notice = noticeOf(periodDays);
  const ledger = await new FakeBrowser().open({ notice, exceptions: ['35273-5.6-e'] });
  await ledger.answer(adult(notice, 'given'));
  return { ledger, grant: granted(await ledger.require(PURPOSE, 'subject-1')) };
}

/** Asked before the recording is looked at: there is none. */
const refusalOf = (grant: ConsentGrant, more: object = {}): Promise<unknown> => sealOriginals({} as never, { grant, ...more }).catch((error: unknown) => error);

describe('whose face is sealed', () => {
  test('nobody\'s under a notice that promises not to keep it [MEG-retain]', async () => {
    const { grant } = await grantUnder(0);
    expect(await refusalOf(grant)).toMatchObject({ code: 'ERR_CONSENT_PURPOSE', details: { field: 'retention' } });
  });

  test('nobody\'s under an exception, after a withdrawal, or without a grant for it [MEG-separate]', async () => {
    const { ledger, grant } = await grantUnder(30);
    const exception = granted(await ledger.requireByException({ code: '35273-5.6-e', reason: 'A person lies unconscious on the platform.', purposes: [PURPOSE], dataSubject: 'unknown-1' }));
    expect(await refusalOf(exception)).toMatchObject({ code: 'ERR_CONSENT_MISSING', details: { field: 'exception' } });
    const view = granted(await ledger.require('live-redacted-view', 'subject-1'));
    expect(await refusalOf(view)).toMatchObject({ code: 'ERR_CONSENT_PURPOSE', details: { needs: PURPOSE } });
    expect(await refusalOf(grant, { signal: AbortSignal.abort() })).toMatchObject({ code: 'ERR_ABORTED' });
    expect(await refusalOf(grant)).toBeInstanceOf(TypeError);
    await ledger.withdraw('subject-1');
    expect(await refusalOf(grant)).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  });

  test.each<[object, RegExp]>([
    [{ trackId: 0 }, /trackId/],
    [{ trackID: 3 }, /trackID/],
    [{ signal: 'now' }, /signal/],
    [{ grant: undefined }, /grant/],
  ])('options with a mistake are refused: %o', async (mistake, message) => {
    const { grant } = await grantUnder(30);
    const refusal = await refusalOf(grant, mistake);
    expect(refusal).toBeInstanceOf(TypeError);
    expect((refusal as TypeError).message).toMatch(message);
  });
});
