import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { verifyAuditExport } from 'bauta/audit';
import { slow } from '../support/slow.ts';
import { expect, test, type DemoPage } from './demo-page.ts';

const PAGE = 'review.html';

/** Two people who stay: a claim on one of them lasts. */
const PEOPLE = fileURLToPath(new URL('../../demo/dist/clip/people.webm', import.meta.url));

/** Records them for some seconds, with the original of one face sealed. */
async function record(demo: DemoPage, page: Page): Promise<void> {
  await demo.open();
  await demo.choose({ live: 'given', saving: 'given', sealing: 'given', sharing: 'given' }, 'age=adult');
  await demo.press('agree');
  await page.locator('input[name=source][value=file]').check();
  await page.locator('#file').setInputFiles(PEOPLE);
  await page.locator('#start').click();
  await demo.playing();
  await page.locator('#record').click();
  await expect(page.locator('#recording-text')).toHaveText(/^Recording: [1-9]/, { timeout: 30_000 });
  // A claim ends when faces come too close to each other: the person points again.
  await expect(async () => {
    await page.locator('#recording .chip').first().click({ timeout: 2_000 });
    await expect(page.locator('#sealing-text')).toHaveText(/is being sealed/, { timeout: 4_000 });
  }).toPass({ timeout: 40_000 });
  const [, seconds = '0'] = /([\d.]+)/.exec((await page.locator('#recording-text').textContent()) ?? '') ?? [];
  await expect.poll(async () => Number(/([\d.]+)/.exec((await page.locator('#recording-text').textContent()) ?? '')?.[1]), { timeout: 30_000 }).toBeGreaterThan(Number(seconds) + 2);
  await page.locator('#record').click();
  await expect(page.locator('#recording-text')).toHaveText(/recorded\. It is kept until/, { timeout: 20_000 });
}

async function signIn(page: Page, staffId: string): Promise<void> {
  await page.locator(`input[name=person][value=${staffId}]`).check();
  await page.locator('#sign-in').click();
  await expect(page.locator('#desk-title')).toBeFocused({ timeout: 20_000 });
}

async function signOut(page: Page): Promise<void> {
  await page.locator('#sign-out').click();
  await expect(page.locator('#sign-in-title')).toBeFocused();
}

async function openRecording(page: Page): Promise<void> {
  await page.locator('#queue button').first().click();
  await expect(page.locator('#case-proof')).toHaveText('Manifest verified', { timeout: 20_000 });
}

/** As when the person turns to another tab: pages of Playwright always count as visible. */
function outOfSight(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden ? 'hidden' : 'visible');
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('from a recording to one face seen for a reason, and its trace; axe finds nothing on the way [TAF-5.3b][TAF-5.3c][TAF-5.5b][MEG-audit][MEG-incident]', async ({ demo, page }) => {
    test.setTimeout(240_000);
    await record(demo, page);
    await page.locator('#recording-link a').click();
    await expect(page.locator('#sign-in-title')).toBeVisible();
    await demo.fits();

    // Without an order a reviewer opens nothing.
    await signIn(page, 'reviewer-1');
    await expect(page.locator('#queue button')).toHaveCount(1);
    for (let attempt = 0; attempt < 5; attempt++) {
      await page.locator('#queue button').click();
      await expect(page.locator('#toast-problem')).toHaveText(/Not allowed.*ERR_ACCESS_DENIED/);
      await page.locator('#toast-close').click();
    }
    await expect(page.locator('#video')).toBeHidden();
    await signOut(page);

    await signIn(page, 'supervisor-1');
    await page.locator('#tab-recordings').focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.locator('#tab-orders')).toBeFocused();
    await page.locator('#issue-tracks input').first().check();
    await page.locator('#issue-form button[type=submit]').click();
    await expect(page.locator('#issue-problem')).toHaveText(/Choose somebody/);
    await page.locator('#issue-to input[value=reviewer-1]').check();
    await page.locator('#issue-form button[type=submit]').click();
    await expect(page.locator('#orders .tag')).toHaveText('Open');
    await demo.fits();
    await signOut(page);

    // By keyboard alone: play, step, cover a place, note, decide, ask.
    await signIn(page, 'reviewer-1');
    await demo.tabTo('#queue button');
    await page.keyboard.press('Enter');
    await expect(page.locator('#case-title')).toBeFocused({ timeout: 20_000 });
    await expect(page.locator('#case-proof')).toHaveText('Manifest verified');
    await expect(page.locator('#lanes button', { hasText: 'sealed' })).not.toHaveCount(0);
    const time = (): Promise<number> => page.locator('#video').evaluate((video: HTMLVideoElement) => video.currentTime);
    await demo.tabTo('#play');
    await page.keyboard.press('Enter');
    await expect.poll(time).toBeGreaterThan(0.2);
    await page.keyboard.press('k');
    const paused = await time();
    await page.keyboard.press('.');
    await expect.poll(time).toBeGreaterThan(paused);
    // One frame on, one more, and one back: each as long as the frames of this recording are, however fast it was made.
    const frameS = (await time()) - paused;
    await page.keyboard.press('.');
    await expect.poll(time).toBeCloseTo(paused + 2 * frameS, 3);
    await page.keyboard.press(',');
    await expect.poll(time).toBeCloseTo(paused + frameS, 3);
    await demo.tabTo('#box-begin');
    await page.keyboard.press('Enter');
    await expect(page.locator('#editor')).toBeFocused();
    const place = await page.locator('#draft-place').textContent();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowDown');
    await expect(page.locator('#draft-place')).not.toHaveText(place ?? '');
    await page.keyboard.press('Enter');
    await expect(page.locator('#box-from')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('#boxes li')).toHaveCount(1);
    await demo.tabTo('#note');
    await page.keyboard.type('Somebody falls at the left.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.locator('#notes li')).toHaveText(/falls at the left.*reviewer-1/);
    await demo.tabTo('input[name=outcome][value=no-issue]');
    await page.keyboard.press('ArrowDown');
    await demo.tabTo('#decision-form button');
    await page.keyboard.press('Enter');
    await expect(page.locator('#decided-title')).toHaveText('Issue found');
    await demo.tabTo('#ask-text');
    await page.keyboard.type('It has to be known who fell.');
    await demo.tabTo('#ask-form button');
    await page.keyboard.press('Enter');
    await expect(page.locator('#unmask-requests .tag')).toHaveText('Waiting');
    await expect(page.locator('#unmask-requests button')).toHaveCount(0);
    await demo.fits();
    await signOut(page);

    await signIn(page, 'supervisor-1');
    await openRecording(page);
    await expect(page.locator('#ask-form')).toBeHidden();
    await page.locator('#hold-reason').fill('The one who fell disputes the report.');
    await page.locator('#hold-until').fill(new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10));
    await page.locator('#hold-form button').click();
    await expect(page.locator('#holds li')).toHaveText(/disputes the report/);
    await expect(page.locator('#queue .tag', { hasText: 'Held' })).toHaveCount(1);
    await page.locator('#tab-orders').click();
    await page.locator('#requests button', { hasText: 'Approve' }).click();
    await expect(page.locator('#requests .tag')).toHaveText('Approved');
    await signOut(page);

    await signIn(page, 'reviewer-1');
    await openRecording(page);
    await page.locator('#unmask-requests button', { hasText: 'Look' }).click();
    await expect(page.locator('#look-end')).toBeFocused({ timeout: 20_000 });
    await expect(page.locator('#look canvas')).toBeVisible();
    await expect(page.locator('#looking-time')).toHaveText(/ends in [45]:/);
    await expect(page.locator('#looking-text')).toHaveText(/You are looking at face/, { timeout: 20_000 });
    // No pixel comes back to the page: what is drawn can be seen on the screen alone.
    const seen = await page.locator('#screen').screenshot();
    expect(await demo.barriers()).toEqual([]);
    await page.locator('#look-end').click();
    await expect(page.locator('#look canvas')).toHaveCount(0);
    await expect(page.locator('#toast-text')).toHaveText(/The look has ended/);
    await page.locator('#toast-close').click();
    expect((await page.locator('#screen').screenshot()).equals(seen)).toBe(false);
    await expect(page.locator('#unmask-requests small').first()).toHaveText(/looks 1 of 2/);
    // The page goes out of sight: what was uncovered is gone when it comes back.
    await page.locator('#unmask-requests button', { hasText: 'Look' }).click();
    await expect(page.locator('#look-end')).toBeFocused({ timeout: 20_000 });
    await expect(page.locator('#look canvas')).toBeVisible();
    await expect(page.locator('#looking-text')).toHaveText(/You are looking at face/, { timeout: 20_000 });
    await outOfSight(page, true);
    await expect(page.locator('#look canvas')).toHaveCount(0);
    await expect(page.locator('#toast-text')).toHaveText(/The look has ended: the page was not in sight/);
    await outOfSight(page, false);
    await expect(page.locator('#look canvas')).toHaveCount(0);
    await expect(page.locator('#unmask-requests .tag')).toHaveText('Used up');
    await page.locator('#toast-close').click();
    await signOut(page);

    await signIn(page, 'auditor-1');
    await expect(page.locator('#queue .row-card')).toHaveCount(1);
    await expect(page.locator('#queue button')).toHaveCount(0);
    await page.locator('#tab-audit').click();
    await page.locator('#audit-filter').selectOption('unmask');
    await expect(page.locator('#audit-entries b')).toHaveText(['Look ended', 'Look began', 'Look ended', 'Look began', 'Request approved', 'Asked to see a face']);
    await expect(page.locator('#audit-entries small')).toContainText(['unmask.ended', 'unmask.started', 'unmask.ended', 'unmask.started', 'unmask.approved', 'unmask.requested']);
    await expect(page.locator('#audit-entries')).toContainText('hidden');
    const download = page.waitForEvent('download');
    await page.locator('#audit-export').click();
    await expect(page.locator('#verdict-title')).toHaveText('Intact', { timeout: 20_000 });
    const exported = await readFile(await (await download).path(), 'utf8');
    expect((await verifyAuditExport(exported)).intact).toBe(true);
    expect(exported).toContain('unmask.started');
    expect(exported).not.toMatch(/falls|fell|dispute/);
    await page.locator('#audit-file').setInputFiles({ name: 'cut.jsonl', mimeType: 'text/plain', buffer: Buffer.from(`${exported.split('\n').slice(0, -6).join('\n')}\n`) });
    await expect(page.locator('#verdict-title')).toHaveText(/Not intact/);
    await demo.fits();
    await signOut(page);

    await signIn(page, 'administrator-1');
    await expect(page.locator('[role=tab]:visible')).toHaveText(['Log and incidents', 'People and roles']);
    await expect(page.locator('#incidents li')).toHaveText([/Refused again and again/]);
    await page.locator('#tab-staff').click();
    await expect(page.locator('#staff li')).toHaveCount(5);
    await expect(page.locator('#data-requests-empty')).toBeVisible();
    await demo.fits();
    await page.locator('.card:has(#data-requests) a').click();
    await page.locator('#rights-list input[value=access]').check();
    await page.locator('#send').click();
    await expect(page.locator('#requests li')).toHaveCount(1);
    await demo.open(PAGE);
    await expect(page.locator('#view-desk')).toBeHidden();
    await signIn(page, 'administrator-1');
    await page.locator('#tab-staff').click();
    await expect(page.locator('#data-requests li')).toHaveText(/Answer due/);
    await expect(page.locator('#data-requests button')).toHaveCount(0);
    await demo.fits();
  });
});

slow(test)('a look ends by itself when its minutes are over, and none is left to take [TAF-5.3c]', async ({ demo, page }) => {
  test.setTimeout(300_000);
  await record(demo, page);
  await page.goto(`${demo.url}${PAGE}`);
  await signIn(page, 'supervisor-1');
  await page.locator('#tab-orders').click();
  await page.locator('#issue-tracks input').first().check();
  await page.locator('#issue-to input[value=reviewer-1]').check();
  await page.locator('#issue-form button[type=submit]').click();
  await expect(page.locator('#orders .tag')).toHaveText('Open');
  await signOut(page);
  await signIn(page, 'reviewer-1');
  await openRecording(page);
  await page.locator('#ask-minutes').fill('1');
  await page.locator('#ask-text').fill('It has to be known who fell.');
  await page.locator('#ask-form button').click();
  await expect(page.locator('#unmask-requests .tag')).toHaveText('Waiting');
  await signOut(page);
  await signIn(page, 'supervisor-1');
  await page.locator('#tab-orders').click();
  await page.locator('#requests button', { hasText: 'Approve' }).click();
  await expect(page.locator('#requests .tag')).toHaveText('Approved');
  await signOut(page);
  await signIn(page, 'reviewer-1');
  await openRecording(page);
  await page.locator('#unmask-requests button', { hasText: 'Look' }).click();
  await expect(page.locator('#looking-time')).toHaveText(/ends in 0:/, { timeout: 20_000 });
  await expect(page.locator('#look canvas')).toBeVisible();
  await expect(page.locator('#look canvas')).toHaveCount(0, { timeout: 75_000 });
  await expect(page.locator('#toast-text')).toHaveText(/The look has ended: The time for it is over/);
  await expect(page.locator('#unmask-requests .tag')).toHaveText('Over');
  await expect(page.locator('#unmask-requests button', { hasText: 'Look' })).toHaveCount(0);
});

slow(test)('a recording leaves as a bundle with what was covered besides; another browser verifies it first, and can do all but see a face [TAF-5.4b][TAF-5.3c]', async ({ demo, page, browser }) => {
  test.setTimeout(240_000);
  await record(demo, page);
  await page.goto(`${demo.url}${PAGE}`);
  await signIn(page, 'supervisor-1');
  await openRecording(page);
  await page.locator('#box-begin').click();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.locator('#boxes li')).toHaveCount(1);
  await page.locator('#share-for').fill('A complaint');
  await page.locator('#share-cover').check();
  const download = page.waitForEvent('download', { timeout: 150_000 });
  await page.locator('#share-form button').click();
  const bundle = await readFile(await (await download).path());

  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await elsewhere.goto(`${demo.url}${PAGE}`);
  await signIn(elsewhere, 'reviewer-2');
  await expect(elsewhere.locator('#queue .row-card')).toHaveCount(0);
  const damaged = Buffer.from(bundle);
  damaged[Math.floor(damaged.length / 2)]! ^= 1;
  for (const [name, buffer, said] of [['damaged.zip', damaged, /cannot be opened.*ERR_BUNDLE_INVALID/], ['notes.zip', Buffer.from('no bundle'), /ERR_BUNDLE_INVALID/]] as const) {
    await elsewhere.locator('#bundle').setInputFiles({ name, mimeType: 'application/zip', buffer });
    await expect(elsewhere.locator('#toast-problem')).toHaveText(said);
    await expect(elsewhere.locator('#video')).toBeHidden();
  }
  await elsewhere.locator('#bundle').setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer: bundle });
  await expect(elsewhere.locator('#case-proof')).toHaveText('Manifest verified');
  await expect(elsewhere.locator('#unmask-card')).toBeHidden();
  await expect.poll(() => elsewhere.locator('#video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(1);
  await elsewhere.locator('#note').fill('Seen elsewhere.');
  await elsewhere.locator('#note-form button').click();
  const findings = elsewhere.waitForEvent('download');
  await elsewhere.locator('#findings').click();
  expect(await readFile(await (await findings).path(), 'utf8')).toContain('Seen elsewhere.');
  await other.close();
});
