import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { serve } from '../../scripts/serve.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The first fenced block of this language in the README. */
function example(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(readme)?.[1];
  if (found === undefined) throw new Error(`README.md has no ${language} example`);
  return found;
}

test('the usage example of the README runs as it stands', async ({ page }) => {
  const code = example('js');
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10);

  const imports = { bauta: './dist/index.js', comlink: './node_modules/comlink/dist/esm/comlink.mjs', idb: './node_modules/idb/build/index.js' };
  const document = `<!doctype html><title>example</title><video autoplay muted playsinline></video>
    <script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${code}</script>`;
  const server = await serve({ root });
  try {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    const logged = page.waitForEvent('console', (message) => /^\d+ faces covered$/.test(message.text()));
    await page.route('**/example.html', (route) => route.fulfill({ contentType: 'text/html', body: document }));
    await page.goto(`${server.url}example.html`);
    await page.waitForFunction(() => (globalThis.document.querySelector('video')?.videoWidth ?? 0) > 0);
    await logged;
    expect(faults).toEqual([]);
  } finally {
    await server.close();
  }
});
