import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromiumArgs, requireChromium } from '../../../scripts/chromium.mjs';
import { cpuOf, machineCpuSeconds, mainThreadCpuSeconds } from './processes.mjs';

/**
 * A headless Chromium with a profile of its own, so that its HTTP cache is empty, and one page.
 * @param {object} options
 * @param {string | boolean} options.camera absolute path of a clip, true for Chromium's test picture, false for none.
 * @param {readonly string[]} [options.extra] further arguments.
 */
export async function openBrowser({ camera, extra = [] }) {
  const profile = mkdtempSync(join(tmpdir(), 'bauta-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: chromiumArgs({ camera, extra }),
    headless: true,
    permissions: camera === false ? [] : ['camera'],
    viewport: { width: 1280, height: 720 },
  });
  const browser = context.browser();
  if (browser === null) throw new Error('Playwright gave no browser for a persistent context');
  const page = context.pages()[0] ?? (await context.newPage());
  /** @type {string[]} */
  const complaints = [];
  watch(page);
  // Workers', too. What comes from elsewhere would be measured with the network, and not everywhere.
  context.on('request', (request) => {
    if (/^https?:/.test(request.url()) && new URL(request.url()).hostname !== '127.0.0.1') complaints.push(`asked for ${request.url()}`);
  });
  return {
    context,
    page,
    version: `Chromium ${browser.version()}`,
    /** Errors of the page, which make its numbers worthless. */
    complaints,
    /** A second page in place of the first, with the HTTP cache as the first left it. */
    async reopen() {
      const next = await context.newPage();
      await page.close();
      watch(next);
      return next;
    },
    /** A session of the whole browser. */
    session: () => browser.newBrowserCDPSession(),
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };

  /** @param {import('playwright').Page} watched */
  function watch(watched) {
    watched.on('pageerror', (error) => complaints.push(String(error)));
    watched.on('console', (message) => {
      // MediaPipe logs its start-up as errors; a missing icon is nobody's fault.
      const text = message.text();
      if (message.type() === 'error' && !/^INFO:|favicon|^W\d{4}|^I\d{4}/.test(text)) complaints.push(text);
    });
  }
}

/**
 * Starts measuring what a page costs; the answer ends the measurement.
 *
 * `taskShare` and `scriptShare`: wall time in which the page's main thread ran tasks, and script, over wall time
 * (DevTools `TaskDuration`, `ScriptDuration`); on a full machine this holds time in which the thread waited for a core.
 * `cpuShare`: CPU time of that thread over wall time. `cpuSeconds`: of all processes of the browser. `othersCores`: cores that
 * everything else on the machine kept busy meanwhile, the benchmark's own process with it: what makes numbers noise.
 * @param {import('playwright').Page} page
 * @param {import('playwright').CDPSession} browserSession
 */
export async function startCostProbe(page, browserSession) {
  const pageSession = await page.context().newCDPSession(page);
  await pageSession.send('Performance.enable', { timeDomain: 'timeTicks' });
  const first = await sample();
  return async () => {
    const last = await sample();
    await pageSession.detach();
    const seconds = last.at - first.at;
    return {
      seconds,
      taskShare: (last.task - first.task) / seconds,
      scriptShare: (last.script - first.script) / seconds,
      cpuShare: mainCpu(first.renderers, last.renderers, seconds),
      cpuSeconds: last.cpu - first.cpu,
      othersCores: othersCores(first, last, seconds),
    };
  };

  async function sample() {
    const { processes, cpuSeconds } = await cpuOf(browserSession);
    const { metrics } = await pageSession.send('Performance.getMetrics');
    const metric = (/** @type {string} */ name) => {
      const found = metrics.find((candidate) => candidate.name === name);
      if (found === undefined) throw new Error(`the browser gives no ${name}`);
      return found.value;
    };
    return {
      at: metric('Timestamp'),
      task: metric('TaskDuration'),
      script: metric('ScriptDuration'),
      renderers: processes.filter(({ type }) => type === 'renderer').map((process) => ({ ...process, main: mainThreadCpuSeconds(process.pid) })),
      cpu: cpuSeconds,
      machineCpu: machineCpuSeconds(),
    };
  }
}

/** The page's renderer is the one that worked most meanwhile: Chromium keeps a spare one. Null where there is no /proc. */
function mainCpu(first, last, seconds) {
  const worked = last
    .flatMap((renderer) => {
      const before = first.find(({ pid }) => pid === renderer.pid);
      return before === undefined ? [] : [{ before, renderer, by: renderer.cpuSeconds - before.cpuSeconds }];
    })
    .sort((a, b) => b.by - a.by)[0];
  if (worked === undefined || worked.renderer.main === null || worked.before.main === null) return null;
  return (worked.renderer.main - worked.before.main) / seconds;
}

function othersCores(first, last, seconds) {
  if (first.machineCpu === null || last.machineCpu === null) return null;
  return Math.max(0, (last.machineCpu - first.machineCpu - (last.cpu - first.cpu)) / seconds);
}
