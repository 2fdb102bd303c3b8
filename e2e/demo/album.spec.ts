import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { verifyErasureReceipt } from 'bauta/receipts';
import { expect, test, type DemoPage } from './demo-page.ts';
import { slow } from '../support/slow.ts';

const PAGE = 'album.html';
const photo = (name: string): string => new URL(`../../demo/dist/photos/${name}`, import.meta.url).pathname;

async function openAndAgree(demo: DemoPage, page: Page): Promise<void> {
  await demo.open(PAGE);
  await demo.answer({ 'album-grouping': 'given' });
  await expect(page.locator('#view-studio')).toBeVisible();
  await expect(page.locator('#read')).toHaveAttribute('aria-disabled', 'false', { timeout: 40_000 });
}

async function counts(page: Page): Promise<number[]> {
  return (await page.locator('.tally dd').allTextContents()).map(Number);
}

test('nothing is read before a yes, and not before it is said that the photos may be grouped [MEG-separate][TEN-album]', async ({ demo, page }) => {
  await demo.open(PAGE);
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);
  await demo.press('refuse');
  await expect(page.locator('#refused-title')).toBeFocused();
  await demo.press('change');
  await demo.answer({ 'album-grouping': 'given' });
  await expect(page.locator('#read')).toHaveAttribute('aria-disabled', 'false', { timeout: 40_000 });
  await page.locator('#read').click();
  await expect(page.locator('#intake-problem')).toHaveText('Choose photos first.');
  await page.locator('#files').setInputFiles(photo('sample1-b.jpg'));
  await expect(page.locator('#statement')).not.toBeChecked();
  await page.locator('#read').click();
  await expect(page.locator('#intake-problem')).toHaveText(/may be grouped/);
  await expect(page.locator('#statement')).toBeFocused();
  // Said of one choice, it says nothing of the next.
  await page.locator('#statement').check();
  await page.locator('#files').setInputFiles(photo('sample1.jpg'));
  await expect(page.locator('#statement')).not.toBeChecked();
  expect(await counts(page)).toEqual([0, 0, 0]);
});

test('the sample photos become groups; bad files are listed; the person corrects, and erases [TEN-album][TEN-face-info][TAF-5.5a]', async ({ demo, page }) => {
  test.setTimeout(180_000);
  await openAndAgree(demo, page);
  await page.locator('#samples').click();
  await expect(page.locator('#chosen')).toHaveText('Photos chosen: 10');
  await page.locator('#statement').check();
  await page.locator('#read').click();
  await expect(page.locator('#report')).toHaveText(/New photos: 10/, { timeout: 120_000 });
  const [pictures, faces = 0, groups = 0] = await counts(page);
  expect(pictures).toBe(10);
  expect(faces).toBeGreaterThan(20);
  expect(groups).toBeLessThan(faces);
  // She is in two photos and a part of each: one group, whatever its number is.
  const hers = page.locator('.group', { has: page.locator('[aria-label*="sample1-b.jpg"]') });
  await expect(hers.locator('.tile')).toHaveCount(4);
  await expect(hers.locator('canvas').first()).toHaveAttribute('data-drawn', '');

  const bad = { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: (await readFile(photo('sample1.jpg'))).subarray(0, 20_000) };
  await page.locator('#files').setInputFiles([bad, { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') }]);
  await page.locator('#statement').check();
  await page.locator('#read').click();
  await expect(page.locator('#skipped-list li')).toHaveText([/cut\.jpg.*no picture/, /notes\.jpg.*no picture/], { timeout: 30_000 });
  expect(await counts(page)).toEqual([10, faces, groups]);

  await expect(page.locator('#merge')).toHaveAttribute('aria-disabled', 'true');
  await hers.locator('input').first().focus();
  await page.keyboard.press('Space');
  await page.locator('#split').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#count-groups')).toHaveText(String(groups + 1));
  await page.locator('[aria-label*="sample1.jpg"]').last().check();
  await page.locator('[aria-label*="sample1-b.jpg"]').check();
  await page.locator('#merge').click();
  await expect(page.locator('#count-groups')).toHaveText(String(groups));

  // What the person decided stays; photos are not kept, and are at hand again when they are chosen again.
  await page.reload();
  await expect(page.locator('#count-groups')).toHaveText(String(groups), { timeout: 40_000 });
  await expect(page.locator('#unseen-hint')).toBeVisible();
  await page.locator('#files').setInputFiles(photo('sample1-b.jpg'));
  await page.locator('#statement').check();
  await page.locator('#read').click();
  await expect(page.locator('#report')).toHaveText(/Already here: 1/, { timeout: 30_000 });

  const erased = page.waitForEvent('download');
  await page.locator('#erase').click();
  await expect(page.locator('#receipt')).toContainText('The whole album');
  expect(await counts(page)).toEqual([0, 0, 0]);
  await expect(page.locator('.tile')).toHaveCount(0);
  await page.locator('#receipt-save').click();
  const receipt: unknown = JSON.parse(await readFile(await (await erased).path(), 'utf8'));
  expect((await verifyErasureReceipt(receipt, { origin: new URL(demo.url).origin })).erased.templates).toBe(faces);
});

slow(test)('reading stops when asked to and goes on from there; withdrawal ends and erases it [TEN-stop][MEG-withdraw]', async ({ demo, page }) => {
  test.setTimeout(150_000);
  await openAndAgree(demo, page);
  await page.locator('#samples').click();
  await expect(page.locator('#chosen')).toHaveText('Photos chosen: 10');
  await page.locator('#statement').check();
  await page.locator('#read').click();
  await expect(page.locator('#work-text')).toHaveText(/Reading photo [2-9]/, { timeout: 40_000 });
  await page.locator('#work-stop').click();
  await expect(page.locator('#report')).toHaveText(/Stopped/, { timeout: 30_000 });
  await expect(page.locator('#read')).toHaveText('Go on');
  const [read = 0] = await counts(page);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(10);
  await page.locator('#read').click();
  await expect(page.locator('#work-text')).toHaveText(/Reading/, { timeout: 20_000 });
  await page.locator('#withdraw').click();
  await expect(page.locator('#refused-title')).toBeFocused();
  await expect(page.locator('#erased-note')).toHaveText(/has been erased/);
  expect(page.workers()).toEqual([]);
  await demo.press('change');
  await demo.answer({ 'album-grouping': 'given' });
  await expect(page.locator('#count-pictures')).toHaveText('0', { timeout: 40_000 });
});

slow(test)('fits a phone, in both languages, and axe finds nothing', async ({ demo, page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 360, height: 740 });
  await demo.open(PAGE);
  await demo.fits();
  await demo.answer({ 'album-grouping': 'given' });
  await expect(page.locator('#read')).toHaveAttribute('aria-disabled', 'false', { timeout: 40_000 });
  await page.locator('#files').setInputFiles([photo('sample1-b.jpg'), photo('sample3-b.jpg')]);
  await demo.tabTo('#statement');
  await page.keyboard.press('Space');
  await demo.tabTo('#read');
  await page.keyboard.press('Enter');
  await expect(page.locator('.tile')).not.toHaveCount(0, { timeout: 40_000 });
  await demo.fits();
  for (const link of ['capture', 'features', 'album']) await demo.tabTo(`.pages [data-page=${link}]`);
});
