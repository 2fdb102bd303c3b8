import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { expect, test } from './demo-page.ts';

test.use({ launchOptions: { executablePath: requireChromium(), args: chromiumArgs({ camera: false }) } });

test('without a camera the page says so and offers the clip', async ({ demo, page }) => {
  await demo.openAndAgree();
  await demo.start('camera');
  await expect(page.locator('#failure-code')).toHaveText(/ERR_CAMERA_NOT_FOUND/, { timeout: 20_000 });
  await expect(page.locator('#try-clip')).toBeVisible();
  await expect(page.locator('#try-again')).toBeVisible();
});
