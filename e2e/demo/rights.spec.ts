import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { unzipSync, strFromU8 } from 'fflate';
import { verifyErasureReceipt } from 'bauta/receipts';
import { verifyRightsReceipt } from 'bauta/rights';
import { expect, test, type DemoPage } from './demo-page.ts';
import { slow } from '../support/slow.ts';

const PAGE = 'rights.html';
const photo = new URL('../../demo/dist/photos/sample1-b.jpg', import.meta.url).pathname;

/** Asks for something, says who it is, and has it carried out; leaves the card of the request. */
async function carryOut(page: Page, right: string): Promise<void> {
  await page.locator(`input[name=right][value=${right}]`).check();
  await page.locator('#send').click();
  const card = page.locator('#requests .request').first();
  await expect(card.locator('h3')).toBeFocused();
  await card.locator('[data-key$=":identify"]').click();
  await card.locator('[data-key$=":carry-out"]').click();
  await expect(card.locator('.badge').first()).toHaveText('Done', { timeout: 20_000 });
}

/** What a press on a button hands to the person. */
async function saved(page: Page, selector: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.locator(selector).first().click();
  return readFile(await (await download).path());
}

async function agreeToNothingElse(demo: DemoPage): Promise<void> {
  await demo.openAndAgree();
  await demo.open(PAGE);
  await expect(demo.page.locator('#kept-rows tr')).not.toHaveCount(0);
}

slow(test)('a person takes a copy, keeps it from being used, lifts that, and has everything erased, with receipts [MEG-rights][MEG-request-id][TAF-5.5a]', async ({ demo, page }) => {
  test.setTimeout(150_000);
  const expected = { origin: new URL(demo.url).origin };
  await demo.open('album.html');
  await demo.answer({ 'album-grouping': 'given' });
  await expect(page.locator('#read')).toHaveAttribute('aria-disabled', 'false', { timeout: 40_000 });
  await page.locator('#files').setInputFiles(photo);
  await page.locator('#statement').check();
  await page.locator('#read').click();
  await expect(page.locator('#report')).toHaveText(/New photos: 1/, { timeout: 40_000 });

  await demo.open(PAGE);
  await page.getByText('What the page “Album” keeps').click();
  await expect(page.locator('#kept-rows')).toContainText('Album: faces and groups');
  await carryOut(page, 'access');
  const files = unzipSync(await saved(page, '#requests [data-key$=":copy"]'));
  const read = (path: string): unknown => JSON.parse(strFromU8(files[path]!));
  const { items, dataSubject } = read('contents.json') as { items: { category: string; itemId: string; copied: boolean }[]; dataSubject: string };
  await expect(page.locator('#known-as')).toContainText(dataSubject);
  const album = items.find(({ category }) => category === 'album-groups');
  expect(album).toMatchObject({ copied: true });
  expect(read(`albums/${album!.itemId}.json`)).toMatchObject({ pictures: [{ faces: [{}] }] });
  expect(read('consent/receipt.jsonld')).toMatchObject({ '@type': 'dpv:ConsentRecord' });
  expect(strFromU8(files['index.html']!)).toContain('保存的关于您的内容');

  // What is restricted opens for nobody, and is there when that is lifted.
  await carryOut(page, 'restrict');
  await demo.open('album.html');
  await expect(page.locator('#result')).toContainText('kept and not used', { timeout: 40_000 });
  await demo.open(PAGE);
  await page.getByText('What the page “Album” keeps').click();
  await page.locator('#requests [data-key$=":lift"]').click();
  await expect(page.locator('#requests .badge').first()).toHaveText('Lifted again');
  await demo.open('album.html');
  await expect(page.locator('#count-pictures')).toHaveText('1', { timeout: 40_000 });

  await demo.open(PAGE);
  await page.getByText('What the page “Album” keeps').click();
  await carryOut(page, 'erase');
  await expect(page.locator('#kept-rows')).not.toContainText('Album: faces and groups');
  const receipts = await page.locator('#receipts button').count();
  const verdicts: string[] = [];
  for (let i = 0; i < receipts; i += 1) {
    const receipt = JSON.parse((await saved(page, `#receipts li:nth-child(${i + 1}) button`)).toString()) as { kind: string };
    if (receipt.kind === 'erasure-receipt') verdicts.push((await verifyErasureReceipt(receipt, expected)).scope);
    else verdicts.push((await verifyRightsReceipt(receipt, expected)).right);
  }
  expect(verdicts.sort()).toEqual(['access', 'album', 'erase', 'restrict']);
  await demo.open('album.html');
  await expect(page.locator('#count-pictures')).toHaveText('0', { timeout: 40_000 });
});

test('withdrawing ends consent on every page at once; staff answer by their roles; all by keyboard [MEG-withdraw][MEG-rights][TAF-5.3b]', async ({ demo, page, context }) => {
  await demo.openAndAgree();
  const rights = await context.newPage();
  await rights.goto(demo.url + PAGE);
  await carryOut(rights, 'withdraw');
  // The other tab hears of it.
  await expect(page.locator('#view-letter')).toBeVisible();
  await expect(rights.locator('#kept-rows')).toContainText('Consent records');
  await rights.close();

  await demo.open(PAGE);
  await demo.tabTo('input[name=right][value=access]');
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=right][value=erase]')).toBeChecked();
  await demo.tabTo('#send');
  await page.keyboard.press('Enter');
  await demo.tabTo('#requests [data-key$=":identify"]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#requests .badge').first()).toHaveText('It is you; not carried out yet');

  await demo.tabTo('#staff summary');
  await page.keyboard.press('Enter');
  await page.locator('#staff-who').selectOption('reviewer-1');
  await expect(page.locator('#staff-requests .request')).toHaveCount(0);
  await page.locator('#staff-who').selectOption('auditor-1');
  await expect(page.locator('#staff-requests .request')).toHaveCount(2);
  await expect(page.locator('#staff-requests button')).toHaveCount(0);
  await page.locator('#staff-who').selectOption('supervisor-1');
  await page.locator('#staff-requests select').selectOption('nothing-kept');
  await demo.tabTo('#staff-requests [data-key$=":refuse"]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#requests .badge').first()).toHaveText('Refused');
  await expect(page.locator('#requests .request').first()).toContainText('Nothing is kept');
});

test('fits a phone, in both languages, and axe finds nothing', async ({ demo, page }) => {
  test.setTimeout(90_000);
  await page.setViewportSize({ width: 360, height: 740 });
  await agreeToNothingElse(demo);
  await carryOut(page, 'access');
  await page.locator('input[name=right][value=correct]').check();
  await page.locator('#send').click();
  await page.locator('#staff summary').click();
  await demo.fits();
});
