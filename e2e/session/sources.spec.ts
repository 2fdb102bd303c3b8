import { expectNothingLeft } from '../faults/endings.ts';
import { expect, test } from '../support/stage-test.ts';
import { slow } from '../support/slow.ts';

test('another source in mid-stream: track to camera to element, one redacted track throughout', async ({ stage: page }) => {
  test.setTimeout(90_000);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({ source: { kind: 'track', track: source.track } });
    const { recorder, session } = opened;
    await source.play(0, 8, () => recorder.count);
    await stage.act();
    await session.setSource({ kind: 'camera', constraints: { width: 1280, height: 720 } });
    const atCamera = recorder.count;
    await stage.until(() => recorder.count >= atCamera + 10, '10 frames of the camera');
    const other = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
    const element = document.createElement('video');
    element.muted = true;
    element.srcObject = other;
    await element.play();
    await stage.act();
    await session.setSource({ kind: 'element', element });
    const atElement = recorder.count;
    await stage.until(() => recorder.count >= atElement + 6, '6 frames of the element');
    // The camera that the session opened is closed; the app's own track and stream are the app's.
    const owned = stage.spied.cameraTracks[0]!.readyState;
    await stage.act();
    const failed = await stage.failure(() => session.setSource({ kind: 'element', element: document.createElement('video') }));
    const atFailure = recorder.count;
    await stage.until(() => recorder.count >= atFailure + 3, 'the old source to go on');
    await session.close();
    const apps = [source.track.readyState, other.getVideoTracks()[0]!.readyState];
    for (const track of other.getTracks()) track.stop();
    const { leaks, frames } = await stage.judged(opened);
    return { owned, apps, failed: failed.code, leaks, enough: frames >= 24, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code) };
  });
  expect(result).toEqual({ owned: 'ended', apps: ['live', 'live'], failed: 'ERR_SOURCE_UNSUPPORTED', leaks: [], enough: true, errors: [] });
  await expect.poll(() => page.workers().length).toBe(0);
});

slow(test)('a video file to its end', async ({ stage: page }) => {
  test.setTimeout(90_000);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const file = await (await fetch('/clips/main.webm')).blob();
    const opened = await stage.open({ source: { kind: 'file', file }, adapter: 'element', order: { detector: 'fake' } });
    const cause = await opened.closed;
    return { cause, frames: opened.recorder.count > 20, size: opened.recorder.frames.at(-1)?.displayWidth };
  });
  expect(result).toEqual({ cause: 'ERR_SOURCE_ENDED', frames: true, size: 1280 });
  await expectNothingLeft(page);
});

test('a file that is no video, an element without a source, a track that has ended', async ({ stage: page }) => {
  const codes = await page.evaluate(async () => {
    const { stage } = window;
    const order = { detector: 'fake' };
    const ended = new stage.FedTrack(() => {
      throw new Error('never asked');
    }, 60_000);
    ended.stop();
    const sources = [
      { kind: 'file', file: new Blob(['not a video'], { type: 'video/mp4' }) },
      { kind: 'element', element: document.createElement('video') },
      { kind: 'track', track: ended.track },
    ] as const;
    const failures = [];
    for (const source of sources) failures.push((await stage.failure(() => stage.open({ source, order }))).code);
    return failures;
  });
  expect(codes).toEqual(['ERR_SOURCE_UNSUPPORTED', 'ERR_SOURCE_UNSUPPORTED', 'ERR_SOURCE_ENDED']);
  await expectNothingLeft(page);
});

test('a source without size gives no frame, and the session can be closed', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const element = document.createElement('video');
    element.srcObject = new MediaStream();
    const opened = await stage.open({ source: { kind: 'element', element }, adapter: 'element', order: { detector: 'fake' } });
    // Time enough for frames to come if there were any: a turn of the worker and of the renderer.
    await opened.session.setRedaction({ method: 'solid' });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const { handles } = stage.spied;
    await opened.session.close();
    return { handles: handles.length, sized: opened.recorder.frames.filter(({ displayWidth }) => displayWidth > 2).length };
  });
  expect(result).toEqual({ handles: 0, sized: 0 });
  await expectNothingLeft(page);
});

test('pause covers everything and resume searches anew', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({ source: { kind: 'track', track: source.track } });
    const { recorder, session, events } = opened;
    const out = (): number => recorder.count;
    await source.play(0, 6, out);
    await session.pause();
    const state = session.state;
    await source.play(6, 12, out);
    await session.resume();
    await source.play(12, 20, out);
    await session.close();
    const flat = recorder.frames.map(({ luma }) => stage.isFlatPerRow(luma));
    const { leaks } = await stage.judged(opened, 0, 20);
    return { state, paused: flat.slice(6, 12), back: flat.slice(16).includes(false), leaks, states: events.filter(({ type }) => type === 'state').map(({ detail }) => (detail as { state: string }).state) };
  });
  expect(result).toEqual({ state: 'paused', paused: [true, true, true, true, true, true], back: true, leaks: [], states: ['paused', 'running', 'closed'] });
  await expectNothingLeft(page);
});
