import { expect, test } from '../support/stage-test.ts';
import { expectNothingLeft } from './endings.ts';
import { slow } from '../support/slow.ts';

/* What happens after a fault is read from the pixels that come out, not from what the session says. */

for (const [fault, code, detection] of [
  ['detector-throws', 'ERR_DETECTOR_FAILED', {}],
  ['detector-hangs', 'ERR_DETECTOR_TIMEOUT', { timeoutMs: 400 }],
  ['detector-not-finite', 'ERR_DETECTOR_FAILED', {}],
  ['compositor-throws', 'ERR_COMPOSITOR_FAILED', {}],
] as const) {
  (fault === 'detector-not-finite' ? slow(test) : test)(`${fault} in mid-stream: an error event, and only covered frames from then on`, async ({ stage: page }) => {
    const result = await page.evaluate(
      async ({ fault, detection }) => {
        const { stage } = window;
        const clip = await stage.clip();
        const source = new stage.ClipTrack(clip);
        const opened = await stage.open({ source: { kind: 'track', track: source.track }, order: { fault }, detection });
        const { recorder, events, worker, session } = opened;
        await source.play(0, 8, () => recorder.count);
        const before = recorder.frames.filter(({ luma }) => !stage.isFlatPerRow(luma)).length;
        worker.postMessage({ fault: 'now' });
        await source.play(8, 24, () => recorder.count);
        const verdict = await stage.judged(opened, 0, 24);
        const after = recorder.frames.slice(8).map(({ luma }) => stage.isFlatPerRow(luma));
        const codes = events.filter(({ type }) => type === 'error').map(({ code }) => code);
        const { openFrames } = (events.findLast(({ type }) => type === 'stats')?.detail ?? { openFrames: 0 }) as { openFrames: number };
        await session.close();
        const closing = events.filter(({ type }) => type === 'error').map(({ code }) => code).slice(codes.length);
        return { before, after, verdict: verdict.verdict, leaks: verdict.leaks.length, codes, openFrames, closing };
      },
      { fault, detection },
    );
    expect(result.before).toBeGreaterThan(0);
    expect(result.codes).toContain(code);
    // The frame that was under way when the order came may still have been searched well.
    expect(result.after.slice(1)).toEqual(result.after.slice(1).map(() => true));
    expect(result.after.length).toBeGreaterThanOrEqual(10);
    expect(result).toMatchObject({ verdict: 'covered', leaks: 0, openFrames: 0, closing: [] });
    await expectNothingLeft(page);
  });
}

test('a source begins with a covered frame that waits for no search', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const source = new stage.ClipTrack(await stage.clip());
    // A detector that says nothing for longer than the test lasts.
    const opened = await stage.open({ source: { kind: 'track', track: source.track }, order: { fault: 'detector-hangs' }, detection: { timeoutMs: 30_000 } });
    opened.worker.postMessage({ fault: 'now' });
    await source.play(0, 1, () => opened.recorder.count);
    const told = opened.events.filter(({ type }) => type === 'faces').length;
    const flat = opened.recorder.frames.map(({ luma }) => stage.isFlatPerRow(luma));
    await opened.session.close();
    return { flat, told };
  });
  expect(result).toEqual({ flat: [true], told: 0 });
});

slow(test)('a detector that finds nothing from the start: the self-test tells, every frame is covered', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const source = new stage.ClipTrack(await stage.clip());
    const opened = await stage.open({ source: { kind: 'track', track: source.track }, order: { fault: 'detector-blind', armed: 1 } });
    await source.play(0, 12, () => opened.recorder.count);
    await opened.session.close();
    return {
      frames: opened.recorder.frames.map(({ luma }) => stage.isFlatPerRow(luma)),
      wholes: [...new Set(opened.events.filter(({ type }) => type === 'faces').map(({ detail }) => (detail as { whole: string }).whole))],
      codes: [...new Set(opened.events.filter(({ type }) => type === 'error').map(({ code }) => code))],
    };
  });
  expect(result.frames).toEqual(Array.from({ length: 12 }, () => true));
  expect(result.wholes).toEqual(['detector-unhealthy']);
  expect(result.codes).toEqual(['ERR_SELF_TEST_FAILED']);
  await expectNothingLeft(page);
});

test('a detector that goes blind in mid-stream: known faces stay covered until the self-test tells, then everything is', async ({ stage: page }) => {
  test.setTimeout(90_000);
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({
      source: { kind: 'track', track: source.track },
      order: { fault: 'detector-blind' },
      detection: { selfTestIntervalMs: 1000 },
      tracking: { holdMs: 3000 },
    });
    const { recorder, events, worker } = opened;
    await source.play(0, 8, () => recorder.count);
    worker.postMessage({ fault: 'now' });
    const failed = (): boolean => events.some(({ code }) => code === 'ERR_SELF_TEST_FAILED');
    let frame = 8;
    for (; frame < 50 && !failed(); frame++) await source.play(frame, frame + 1, () => recorder.count);
    const toldAt = recorder.count;
    await source.play(frame, frame + 6, () => recorder.count);
    await opened.session.close();
    const { verdict, leaks } = await stage.judged(opened, 0, frame + 6);
    return { told: failed(), verdict, leaks, after: recorder.frames.slice(toldAt).map(({ luma }) => stage.isFlatPerRow(luma)) };
  });
  expect(result.told).toBe(true);
  expect(result.leaks).toEqual([]);
  expect(result.after).toEqual(Array.from({ length: 6 }, () => true));
  await expectNothingLeft(page);
});

slow(test)('boxes far outside the picture are no fault and uncover nothing', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const source = new stage.ClipTrack(await stage.clip());
    const opened = await stage.open({ source: { kind: 'track', track: source.track }, order: { fault: 'detector-outside', armed: 1 } });
    await source.play(0, 10, () => opened.recorder.count);
    await opened.session.close();
    const { leaks, frames, facesLookedAt } = await stage.judged(opened, 0, 10);
    return { leaks, frames, facesLookedAt };
  });
  expect(result.leaks).toEqual([]);
  expect(result.frames).toBe(10);
  await expectNothingLeft(page);
});

test('the worker is killed in mid-stream, by itself or from outside: the session ends, no frame follows', async ({ stage: page }) => {
  const results = await page.evaluate(async () => {
    const { stage } = window;
    const kill = {
      'closes itself': (worker: Worker) => { worker.postMessage({ fault: 'now' }); },
      'is terminated': (worker: Worker) => { worker.terminate(); },
    };
    const results = [];
    for (const [name, end] of Object.entries(kill)) {
      const opened = await stage.open({ order: { fault: 'dies', detector: 'fake' } });
      await stage.until(() => opened.recorder.count >= 5, '5 frames');
      end(opened.worker);
      const cause = await opened.closed;
      await opened.recorder.done;
      results.push({ name, cause, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code), track: opened.session.track.readyState });
    }
    return results;
  });
  for (const { name, ...result } of results) {
    expect(result, name).toEqual({ cause: 'ERR_WORKER_LOST', errors: ['ERR_WORKER_LOST'], track: 'ended' });
  }
  await expectNothingLeft(page);
});

test('the camera is unplugged or taken by the system', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ order: { detector: 'fake' } });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
    // What the browser does when the device goes: the track ends and says so.
    stage.spied.cameraTracks[0]!.dispatchEvent(new Event('ended'));
    const cause = await opened.closed;
    await opened.recorder.done;
    return { cause, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code) };
  });
  expect(result).toEqual({ cause: 'ERR_CAMERA_ENDED', errors: ['ERR_CAMERA_ENDED'] });
  await expectNothingLeft(page);
});

test('the camera under the session is stopped by somebody else', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ order: { detector: 'fake' } });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
    stage.spied.cameraTracks[0]!.stop();
    const cause = await opened.closed;
    await opened.recorder.done;
    return { cause, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code) };
  });
  expect(result).toEqual({ cause: 'ERR_CAMERA_ENDED', errors: ['ERR_CAMERA_ENDED'] });
  await expectNothingLeft(page);
});

test('the holder stops the redacted track: the camera does not run on for nobody', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ order: { detector: 'fake' } });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
    opened.session.track.stop();
    const cause = await opened.closed;
    return { cause, errors: opened.events.filter(({ type }) => type === 'error').map(({ code }) => code) };
  });
  expect(result).toEqual({ cause: null, errors: [] });
  await expectNothingLeft(page);
});

slow(test)('a consumer that does not read: frames are dropped, none piles up', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    stage.spied.recording = false;
    const options = await stage.optionsOf({ order: { detector: 'fake' } });
    await stage.act();
    const session = await stage.bauta.openRedactionSession(options);
    // Connected, and never read.
    const processor = new stage.real.MediaStreamTrackProcessor({ track: session.track as MediaStreamTrack as MediaStreamVideoTrack, maxBufferSize: 1 });
    const stats: { framesIn: number; openFrames: number }[] = [];
    session.addEventListener('stats', ({ detail }) => stats.push({ framesIn: detail.framesIn, openFrames: detail.openFrames }));
    const errors: string[] = [];
    session.addEventListener('error', ({ detail }) => errors.push(detail.code));
    await stage.until(() => (stats.at(-1)?.framesIn ?? 0) >= 40, '40 frames in');
    await session.close();
    await processor.readable.cancel();
    return { open: Math.max(...stats.map(({ openFrames }) => openFrames)), errors };
  });
  expect(result).toEqual({ open: 0, errors: [] });
  await expectNothingLeft(page);
});

test('close: twice, at once, right after the start, and with frames held back', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const opened = await stage.open({ order: { detector: 'fake' }, tracking: { delayFrames: 10 } });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
    await Promise.all([opened.session.close(), opened.session.close()]);
    await opened.session.close();
    const late = [
      await stage.failure(() => opened.session.pause()),
      await stage.failure(() => opened.session.setRedaction({ method: 'solid' })),
      await stage.failure(() => opened.session.setSource({ kind: 'camera' })),
    ].map(({ code }) => code);
    const quick = await stage.open({ order: { detector: 'fake' } });
    await quick.session.close();
    const errors = [...opened.events, ...quick.events].filter(({ type }) => type === 'error').map(({ code }) => code);
    return { late, errors, states: opened.events.filter(({ type }) => type === 'state').length };
  });
  // An error event here would tell of frames left open.
  expect(result).toEqual({ late: ['ERR_SESSION_CLOSED', 'ERR_SESSION_CLOSED', 'ERR_SESSION_CLOSED'], errors: [], states: 1 });
  await expectNothingLeft(page);
});

test('abort in mid-stream', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const abort = new AbortController();
    const opened = await stage.open({ order: { detector: 'fake' }, signal: abort.signal });
    await stage.until(() => opened.recorder.count >= 3, '3 frames');
    abort.abort();
    return { cause: await opened.closed, errors: opened.events.filter(({ type }) => type === 'error').length };
  });
  expect(result).toEqual({ cause: null, errors: 0 });
  await expectNothingLeft(page);
});
