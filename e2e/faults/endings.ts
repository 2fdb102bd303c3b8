import type { Page } from '@playwright/test';
import { expect } from '../support/stage-test.ts';

/** Expects that nothing is left running in a page: no worker, no camera, no output track. */
export async function expectNothingLeft(page: Page): Promise<void> {
  await expect.poll(() => page.workers().length, 'workers').toBe(0);
  expect(await page.evaluate(() => window.stage.leftovers())).toEqual({ camerasLive: 0, outputsLive: 0 });
}
