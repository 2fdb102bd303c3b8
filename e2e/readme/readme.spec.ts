import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { serve } from '../../scripts/serve.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The first fenced block of this language in a document. */
function example(file: string, language: string): string {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1];
  if (found === undefined) throw new Error(`${file} has no ${language} example`);
  return found;
}

/** The notice that the guide writes, valid on the day of the test. */
function notice(): string {
  const day = 24 * 3600 * 1000;
  const dates = { validFrom: Date.now() - day, validUntil: Date.now() + 365 * day };
  return example('docs/consent.md', 'ts').replaceAll(/(validFrom|validUntil): Date\.UTC\([\d, ]+\)/g, (_text, key: keyof typeof dates) => `${key}: ${dates[key]}`);
}

test('the usage example of the README runs as it stands', async ({ page }) => {
  const code = example('README.md', 'js');
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(11);

  const ours = { bauta: './dist/index.js', 'bauta/notices': './dist/notices.js', 'bauta/elements': './dist/elements/index.js' };
  const imports = { ...ours, comlink: './node_modules/comlink/dist/esm/comlink.mjs', idb: './node_modules/idb/build/index.js' };
  const document = `<!doctype html><title>example</title><video autoplay muted playsinline></video><bauta-indicator></bauta-indicator>
    <script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${code}</script>`;
  const server = await serve({ root });
  try {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.route(`${server.url}notice.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: notice() }));
    await page.route('**/example.html', (route) => route.fulfill({ contentType: 'text/html', body: document }));
    await page.goto(`${server.url}example.html`);
    await page.waitForFunction(() => (globalThis.document.querySelector('video')?.videoWidth ?? 0) > 0);
    expect(faults).toEqual([]);
  } finally {
    await server.close();
  }
});
