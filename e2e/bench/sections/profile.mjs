import { mkdtempSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { clipNamed } from '../harness/clips.mjs';
import { openPage } from '../harness/live-case.mjs';
import { table } from '../harness/report.mjs';
import { serveBench } from '../harness/server.mjs';
import { followWorkers } from '../harness/worker-session.mjs';

const WORKER = 'redaction-onnx.worker';
const SHOWN = 25;

/**
 * Where the worker spends its time: a CPU profile of it while a clip plays, by function. The worker is the published one
 * with its names left readable.
 * @param {{ clip: string, seconds: number, log: (line: string) => void }} options
 * @returns {Promise<string>} for a reader.
 */
export async function run({ clip, seconds, log }) {
  const shape = clipNamed(clip);
  const folder = mkdtempSync(at('.cache', 'bench-'));
  try {
    await bundleReadable(folder);
    const server = await serveBench({ routes: { '/made/': folder } });
    const browser = await openBrowser({ camera: at('.cache', 'clips', `${clip}.mjpeg`) });
    try {
      await openPage(browser.page, server.url);
      const following = await followWorkers(browser.page);
      const { width, height } = shape;
      await browser.page.evaluate(
        ([url, size]) => globalThis.bench.start('bauta', { ...size, worker: url }),
        [`/made/${WORKER}.js`, { width, height }],
      );
      const worker = following.workers().find(({ url }) => url.includes(WORKER));
      if (worker === undefined) throw new Error('the redaction worker was not seen');
      log(`profiling ${clip} for ${seconds} s`);
      await pause(3);
      await worker.send('Profiler.enable');
      await worker.send('Profiler.setSamplingInterval', { interval: 500 });
      await worker.send('Profiler.start');
      await pause(seconds);
      const { profile } = await worker.send('Profiler.stop');
      await browser.page.evaluate(() => globalThis.bench.stop());
      return describe(profile);
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundleReadable(folder) {
  const bundle = await rolldown({
    input: at('workers', `${WORKER}.ts`),
    platform: 'browser',
    cwd: at(),
    tsconfig: false,
    transform: { target: 'es2022' },
    onLog(level, message, next) {
      if (level !== 'warn') next(level, message);
    },
  });
  await bundle.write({ file: `${folder}/${WORKER}.js`, format: 'es', codeSplitting: false, minify: false });
  await bundle.close();
}

/** Self time by function, and by what it belongs to. */
function describe({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<string, number>} */
  const self = new Map();
  let total = 0;
  let idle = 0;
  samples.forEach((id, i) => {
    const { callFrame } = byId.get(id);
    const microseconds = timeDeltas[i + 1] ?? 0;
    total += microseconds;
    if (callFrame.functionName === '(idle)') {
      idle += microseconds;
      return;
    }
    const where = callFrame.url.startsWith('wasm://') ? 'wasm' : callFrame.url === '' ? 'browser' : `line ${callFrame.lineNumber + 1}`;
    const key = `${callFrame.functionName || '(anonymous)'} [${where}]`;
    self.set(key, (self.get(key) ?? 0) + microseconds);
  });
  const wasm = [...self].filter(([key]) => key.endsWith('[wasm]')).reduce((sum, [, time]) => sum + time, 0);
  const share = (time) => `${((time / total) * 100).toFixed(1)} %`;
  const rows = [...self].sort((a, b) => b[1] - a[1]).slice(0, SHOWN).map(([key, time]) => [key, share(time), (time / 1000).toFixed(0)]);
  return `idle ${share(idle)}, wasm ${share(wasm)}, all else ${share(total - idle - wasm)} of ${(total / 1e6).toFixed(1)} s\n\n${table(['self time', 'share', 'ms'], rows)}`;
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
