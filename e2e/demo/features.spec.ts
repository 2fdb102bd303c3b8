import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { verifyErasureReceipt } from 'bauta/receipts';
import { expect, test, type DemoPage } from './demo-page.ts';
import { slow } from '../support/slow.ts';

const PAGE = 'features.html';
const BOTH = { 'live-redacted-view': 'given', comparison: 'given' } as const;

async function openAndAgree(demo: DemoPage, page: Page, answers: Readonly<Record<string, 'given' | 'refused'>> = BOTH): Promise<void> {
  await demo.open(PAGE);
  await demo.answer(answers);
  await expect(page.locator('#view-studio')).toBeVisible();
  await expect(page.locator('#enrolment')).toHaveText('You are not enrolled.', { timeout: 40_000 });
}

async function startClip(page: Page): Promise<void> {
  await page.locator('#start').click();
  await expect(page.locator('.chip')).not.toHaveCount(0, { timeout: 40_000 });
}

/** Claims the face at that place; the tracker may need a moment to be sure of it. */
async function claim(page: Page, place: 'left' | 'middle'): Promise<void> {
  await expect(async () => {
    await page.locator('.chip', { hasText: place }).first().click({ timeout: 2_000 });
    await expect(page.locator('.chip[aria-pressed=true]')).toHaveCount(1, { timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
}

/** Does it with the face at that place, and again where the claim has ended meanwhile: that is what a person is told to do. */
async function look(page: Page, what: 'enrol' | 'verify' | 'identify', place: 'left' | 'middle', title: RegExp): Promise<void> {
  await expect(async () => {
    if ((await page.locator('.chip[aria-pressed=true]', { hasText: 'You' }).count()) === 0) await claim(page, place);
    await page.locator(`#${what}`).click({ timeout: 2_000 });
    await expect(page.locator('#result')).toBeVisible({ timeout: 22_000 });
    await expect(page.locator('#result-title')).toHaveText(title, { timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

test('asks for the picture and, apart from it, for biometrics; nothing is chosen, loaded or kept before [TAF-5.1a][MEG-separate]', async ({ demo, page }) => {
  const models: string[] = [];
  page.on('request', (request) => { if (/\.(onnx|wasm)$|\.worker/.test(request.url())) models.push(request.url()); });
  await demo.open(PAGE);
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);
  await expect(demo.consent.locator('[part=biometric] [data-key="purpose-comparison=given"]')).toHaveCount(1);
  await expect(demo.consent.locator('[part=biometric] [data-key="purpose-live-redacted-view=given"]')).toHaveCount(0);
  await expect(page.locator('.pages [aria-current=page]')).toHaveText('Enrol and compare');

  await demo.answer({ 'live-redacted-view': 'given', comparison: 'refused' });
  await expect(page.locator('#refused-title')).toBeFocused();
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(models).toEqual([]);
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).not.toContain('bauta-templates');
});

test('enrols the face that is pointed at, tells it from another, and erases visibly [TEN-enrol][TEN-gallery][TAF-5.5a]', async ({ demo, page }) => {
  test.setTimeout(180_000);
  await openAndAgree(demo, page);
  await expect(page.locator('#enrol')).toHaveAttribute('aria-disabled', 'true');
  await expect(page.locator('#action-hint')).toHaveText('Start a picture first.');
  await startClip(page);
  await expect(page.locator('#action-hint')).toHaveText('Point at your face first.');
  // No raw preview: the one video plays a stream, not the file.
  expect(await page.locator('video').evaluateAll((videos) => videos.map((video) => (video as HTMLVideoElement).currentSrc))).toEqual(['']);

  await look(page, 'enrol', 'left', /^Enrolled$/);
  await expect(page.locator('#people-count')).toHaveText('1');
  await expect(page.locator('#enrolment')).toHaveText(/enrolled until/);
  await look(page, 'verify', 'left', /^Match$/);
  await expect(page.locator('#result-far')).toHaveText(/0\.1 %/);

  // The same person after a reload, from what is stored.
  await page.reload();
  await expect(page.locator('#enrolment')).toHaveText(/enrolled until/, { timeout: 40_000 });
  await startClip(page);
  await look(page, 'identify', 'middle', /^Most alike$/);
  await expect(page.locator('#scores li')).toHaveText(/Person 1, you · no match/);
  const looks = await page.locator('#calls li').count();
  expect(looks).toBeGreaterThan(0);
  await page.locator('.analysed summary').click();
  const analysed = await page.locator('#calls li span').allTextContents();
  expect(analysed.filter((line) => !/^Look \d+: face \d+, claim [0-9a-f]{8}$/.test(line))).toEqual([]);

  await page.locator('#erase').click();
  await expect(page.locator('#people-count')).toHaveText('0');
  await expect(page.locator('#receipt')).toContainText('the signature was checked');
  await expect(page.locator('#receipt')).toContainText('The whole gallery');
  const download = page.waitForEvent('download');
  await page.locator('#receipt-save').click();
  const receipt: unknown = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  const { erased, scope } = await verifyErasureReceipt(receipt, { origin: new URL(demo.url).origin });
  expect({ scope, templates: erased.templates }).toEqual({ scope: 'gallery', templates: 1 });
});

slow(test)('withdrawing ends the picture and the claim, and erases what was kept [MEG-withdraw][TEN-destroy]', async ({ demo, page }) => {
  test.setTimeout(120_000);
  await openAndAgree(demo, page);
  await startClip(page);
  await look(page, 'enrol', 'left', /^Enrolled$/);
  await page.locator('#withdraw').click();
  await expect(page.locator('#refused-title')).toBeFocused();
  await expect(page.locator('#erased-note')).toHaveText(/has been erased/);
  expect(await page.locator('#video').evaluate((video: HTMLVideoElement) => video.srcObject)).toBeNull();
  expect(page.workers()).toEqual([]);
  await demo.press('change');
  await demo.answer(BOTH);
  await expect(page.locator('#enrolment')).toHaveText('You are not enrolled.', { timeout: 40_000 });
  await expect(page.locator('#people-count')).toHaveText('0');
});

slow(test)('a picture with several people is refused with what to do; unseen where showing was refused [MEG-separate]', async ({ demo, page }) => {
  await openAndAgree(demo, page, { 'live-redacted-view': 'refused', comparison: 'given' });
  await expect(page.locator('input[name=source][value=camera]')).toBeDisabled();
  const photo = new URL('../../node_modules/@vladmandic/face-api/demo/sample1.jpg', import.meta.url);
  await page.locator('#file').setInputFiles(photo.pathname);
  await page.locator('#start').click();
  await expect(page.locator('#stage-note')).toHaveText(/not shown/);
  await expect(page.locator('#picture')).toBeHidden();
  await page.locator('#enrol').click();
  await expect(page.locator('#result-text')).toHaveText(/one face only/, { timeout: 30_000 });
  await page.locator('#language').click();
  await expect(page.locator('#result-text')).toHaveText(/只有一张脸/);
  await page.locator('#language').click();
  await page.locator('#file').setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') });
  await page.locator('#start').click();
  await page.locator('#enrol').click();
  await expect(page.locator('#result-title')).toHaveText('This picture cannot be read', { timeout: 30_000 });
  await expect(page.locator('#people-count')).toHaveText('0');
});

test('everybody at the device answers for themselves [MEG-separate]', async ({ demo, page }) => {
  await openAndAgree(demo, page);
  await page.locator('#next-person').click();
  await expect(page.locator('#welcome-title')).toBeVisible();
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);
  await expect(page.locator('#view-studio')).toBeHidden();
});

slow(test)('can be done with the keyboard alone, on a phone, in both languages, and axe finds nothing', async ({ demo, page }) => {
  test.setTimeout(150_000);
  await page.setViewportSize({ width: 360, height: 740 });
  await demo.open(PAGE);
  await demo.fits();
  for (const purpose of ['live-redacted-view', 'comparison']) {
    await demo.tabTo(`[data-key="purpose-${purpose}=given"]`);
    await page.keyboard.press('Space');
  }
  await demo.tabTo('[data-key="age=under-14"]');
  await page.keyboard.press('ArrowLeft');
  await demo.tabTo('[data-key=agree]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#studio-title')).toBeFocused();
  await expect(page.locator('#enrolment')).not.toBeEmpty({ timeout: 40_000 });
  await demo.fits();
  await demo.tabTo('#start');
  await page.keyboard.press('Enter');
  await expect(page.locator('#stop')).toBeFocused({ timeout: 40_000 });
  await expect(page.locator('.chip')).not.toHaveCount(0, { timeout: 30_000 });
  await expect(async () => {
    await page.locator('#stop').focus();
    await page.keyboard.press('Tab');
    await expect(page.locator('.chip').first()).toBeFocused({ timeout: 500 });
    await page.keyboard.press('Enter');
    await expect(page.locator('.chip[aria-pressed=true]')).toHaveCount(1, { timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
  await demo.tabTo('#enrol');
  await page.keyboard.press('Enter');
  await expect(page.locator('#result')).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('#enrol')).toBeFocused();
  await demo.tabTo('#erase');
  await page.keyboard.press('Enter');
  await expect(page.locator('#receipt')).toBeVisible();
  await demo.fits();
});
