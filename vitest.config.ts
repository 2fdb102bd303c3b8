import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, requireChromium } from './scripts/chromium.mjs';

// The project root is the server root: browser tests fetch '/models/ready/NAME' and
// '/node_modules/@vladmandic/face-api/demo/sample1.jpg' from the server that serves the tests.
export default defineConfig({
  // Known beforehand, so that no late discovery reloads the page in the middle of a test.
  optimizeDeps: { include: ['comlink', 'idb', 'onnxruntime-web/wasm', '@mediapipe/tasks-vision'] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{src,workers,models,demo,scripts}/**/*.test.{ts,mjs}'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**', '**/dist/**'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['src/**/*.browser.test.ts'],
          testTimeout: 30_000,
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: browserLaunchOptions() }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
            // Two cores are the reference machine: one page at a time keeps video tests steady.
            fileParallelism: false,
          },
        },
      },
    ],
  },
});

function browserLaunchOptions() {
  return { executablePath: requireChromium(), args: chromiumArgs() };
}
