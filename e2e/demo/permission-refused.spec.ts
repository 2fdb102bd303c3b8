import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { expect, test } from './demo-page.ts';

const DENY = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'];
test.use({ launchOptions: { executablePath: requireChromium(), args: chromiumArgs({ camera: false, extra: DENY }) }, permissions: [] });

test('a refused camera gets a friendly message in both languages, and the clip is one press away', async ({ demo, page }) => {
  await demo.openAndAgree();
  await demo.start('camera');
  await expect(page.locator('#failure-code')).toHaveText(/ERR_CAMERA_DENIED/, { timeout: 20_000 });
  await expect(page.locator('#failure-title')).toHaveText('The camera stays off');
  await page.locator('#language').click();
  await expect(page.locator('#failure-title')).toHaveText('摄像头没有打开');
  await page.locator('#try-clip').click();
  await demo.playing();
  await expect(page.locator('input[name=source][value=clip]')).toBeChecked();
});
