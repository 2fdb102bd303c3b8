import type { Page } from '@playwright/test';
import { expect, test, type DemoPage } from './demo-page.ts';
import { slow } from '../support/slow.ts';

const VIEWS: Readonly<Record<string, (demo: DemoPage, page: Page) => Promise<void>>> = {
  consent: (demo) => demo.open(),
  'unanswered questions': async (demo) => {
    await demo.open();
    await demo.press('agree');
  },
  guardian: async (demo) => {
    await demo.open();
    await demo.choose({ live: 'given', saving: 'refused' }, 'age=under-14');
    await demo.press('agree');
    await expect(demo.consent.locator('[data-key="relation=parent"]')).toBeVisible();
  },
  refused: async (demo, page) => {
    await demo.open();
    await demo.press('refuse');
    await expect(page.locator('#refused')).toBeVisible();
    await page.locator('#records summary').click();
  },
  settings: async (demo, page) => {
    await demo.openAndAgree();
    await page.locator('.advanced summary').click();
    await page.locator('#records summary').click();
  },
  'public place': (demo) => demo.openAndAgree('nothing-else', '?kiosk'),
  capture: async (demo, page) => {
    await demo.openAndAgree('saving');
    await demo.start('camera');
    await demo.playing();
    // The looks are the same, and the machine has time for axe.
    await page.locator('#pause').click();
  },
};

/** Their parts are in the others, too. */
const SHOWN_IN_PART = new Set(['unanswered questions', 'guardian', 'public place']);

test('the language follows the browser, can be switched and is remembered', async ({ demo, page }) => {
  await demo.open();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const english = await page.locator('#welcome-title').textContent();
  await page.locator('#language').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.locator('#welcome-title')).not.toHaveText(english ?? '');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  expect(await emptyTexts(page)).toEqual([]);
});

test.describe('a Chinese browser', () => {
  test.use({ locale: 'zh-Hans-CN' });

  test('gets Chinese without asking [MEG-policy]', async ({ demo, page }) => {
    await demo.open();
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await expect(demo.consent.locator('button[data-key=refuse]')).toHaveText('全部拒绝');
  });
});

test('everything can be done with the keyboard', async ({ demo, page }) => {
  await demo.open();
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await demo.tabTo('[data-key=policy]');
  await page.keyboard.press('Enter');
  await expect(demo.consent.locator('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  for (const purpose of ['live-redacted-view', 'redacted-recording', 'sound-recording', 'sharing', 'sealed-originals']) {
    await demo.tabTo(`[data-key="purpose-${purpose}=given"]`);
    await page.keyboard.press('Space');
  }
  // "No" is one arrow away, and so is the way back.
  await page.keyboard.press('ArrowRight');
  await expect(demo.consent.locator('[data-key="purpose-sealed-originals=refused"]')).toBeChecked();
  await demo.tabTo('[data-key="age=under-14"]');
  await page.keyboard.press('ArrowLeft');
  await expect(demo.consent.locator('[data-key="age=adult"]')).toBeChecked();
  await demo.tabTo('[data-key=agree]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#studio-title')).toBeFocused();

  await demo.tabTo('input[name=source][value=clip]');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=source][value=camera]')).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await demo.tabTo('#start');
  await page.keyboard.press('Enter');
  await expect(page.locator('#cancel')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#start')).toBeFocused();
  await demo.tabTo('input[name=method][value=frost]');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=method][value=solid]')).toBeChecked();
  await demo.tabTo('#strength');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#strength-value')).toHaveText(/55/);
  await demo.tabTo('.advanced summary');
  await page.keyboard.press('Enter');
  await demo.tabTo('#engine');
  await demo.tabTo('#records summary');
  await demo.tabTo('#withdraw');
  await page.keyboard.press('Enter');
  await expect(page.locator('#refused-title')).toBeFocused();
  await demo.tabTo('[data-key=change]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#welcome-title')).toBeFocused();
  await demo.tabTo('[data-key=refuse]');
  await page.keyboard.press('Enter');
  await expect(page.locator('#refused-title')).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  for (const [view, goTo] of Object.entries(VIEWS)) {
    (SHOWN_IN_PART.has(view) ? slow(test) : test)(`${view}: axe finds nothing, in English on dark and in Chinese on light, and it fits`, async ({ demo, page }) => {
      await goTo(demo, page);
      for (const [language, colorScheme] of [['en', 'dark'], ['zh-CN', 'light']] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
        expect(await demo.barriers()).toEqual([]);
        await page.locator('#language').click();
      }
    });
  }

  test('the policy: axe finds nothing, and it fits', async ({ demo, page }) => {
    await demo.open();
    await demo.press('policy');
    expect(await demo.barriers()).toEqual([]);
    expect(await demo.consent.locator('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
    await page.keyboard.press('Escape');
  });
});

async function emptyTexts(page: Page): Promise<string[]> {
  return page.locator('[data-t]').evaluateAll((elements) => elements.filter(({ textContent }) => textContent === '').map(({ outerHTML }) => outerHTML));
}
