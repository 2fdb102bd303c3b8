import { chromium, type Browser, type Page } from '@playwright/test';
import { requireChromium, chromiumArgs, SOFTWARE_WEBGPU_ARGS } from '../../scripts/chromium.mjs';
import { expect, openStage, test as base } from '../support/stage-test.ts';
import { expectNothingLeft } from './endings.ts';
import { isPatient, PATIENCE, slow } from '../support/slow.ts';

/* WebGPU in software: slow, and all that is needed to see what happens when a GPU goes. */

/** In software these take some twenty seconds each. */

const test = base.extend<{ gpuStage: Page; gpuBrowser: Browser }>({
  gpuBrowser: async ({}, use) => {
    const browser = await chromium.launch({ executablePath: requireChromium(), args: chromiumArgs({ extra: SOFTWARE_WEBGPU_ARGS }) });
    await use(browser);
    await browser.close();
  },
  gpuStage: async ({ gpuBrowser, server }, use) => {
    const context = await gpuBrowser.newContext();
    const page = await openStage(await context.newPage(), server);
    const hasAdapter = await page.evaluate(async () => 'gpu' in navigator && (await navigator.gpu.requestAdapter()) !== null);
    test.skip(!hasAdapter, 'this browser gives no WebGPU adapter, not even in software');
    await use(page);
  },
});

/** Plays some frames, has the GPU taken away, plays some more. */
async function loseGpu(page: Page, takeAway: (page: Page) => Promise<void>) {
  await page.evaluate(async () => {
    const { stage } = window;
    const source = new stage.ClipTrack(await stage.clip());
    const composedBy: string[] = [];
    const createWorker = (): Worker => {
      const worker = new Worker('/stage/redaction-gputest.worker.js', { type: 'module' });
      worker.addEventListener('message', ({ data }: MessageEvent<{ composedBy?: string } | null>) => {
        if (data?.composedBy !== undefined) composedBy.push(data.composedBy);
      });
      return worker;
    };
    const opened = await stage.open({ source: { kind: 'track', track: source.track }, assets: { createWorker }, detection: { maxAgeMs: 2000 } });
    await source.play(0, 5, () => opened.recorder.count);
    Object.assign(globalThis, { running: { source, composedBy, opened, before: composedBy.length } });
  });
  await takeAway(page);
  return page.evaluate(async () => {
    const { stage } = window;
    const { source, composedBy, opened, before } = (globalThis as unknown as {
      running: { source: InstanceType<typeof stage.ClipTrack>; composedBy: string[]; opened: Awaited<ReturnType<typeof stage.open>>; before: number };
    }).running;
    await source.play(5, 16, () => opened.recorder.count);
    const { verdict, leaks, facesLookedAt } = await stage.judged(opened, 0, 16);
    await opened.session.close();
    return {
      before: composedBy.slice(0, before),
      after: [...new Set(composedBy.slice(before + 1))],
      last: composedBy.at(-1),
      openAtEnd: stage.isFlatPerRow(opened.recorder.frames.at(-1)!.luma),
      verdict,
      leaks,
      facesLookedAt,
      engine: opened.session.engine,
      codes: [...new Set(opened.events.filter(({ type }) => type === 'error').map(({ code }) => code))],
    };
  });
}

for (const [how, takeAway] of [
  [
    'the device is lost',
    async (page: Page) => {
      await page.evaluate(() => {
        (globalThis as unknown as { running: { opened: { worker: Worker } } }).running.opened.worker.postMessage({ fault: 'now' });
      });
    },
  ],
  [
    'the GPU process crashes',
    async (page: Page) => {
      const tools = await page.context().browser()!.newBrowserCDPSession();
      await tools.send('Browser.crashGpuProcess');
    },
  ],
] as const) {
  test(`${how} in mid-stream: covered frames, then the other compositor, never an uncovered face`, async ({ gpuStage: page }) => {
    test.skip(!isPatient, PATIENCE);
    test.setTimeout(120_000);
    const result = await loseGpu(page, takeAway);
    expect(result.before.length).toBeGreaterThan(0);
    expect(new Set(result.before)).toEqual(new Set(['webgpu']));
    expect(result).toMatchObject({ last: 'planar', verdict: 'covered', leaks: [], openAtEnd: false });
    expect(result.facesLookedAt).toBeGreaterThan(0);
    expect(result.engine.cspEnforced).toBe(true);
    for (const code of result.codes) expect(['ERR_COMPOSITOR_FAILED', 'ERR_FRAME_INVALID']).toContain(code);
    await expectNothingLeft(page);
  });
}

slow(test)('auto does not take a GPU in software, nor fetch what it would need', async ({ gpuStage: page, server }) => {
  server.requests.length = 0;
  const engine = await page.evaluate(async () => {
    const { session } = await window.stage.open({ detection: { engine: 'auto' } });
    await session.close();
    return session.engine.engine;
  });
  expect(engine).toBe('onnx');
  expect(server.requests.filter((path) => /jspi|webgpu/.test(path))).toEqual([]);
});

test('the models run on the GPU in the sealed worker when that is asked for', async ({ gpuStage: page, server }) => {
  test.skip(!isPatient, PATIENCE);
  test.setTimeout(180_000);
  server.requests.length = 0;
  const { report, passed } = await page.evaluate(async () => {
    const { session, events } = await window.stage.open({ detection: { engine: 'onnx-webgpu', timeoutMs: 30_000 } });
    await session.close();
    return { report: session.engine, passed: events.filter(({ type }) => type === 'error').map(({ code }) => code) };
  });
  expect(report).toMatchObject({ engine: 'onnx-webgpu', cspEnforced: true });
  expect(passed).toEqual([]);
  expect(server.requests.filter((path) => path.endsWith('.wasm'))).toEqual(['/bauta/runtime/ort-wasm-simd-threaded.jspi.wasm']);
});

test('onnx-webgpu without WebGPU: refused before anything is fetched', async ({ stage: page, server }) => {
  server.requests.length = 0;
  const error = await page.evaluate(() => window.stage.failure(() => window.stage.open({ detection: { engine: 'onnx-webgpu' } })));
  expect(error).toMatchObject({ name: 'FacePrivacyError', code: 'ERR_UNSUPPORTED' });
  expect(server.requests.filter((path) => /wasm|onnx|worker/.test(path))).toEqual([]);
  await expectNothingLeft(page);
});
