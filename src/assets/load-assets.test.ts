import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAssets, type ExpectedFile, type LoadProgress } from './load-assets.ts';

const content = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const tampered = Buffer.from(content);
tampered[2000] = (tampered[2000] ?? 0) ^ 1;

let server: Server;
let origin: string;
const expected = (path: string): ExpectedFile => ({ file: 'model.onnx', url: new URL(path, origin), bytes: content.length, sha256 });

beforeAll(async () => {
  server = createServer((request, response) => {
    const answers: Record<string, () => void> = {
      '/good': () => response.end(content),
      '/tampered': () => response.end(tampered),
      '/short': () => response.end(content.subarray(1)),
      '/long': () => response.end(Buffer.concat([content, content])),
      '/page': () => response.setHeader('content-type', 'text/html').end('<!doctype html>'),
      '/redirect': () => response.writeHead(302, { location: '/good' }).end(),
      '/slow': () => response.writeHead(200).write(content.subarray(0, 10)),
    };
    const known = answers[request.url ?? ''];
    if (known === undefined) response.writeHead(404).end();
    else known();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('loadAssets', () => {
  it('gives the bytes that were published, and progress to the end', async () => {
    const seen: LoadProgress[] = [];
    const [asset] = await loadAssets([expected('/good')], { origin, onProgress: (progress) => seen.push(progress) });
    expect(Buffer.from(asset?.bytes ?? new ArrayBuffer()).equals(content)).toBe(true);
    expect(seen.at(-1)).toEqual({ loadedBytes: 4096, totalBytes: 4096 });
  });

  it.each([
    ['/tampered', 'ERR_ASSET_INTEGRITY', createHash('sha256').update(tampered).digest('hex')],
    ['/short', 'ERR_ASSET_INTEGRITY', '4095 bytes'],
    ['/long', 'ERR_ASSET_INTEGRITY', 'more than 4096 bytes'],
    ['/page', 'ERR_ASSET_TYPE', 'text/html'],
    ['/gone', 'ERR_ASSET_MISSING', 'HTTP 404'],
    ['/redirect', 'ERR_ASSET_MISSING', 'no answer'],
  ])('refuses %s with %s, naming file, expected and found', async (path, code, found) => {
    const failure = loadAssets([expected('/good'), expected(path)], { origin });
    await expect(failure).rejects.toMatchObject({ code, details: { file: 'model.onnx', found } });
    await expect(failure).rejects.toThrow(/model\.onnx/);
    if (code !== 'ERR_ASSET_TYPE') await expect(failure).rejects.toMatchObject({ details: { expected: sha256 } });
  });

  it('refuses another origin before anything is fetched', async () => {
    const foreign = { ...expected('/good'), url: new URL('https://cdn.example/model.onnx') };
    await expect(loadAssets([foreign], { origin })).rejects.toThrow(/own origin.*assets\.baseUrl/);
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const failure = loadAssets([expected('/slow')], { origin, signal: controller.signal, onProgress: () => { controller.abort(); } });
    await expect(failure).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });
});
