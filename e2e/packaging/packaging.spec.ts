import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { expect, test, type Page } from '@playwright/test';
import { WORKER_CONTENT_SECURITY_POLICY } from 'bauta';
import { build, createServer, preview } from 'vite';
import { makeEmptyApp, type EmptyApp, type PictureResult, type SessionResult } from './empty-app.ts';
import { isPatient, PATIENCE } from '../support/slow.ts';

const WORKER = /redaction-(onnx|mediapipe)\.worker[^/]*\.js/;
const MODULES = resolve(import.meta.dirname, '../../node_modules');

/** A running server; `url` is where the app's page is. */
interface Site {
  readonly url: string;
  close(): Promise<void>;
}

async function develop(app: EmptyApp, base: string): Promise<Site> {
  const server = await createServer({ root: app.folder, base, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } });
  await server.listen();
  return { url: first(server.resolvedUrls?.local), close: () => server.close() };
}

async function buildAndPreview(app: EmptyApp, base: string): Promise<Site> {
  await build({ root: app.folder, base, logLevel: 'error' });
  const server = await preview({ root: app.folder, base, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } });
  return { url: first(server.resolvedUrls?.local), close: () => server.close() };
}

function first(urls: readonly string[] | undefined): string {
  const [url] = urls ?? [];
  if (url === undefined) throw new Error('the server says no address');
  return url;
}

/** Opens the page and watches it: what it asks for, where, and what goes wrong. */
async function open(page: Page, site: Site): Promise<{ readonly problems: string[]; readonly policies: (string | null)[] }> {
  const problems: string[] = [];
  const policies: (string | null)[] = [];
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(site.url).origin) problems.push(`request to ${origin}`);
  });
  page.on('response', (response) => {
    if (WORKER.test(response.url())) policies.push(response.headers()['content-security-policy'] ?? null);
  });
  await page.goto(site.url);
  await expect(page).toHaveTitle('ready');
  return { problems, policies };
}

const redactPhoto = (page: Page, engine: string): Promise<PictureResult> =>
  page.evaluate((name) => (globalThis as unknown as { redactPhoto(engine: string): Promise<PictureResult> }).redactPhoto(name), engine);
const playCamera = (page: Page): Promise<SessionResult> =>
  page.evaluate(() => (globalThis as unknown as { playCamera(): Promise<SessionResult> }).playCamera());

function expectCovered(result: PictureResult): void {
  expect(result.whole).toBeNull();
  expect(result.faces).toBeGreaterThan(0);
  expect(result.changeInside).toBeGreaterThan(10);
  expect(result.changeOutside).toBeLessThan(3);
}

let app: EmptyApp;
test.beforeAll(async () => {
  app = await makeEmptyApp();
});
test.afterAll(() => {
  app.remove();
});

test('the archive holds what an app needs and nothing of the workshop', () => {
  const { files } = app.packed;
  for (const file of ['LICENSE', 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'dist/THIRD-PARTY-NOTICES.md', 'dist/index.d.ts', 'dist/features.js', 'dist/album.js', 'dist/recording.js', 'dist/vite/plugin.js', 'bin/verify-audit.mjs']) {
    expect(files).toContain(file);
  }
  const strangers = files.filter((file) => !/^(dist\/|bin\/verify-audit\.mjs$|LICENSE$|README\.md$|SECURITY\.md$|CHANGELOG\.md$|package\.json$)/.test(file));
  expect(strangers).toEqual([]);
  expect(files.filter((file) => /test|contract/.test(file))).toEqual([]);
});

test('an app has no way to a grant but the ledger [TAF-5.1a]', async ({ page }) => {
  const inside = ['grant', 'gate', 'journal', 'proof', 'ledger'].map((name) => `bauta/dist/governance/consent/${name}.js`);
  const script = `for (const name of ${JSON.stringify(inside)}) await import(name).then(() => console.log('open'), ({ code }) => console.log(code));`;
  const { stdout } = await promisify(execFile)(execPath, ['--input-type=module', '-e', script], { cwd: app.folder });
  expect(stdout.trim().split('\n')).toEqual(inside.map(() => 'ERR_PACKAGE_PATH_NOT_EXPORTED'));

  app.usePlugin(true);
  const site = await develop(app, '/');
  try {
    await open(page, site);
    const names = await page.evaluate(() => (globalThis as unknown as { exportsOf(): string[] }).exportsOf());
    expect(names).toContain('openConsentLedger');
    expect(names.filter((name) => /grant|mint|judge|requireConsent|createConsentRecord|signRecord|DeviceKey|Fixture/i.test(name))).toEqual([]);
  } finally {
    await site.close();
  }
});

for (const module of ['esnext', 'nodenext']) {
  test(`its types hold in an app that has no other types (${module})`, async () => {
    const options = { noEmit: true, strict: true, target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'], types: [], module };
    const resolution = module === 'esnext' ? { moduleResolution: 'bundler' } : {};
    writeFileSync(join(app.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, ...resolution }, files: ['app.ts'] }));
    writeFileSync(
      join(app.folder, 'app.ts'),
      `import { openRedactionSession, type RedactedTrack } from 'bauta';
export const open: typeof openRedactionSession = openRedactionSession;
export const show = (track: RedactedTrack): MediaStream => new MediaStream([track]);
`,
    );
    const compiler = join(MODULES, 'typescript/bin/tsc');
    const errors = await promisify(execFile)(execPath, [compiler, '-p', '.'], { cwd: app.folder }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
    expect(errors).toBe('');
  });
}

interface Variant {
  readonly name: string;
  readonly plugin: boolean;
  readonly start: (app: EmptyApp, base: string) => Promise<Site>;
  readonly base: string;
  /** Also the camera and the other engine; the rest need not be gone through in each variant. */
  readonly thorough: boolean;
  /** Says nothing that the others do not say in part. */
  readonly slow?: true;
}

const VARIANTS: readonly Variant[] = [
  { name: 'dev server', plugin: true, start: develop, base: '/', thorough: isPatient },
  { name: 'dev server under a sub-path', plugin: true, start: develop, base: '/app/', thorough: false, slow: true },
  { name: 'build with a relative base', plugin: true, start: buildAndPreview, base: './', thorough: true },
  { name: 'build under a sub-path', plugin: true, start: buildAndPreview, base: '/app/', thorough: false, slow: true },
  { name: 'dev server without the plugin', plugin: false, start: develop, base: '/', thorough: false, slow: true },
  { name: 'build without the plugin', plugin: false, start: buildAndPreview, base: '/', thorough: false },
];

for (const { name, plugin, start, base, thorough, slow } of VARIANTS) {
  test(`${name}: pictures${thorough ? ', camera and MediaPipe' : ''}, in a worker ${plugin ? 'with' : 'that tells it has not'} its policy`, async ({ page }) => {
    test.skip(slow === true && !isPatient, PATIENCE);
    app.usePlugin(plugin);
    const site = await start(app, base);
    try {
      const { problems, policies } = await open(page, site);
      for (const engine of thorough ? ['onnx', 'mediapipe'] : ['onnx']) {
        const result = await redactPhoto(page, engine);
        expectCovered(result);
        expect(result.cspEnforced).toBe(plugin);
      }
      if (thorough) expect(await playCamera(page)).toEqual({ frames: 5, width: 640, stoppedState: 'ended' });
      expect(policies.length).toBeGreaterThan(0);
      expect(new Set(policies)).toEqual(new Set([plugin ? WORKER_CONTENT_SECURITY_POLICY : null]));
      expect(problems).toEqual([]);
    } finally {
      await site.close();
    }
  });
}
