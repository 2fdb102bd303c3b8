import { expect, test } from '../support/stage-test.ts';
import { expectCovered } from './verdicts.ts';

// Each frame when the one before has come out: the same on a machine that has other things to do.

test('every single frame of the clip, in step: cuts, the jump, the fast pan and the wall of small faces [TEN-detect]', async ({ stage: page }, info) => {
  test.setTimeout(180_000);
  const verdict = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({ source: { kind: 'track', track: source.track } });
    await source.play(0, clip.truth.frames, () => opened.recorder.count);
    await opened.session.close();
    await opened.recorder.done;
    return stage.judged(opened);
  });
  expect(verdict.frames).toBe(360);
  expectCovered(verdict, info);
});

test('one frame in four, then one in seven: what comes in between frames that are far apart', async ({ stage: page }, info) => {
  test.setTimeout(180_000);
  const verdict = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({ source: { kind: 'track', track: source.track } });
    // Where the camera moves fast: a pan with the cut after it, and the zoom out of the wall.
    for (const every of [4, 7]) {
      for (const [from, to] of [[90, 180], [300, clip.truth.frames]] as const) await source.play(from, to, () => opened.recorder.count, every);
    }
    await opened.session.close();
    await opened.recorder.done;
    return stage.judged(opened);
  });
  expect(verdict.frames).toBe(23 + 15 + 13 + 9);
  // Between frames that far apart the camera's motion is known, too: most of them need not be covered whole.
  expect(verdict.wholeCovered).toBeLessThan(verdict.frames / 2);
  expectCovered(verdict, info);
});

test('methods and their change in mid-stream: solid, blur, pixelate, frost', async ({ stage: page }, info) => {
  test.setTimeout(90_000);
  const { verdict, spreads } = await page.evaluate(async () => {
    const { stage } = window;
    const clip = await stage.clip();
    const source = new stage.ClipTrack(clip);
    const opened = await stage.open({ source: { kind: 'track', track: source.track }, redaction: { method: 'solid', strength: 1 } });
    const out = (): number => opened.recorder.count;
    const spread: Record<string, number> = {};
    for (const [i, method] of (['solid', 'blur', 'pixelate', 'frost'] as const).entries()) {
      await opened.session.setRedaction({ method, strength: method === 'solid' ? 0 : 0.5 });
      await source.play(i * 10, (i + 1) * 10, out);
      const last = opened.recorder.frames.at(-1)!;
      const face = clip.facesOf((i + 1) * 10 - 1).find(({ id }) => id === '6.3')!;
      let low = 255;
      let high = 0;
      for (let y = Math.ceil(face.y); y < face.y + face.height; y++) {
        for (let x = Math.ceil(face.x); x < face.x + face.width; x++) {
          const value = last.luma.data[y * last.luma.width + x]!;
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
      spread[method] = high - low;
    }
    await opened.session.close();
    return { verdict: await stage.judged(opened, 0, 40), spreads: spread };
  });
  expect(verdict.frames).toBe(40);
  // The method did change: only `solid` is one flat colour over a whole face.
  expect(spreads['solid']).toBeLessThanOrEqual(1);
  for (const method of ['blur', 'pixelate', 'frost']) expect(spreads[method], method).toBeGreaterThan(2);
  expectCovered(verdict, info);
});
