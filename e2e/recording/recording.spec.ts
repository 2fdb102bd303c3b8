import { writeFileSync } from 'node:fs';
import { expect, test } from '../support/stage-test.ts';
import { hasFfprobe, openRecordingTools, probe } from './read-back.ts';

for (const container of ['webm', 'mp4'] as const) {
  test(`${container}: a recording of the fake camera plays from start to end, can be sought, and is what its manifest says [TAF-5.3b]`, async ({ stage: page }, info) => {
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
      return { summary, listed, verified, shown, seeks, text: await base64(media), dropped: summary.framesDropped };
    }, container);
    const { summary, listed, verified, shown, seeks } = made;
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ state: 'complete', recordingId: summary.recordingId, frames: summary.frames });
    expect(verified.media).toMatchObject({ width: 1280, height: 720, frames: summary.frames });
    expect(verified.complete).toBe(true);
    const reported = verified.covers.reduce((sum, { frames }) => sum + frames, 0);
    expect(reported).toBeGreaterThan(summary.frames * 0.9);
    expect(reported).toBeLessThanOrEqual(summary.frames);
    expect(verified.covers.reduce((sum, { regions }) => sum + regions, 0)).toBeGreaterThan(0);
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
    expect(probed).toMatchObject({ codec: summary.codec, width: 1280, height: 720, frames: summary.frames });
    expect(probed.durationS).toBeCloseTo(summary.durationUs / 1e6, 1);
    expect(probed.times.every((time, i) => i === 0 || time > probed.times[i - 1]!)).toBe(true);
  });
}
