import { writeFileSync } from 'node:fs';
import { expectCovered } from '../privacy/verdicts.ts';
import { isPatient } from '../support/slow.ts';
import { expect, test } from '../support/stage-test.ts';
import { openRecordingTools } from './read-back.ts';
import { hasFfmpeg, judgeFile, NO_FFMPEG } from './second-decoder.ts';

/** Of the clip, with four people in it. A cover may hide the marker that tells frames apart: then each is held against all of these. */
const FRAMES = isPatient ? 24 : 8;

test('what leaves is searched again, covered in every frame, verified anywhere; for nobody else, and not without consent [TAF-5.4a] [TAF-5.4b]', async ({ stage: page, server }, info) => {
  test.skip(!hasFfmpeg, NO_FFMPEG);
  test.setTimeout(300_000);
  await openRecordingTools(page);
  const made = await page.evaluate(async (frames) => {
    const { stage, recording: { bauta, base64 } } = window;
    const entry: string = 'bauta/sharing';
    const { shareRecording, openBundle } = (await import(entry)) as typeof import('bauta/sharing');
    const purposes = ['live-redacted-view', 'redacted-recording', 'sharing'] as const;
    const ledger = await stage.consent.openLedger({ inBackground: 'continue', purposes, retentionDays: 1 });
    const given = await stage.consent.grantFrom(ledger, ['live-redacted-view', 'redacted-recording']);
    const source = new stage.ClipTrack(await stage.clip());
    const { session, recorder } = await stage.open({ grant: given, source: { kind: 'track', track: source.track } });
    recorder.keep = false;
    const recording = await bauta.openRecording(session, { grant: given, container: 'webm', bitrate: 8_000_000 });
    await source.play(0, frames, () => recorder.count);
    const { recordingId } = await recording.stop();
    await session.close();
    const shelf = await bauta.openRecordings({ grant: given });
    const asked = await ledger.require('sharing', given.dataSubject);
    if (!asked.granted) throw new Error(asked.refusal.message);
    const terms = { grant: asked.grant, recipient: 'a test house', purpose: 'showing that it works' };
    const phases = new Set<string>();
    const startMs = performance.now();
    const shared = await shareRecording(shelf, recordingId, { ...terms, boxes: [{ fromUs: 0, untilUs: 1e9, box: { x: 1000, y: 600, width: 200, height: 100 } }], onProgress: ({ phase }) => phases.add(phase) });
    const tookMs = performance.now() - startMs;
    const opened = await openBundle(shared.bundle, { origin: location.origin, keyId: shared.manifest.proof.keyId });
    const bytes = new Uint8Array(await shared.bundle.arrayBuffer());
    bytes[5000]! ^= 1;
    const refusals = {
      bent: await stage.failure(() => openBundle(new Blob([bytes]))),
      elsewhere: await stage.failure(() => shareRecording(shelf, recordingId, { ...terms, recipient: 'an advertiser' })),
      purpose: await stage.failure(() => shareRecording(shelf, recordingId, { ...terms, grant: given })),
      cancelled: await stage.failure(() => shareRecording(shelf, recordingId, { ...terms, signal: AbortSignal.abort() })),
    };
    // What of the picture is as it was recorded, half way through.
    const pixelsOf = async (media: Blob): Promise<Uint8ClampedArray> => {
      const video = document.createElement('video');
      video.muted = true;
      video.src = URL.createObjectURL(media);
      await new Promise((resolve, reject) => { video.onloadeddata = resolve; video.onerror = () => { reject(new Error(video.error?.message)); }; });
      video.currentTime = video.duration / 2;
      await new Promise((resolve) => { video.onseeked = resolve; });
      const context = new OffscreenCanvas(160, 90).getContext('2d')!;
      context.drawImage(video, 0, 0, 160, 90);
      return context.getImageData(0, 0, 160, 90).data;
    };
    const [before, after] = [await pixelsOf(await shelf.open(recordingId)), await pixelsOf(opened.media)];
    const stillShown = before.filter((value, i) => Math.abs(value - after[i]!) < 24).length / before.length;
    const kept = await shelf.manifest(recordingId);
    const checked = (await ledger.auditLog()).find(({ code }) => code === 'sharing.checked')?.ids['coveredWhole'];
    const audit = (await ledger.auditLog()).filter(({ code }) => code.startsWith('sharing.')).map(({ code, ids }) => `${code}${'cause' in ids ? ` ${String(ids['cause'])}` : ''}`);
    await ledger.withdraw(given.dataSubject);
    const withdrawn = await stage.failure(() => shareRecording(shelf, recordingId, terms));
    await shelf.close();
    return { stillShown, text: await base64(opened.media), receipt: opened.receipt, manifest: opened.manifest, verdict: opened.verdict, keptId: kept?.manifestId, phases: [...phases], refusals, withdrawn, audit, tookMs, checked };
  }, FRAMES);
  // Covered, and still to be seen what happens.
  expect(made.stillShown).toBeGreaterThan(0.5);
  expect(made.verdict).toMatchObject({ verified: true, keyExpected: true });
  expect(made.receipt).toMatchObject({ recipient: { en: 'a test house' }, purpose: 'showing that it works', exception: null, manifestId: made.manifest.manifestId });
  expect(made.receipt.check.frames).toBe(made.manifest.media.frames);
  // The first frames of every recording are, until what they show has been searched.
  expect(made.checked).toBeGreaterThan(0);
  // Covered besides, and so made anew: the manifest names the one that it was made of, or the one between.
  expect(made.manifest).toMatchObject({ source: 'file', recordingId: made.receipt.recordingId });
  expect(made.manifest.basedOn).not.toBeNull();
  expect(made.phases).toEqual(['loading', 'covering', 'checking', 'packing']);
  expect(made.refusals).toMatchObject({
    bent: { code: 'ERR_BUNDLE_INVALID' },
    elsewhere: { code: 'ERR_CONSENT_PURPOSE', details: { field: 'recipient' } },
    purpose: { code: 'ERR_CONSENT_PURPOSE' },
    cancelled: { code: 'ERR_ABORTED' },
  });
  expect(made.withdrawn).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  expect(made.audit).toEqual(['sharing.granted', 'sharing.checked', 'sharing.exported', 'sharing.granted', 'sharing.refused ERR_ABORTED']);
  info.annotations.push({ type: 'figures', description: JSON.stringify({ coveredWhole: made.checked, stillShown: made.stillShown, frames: made.manifest.media.frames, tookMs: made.tookMs, insideCovers: made.receipt.check.insideCovers }) });
  const file = info.outputPath('shared.webm');
  writeFileSync(file, Buffer.from(made.text, 'base64'));
  const verdict = await judgeFile(page, server, file, FRAMES);
  expect(verdict.frames).toBe(made.manifest.media.frames);
  expectCovered(verdict, info);
});
