import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { serve } from '../../scripts/serve.mjs';

const SITE = fileURLToPath(new URL('../../demo/dist', import.meta.url));

/** The built demo under a sub-path of a host without isolation headers, as a stranger would put it up. */
export const test = base.extend<{ demo: DemoPage }, { site: string }>({
  site: [
    // Playwright wants a destructured first parameter, even of nothing.
    async ({}, use) => {
      const server = await serve({ root: SITE, base: '/some/where/' });
      await use(server.url);
      await server.close();
    },
    { scope: 'worker' },
  ],
  demo: async ({ page, site }, use) => {
    const demo = new DemoPage(page, site);
    await demo.watch();
    await use(demo);
    // Whatever a test did without a yes, and up to the yes: nothing of the devices was touched.
    expect(await demo.callsWithoutConsent(), 'device calls before a stored grant').toEqual([]);
    expect(demo.problems, 'errors and refused loads on the page').toEqual([]);
    expect(demo.foreignRequests, 'requests to another origin').toEqual([]);
  },
});

/** What is answered on the consent form. */
export interface DemoAnswers {
  readonly live: 'given' | 'refused';
  readonly saving: 'given' | 'refused';
  /** `refused` unless given. */
  readonly sound?: 'given' | 'refused';
  /** `refused` unless given. */
  readonly sealing?: 'given' | 'refused';
  /** `refused` unless given. */
  readonly sharing?: 'given' | 'refused';
}

/** What a person does on the demo page, and what the page must never do meanwhile. */
export class DemoPage {
  readonly page: Page;
  readonly url: string;
  /** Uncaught errors and everything the browser complains about, such as a broken content policy. */
  readonly problems: string[] = [];
  readonly foreignRequests: string[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
  }

  /** Notes each call that could tell of a camera, with whether a yes was stored, from before the first script on; and every complaint. */
  async watch(): Promise<void> {
    const origin = new URL(this.url).origin;
    this.page.on('pageerror', (error) => this.problems.push(String(error)));
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    this.page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'blob:' && url.protocol !== 'data:' && url.origin !== origin) this.foreignRequests.push(request.url());
    });
    await this.page.addInitScript(() => {
      const spy = (owner: object, name: string): void => {
        const real = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
        Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
          const calls = JSON.parse(sessionStorage.getItem('device-calls') ?? '[]') as string[];
          sessionStorage.setItem('device-calls', JSON.stringify([...calls, `${name}${sessionStorage.getItem('agreed') ?? ' without consent'}`]));
          return real.apply(this, args);
        });
      };
      spy(MediaDevices.prototype, 'getUserMedia');
      spy(MediaDevices.prototype, 'enumerateDevices');
      spy(Permissions.prototype, 'query');
      // The event comes after the record is stored.
      addEventListener('bauta-answer', () => { sessionStorage.setItem('agreed', ''); });
      for (const type of ['bauta-refuse', 'bauta-withdraw']) addEventListener(type, () => { sessionStorage.removeItem('agreed'); });
    });
  }

  get consent(): Locator {
    return this.page.locator('bauta-consent');
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(this.url + query);
    await expect(this.page.locator('h1:visible')).toHaveCount(1);
  }

  /** Chooses an answer to every question. */
  async choose({ live, saving, sound = 'refused', sealing = 'refused', sharing = 'refused' }: DemoAnswers, who: 'age=under-14' | 'age=adult' | 'relation=parent'): Promise<void> {
    const answers = { 'live-redacted-view': live, 'redacted-recording': saving, 'sound-recording': sound, 'sealed-originals': sealing, sharing };
    for (const key of [...Object.entries(answers).map(([purpose, answer]) => `purpose-${purpose}=${answer}`), who]) {
      await this.consent.locator(`[data-key="${key}"]`).check();
    }
  }

  /** Presses a button of the consent element. */
  async press(key: 'agree' | 'refuse' | 'change' | 'withdraw' | 'receipt' | 'policy'): Promise<void> {
    await this.consent.locator(`button[data-key=${key}]`).click();
  }

  /** Answers the purposes so, as a grown-up, and sends it off. */
  async answer(answers: Readonly<Record<string, 'given' | 'refused'>>): Promise<void> {
    for (const [purpose, answer] of Object.entries(answers)) await this.consent.locator(`[data-key="purpose-${purpose}=${answer}"]`).check();
    await this.consent.locator('[data-key="age=adult"]').check();
    await this.press('agree');
  }

  async openAndAgree(alsoTo: 'nothing-else' | 'saving' = 'nothing-else', query = ''): Promise<void> {
    await this.open(query);
    await this.choose({ live: 'given', saving: alsoTo === 'saving' ? 'given' : 'refused' }, 'age=adult');
    await this.press('agree');
    await expect(this.page.locator('#view-studio')).toBeVisible();
  }

  async start(source: 'clip' | 'camera'): Promise<void> {
    await this.page.locator(`input[name=source][value=${source}]`).check();
    await this.page.locator('#start').click();
  }

  /** Waits until the redacted picture plays; loading may take a while on a busy machine. */
  async playing(): Promise<void> {
    await expect(this.page.locator('#video')).toBeVisible({ timeout: 40_000 });
    await expect.poll(() => this.page.locator('#video').evaluate((video: HTMLVideoElement) => video.videoWidth), { timeout: 20_000 }).toBeGreaterThan(1);
  }

  /** Every call of getUserMedia, enumerateDevices and permissions.query in this tab, in order. */
  async deviceCalls(): Promise<string[]> {
    return JSON.parse(await this.page.evaluate(() => sessionStorage.getItem('device-calls') ?? '[]')) as string[];
  }

  async callsWithoutConsent(): Promise<string[]> {
    return (await this.deviceCalls()).filter((call) => call.endsWith('without consent'));
  }

  /** The page as it is fits the width of the screen, and axe finds nothing, in English on dark and in Chinese on light. */
  async fits(): Promise<void> {
    const { page } = this;
    for (const [language, colorScheme] of [['en', 'dark'], ['zh-CN', 'light']] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
      expect(await this.barriers()).toEqual([]);
      await page.locator('#language').click();
    }
  }

  /** Presses Tab until the element has the focus; going around once without meeting it is a fault. */
  async tabTo(selector: string): Promise<void> {
    const target = this.page.locator(selector);
    for (let presses = 0; presses < 60; presses++) {
      // The focus of a shadow tree is its root's; that of the page is its host's.
      if (await target.evaluate((element) => element === (element.getRootNode() as Document | ShadowRoot).activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${selector} cannot be reached with Tab`);
  }

  /** What axe finds on the page as it is now, in a line each. */
  async barriers(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode(true).options({ rules: { 'target-size': { enabled: true } } }).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
  }

  /** A number for what the redacted video shows now; differs when the picture differs. */
  async pictureSum(): Promise<number> {
    return this.page.locator('#video').evaluate((video: HTMLVideoElement) => {
      const canvas = new OffscreenCanvas(64, 36);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.drawImage(video, 0, 0, 64, 36);
      return context.getImageData(0, 0, 64, 36).data.reduce((sum, value, index) => (sum * 31 + value * (index + 1)) % 2_147_483_647, 7);
    });
  }
}

export { expect } from '@playwright/test';
