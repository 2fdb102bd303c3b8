import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { Page, TestInfo } from '@playwright/test';
import { expectCovered } from '../privacy/verdicts.ts';
import { isPatient, slow } from '../support/slow.ts';
import { expect, test, type StageServer } from '../support/stage-test.ts';
import { openRecordingTools, probe } from './read-back.ts';
import { clipAs, ffmpeg, hasFfmpeg, judgeFile, NO_FFMPEG } from './second-decoder.ts';

test.skip(!hasFfmpeg, NO_FFMPEG);

/** Of the clip's 360, of which `npm test` takes the first second. */
const FRAMES = isPatient ? 360 : 30;

type Container = 'auto' | 'webm' | 'mp4';

/** Redacts a file of the test's folder in the page. */
async function redact(page: Page, server: StageServer, file: string, container: Container = 'auto') {
  server.intercept = (request, response) => {
    if (request.url !== '/input') return false;
    response.end(readFileSync(file));
    return true;
  };
  try {
    return await page.evaluate(async (container) => {
      const { stage, recording: { bauta, grant, base64 } } = window;
      const file = await (await fetch('/input')).blob();
      await stage.act();
      const given = await grant();
      const progress: [number, number][] = [];
      const startMs = performance.now();
      try {
        const done = await bauta.redactFile(file, { grant: given, container, onProgress: (at) => { if (at.phase === 'redacting') progress.push([at.pass, at.doneUs / at.totalUs]); } });
        const tookMs = performance.now() - startMs;
        const { media, manifest, ...summary } = done;
        await bauta.verifyManifest(manifest, media, { origin: location.origin });
        return { error: null, summary, manifest, progress, tookMs, text: await base64(media) };
      } catch (error) {
        return { error: stage.seen(error), summary: null, manifest: null, progress, tookMs: 0, text: '' };
      }
    }, container);
  } finally {
    server.intercept = null;
  }
}

async function redactTo(page: Page, server: StageServer, info: TestInfo, input: string, container: 'webm' | 'mp4', asked: Container = 'auto') {
  const done = await redact(page, server, input, asked);
  expect(done.error).toBeNull();
  const output = info.outputPath(`redacted.${container}`);
  writeFileSync(output, Buffer.from(done.text, 'base64'));
  return { ...done, summary: done.summary!, manifest: done.manifest!, output };
}

test(`every one of ${FRAMES} frames keeps its time, and no known face leaks, read by a second decoder [TAF-5.3b]`, async ({ stage: page, server }, info) => {
  test.setTimeout(600_000);
  await openRecordingTools(page);
  const input = info.outputPath('clip.webm');
  clipAs(input, FRAMES, '-c:v', 'libvpx', '-b:v', '12M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  const { summary, manifest, output, progress, tookMs } = await redactTo(page, server, info, input, 'webm');
  expect(summary).toMatchObject({ width: 1280, height: 720, frames: FRAMES, container: 'webm' });
  const [before, after] = [probe(input), probe(output)];
  expect(after.times).toEqual(before.times);
  expect(manifest).toMatchObject({ source: 'file', complete: true, media: { frames: FRAMES } });
  expect(manifest.covers.reduce((sum, { frames }) => sum + frames, 0)).toBe(FRAMES);
  expect(progress.some(([pass]) => pass === 1)).toBe(true);
  expect(progress.some(([pass]) => pass === 2)).toBe(true);
  info.annotations.push({ type: 'figures', description: JSON.stringify({ timesRealTime: summary.durationUs / 1000 / tookMs, wholeFrames: manifest.covers.reduce((sum, { wholeFrames }) => sum + wholeFrames, 0) }) });
  const verdict = await judgeFile(page, server, output);
  expect(verdict.frames).toBe(FRAMES);
  expect(verdict.wholeCovered).toBeLessThan(FRAMES / 4);
  expect(verdict.meanPictureShown).toBeGreaterThan(0.1);
  expectCovered(verdict, info);
});

slow(test)('a file of variable rate, and one of two hours, keeps the time of each frame; one with sound loses the sound and says so', async ({ stage: page, server }, info) => {
  test.setTimeout(240_000);
  await openRecordingTools(page);
  const input = info.outputPath('uneven.webm');
  clipAs(input, 20, '-vf', "select='not(eq(mod(n,3),1))*not(eq(mod(n,7),2))',scale=640:360", '-fps_mode', 'vfr', '-c:v', 'libvpx', '-b:v', '4M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  const { output } = await redactTo(page, server, info, input, 'webm');
  expect(probe(output).times).toEqual(probe(input).times);
  const sounding = info.outputPath('sounding.webm');
  ffmpeg('-i', input, '-f', 'lavfi', '-i', 'sine=duration=1', '-c:v', 'copy', '-c:a', 'libvorbis', '-shortest', sounding);
  const silent = await redactTo(page, server, info, sounding, 'webm');
  // Two hours, a frame every ten minutes.
  const long = info.outputPath('long.webm');
  clipAs(long, 13, '-vf', 'scale=320:180,setpts=N*600/TB', '-fps_mode', 'vfr', '-c:v', 'libvpx', '-b:v', '1M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  const lasting = await redactTo(page, server, info, long, 'webm');
  expect(probe(lasting.output).times).toEqual(probe(long).times);
  expect(lasting.summary.durationUs).toBeGreaterThanOrEqual(7200e6);
  expect(lasting.manifest.covers.map(({ second, frames }) => [second, frames])).toEqual(Array.from({ length: 13 }, (_, i) => [i * 600, 1]));
  expect(silent.summary.audioTracksDropped).toBe(1);
  expect(silent.manifest.audioTracksDropped).toBe(1);
});

slow(test)('a turned MP4 comes out upright, in MP4; one frame stays one frame', async ({ stage: page, server }, info) => {
  test.setTimeout(240_000);
  await openRecordingTools(page);
  const flat = info.outputPath('flat.mp4');
  const turned = info.outputPath('turned.mp4');
  clipAs(flat, 6, '-vf', 'scale=640:360', '-c:v', 'libvpx-vp9', '-b:v', '4M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned);
  const { summary, output } = await redactTo(page, server, info, turned, 'mp4');
  expect(summary).toMatchObject({ container: 'mp4', width: 360, height: 640, frames: 6 });
  expect(probe(output)).toMatchObject({ width: 360, height: 640, frames: 6 });
  const single = info.outputPath('single.webm');
  clipAs(single, 1, '-c:v', 'libvpx', '-b:v', '4M', '-pix_fmt', 'yuv420p');
  expect((await redactTo(page, server, info, single, 'webm')).summary.frames).toBe(1);
});

test('what is no video that can be worked on is refused, and why is told', async ({ stage: page, server }, info) => {
  test.setTimeout(240_000);
  await openRecordingTools(page);
  const path = (name: string): string => info.outputPath(name);
  writeFileSync(path('text.webm'), 'this is no video');
  writeFileSync(path('empty.webm'), '');
  ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'libvorbis', path('sound.webm'));
  clipAs(path('whole.mp4'), 10, '-vf', 'scale=320:180', '-c:v', 'libvpx-vp9', '-b:v', '2M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  clipAs(path('h264.mp4'), 10, '-vf', 'scale=320:180', '-c:v', 'libx264', '-pix_fmt', 'yuv420p');
  ffmpeg('-i', path('h264.mp4'), '-c', 'copy', '-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb', '-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8', path('locked.mp4'));
  ffmpeg('-i', path('whole.mp4'), '-c', 'copy', '-frames:v', '0', '-movflags', '+empty_moov+frag_keyframe', path('none.mp4'));
  writeFileSync(path('bent.mp4'), readFileSync(path('whole.mp4')).fill(0xff, 2000, 6000));
  writeFileSync(path('cut.mp4'), readFileSync(path('whole.mp4')));
  truncateSync(path('cut.mp4'), Math.floor(statSync(path('cut.mp4')).size / 2));
  const expected = { 'text.webm': 'not-a-video', 'empty.webm': 'not-a-video', 'sound.webm': 'no-video-track', 'locked.mp4': 'encrypted', 'none.mp4': 'no-frames', 'bent.mp4': 'damaged', 'cut.mp4': 'damaged|not-a-video|no-video-track' };
  // Each loads the models anew.
  const some = ['text.webm', 'locked.mp4', 'bent.mp4'];
  for (const [name, reason] of Object.entries(expected).filter(([name]) => isPatient || some.includes(name))) {
    const { error } = await redact(page, server, path(name));
    expect(error, name).toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    expect((error?.details as { reason: string }).reason, name).toMatch(new RegExp(`^(${reason})$`));
  }
});

slow(test)('it can be cancelled, needs consent, and keeps no sound', async ({ stage: page, server }, info) => {
  test.setTimeout(240_000);
  await openRecordingTools(page);
  const input = info.outputPath('clip.webm');
  clipAs(input, 30, '-vf', 'scale=640:360', '-c:v', 'libvpx', '-b:v', '4M', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p');
  server.intercept = (request, response) => {
    if (request.url !== '/input') return false;
    response.end(readFileSync(input));
    return true;
  };
  const codes = await page.evaluate(async () => {
    const { stage, recording: { bauta, ledger, grant } } = window;
    const file = await (await fetch('/input')).blob();
    const failureOf = async (work: () => Promise<unknown>) => (await stage.failure(work)).code;
    await stage.act();
    const given = await grant();
    const cancel = new AbortController();
    const cancelled = await failureOf(() => bauta.redactFile(file, { grant: given, signal: cancel.signal, onProgress: ({ phase }) => { if (phase === 'redacting') cancel.abort(); } }));
    await stage.act();
    const sound = await failureOf(() => bauta.redactFile(file, { grant: given, audio: 'keep' }));
    await stage.act();
    const other = await stage.consent.grantFrom(await stage.consent.openLedger({ purposes: ['sharing'] }), 'sharing');
    const purpose = await failureOf(() => bauta.redactFile(file, { grant: other }));
    await stage.act();
    const withdrawn = await failureOf(() =>
      bauta.redactFile(file, { grant: given, onProgress: ({ phase }) => { if (phase === 'redacting') void ledger.withdraw(given.dataSubject); } }),
    );
    const odd = (await stage.failure(() => bauta.redactFile('file' as never, { grant: given }))).name;
    return { cancelled, sound, purpose, withdrawn, odd };
  });
  expect(codes).toEqual({ cancelled: 'ERR_ABORTED', sound: 'ERR_CONSENT_PURPOSE', purpose: 'ERR_CONSENT_PURPOSE', withdrawn: 'ERR_CONSENT_WITHDRAWN', odd: 'TypeError' });
});
