import { defineConfig } from '@playwright/test';
import { chromiumArgs, requireChromium } from './scripts/chromium.mjs';

// What the tests serve, they serve themselves with scripts/serve.mjs, each on a port of its own.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Frames are counted: two pages at once on two cores would measure each other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  reporter: [['line']],
  use: {
    browserName: 'chromium',
    headless: true,
    screenshot: 'off',
    trace: 'off',
    launchOptions: { executablePath: requireChromium(), args: chromiumArgs() },
    permissions: ['camera'],
  },
});
