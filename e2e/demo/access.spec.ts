import type { Page } from '@playwright/test';
import { expect, test, type DemoPage } from './demo-page.ts';

const VIEWS = ['consent', 'refused', 'studio'] as const;

async function goTo(view: (typeof VIEWS)[number], demo: DemoPage): Promise<void> {
  if (view === 'studio') return demo.openAndAgree();
  await demo.open();
  if (view === 'refused') await demo.page.locator('#refuse').click();
}

test('the language follows the browser, can be switched and is remembered', async ({ demo, page }) => {
  await demo.open();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const english = await page.locator('#hero-title').textContent();
  await page.locator('#language').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.locator('#hero-title')).not.toHaveText(english ?? '');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  expect(await emptyTexts(page)).toEqual([]);
});

test.describe('a Chinese browser', () => {
  test.use({ locale: 'zh-Hans-CN' });

  test('gets Chinese without asking', async ({ demo, page }) => {
    await demo.open();
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await expect(page.locator('#agree')).toHaveText('同意');
  });
});

test('everything can be done with the keyboard', async ({ demo, page }) => {
  await demo.open();
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await tabTo(page, '#purpose-live');
  await page.keyboard.press('Space');
  await tabTo(page, '#agree');
  await page.keyboard.press('Enter');
  await expect(page.locator('#studio-title')).toBeFocused();

  await tabTo(page, 'input[name=source][value=clip]');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=source][value=camera]')).toBeChecked();
  await page.keyboard.press('ArrowUp');
  await tabTo(page, '#start');
  await page.keyboard.press('Enter');
  await expect(page.locator('#cancel')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#start')).toBeFocused();
  await tabTo(page, 'input[name=method][value=frost]');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('input[name=method][value=solid]')).toBeChecked();
  await tabTo(page, '#strength');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#strength-value')).toHaveText(/55/);
  await tabTo(page, 'summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '#engine');
  await tabTo(page, '#withdraw');
  await page.keyboard.press('Enter');
  await expect(page.locator('#hero-title')).toBeFocused();
});

for (const view of VIEWS) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${view}, ${colorScheme}, on a phone`, () => {
      test.use({ viewport: { width: 360, height: 740 }, colorScheme });

      test('fits, has names for everything and contrast throughout', async ({ demo, page }) => {
        await goTo(view, demo);
        for (const language of ['en', 'zh-CN']) {
          await expect(page.locator('html')).toHaveAttribute('lang', language);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
          expect(await namelessControls(page), `nameless controls, ${language}`).toEqual([]);
          expect(await faintTexts(page), `texts below 4.5 : 1, ${language}`).toEqual([]);
          expect(await smallTargets(page), `targets below 24 px, ${language}`).toEqual([]);
          await page.locator('#language').click();
        }
        expect(await structureFaults(page)).toEqual([]);
      });
    });
  }
}

/** Presses Tab until the element has the focus; going around once without meeting it is a fault. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const target = page.locator(selector);
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} cannot be reached with Tab`);
}

async function emptyTexts(page: Page): Promise<string[]> {
  return page.locator('[data-t]').evaluateAll((elements) => elements.filter(({ textContent }) => textContent === '').map(({ outerHTML }) => outerHTML));
}

/** Visible controls and pictures whose name, as Chromium computes it, is empty. */
async function namelessControls(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const control of await page.locator('button, input, select, summary, a[href], progress, [role=img], video').filter({ visible: true }).all()) {
    const snapshot = await control.ariaSnapshot();
    // The snapshot gives a summary as its text.
    const named = /"[^"]+"|^- text: ./.test(snapshot) || (await control.getAttribute('aria-label')) !== null;
    if (!named) faults.push(`${await control.evaluate(({ outerHTML }) => outerHTML)}: ${snapshot}`);
  }
  return faults;
}

/** Visible texts with less contrast to the ground they stand on than WCAG 2.2 AA asks for (1.4.3). */
async function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
      const [lr = 0, lg = 0, lb = 0] = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
    };
    const groundOf = (element: Element | null): number[] => {
      for (let at = element; at !== null; at = at.parentElement) {
        const ground = channels(getComputedStyle(at).backgroundColor);
        if ((ground[3] ?? 1) > 0.99) return ground;
      }
      throw new Error('the page has no ground');
    };
    const faults: string[] = [];
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const ownText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
      if (!ownText || !element.checkVisibility()) continue;
      const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(groundOf(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) faults.push(`${ratio.toFixed(2)} : 1 ${element.textContent ?? ''}`);
    }
    return faults;
  });
}

/** Targets below 24 by 24 CSS pixels (WCAG 2.2, 2.5.8); a control in a label counts with its label. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.locator('button, input, select, summary, a[href]').evaluateAll((elements) =>
    elements
      .filter((element) => element.checkVisibility() && !element.classList.contains('visually-hidden'))
      .filter((element) => {
        const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
        return width < 24 || height < 24;
      })
      .map(({ outerHTML }) => outerHTML),
  );
}

/** Ids used twice, references that lead nowhere, more than one visible main heading, missing landmarks. */
async function structureFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
    for (const name of ['aria-labelledby', 'aria-describedby', 'for']) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        for (const id of (element.getAttribute(name) ?? '').split(' ')) if (document.getElementById(id) === null) faults.push(`${name} leads nowhere: ${id}`);
      }
    }
    const headings = [...document.querySelectorAll('h1')].filter((heading) => heading.checkVisibility());
    if (headings.length !== 1) faults.push(`${String(headings.length)} main headings`);
    for (const landmark of ['header', 'main', 'footer']) if (document.querySelectorAll(`body > ${landmark}`).length !== 1) faults.push(`no ${landmark}`);
    if (document.querySelector('[aria-live]') === null) faults.push('no live region');
    for (const element of document.querySelectorAll('*')) {
      for (const { name } of element.attributes) if (name.startsWith('on')) faults.push(`inline handler: ${name}`);
    }
    return faults;
  });
}
