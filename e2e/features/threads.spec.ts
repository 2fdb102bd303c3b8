import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { at } from '../../scripts/paths.mjs';
import { serve, workerPolicyOf } from '../../scripts/serve.mjs';
import { slow } from '../support/slow.ts';

const SCRIPT = 'features-threads.worker.js';
const FILES = ['runtime/ort-wasm-simd-threaded.wasm', 'models/blazeface-short.onnx', 'models/blazeface-full.onnx', 'models/blazeface-back.onnx', 'models/face-resnet.onnx'];
/** In front of the script: a machine with so many cores. */
const withCores = (cores: number) => `Object.defineProperty(WorkerNavigator.prototype, 'hardwareConcurrency', { get: () => ${cores} });\n`;

interface Serving {
  readonly cores: number;
  readonly isolated: boolean;
  /** As the published script has it, unless said. */
  readonly policy?: string | null;
}

/** What the worker says of itself once it has loaded, and how often its script was asked for. */
async function load(page: Page, { cores, isolated, policy = workerPolicyOf(SCRIPT) }: Serving) {
  let asked = 0;
  const server = await serve({
    routes: { '/bauta/': at('dist'), '/comlink/': at('node_modules', 'comlink', 'dist', 'esm') },
    isolated,
    intercept: ({ url = '' }, response) => {
      if (url === '/') {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,"><title>threads</title>');
        return true;
      }
      if (url !== `/${SCRIPT}`) return false;
      asked++;
      if (policy !== null) response.setHeader('Content-Security-Policy', policy);
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(withCores(cores) + readFileSync(at('dist', 'workers', SCRIPT), 'utf8'));
      return true;
    },
  });
  try {
    await page.goto(server.url);
    const reply = await page.evaluate(async ([script, files]) => {
      const from = (path: string): Promise<typeof import('comlink')> => import(path) as Promise<typeof import('comlink')>;
      const { transfer, wrap } = await from('/comlink/comlink.mjs');
      const assets = await Promise.all(files.map(async (file) => ({ file: file.slice(file.indexOf('/') + 1), bytes: await (await fetch(`/bauta/${file}`)).arrayBuffer() })));
      const worker = new Worker(`/${script}`, { type: 'module', name: 'bauta-features' });
      interface Api {
        load(given: typeof assets, events: MessagePort): Promise<unknown>;
      }
      const api = wrap<Api>(worker);
      const { port1 } = new MessageChannel();
      const answer = await api.load(transfer(assets, assets.map(({ bytes }) => bytes)), transfer(port1, [port1]));
      worker.terminate();
      return answer;
    }, [SCRIPT, FILES] as const);
    return { reply, asked };
  } finally {
    await server.close();
  }
}

test.describe('threads of the features worker', () => {
  test.setTimeout(120_000);

  test('on an isolated page the embedder has half the cores, under its policy, and passes its self-test', async ({ page }) => {
    const { reply, asked } = await load(page, { cores: 4, isolated: true });
    expect(reply).toMatchObject({ ok: true, value: { engine: 'wasm', threads: 2, cspEnforced: true } });
    // Itself, the one that is tried, the second thread.
    expect(asked).toBe(3);
  });

  slow(test)('it has one, and works, where its policy lets it start no worker, where the page is not isolated, and on two cores', async ({ page }) => {
    const single = { ok: true, value: { engine: 'wasm', threads: 1, cspEnforced: true } };
    expect((await load(page, { cores: 4, isolated: true, policy: workerPolicyOf('features.worker.js') })).reply).toMatchObject(single);
    const unshared = await load(page, { cores: 4, isolated: false });
    expect(unshared).toMatchObject({ reply: single, asked: 1 });
    expect(await load(page, { cores: 2, isolated: true })).toMatchObject({ reply: single, asked: 1 });
  });
});
