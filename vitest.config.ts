import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, requireChromium, SOFTWARE_WEBGPU_ARGS } from './scripts/chromium.mjs';

// The project root is the server root: browser tests fetch '/models/ready/NAME' and
// '/node_modules/@vladmandic/face-api/demo/sample1.jpg' from the server that serves the tests.
export default defineConfig({
  // Known beforehand, so that no late discovery reloads the page in the middle of a test.
  optimizeDeps: { include: ['comlink', 'idb', '@casl/ability', 'fflate', 'onnxruntime-web/wasm', 'onnxruntime-web/jspi', '@mediapipe/tasks-vision', 'mediabunny'] },
  test: {
    // Tests that take half a minute for what others show with less: `BAUTA_SLOW_TESTS=1 npm test`.
    env: { BAUTA_SLOW_TESTS: process.env['BAUTA_SLOW_TESTS'] ?? '' },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{src,workers,models,demo,scripts}/**/*.test.{ts,mjs}'],
          exclude: ['**/*.browser.test.ts', '**/*.webgpu.test.ts', '**/node_modules/**', '**/dist/**'],
          testTimeout: 30_000,
          // A realm for each file costs more than most files; no test leaves anything behind in its realm.
          isolate: false,
        },
      },
      browserProject('browser', 'src/**/*.browser.test.ts', []),
      // A software adapter: slow, and all that correctness needs. Apart, because its flags change how canvases work.
      browserProject('webgpu', 'src/**/*.webgpu.test.ts', SOFTWARE_WEBGPU_ARGS),
    ],
  },
});

function browserProject(name: string, include: string, extra: readonly string[]) {
  return {
    extends: true as const,
    test: {
      name,
      include: [include],
      testTimeout: 30_000,
      browser: {
        enabled: true,
        headless: true,
        provider: playwright({ launchOptions: { executablePath: requireChromium(), args: chromiumArgs({ extra }) } }),
        instances: [{ browser: 'chromium' as const }],
        screenshotFailures: false,
        // Two cores are the reference machine: one page at a time keeps video tests steady.
        fileParallelism: false,
      },
    },
  };
}
