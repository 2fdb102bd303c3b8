import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { expect, test } from './demo-page.ts';

const browserWith = (extra: readonly string[]) => ({ launchOptions: { executablePath: requireChromium(), args: chromiumArgs({ camera: false, extra }) } });

test.describe('permission refused', () => {
  test.use({ ...browserWith(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny']), permissions: [] });

  test('a friendly message in both languages, and the clip one press away', async ({ demo, page }) => {
    await demo.openAndAgree();
    await demo.start('camera');
    await expect(page.locator('#failure-code')).toHaveText(/ERR_CAMERA_DENIED/);
    await expect(page.locator('#failure-title')).toHaveText('The camera stays off');
    await page.locator('#language').click();
    await expect(page.locator('#failure-title')).toHaveText('摄像头没有打开');
    await page.locator('#try-clip').click();
    await demo.playing();
    await expect(page.locator('input[name=source][value=clip]')).toBeChecked();
  });
});

test.describe('no camera', () => {
  test.use(browserWith([]));

  test('says that there is none and offers the clip', async ({ demo, page }) => {
    await demo.openAndAgree();
    await demo.start('camera');
    await expect(page.locator('#failure-code')).toHaveText(/ERR_CAMERA_NOT_FOUND/);
    await expect(page.locator('#try-clip')).toBeVisible();
    await expect(page.locator('#try-again')).toBeVisible();
  });
});
