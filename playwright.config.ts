import { defineConfig } from '@playwright/test';
import { chromiumArgs, requireChromium, SHORT_LIVED_ARGS } from './scripts/chromium.mjs';

const PAGES = ['demo', 'consent', 'packaging', 'readme', 'review', 'soak', 'evaluate', 'faults', 'features/(album|gallery|threads)', 'recording/(file|full-disk|killed|share)', 'privacy/(checker|consent|egress|in-step|main-thread|stills)', 'session/(formats|sources)'].map((part) => new RegExp(`e2e/${part}.*\\.spec\\.ts$`));

// What the tests serve, they serve themselves with scripts/serve.mjs, each on a port of its own.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './e2e/support/build.mjs',
  fullyParallel: false,
  workers: 2,
  projects: [
    // Frames are counted: two pages at once on two cores would measure each other.
    { name: 'paced', testIgnore: PAGES, workers: 1 },
    // What happens on pages, at whatever pace; `npm test` runs these by themselves.
    { name: 'pages', testMatch: PAGES, workers: 2, use: { launchOptions: { executablePath: requireChromium(), args: chromiumArgs({ extra: SHORT_LIVED_ARGS }) } } },
  ],
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  // Pages are tested two at a time on two cores.
  expect: { timeout: 15_000 },
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
