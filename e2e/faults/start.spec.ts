import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, requireChromium } from '../../scripts/chromium.mjs';
import { at } from '../../scripts/paths.mjs';
import { expect, openStage, test } from '../support/stage-test.ts';
import { expectNothingLeft } from './endings.ts';

const MODEL = '/bauta/models/blazeface-full.onnx';

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): true {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
  return true;
}

/* What the browser answers to the request for a camera; a real prompt, not a stub. */
for (const [what, args, code] of [
  ['permission denied', ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'], 'ERR_CAMERA_DENIED'],
  ['no camera', ['--use-fake-ui-for-media-stream'], 'ERR_CAMERA_NOT_FOUND'],
] as const) {
  test(what, async ({ sharedServer }) => {
    const browser = await chromium.launch({ executablePath: requireChromium(), args: [...CHROMIUM_ARGS, ...args] });
    const page = await openStage(await browser.newPage(), sharedServer);
    const error = await page.evaluate(() => window.stage.failure(() => window.stage.open({ order: { detector: 'fake' } })));
    expect(error).toMatchObject({ name: 'FacePrivacyError', code });
    await expectNothingLeft(page);
    await browser.close();
  });
}

for (const [name, code] of [
  ['NotReadableError', 'ERR_CAMERA_IN_USE'],
  ['AbortError', 'ERR_CAMERA_IN_USE'],
  ['OverconstrainedError', 'ERR_CAMERA_NOT_FOUND'],
  ['SomethingNewError', 'ERR_CAMERA_UNAVAILABLE'],
] as const) {
  test(`the camera refuses with ${name}`, async ({ stage: page }) => {
    const error = await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused by the test', name));
      return window.stage.failure(() => window.stage.open({ order: { detector: 'fake' } }));
    }, name);
    expect(error).toMatchObject({ name: 'FacePrivacyError', code });
    await expectNothingLeft(page);
  });
}

test('no access to cameras at all (insecure page)', async ({ stage: page }) => {
  const error = await page.evaluate(() => {
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
    return window.stage.failure(() => window.stage.open({ order: { detector: 'fake' } }));
  });
  expect(error).toMatchObject({ code: 'ERR_CAMERA_UNAVAILABLE' });
  await expectNothingLeft(page);
});

const original = () => readFileSync(at('dist', 'models', 'blazeface-full.onnx'));
const changed = () => {
  const bytes = original();
  bytes[1000] = bytes[1000]! ^ 1;
  return bytes;
};
/** What the committed manifest says of the file. */
const published = (JSON.parse(readFileSync(at('models', 'manifest.json'), 'utf8')) as { file: string; sha256: string }[]).find(({ file }) => file === 'blazeface-full.onnx')?.sha256;
for (const [what, code, answer] of [
  ['one changed byte in a model', 'ERR_ASSET_INTEGRITY', (response) => send(response, 200, 'application/octet-stream', changed())],
  ['a model cut short', 'ERR_ASSET_INTEGRITY', (response) => send(response, 200, 'application/octet-stream', original().subarray(0, 5000))],
  ['another file instead of a model', 'ERR_ASSET_INTEGRITY', (response) => send(response, 200, 'application/octet-stream', readFileSync(at('dist', 'models', 'blazeface-back.onnx')))],
  ['a missing model', 'ERR_ASSET_MISSING', (response) => send(response, 404, 'text/plain', 'no')],
  ['a page instead of a model', 'ERR_ASSET_TYPE', (response) => send(response, 200, 'text/html', '<!doctype html><title>app</title>')],
  ['a redirect to another place', 'ERR_ASSET_MISSING', (response) => {
    response.writeHead(302, { Location: 'http://localhost:9/elsewhere' });
    response.end();
    return true;
  }],
] as const satisfies readonly (readonly [string, string, (response: ServerResponse) => true])[]) {
  test(what, async ({ stage: page, server }) => {
    server.intercept = (request, response) => request.url === MODEL && answer(response);
    const error = await page.evaluate(() => window.stage.failure(() => window.stage.open()));
    expect(error).toMatchObject({ name: 'FacePrivacyError', code, details: { file: 'blazeface-full.onnx' } });
    if (code === 'ERR_ASSET_INTEGRITY') {
      expect(error.details).toMatchObject({ expected: published });
      expect(error.message).toContain('blazeface-full.onnx');
    }
    await expectNothingLeft(page);
  });
}

test('WebAssembly is not allowed in the worker', async ({ stage: page, server }) => {
  server.intercept = (request, response) => {
    if (request.url === '/stage/bare-onnx.js') response.setHeader('Content-Security-Policy', "default-src 'none'");
    return false;
  };
  const error = await page.evaluate(() => window.stage.failure(() => window.stage.open({ withoutPolicy: true })));
  expect(error).toMatchObject({ name: 'FacePrivacyError', code: 'ERR_WASM_UNAVAILABLE' });
  await expectNothingLeft(page);
});

test('the worker script is missing', async ({ stage: page }) => {
  const error = await page.evaluate(() => {
    const createWorker = () => new Worker('/stage/no-such.worker.js', { type: 'module' });
    return window.stage.failure(() => window.stage.open({ assets: { createWorker } }));
  });
  expect(error).toMatchObject({ name: 'FacePrivacyError', code: 'ERR_WORKER_START' });
  await expectNothingLeft(page);
});

test('the worker cannot be created', async ({ stage: page }) => {
  const error = await page.evaluate(() =>
    window.stage.failure(() => window.stage.open({ assets: { createWorker: () => { throw new DOMException('policy', 'SecurityError'); } } })),
  );
  expect(error).toMatchObject({ name: 'FacePrivacyError', code: 'ERR_WORKER_START' });
  await expectNothingLeft(page);
});

test('abort while a file is on its way', async ({ stage: page, server }) => {
  server.intercept = (request) => request.url === MODEL; // never answered
  const error = await page.evaluate(async () => {
    const { stage } = window;
    const abort = new AbortController();
    const failing = stage.failure(() => stage.open({ signal: abort.signal, onProgress: () => { abort.abort(); } }));
    return failing;
  });
  expect(error).toMatchObject({ name: 'FacePrivacyError', code: 'ERR_ABORTED' });
  await expectNothingLeft(page);
});

test('abort before the start, and in the very moment of it', async ({ stage: page }) => {
  const codes = await page.evaluate(async () => {
    const { stage } = window;
    const order = { detector: 'fake' };
    const before = await stage.failure(() => stage.open({ order, signal: AbortSignal.abort() }));
    const abort = new AbortController();
    const failing = stage.failure(() => stage.open({ order, signal: abort.signal }));
    abort.abort();
    return [before.code, (await failing).code];
  });
  expect(codes).toEqual(['ERR_ABORTED', 'ERR_ABORTED']);
  await expectNothingLeft(page);
});

test('caller mistakes are TypeErrors that name the option, and start nothing', async ({ stage: page }) => {
  const { messages, touched } = await page.evaluate(async () => {
    const { stage } = window;
    const { openRedactionSession } = stage.bauta;
    const good = { grant: await stage.grant(), source: { kind: 'camera' } as const, indicator: stage.indicator };
    const mistakes: unknown[] = [
      undefined,
      { ...good, colour: 'red' },
      { ...good, source: undefined },
      { ...good, source: { kind: 'screen' } },
      { ...good, source: { kind: 'camera', device: 1 } },
      { ...good, source: { kind: 'track', track: {} } },
      { ...good, source: { kind: 'element', element: document.body } },
      { ...good, source: { kind: 'file', file: 'clip.webm' } },
      { ...good, redaction: { method: 'none' } },
      { ...good, redaction: { strength: 2 } },
      { ...good, redaction: { margin: Number.NaN } },
      { ...good, redaction: { enabled: false } },
      { ...good, detection: { engine: 'cloud' } },
      { ...good, detection: { threshold: 1 } },
      { ...good, detection: { maxAgeMs: Infinity } },
      { ...good, tracking: { delayFrames: 1.5 } },
      { ...good, tracking: { holdMs: '1500' } },
      { ...good, adapter: 'direct' },
      { ...good, signal: {} },
      { ...good, onProgress: 1 },
      { ...good, assets: { baseUrl: '' } },
      { ...good, assets: { baseUrl: 'http://' } },
      { ...good, assets: { createWorker: new URL('/w.js', location.href) } },
      { ...good, assets: { baseUrl: 'https://cdn.example/' } },
    ];
    const messages: string[] = [];
    for (const mistake of mistakes) {
      const { name, message } = await stage.failure(() => openRedactionSession(mistake as never));
      messages.push(`${name}: ${message}`);
    }
    // What is begun beside a check is begun in a later task.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { messages, touched: [...stage.spied.deviceCalls, ...stage.spied.workers.map(() => 'worker')] };
  });
  for (const message of messages) expect(message).toMatch(/^TypeError: /);
  for (const [i, word] of ['', 'colour', 'source', 'kind', 'device', 'track', 'element', 'file', 'method', 'strength', 'margin', 'enabled', 'engine', 'threshold', 'maxAgeMs', 'delayFrames', 'holdMs', 'adapter', 'signal', 'onProgress', 'baseUrl', 'baseUrl', 'createWorker', 'cdn.example'].entries()) {
    expect(messages[i]).toContain(word);
  }
  expect(touched).toEqual([]);
  await expectNothingLeft(page);
});
