import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumLaunchOptions } from '../../scripts/chromium.mjs';
import { CAMERA_CLIP } from '../support/build.mjs';
import { expect, openStage, test } from '../support/stage-test.ts';

/** What each attempt must end with in a sealed worker; `incident` where the seal or the policy tells of it. */
const ATTEMPTS: Readonly<Record<string, { readonly error: string; readonly incident: string | null }>> = {
  fetch: { error: 'ERR_EGRESS_BLOCKED', incident: 'fetch' },
  XMLHttpRequest: { error: 'ERR_EGRESS_BLOCKED', incident: 'XMLHttpRequest' },
  WebSocket: { error: 'ERR_EGRESS_BLOCKED', incident: 'WebSocket' },
  WebTransport: { error: 'ERR_EGRESS_BLOCKED', incident: 'WebTransport' },
  EventSource: { error: 'ERR_EGRESS_BLOCKED', incident: 'EventSource' },
  importScripts: { error: 'ERR_EGRESS_BLOCKED', incident: 'importScripts' },
  import: { error: 'TypeError', incident: 'a resource under script-src-elem (Content-Security-Policy)' },
  sendBeacon: { error: 'ERR_EGRESS_BLOCKED', incident: 'navigator.sendBeacon' },
  RTCPeerConnection: { error: 'ERR_EGRESS_BLOCKED', incident: 'RTCPeerConnection' },
  BroadcastChannel: { error: 'ERR_EGRESS_BLOCKED', incident: 'BroadcastChannel' },
  Worker: { error: 'ERR_EGRESS_BLOCKED', incident: 'Worker' },
  'caches.add': { error: 'ERR_EGRESS_BLOCKED', incident: 'Cache.add' },
  FontFace: { error: 'ERR_EGRESS_BLOCKED', incident: 'FontFace' },
  'fetch of the prototype chain': { error: 'ERR_EGRESS_BLOCKED', incident: 'fetch' },
  'deleting the seal': { error: 'Error', incident: null },
};

/** A server of another origin that counts every connection, whatever the protocol. */
async function startSink() {
  const sink = { connections: 0, url: '', close: () => Promise.resolve() };
  const server = createServer((socket) => {
    sink.connections += 1;
    socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  sink.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/collect`;
  sink.close = () => new Promise<void>((done) => void server.close(() => { done(); }));
  return sink;
}

for (const policy of ['with', 'without'] as const) {
  test(`every way to the network is shut from inside a worker served ${policy} its policy`, async ({ stage: page, server }) => {
    const sink = await startSink();
    // A module that can be imported anywhere; the page has it already.
    const own = `${server.url}comlink/comlink.mjs?attempt`;
    server.requests.length = 0;
    const targets = [own, sink.url];
    const names = Object.keys(ATTEMPTS);
    const result = await page.evaluate(
      async ({ targets, names, policy }) => {
        const { stage } = window;
        const ledger = await stage.consent.openLedger({ inBackground: 'continue' });
        const grant = await stage.consent.grantFrom(ledger);
        const { session, worker, events } = await stage.open({ grant, order: { detector: 'fake' }, withoutPolicy: policy === 'without' });
        const told: string[] = [];
        ledger.addEventListener('incident', ({ detail }) => told.push(`${detail.kind} ${detail.about}`));
        const outcomes: Record<string, { outcome: string; error: string; incidents: string[] }[]> = {};
        for (const name of names) {
          for (const url of targets) {
            const before = events.length;
            const outcome = await new Promise<{ outcome: string; error: string }>((resolve) => {
              worker.addEventListener('message', function hear({ data }: MessageEvent<{ attempted?: string; outcome: { outcome: string; error: string } }>) {
                if (data.attempted !== name) return;
                worker.removeEventListener('message', hear);
                resolve(data.outcome);
              });
              worker.postMessage({ attempt: name, url });
            });
            // The incident comes on another port: one more answer from the worker is behind it.
            await session.setRedaction({ method: 'frost' });
            const incidents = events.slice(before).filter(({ type }) => type === 'incident');
            (outcomes[name] ??= []).push({ ...outcome, incidents: incidents.map(({ code, detail }) => `${code ?? ''} ${String((detail as { details: { attempt: string } }).details.attempt)}`) });
          }
        }
        const { cspEnforced } = session.engine;
        await session.close();
        const audited = (await ledger.auditLog()).filter(({ code }) => code === 'incident.raised').map(({ ids }) => `${String(ids['incident'])} ${String(ids['about'])}`);
        await ledger.close();
        return { outcomes, cspEnforced, told, audited };
      },
      { targets, names, policy },
    );
    expect(result.cspEnforced).toBe(policy === 'with');
    // The ledger tells of it, and its log.
    expect(result.told).toContain('egress-attempted WebSocket');
    expect(result.audited).toContain('egress-attempted WebSocket');
    for (const [name, { error, incident }] of Object.entries(ATTEMPTS)) {
      for (const [i, found] of (result.outcomes[name] ?? []).entries()) {
        // Without the policy's header `import()` stays open: it is syntax. `cspEnforced` says so to the app.
        if (policy === 'without' && name === 'import') continue;
        const what = `${name} to ${i === 0 ? 'the own origin' : 'another origin'}`;
        expect({ outcome: found.outcome, error: found.error }, what).toEqual({ outcome: 'blocked', error });
        if (incident !== null) expect(found.incidents, what).toContain(`ERR_EGRESS_BLOCKED ${incident}`);
      }
    }
    const arrived = server.requests.filter((path) => path.startsWith('/comlink/')).length;
    if (policy === 'with') {
      expect(sink.connections).toBe(0);
      expect(arrived).toBe(0);
    } else {
      expect(result.outcomes['import']?.[0]?.outcome).toBe('passed');
    }
    await sink.close();
  });
}

test('the built worker is served with its policy, and says so', async ({ stage: page, server }) => {
  const [response, enforced] = await Promise.all([
    page.waitForResponse((candidate) => candidate.url().endsWith('/workers/redaction-onnx.worker.js')),
    page.evaluate(async () => {
      const { session } = await window.stage.open();
      await session.close();
      return session.engine.cspEnforced;
    }),
  ]);
  expect(response.headers()['content-security-policy']).toBe("default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src blob:");
  expect(enforced).toBe(true);
  expect(server.requests.filter((path) => path.endsWith('.worker.js'))).toHaveLength(1);
});

test('a running session asks for nothing: no request, no connection, to nobody', async ({ sharedServer: server }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bauta-netlog-'));
  const log = join(folder, 'net.json');
  const options = chromiumLaunchOptions({ camera: CAMERA_CLIP, extra: [`--log-net-log=${log}`] });
  const browser = await chromium.launch(options);
  const context = await browser.newContext({ permissions: ['camera'] });
  const seen: string[] = [];
  context.on('request', (request) => seen.push(request.url()));
  const page = await openStage(await context.newPage(), server);
  await page.evaluate(() => window.stage.open().then((opened) => void Object.assign(window, { opened })));
  server.requests.length = 0;
  seen.length = 0;
  await page.evaluate(async () => {
    const { opened, stage } = window as unknown as { opened: Awaited<ReturnType<typeof window.stage.open>>; stage: typeof window.stage };
    const from = opened.recorder.count;
    await stage.until(() => opened.recorder.count >= from + 40, '40 frames');
    await opened.session.close();
  });
  expect(seen).toEqual([]);
  expect(server.requests).toEqual([]);
  await browser.close();
  // The browser's own log knows every request of every thread, before any policy or interception.
  const hosts = hostsAskedByPages(log);
  rmSync(folder, { recursive: true });
  expect(hosts).toEqual([new URL(server.url).host]);
});

/** Hosts of all requests in a Chromium net log that a page or worker made; the browser's own traffic has no origin. */
function hostsAskedByPages(path: string): string[] {
  interface NetLog {
    constants: { logEventTypes: Record<string, number> };
    events: { type: number; params?: { url?: string; initiator?: string } }[];
  }
  const { constants, events } = JSON.parse(readFileSync(path, 'utf8')) as NetLog;
  const asked = events.filter(({ type, params }) => type === constants.logEventTypes['URL_REQUEST_START_JOB'] && /^https?:/.test(params?.initiator ?? ''));
  return [...new Set(asked.flatMap(({ params }) => (/^(https?|wss?):/.test(params?.url ?? '') ? [new URL(params?.url ?? '').host] : [])))];
}
