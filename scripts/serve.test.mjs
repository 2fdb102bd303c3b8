import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WORKER_CONTENT_SECURITY_POLICY, workerPolicyOf } from '../src/assets/worker-csp.ts';
import { readRange, serve, WORKER_POLICY, workerPolicyOf as servedPolicyOf } from './serve.mjs';

let folder;
let server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bauta-serve-'));
  mkdirSync(join(folder, 'site', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'site', 'index.html'), '<p>page');
  writeFileSync(join(folder, 'site', 'empty.txt'), '');
  writeFileSync(join(folder, 'site', 'a.wasm'), '0123456789');
  writeFileSync(join(folder, 'site', 'assets', 'redaction-onnx.worker-Ab1_.js'), 'worker');
  server = await serve({ root: join(folder, 'site'), routes: { '/extra/': folder }, base: '/sub/', isolated: true });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const get = (path, headers = {}) => fetch(new URL(path, server.url), { headers });

/** `fetch` would tidy the path up before it sends it. */
const getRaw = (path) =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('files', () => {
  test('a folder is its index.html, with isolation headers', async () => {
    const response = await get('');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(response.headers.get('content-security-policy')).toBeNull();
    expect(await response.text()).toBe('<p>page');
  });

  test('WebAssembly has the type that streaming compilation asks for', async () => {
    expect((await get('a.wasm')).headers.get('content-type')).toBe('application/wasm');
  });

  test('an empty file is an empty answer', async () => {
    const response = await get('empty.txt');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('the longest prefix wins', async () => {
    expect(await (await get('extra/secret.txt')).text()).toBe('secret');
  });

  test.each(['missing.txt', 'a.wasm/x', '/index.html', '/'])('%s is 404', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test.each(['/sub/../secret.txt', '/sub/%2e%2e/secret.txt', '/sub/..%2fsecret.txt', '/sub/assets/..%2f..%2fsecret.txt'])(
    'nothing outside the folder: %s',
    async (path) => {
      expect(await getRaw(path)).toBe(404);
    },
  );

  test('only reading is allowed', async () => {
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  });
});

describe('worker scripts', () => {
  test('come with the policy of the library', async () => {
    const response = await get('assets/redaction-onnx.worker-Ab1_.js');
    expect(response.headers.get('content-security-policy')).toBe(WORKER_CONTENT_SECURITY_POLICY);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(workerPolicyOf('redaction-onnx.worker-Ab1_.js')).toBe(WORKER_CONTENT_SECURITY_POLICY);
  });

  test('the server and the library say the same', () => {
    expect(WORKER_POLICY).toBe(WORKER_CONTENT_SECURITY_POLICY);
    for (const name of ['redaction-onnx.worker.js', 'features.worker.js', 'features-threads.worker-a.js', 'unmask.worker.js', 'main.js']) expect(servedPolicyOf(name)).toBe(workerPolicyOf(name));
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-500', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, 'no such range', 'bytes */10'],
  ])('%s', async (range, status, body, contentRange) => {
    const response = await get('a.wasm', { Range: range });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(await response.text()).toBe(body);
  });

  test.each(['bytes=3-1', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=-', ''])('%s is no range', (header) => {
    expect(readRange(header, 10)).toBeNull();
  });
});

test('what would serve nothing or nowhere is refused', async () => {
  await expect(serve({})).rejects.toThrow(TypeError);
  await expect(serve({ root: folder, base: 'sub' })).rejects.toThrow('base');
});
