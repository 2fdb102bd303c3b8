import { describe, expect, it } from 'vitest';
import type { FacePrivacyError } from '../../core/errors.ts';
import { verifyChain } from '../audit/entry.ts';
import { adult, answersTo, FakeBrowser, granted, refused } from './ledger-fixture.contract.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from './notice-fixture.contract.ts';

const VIEW = 'live-redacted-view';
const RECORDING = 'redacted-recording';
const DAY_MS = 24 * 3600 * 1000;
const notice = noticeFixture();

async function start() {
  const browser = new FakeBrowser();
  const ledger = await browser.open();
  return { browser, ledger };
}

describe('asking and answering', () => {
  it('gives no grant before an answer is stored; a shown notice is none [TAF-5.1a]', async () => {
    const { ledger } = await start();
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_MISSING' });
    await ledger.request({ dataSubject: 'subject-1', language: 'en' });
    expect(refused(await ledger.require(VIEW, 'subject-1'))).toMatchObject({ code: 'ERR_CONSENT_MISSING' });
    await ledger.answer(adult(notice, 'given'));
    const grant = granted(await ledger.require(VIEW, 'subject-1'));
    expect(grant).toMatchObject({ purposes: [VIEW], scene: 'upload', dataSubject: 'subject-1', exception: null, validUntil: FIXTURE_NOW + 365 * DAY_MS });
    expect(grant.signal.aborted).toBe(false);
  });
});
