import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadAssets, type ExpectedFile, type LoadProgress } from './load-assets.ts';

const content = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');
const tampered = Buffer.from(content);
tampered[2000] = (tampered[2000] ?? 0) ^ 1;

/** The shortest WebAssembly module: magic number and version. */
const wasm = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

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
      '/good.wasm': () => response.setHeader('content-type', 'application/wasm').end(wasm),
      '/other.wasm': () => response.setHeader('content-type', 'application/wasm').end(Buffer.from([...wasm.subarray(0, 7), 1])),
      '/untyped.wasm': () => response.end(wasm),
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

  describe('WebAssembly that is compiled while it arrives', () => {
    const toCompile = (path: string): ExpectedFile => ({
      file: 'runtime.wasm', url: new URL(path, origin), bytes: wasm.length, sha256: createHash('sha256').update(wasm).digest('hex'), compile: true,
    });

    it('comes with its bytes, all of them', async () => {
      const [asset] = await loadAssets([toCompile('/good.wasm')], { origin });
      expect(asset?.compiled).toBeInstanceOf(WebAssembly.Module);
      expect(Buffer.from(asset?.bytes ?? new ArrayBuffer()).equals(wasm)).toBe(true);
    });

    it('comes as bytes alone under another type', async () => {
      expect(await loadAssets([toCompile('/untyped.wasm')], { origin })).toEqual([{ file: 'runtime.wasm', bytes: expect.any(ArrayBuffer) as ArrayBuffer }]);
    });

    it('is verified all the same, and compiled for nobody who did not ask', async () => {
      await expect(loadAssets([toCompile('/other.wasm')], { origin })).rejects.toMatchObject({ code: 'ERR_ASSET_INTEGRITY' });
      expect(await loadAssets([{ ...toCompile('/good.wasm'), compile: false }], { origin })).toEqual([{ file: 'runtime.wasm', bytes: expect.any(ArrayBuffer) as ArrayBuffer }]);
    });

    it('comes as bytes where the page may not compile, which is asked once', async () => {
      vi.resetModules();
      const fresh = await import('./load-assets.ts');
      const compile = vi.spyOn(WebAssembly, 'compileStreaming').mockRejectedValue(new WebAssembly.CompileError('refused by the policy'));
      try {
        for (let i = 0; i < 2; i += 1) {
          const [asset] = await fresh.loadAssets([toCompile('/good.wasm')], { origin });
          expect(asset?.compiled).toBeUndefined();
          expect(asset?.bytes.byteLength).toBe(wasm.length);
        }
        expect(compile).toHaveBeenCalledOnce();
      } finally {
        compile.mockRestore();
      }
    });
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
