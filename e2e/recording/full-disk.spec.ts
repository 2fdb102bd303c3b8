import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumArgs, requireChromium } from '../../scripts/chromium.mjs';
import { CAMERA_CLIP } from '../support/build.mjs';
import { removeProfile } from '../support/remove-profile.ts';
import { slow } from '../support/slow.ts';
import { expect, openStage, test } from '../support/stage-test.ts';
import { openRecordingTools } from './read-back.ts';

/** Set before anything is kept: the browser remembers for 30 s how much room there was. */
const QUOTA_BYTES = 8_000_000;
/** Room that is left when the disk is nearly full: for a second or two of a recording. */
const LEFT_BYTES = 200_000;
/** A piece of the size that those of a fast machine have; here and now they may be smaller, and browsers give the room of small ones back late. */
const PIECE_BYTES = 400_000;

slow(test)('a full disk: what has expired makes room, the recording goes on until there is no more, and nothing that was kept or told is lost [MEG-retain]', async ({ server }, info) => {
  test.setTimeout(180_000);
  // With a profile: without one, Chromium keeps what is stored in memory.
  const profile = mkdtempSync(join(tmpdir(), 'bauta-full-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: requireChromium(), args: chromiumArgs({ camera: CAMERA_CLIP }), permissions: ['camera'] });
  try {
    const page = await openStage(await context.newPage(), server);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: QUOTA_BYTES });
    await openRecordingTools(page);
    const usage = await page.evaluate(async ([quotaBytes, leftBytes, pieceBytes]) => {
      const { stage, recording: { bauta } } = window;
      const purposes = ['live-redacted-view', 'redacted-recording'] as const;
      const choice = { inBackground: 'continue', purposes, retentionDays: 30 } as const;
      // Recorded 31 days ago, kept for 30.
      const before = await stage.consent.openLedger(choice, { now: () => Date.now() - 31 * 24 * 3_600_000 });
      const given = await stage.consent.grantFrom(before, purposes, 'ann');
      const { session, recorder } = await stage.open({ grant: given });
      recorder.keep = false;
      const recording = await bauta.openRecording(session, { grant: given, container: 'webm', bitrate: 8_000_000 });
      let keptUs = 0;
      recording.addEventListener('progress', ({ detail }) => { keptUs = detail.keptUs; });
      await stage.until(() => keptUs > 2_000_000, 'two seconds kept', 60_000);
      const { recordingId } = await recording.stop();
      await session.close();
      await before.close();
      const noise = (bytes: number): ArrayBuffer => {
        const data = new Uint8Array(bytes);
        for (let from = 0; from < bytes; from += 65_536) crypto.getRandomValues(data.subarray(from, from + 65_536));
        return data.buffer;
      };
      const put = (name: string, store: string, value: unknown): Promise<void> =>
        new Promise((resolve, reject) => {
          const request = indexedDB.open(name);
          request.onupgradeneeded = () => { request.result.createObjectStore(store, { autoIncrement: true }); };
          request.onsuccess = () => {
            const tx = request.result.transaction(store, 'readwrite');
            tx.objectStore(store).put(value);
            tx.oncomplete = () => { request.result.close(); resolve(); };
            tx.onabort = () => { reject(tx.error ?? new Error('aborted')); };
          };
        });
      await put('bauta-recordings', 'pieces', { recordingId, sequence: 1000, sealed: noise(pieceBytes) });
      const { usage = 0 } = await navigator.storage.estimate();
      await put('filler', 'noise', noise(quotaBytes - leftBytes - usage));
      return usage;
    }, [QUOTA_BYTES, LEFT_BYTES, PIECE_BYTES] as const);
    const full = await page.evaluate(async () => {
      const { stage, recording: { bauta, ledger } } = window;
      const grant = await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], 'ann');
      const { session, recorder } = await stage.open({ grant });
      recorder.keep = false;
      const recording = await bauta.openRecording(session, { grant, container: 'webm', bitrate: 8_000_000 });
      let kept = { keptUs: 0, bytes: 0 };
      recording.addEventListener('progress', ({ detail }) => { kept = detail; });
      const error = await new Promise<{ code: string; details: unknown }>((resolve) => { recording.addEventListener('error', ({ detail: { code, details } }) => { resolve({ code, details }); }); });
      const stopped = await stage.failure(() => recording.stop());
      return { error, stopped, ...kept, recordingId: recording.recordingId, granted: !grant.signal.aborted, state: session.state };
    });
    expect(full).toMatchObject({ error: { code: 'ERR_STORAGE_FAILED', details: { reason: 'full' } }, stopped: { code: 'ERR_STORAGE_FAILED' }, granted: true, state: 'running' });
    // More than was left: what had expired made room for it.
    expect(full.bytes).toBeGreaterThan(LEFT_BYTES);

    await page.reload();
    await openStage(page, server);
    await openRecordingTools(page);
    const after = await page.evaluate(async () => {
      const { stage, recording: { bauta, ledger } } = window;
      const grant = await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], 'ann');
      const shelf = await bauta.openRecordings({ grant });
      const listed = await shelf.list();
      const receipts = await shelf.receipts();
      const media = await shelf.open(listed[0]!.recordingId);
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(media);
      await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => { reject(new Error(video.error?.message)); }; });
      const log = (await ledger.auditLog()).map(({ code, ids }) => ({ code, ids }));
      const erased = await shelf.erase(listed[0]!.recordingId);
      const left = await shelf.list();
      await shelf.close();
      return { listed, receipts, bytes: media.size, width: video.videoWidth, log, erased, left };
    });
    expect(after.listed).toMatchObject([{ recordingId: full.recordingId, state: 'cut-off' }]);
    expect(after.listed[0]!.durationUs).toBe(full.keptUs);
    expect(after.width).toBe(1280);
    expect(after.receipts).toMatchObject([{ reason: 'expired', dataSubject: 'ann', scope: 'sweep', erased: { keys: 1, media: 1 } }]);
    const codes = after.log.map(({ code }) => code);
    for (const code of ['retention.swept', 'retention.storage-short', 'recording.failed']) expect(codes).toContain(code);
    expect(codes.filter((code) => code === 'retention.swept')).toHaveLength(1);
    // On a disk that is still full.
    expect(after.erased).toMatchObject({ reason: 'requested', erased: { keys: 1, media: 1 } });
    expect(after.left).toEqual([]);
    info.annotations.push({ type: 'figures', description: JSON.stringify({ usage, kept: full.bytes, seconds: full.keptUs / 1e6 }) });
  } finally {
    await context.close();
    await removeProfile(profile);
  }
});
