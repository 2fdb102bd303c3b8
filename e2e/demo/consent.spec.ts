import { expect, test } from './demo-page.ts';

test('the first screen asks, ticks nothing and touches no camera', async ({ demo, page }) => {
  await demo.open();
  await expect(page.locator('#view-consent')).toBeVisible();
  await expect(page.locator('#view-studio')).toBeHidden();
  for (const box of await page.locator('#consent-form input[type=checkbox]').all()) await expect(box).not.toBeChecked();
  await expect(page.locator('#withdraw')).toBeHidden();

  const [agree, refuse] = await Promise.all([page.locator('#agree').boundingBox(), page.locator('#refuse').boundingBox()]);
  expect(agree?.height).toBe(refuse?.height);
  expect(Math.abs((agree?.width ?? 0) - (refuse?.width ?? 1))).toBeLessThan(1);

  // Agreeing to nothing is no agreement.
  await page.locator('#agree').click();
  await expect(page.locator('#consent-missing')).not.toBeEmpty();
  await expect(page.locator('#purpose-live')).toBeFocused();
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.cameraRequests()).toBe(0);
});

test('refusing leaves a page to read, stores nothing and can be reconsidered', async ({ demo, page }) => {
  await demo.open();
  await page.locator('#purpose-live').check();
  await page.locator('#refuse').click();
  await expect(page.locator('#refused-title')).toBeFocused();
  await expect(page.locator('.how li')).toHaveCount(6);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
  await page.locator('#reconsider').click();
  await expect(page.locator('#purpose-live')).not.toBeChecked();
  expect(await demo.cameraRequests()).toBe(0);
});

test('an answer outlives a reload; withdrawing takes one press and asks anew, in every tab', async ({ demo, page, context }) => {
  await demo.openAndAgree();
  expect(await demo.cameraRequests()).toBe(0);
  await page.reload();
  await expect(page.locator('#view-studio')).toBeVisible();
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.locator('#view-studio')).toBeVisible();

  await page.locator('#withdraw').click();
  for (const tab of [page, other]) {
    await expect(tab.locator('#view-consent')).toBeVisible();
    await expect(tab.locator('#purpose-live')).not.toBeChecked();
  }
  await page.reload();
  await expect(page.locator('#view-consent')).toBeVisible();
  await expect(page.locator('#view-studio')).toBeHidden();
});

test('browsers without storage get a reason, not a camera', async ({ demo, page }) => {
  // A database of a later version of the library: opening ours is refused.
  await page.addInitScript(() => {
    indexedDB.open('bauta-consent', 99);
  });
  await demo.open();
  await page.locator('#purpose-live').check();
  await page.locator('#agree').click();
  await expect(page.locator('#consent-missing')).toHaveText(/no storage/);
  await expect(page.locator('#view-studio')).toBeHidden();
  expect(await demo.cameraRequests()).toBe(0);
});
