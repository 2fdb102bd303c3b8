import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, resolveConfig } from 'vite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WORKER_CONTENT_SECURITY_POLICY } from '../assets/worker-csp.ts';
import { bauta, headerRules } from './plugin.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bauta-plugin-'));
  mkdirSync(join(root, 'public'));
  writeFileSync(join(root, 'index.html'), '<script type="module" src="./main.js"></script>');
  writeFileSync(join(root, 'main.js'), `const url = new URL('./redaction-onnx.worker.js', import.meta.url);\nnew Worker(url, { type: 'module' });\n`);
  writeFileSync(join(root, 'redaction-onnx.worker.js'), `/* as published */ postMessage(${'1'.repeat(5000)});`);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

async function buildApp(base: string): Promise<string[]> {
  const result = await build({ root, base, configFile: false, logLevel: 'silent', plugins: [bauta()] });
  if (!('output' in result)) throw new Error('expected one output');
  return result.output.map(({ fileName }) => fileName);
}

const readHeaders = (): string => readFileSync(join(root, 'dist', '_headers'), 'utf8');

describe('a build', () => {
  test('keeps the worker as it is and names it in _headers', async () => {
    const files = await buildApp('/');
    const worker = files.find((file) => file.includes('redaction-onnx.worker'));
    expect(worker).toMatch(/^assets\/redaction-onnx\.worker-[\w-]+\.js$/);
    expect(readFileSync(join(root, 'dist', worker!), 'utf8')).toBe(readFileSync(join(root, 'redaction-onnx.worker.js'), 'utf8'));
    expect(readHeaders()).toBe(`/${worker!}\n  Content-Security-Policy: ${WORKER_CONTENT_SECURITY_POLICY}\n`);
  });

  test('under a sub-path names it with the sub-path', async () => {
    await buildApp('/app/');
    expect(readHeaders()).toMatch(/^\/app\/assets\/redaction-onnx\.worker-/);
  });

  test('adds to a _headers file of the app', async () => {
    writeFileSync(join(root, 'public', '_headers'), '/*\n  X-Frame-Options: DENY');
    await buildApp('/');
    expect(readHeaders()).toMatch(/^\/\*\n {2}X-Frame-Options: DENY\n\/assets\/redaction-onnx\.worker-/);
  });

  test('without a worker writes no _headers', async () => {
    writeFileSync(join(root, 'main.js'), 'document.title = "none";');
    expect(await buildApp('/')).not.toContain('_headers');
  });
});

test('the package is kept out of pre-bundling, beside what the app keeps out', async () => {
  const config = await resolveConfig({ root, configFile: false, logLevel: 'silent', plugins: [bauta()], optimizeDeps: { exclude: ['other'] } }, 'serve');
  expect(config.optimizeDeps.exclude).toEqual(expect.arrayContaining(['bauta', 'other']));
});

test('a relative base counts as the root of the host', () => {
  expect(headerRules(['assets/a.js'], './')).toMatch(/^\/assets\/a\.js\n/);
});
