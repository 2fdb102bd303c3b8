import { readFile } from 'node:fs/promises';
import type { ConsentReceipt } from 'bauta/receipts';
import { expect, test } from './demo-page.ts';

const DEVICE_FREE = 'no device is touched';

test(`the first screen tells and asks, chooses nothing, and ${DEVICE_FREE} [TAF-5.1a][TAF-5.1b]`, async ({ demo, page }) => {
  await demo.open();
  await expect(page.locator('#welcome')).toBeVisible();
  await expect(page.locator('#view-studio')).toBeHidden();
  await expect(page.locator('#withdraw')).toBeHidden();
  expect(await demo.consent.locator('input').count()).toBe(13);
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);

  const [agree, refuse] = await demo.consent.locator('[part~=answer]').evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().toJSON() as DOMRect));
  expect(agree?.top).toBe(refuse?.top);
  expect(agree?.height).toBe(refuse?.height);
  expect(Math.abs((agree?.width ?? 0) - (refuse?.width ?? 1))).toBeLessThan(1);

  // Agreeing to nothing is no agreement.
  await demo.press('agree');
  await expect(demo.consent.locator('fieldset .problem:not(:empty)')).toHaveCount(6);
  await expect(demo.consent.locator('[data-key="purpose-live-redacted-view=given"]')).toBeFocused();
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.deviceCalls()).toEqual([]);
});

test(`the whole policy is one press away, in both languages, on the first run; ${DEVICE_FREE} [MEG-policy]`, async ({ demo, page }) => {
  await demo.open();
  for (const words of ['In the storage of the browser on this device', '浏览器存储空间']) {
    await demo.press('policy');
    const policy = demo.consent.locator('dialog');
    await expect(policy).toBeVisible();
    await expect(policy).toContainText(words);
    await expect(policy).toContainText(new URL(demo.url).host);
    await page.keyboard.press('Escape');
    await expect(policy).toBeHidden();
    await expect(demo.consent.locator('button[data-key=policy]')).toBeFocused();
    await page.locator('#language').click();
  }
  expect(await demo.deviceCalls()).toEqual([]);
});

test(`refusing leaves the rest usable and is not asked over; ${DEVICE_FREE} [TAF-5.1c]`, async ({ demo, page }) => {
  await demo.open();
  await demo.consent.locator('[data-key="purpose-live-redacted-view=given"]').check();
  await demo.press('refuse');
  await expect(page.locator('#refused-title')).toBeFocused();
  await expect(page.locator('.how li')).toHaveCount(6);
  await page.locator('#records summary').click();
  await expect(page.locator('#history li').first()).toContainText('Refused');
  await expect(page.locator('#audit li').first()).toContainText('consent.refused');
  await page.locator('#language').click();
  await expect(page.locator('#history li').first()).toContainText('拒绝');
  await page.reload();
  await expect(page.locator('#refused')).toBeVisible();
  await demo.press('change');
  await expect(page.locator('#welcome-title')).toBeFocused();
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);
  expect(await demo.deviceCalls()).toEqual([]);
});

test(`under 14 a guardian has to agree as well; ${DEVICE_FREE} [MEG-minor]`, async ({ demo, page }) => {
  await demo.open();
  await demo.choose({ live: 'given', saving: 'refused' }, 'age=under-14');
  await demo.press('agree');
  await expect(demo.consent.getByRole('heading', { level: 2 }).first()).toHaveText('A parent or guardian decides');
  await expect(demo.consent.locator('input:checked')).toHaveCount(0);
  await page.reload();
  await expect(demo.consent.locator('[data-key="relation=parent"]')).toBeVisible();
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.deviceCalls()).toEqual([]);
  await demo.choose({ live: 'given', saving: 'refused' }, 'relation=parent');
  await demo.press('agree');
  await expect(page.locator('#studio-title')).toBeFocused();
});

test(`an answer outlives a reload; withdrawing is in sight, takes one press and ends it in every tab [MEG-withdraw]`, async ({ demo, page, context }) => {
  await demo.openAndAgree();
  await page.reload();
  await expect(page.locator('#view-studio')).toBeVisible();
  await expect(page.locator('#withdraw')).toBeInViewport();
  await expect(demo.consent.locator('button[data-key=withdraw]')).toBeVisible();
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.locator('#view-studio')).toBeVisible();

  await page.locator('#withdraw').click();
  for (const tab of [page, other]) {
    await expect(tab.locator('#refused')).toBeVisible();
    await expect(tab.locator('bauta-consent [part=state]')).toHaveAttribute('data-state', 'withdrawn');
  }
  await page.reload();
  await expect(page.locator('#refused')).toBeVisible();
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.deviceCalls()).toEqual([]);
});

test('answers can be changed in place, and what is on record can be taken along', async ({ demo, page }) => {
  await demo.openAndAgree();
  await demo.press('change');
  await expect(page.locator('#view-studio')).toBeVisible();
  await demo.choose({ live: 'given', saving: 'given' }, 'age=adult');
  await demo.press('agree');
  await expect(demo.consent.locator('[part=summary] [data-answer=given]')).toHaveCount(2);

  const download = page.waitForEvent('download');
  await demo.press('receipt');
  const receipt = JSON.parse(await readFile(await (await download).path(), 'utf8')) as ConsentReceipt;
  expect(JSON.stringify(receipt)).toContain('bauta-demo');
  await page.locator('#records summary').click();
  await expect(page.locator('#history li')).toHaveCount(4);
  await expect(page.locator('#audit li').first()).toContainText('receipt.exported');
});

test(`browsers without storage get a reason, and ${DEVICE_FREE}`, async ({ demo, page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('storage is blocked', 'SecurityError');
    };
  });
  await demo.open();
  await expect(page.locator('#trouble')).toHaveText(/no storage/);
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.deviceCalls()).toEqual([]);
});

test(`in a public place the sign stands above everything, before and after the answer [MEG-sign][TAF-5.1f]`, async ({ demo, page }) => {
  await demo.open('?kiosk');
  const sign = page.locator('bauta-indicator[kiosk]');
  await expect(sign).toBeInViewport();
  const height = (await sign.boundingBox())?.height ?? 0;
  expect(height).toBeGreaterThan(80);
  await page.evaluate(() => { scrollTo({ top: document.documentElement.scrollHeight }); });
  await expect(sign).toBeInViewport({ ratio: 1 });
  expect(await demo.deviceCalls()).toEqual([]);
  await demo.choose({ live: 'given', saving: 'refused' }, 'age=adult');
  await demo.press('agree');
  await expect(page.locator('#view-studio')).toBeVisible();
  await expect(sign).toBeInViewport({ ratio: 1 });
  await expect(page.locator('#source')).toBeVisible();
  await expect(page.locator('#method')).toBeHidden();
  await page.locator('#kiosk').click();
  await expect(page.locator('#method')).toBeVisible();
});
