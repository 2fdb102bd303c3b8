import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
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
    expect(demo.problems, 'errors and refused loads on the page').toEqual([]);
    expect(demo.foreignRequests, 'requests to another origin').toEqual([]);
  },
});

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

  /** Counts camera requests from before the first script on, and keeps every complaint. */
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
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      sessionStorage.setItem('camera-requests', sessionStorage.getItem('camera-requests') ?? '0');
      mediaDevices.getUserMedia = async (constraints) => {
        sessionStorage.setItem('camera-requests', String(Number(sessionStorage.getItem('camera-requests')) + 1));
        return ask(constraints);
      };
    });
  }

  async open(): Promise<void> {
    await this.page.goto(this.url);
    await expect(this.page.locator('h1:visible')).toHaveCount(1);
  }

  async openAndAgree(alsoTo: 'nothing-else' | 'saving' = 'nothing-else'): Promise<void> {
    await this.open();
    await this.page.locator('#purpose-live').check();
    if (alsoTo === 'saving') await this.page.locator('#purpose-save').check();
    await this.page.locator('#agree').click();
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

  async cameraRequests(): Promise<number> {
    return Number(await this.page.evaluate(() => sessionStorage.getItem('camera-requests')));
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
