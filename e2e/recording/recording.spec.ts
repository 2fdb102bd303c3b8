import { writeFileSync } from 'node:fs';
import { expectCovered } from '../privacy/verdicts.ts';
import { expect, test } from '../support/stage-test.ts';
import { hasFfprobe, openRecordingTools, probe } from './read-back.ts';
import { hasFfmpeg, judgeFile, NO_FFMPEG } from './second-decoder.ts';
import { slow } from '../support/slow.ts';

for (const container of ['webm', 'mp4'] as const) {
  (container === 'webm' ? test : slow(test))(`${container}: a recording of the fake camera plays from start to end, can be sought, and is what its manifest says [TAF-5.3b]`, async ({ stage: page }, info) => {
    test.setTimeout(120_000);
    await openRecordingTools(page);
    const made = await page.evaluate(async (container) => {
      const { stage, recording: { bauta, grant, base64 } } = window;
      const given = await grant();
      const { session, recorder } = await stage.open({ grant: given });
      recorder.keep = false;
      const recording = await bauta.openRecording(session, { grant: given, container });
      const progress: number[] = [];
      recording.addEventListener('progress', ({ detail }) => progress.push(detail.keptUs));
      await stage.until(() => (progress.at(-1) ?? 0) > 4_000_000, 'four seconds kept', 60_000);
      const summary = await recording.stop();
      await session.close();
      const shelf = await bauta.openRecordings({ grant: given });
      const listed = await shelf.list();
      const media = await shelf.open(summary.recordingId);
      const timeline = await shelf.timeline(summary.recordingId);
      const verified = await bauta.verifyManifest(await shelf.manifest(summary.recordingId), media, { origin: location.origin });
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(media);
      await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => { reject(new Error(video.error?.message)); }; });
      const shown = { duration: video.duration, width: video.videoWidth, height: video.videoHeight, seekable: video.seekable.end(0) };
      const seeks: number[] = [];
      for (const at of [3, 0.5, 2.2]) {
        video.currentTime = at;
        await new Promise((resolve) => { video.onseeked = resolve; });
        seeks.push(video.currentTime);
      }
      await shelf.close();
      return { summary, listed, timeline, verified, shown, seeks, text: await base64(media), dropped: summary.framesDropped };
    }, container);
    const { summary, listed, timeline, verified, shown, seeks } = made;
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ state: 'complete', recordingId: summary.recordingId, frames: summary.frames });
    expect(verified.media).toMatchObject({ width: 1280, height: 720, frames: summary.frames });
    expect(verified.complete).toBe(true);
    const reported = verified.covers.reduce((sum, { frames }) => sum + frames, 0);
    expect(reported).toBeGreaterThan(summary.frames * 0.9);
    expect(reported).toBeLessThanOrEqual(summary.frames);
    expect(verified.covers.reduce((sum, { regions }) => sum + regions, 0)).toBeGreaterThan(0);
    expect(listed[0]!.expiresAt - listed[0]!.createdAt).toBe(30 * 24 * 3600 * 1000);
    expect(timeline.length).toBeGreaterThan(summary.durationUs / 1e6);
    expect(timeline.length).toBeLessThanOrEqual(Math.ceil(summary.durationUs / 1e5) + 1);
    expect(timeline.every(({ timeUs }, i) => timeUs <= summary.durationUs && (i === 0 || timeUs > timeline[i - 1]!.timeUs))).toBe(true);
    const boxes = timeline.flatMap(({ tracks }) => tracks.map(({ box }) => box));
    expect(boxes.length).toBeGreaterThan(0);
    expect(boxes.filter(({ x, y, width, height }) => x >= 1280 || y >= 720 || x + width <= 0 || y + height <= 0)).toEqual([]);
    expect(shown.width).toBe(1280);
    expect(shown.duration).toBeCloseTo(summary.durationUs / 1e6, 1);
    expect(shown.seekable).toBeCloseTo(shown.duration, 1);
    expect(seeks).toEqual([3, 0.5, 2.2]);
    info.annotations.push({ type: 'figures', description: JSON.stringify({ container, codec: summary.codec, frames: summary.frames, seconds: summary.durationUs / 1e6, bytes: verified.media.bytes, dropped: made.dropped }) });
    if (!hasFfprobe) {
      info.annotations.push({ type: 'skipped', description: 'no ffprobe here: the file was not read by a second decoder' });
      return;
    }
    const file = info.outputPath(`recording.${container}`);
    writeFileSync(file, Buffer.from(made.text, 'base64'));
    const probed = probe(file);
    expect(probed).toMatchObject({ codec: summary.codec === 'avc' ? 'h264' : summary.codec, width: 1280, height: 720, frames: summary.frames });
    expect(probed.durationS).toBeCloseTo(summary.durationUs / 1e6, 1);
    expect(probed.times.every((time, i) => i === 0 || time > probed.times[i - 1]!)).toBe(true);
  });
}

test('every known face is covered in what was recorded, read by a second decoder; a change of strength is in the manifest [TAF-5.3b]', async ({ stage: page, server }, info) => {
  test.skip(!hasFfmpeg, NO_FFMPEG);
  test.setTimeout(300_000);
  await openRecordingTools(page);
  const { text, styles } = await page.evaluate(async () => {
    const { stage, recording: { bauta, grant, base64 } } = window;
    const given = await grant();
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const { session, recorder } = await stage.open({ grant: given, source: { kind: 'track', track: source.track } });
    recorder.keep = false;
    const recording = await bauta.openRecording(session, { grant: given, container: 'webm', bitrate: 12_000_000 });
    await source.play(0, 45, () => recorder.count);
    await session.setRedaction({ method: 'frost', strength: 1 });
    await source.play(45, 90, () => recorder.count);
    const summary = await recording.stop();
    await session.close();
    const shelf = await bauta.openRecordings({ grant: given });
    const media = await shelf.open(summary.recordingId);
    await shelf.close();
    return { text: await base64(media), styles: summary.manifest.styles.map(({ method, strength }) => `${method} ${strength}`) };
  });
  expect(styles).toEqual(['frost 0.5', 'frost 1']);
  const file = info.outputPath('recording.webm');
  writeFileSync(file, Buffer.from(text, 'base64'));
  const verdict = await judgeFile(page, server, file);
  expect(verdict.frames).toBeGreaterThan(60);
  expect(verdict.meanPictureShown).toBeGreaterThan(0.05);
  expectCovered(verdict, info);
});

test('a recording ends with its session and with consent; withdrawn, nothing of it is left [MEG-withdraw]', async ({ stage: page }) => {
  test.setTimeout(120_000);
  await openRecordingTools(page);
  const seen = await page.evaluate(async () => {
    const { stage, recording: { bauta, grant, ledger } } = window;
    const start = async () => {
      const given = await grant();
      const { session } = await stage.open({ grant: given });
      const recording = await bauta.openRecording(session, { grant: given });
      let keptUs = 0;
      recording.addEventListener('progress', ({ detail }) => { keptUs = detail.keptUs; });
      await stage.until(() => keptUs > 0, 'a piece kept', 60_000);
      return { given, session, recording };
    };
    const one = await start();
    const stopped = new Promise<number>((resolve) => { one.recording.addEventListener('stopped', ({ detail }) => { resolve(detail.frames); }); });
    await one.session.close();
    const frames = await stopped;
    const shelf = await bauta.openRecordings({ grant: one.given });
    const [listed] = await shelf.list();
    const receipt = await shelf.erase(listed!.recordingId);
    const unknown = await stage.failure(() => shelf.open(listed!.recordingId));
    await shelf.close();

    const two = await start();
    await ledger.withdraw(two.given.dataSubject);
    const withdrawn = await stage.failure(() => two.recording.stop());
    const rows = await new Promise<number>((resolve) => {
      indexedDB.open('bauta-recordings').onsuccess = ({ target }) => {
        const db = (target as IDBOpenDBRequest).result;
        db.transaction('pieces').objectStore('pieces').count().onsuccess = ({ target }) => { resolve((target as IDBRequest<number>).result); db.close(); };
      };
    });
    const again = await grant();
    const { session } = await stage.open({ grant: again });
    const refusals = {
      sound: (await stage.failure(() => bauta.openRecording(session, { grant: again, audio: 'keep' }))).code,
      otherPerson: (await stage.failure(async () => bauta.openRecording(session, { grant: await grant() }))).code,
      purpose: (await stage.failure(async () => bauta.openRecording(session, { grant: await stage.consent.grantFrom(ledger, 'live-redacted-view') }))).code,
      noSession: (await stage.failure(() => bauta.openRecording({ track: session.track } as never, { grant: again }))).name,
      noEncoder: (await stage.failure(() => bauta.openRecording(session, { grant: again, createWorker: () => new Worker('/bauta/nowhere.js') }))).code,
    };
    await session.close();
    return { frames, state: listed?.state, erased: receipt.erased, unknown: unknown.code, withdrawn: withdrawn.code, rows, refusals };
  });
  expect(seen.frames).toBeGreaterThan(0);
  expect(seen).toMatchObject({
    state: 'complete',
    erased: { keys: 1, media: 1 },
    unknown: 'ERR_MEDIA_INVALID',
    withdrawn: 'ERR_CONSENT_WITHDRAWN',
    rows: 0,
    refusals: { sound: 'ERR_CONSENT_PURPOSE', otherPerson: 'ERR_CONSENT_MISSING', purpose: 'ERR_CONSENT_PURPOSE', noSession: 'TypeError', noEncoder: 'ERR_WORKER_START' },
  });
});

slow(test)('a disk that runs full ends the recording; what was kept of it plays and can be restored [MEG-retain]', async ({ stage: page }) => {
  test.setTimeout(240_000);
  await openRecordingTools(page);
  const devTools = await page.context().newCDPSession(page);
  await page.exposeFunction('limitStorage', (quotaSize: number) => devTools.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize }));
  const seen = await page.evaluate(async () => {
    const { stage, recording: { bauta, grant, ledger } } = window;
    const { limitStorage } = window as unknown as { limitStorage(bytes: number): Promise<void> };
    const given = await grant();
    const { session, recorder } = await stage.open({ grant: given });
    recorder.keep = false;
    const recording = await bauta.openRecording(session, { grant: given, bitrate: 8_000_000 });
    const kept = { us: 0 };
    recording.addEventListener('progress', ({ detail }) => { kept.us = detail.keptUs; });
    const reasons: unknown[] = [];
    recording.addEventListener('error', ({ detail }) => { reasons.push(detail.details['reason']); });
    await stage.until(() => kept.us > 1_000_000, 'a second kept', 60_000);
    await limitStorage((await navigator.storage.estimate()).usage! + 100_000);
    await stage.until(() => reasons.includes('full'), 'the disk is full', 120_000);
    const before = kept.us;
    const stopped = await stage.failure(() => recording.stop());
    const granted = !given.signal.aborted;
    await limitStorage(1e10);
    await session.close();
    const shelf = await bauta.openRecordings({ grant: await stage.consent.requireGrant(ledger, ['live-redacted-view', 'redacted-recording'], given.dataSubject) });
    const [left] = await shelf.list();
    const restored = await shelf.restore(left!.recordingId);
    const media = await shelf.open(restored.recordingId);
    await bauta.verifyManifest(restored.manifest, media, { origin: location.origin });
    const storage = await bauta.persistStorage();
    await shelf.close();
    return { granted, before, stopped: stopped.code, state: left!.state, restoredUs: restored.durationUs, storage };
  });
  // A full disk is no withdrawal.
  expect(seen).toMatchObject({ stopped: 'ERR_STORAGE_FAILED', state: 'cut-off', granted: true });
  // Nobody knows how long the last frame of a file that was cut off is shown.
  expect(seen.restoredUs).toBeGreaterThan(seen.before - 200_000);
  expect(seen.storage.statement).toBe(seen.storage.persisted ? 'persistent' : 'may-be-evicted');
  expect(seen.storage.usageBytes).toBeGreaterThan(0);
});
