import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { at } from '../../../scripts/paths.mjs';
import { openBrowser } from '../harness/browser.mjs';
import { openPage } from '../harness/live-case.mjs';
import { number, table } from '../harness/report.mjs';
import { serveBench } from '../harness/server.mjs';

const ITEMS = 10_000;
const ENTRIES = 100_000;
/** A hold, an ending and an expiry are not equally frequent; every tenth item is due. */
const DUE_EVERY = 10;

export const name = 'keeping';
export const clipsOf = () => [];

/**
 * What looking after what is kept costs: a sweep of very many recordings, planned and carried out in IndexedDB, and the verification of a long audit log.
 * @param {{ log: (line: string) => void }} options
 */
export async function run({ log }) {
  const rows = [await planSweep(), ...(await sweepInBrowser()), ...(await verifyLog())];
  for (const row of rows) log(`${row.id}: ${JSON.stringify(row)}`);
  return { rows };
}

const built = (/** @type {string[]} */ ...parts) => import(pathToFileURL(at('dist', 'governance', ...parts)).href);

/** The rule alone, without storage. */
async function planSweep() {
  const { sweepPlan } = await built('retention', 'sweep.js');
  const now = Date.UTC(2026, 10, 1);
  const items = Array.from({ length: ITEMS }, (_, index) => ({
    itemId: `item-${index}`, category: 'redacted-media', purpose: 'redacted-recording', dataSubject: `p${index % 100}`, createdAt: now - 1e9,
    expiresAt: index % DUE_EVERY === 0 ? now - index : now + 1e6 + index, ending: null,
    holds: index % 50 === 0 ? [{ holdId: 'h', reason: 'r', owner: 'o', placedAt: now - 1e6, until: now + 1e6, releasedAt: null }] : [],
    parts: { keys: { ids: [`item-${index}`], bytes: 0 }, media: { ids: [`item-${index}`], bytes: 1000 } },
  }));
  const startMs = performance.now();
  const { erase } = sweepPlan(items, now);
  return { id: 'sweep, the plan', items: ITEMS, erased: erase.length, tookMs: performance.now() - startMs };
}

async function sweepInBrowser() {
  const server = await serveBench();
  const browser = await openBrowser({ camera: false });
  try {
    await openPage(browser.page, server.url);
    return await browser.page.evaluate(measureSweep, { items: ITEMS, dueEvery: DUE_EVERY });
  } finally {
    await browser.close();
    await server.close();
  }
}

/** In the page. @param {{ items: number, dueEvery: number }} options */
async function measureSweep({ items, dueEvery }) {
  const [recording, consent, { openDB }] = await Promise.all([import('bauta/recording'), import('/consent.mjs'), import('idb')]);
  const purposes = ['live-redacted-view', 'redacted-recording'];
  const ledger = await consent.openLedger({ inBackground: 'continue', purposes, retentionDays: 1 });
  const grant = await consent.grantFrom(ledger, purposes);
  // The store makes its own schema.
  await (await recording.openRecordings({ grant })).close();
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const now = Date.now();
  const db = await openDB('bauta-recordings');
  const tx = db.transaction(['recordings', 'pieces'], 'readwrite');
  const about = { models: [], settings: {}, styles: [], selfTests: [], source: 'recording', audioTracksDropped: 0 };
  for (let index = 0; index < items; index += 1) {
    const recordingId = `bench-${index}`;
    void tx.objectStore('recordings').put({
      recordingId, category: 'redacted-recording', purpose: 'redacted-recording', dataSubject: grant.dataSubject, consentRecordId: grant.recordId, createdAt: now - 1000,
      expiresAt: index % dueEvery === 0 ? now - 1 : now + 80_000_000, holds: [], ending: null, restriction: null, formerIds: [], state: 'complete', key, pieces: 1, bytes: 1000,
      format: { container: 'webm', codec: 'vp8', mimeType: 'video/webm' }, frames: 1, durationUs: 1, width: 1, height: 1, about, manifest: null,
    });
    void tx.objectStore('pieces').put({ recordingId, sequence: 0, frames: 1, fromUs: 0, untilUs: 1, iv: new Uint8Array(12), sealed: new ArrayBuffer(1016), covers: [], timeline: null });
  }
  await tx.done;
  db.close();
  const timed = async (id) => {
    const startMs = performance.now();
    const shelf = await recording.openRecordings({ grant });
    const tookMs = performance.now() - startMs;
    const left = (await shelf.list()).length;
    await shelf.close();
    return { id, items, left, tookMs };
  };
  const first = await timed('sweep at opening, in IndexedDB');
  const second = await timed('the next one, with nothing due');
  await ledger.close();
  return [{ ...first, erased: items - first.left }, { ...second, erased: first.left - second.left }];
}

async function verifyLog() {
  const [{ chainEntry }, { exportAudit }, { verifyAuditExport }, { signHead }, { createDeviceKey }] = await Promise.all([
    built('audit', 'entry.js'), built('audit', 'export.js'), built('audit', 'verify-export.js'), built('audit', 'head.js'), built('consent', 'proof.js'),
  ]);
  const key = await createDeviceKey();
  const entries = [];
  const heads = [];
  for (let index = 0; index < ENTRIES; index += 1) {
    entries.push(await chainEntry(entries.at(-1) ?? null, 'unmask.started', { recordId: crypto.randomUUID(), trackId: index % 7, staff: 'reviewer-1' }, Date.UTC(2026, 0, 1) + index * 1000));
    if (index % 500 === 499) heads.push(await signHead(entries.at(-1), key, Date.UTC(2026, 0, 1) + index * 1000));
  }
  const { text, head } = await exportAudit({ entries, heads }, { key, origin: 'https://app.example', now: Date.UTC(2026, 5, 1) });
  const startMs = performance.now();
  const verdict = await verifyAuditExport(text, { keyId: key.keyId, heads: [head] });
  const tookMs = performance.now() - startMs;
  if (!verdict.intact) throw new Error('the log that was just written is not intact');
  const rows = [{ id: 'audit log, verified', items: ENTRIES, mib: text.length / 2 ** 20, heads: verdict.headCount, tookMs }];
  const folder = mkdtempSync(join(tmpdir(), 'bauta-bench-'));
  try {
    const file = join(folder, 'log.jsonl');
    writeFileSync(file, text);
    const commandMs = performance.now();
    await new Promise((resolve, reject) => {
      execFile(execPath, [at('bin', 'verify-audit.mjs'), file, '--key', key.keyId], (error) => { error === null ? resolve(null) : reject(error); });
    });
    rows.push({ id: 'the same by the command', items: ENTRIES, mib: text.length / 2 ** 20, heads: verdict.headCount, tookMs: performance.now() - commandMs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** @param {{ rows: any[] }} result */
export function describe({ rows }) {
  const sweeps = rows.filter((row) => 'erased' in row);
  const logs = rows.filter((row) => 'mib' in row);
  return [
    `Sweeps\n${table(['case', 'items', 'erased', 'ms'], sweeps.map((row) => [row.id, number(row.items, 0), number(row.erased, 0), number(row.tookMs, 0)]))}`,
    `Audit log\n${table(['case', 'entries', 'MiB', 'heads', 'ms'], logs.map((row) => [row.id, number(row.items, 0), number(row.mib, 1), number(row.heads, 0), number(row.tookMs, 0)]))}`,
  ];
}
