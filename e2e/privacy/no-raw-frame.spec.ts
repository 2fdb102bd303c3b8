import { expect, test } from '../support/stage-test.ts';
import { expectCovered } from './verdicts.ts';
import { slow } from '../support/slow.ts';

for (const delayFrames of [0, 8]) {
  const how = delayFrames === 0 ? '' : `, with look-ahead of ${delayFrames}`;
  // With look-ahead no more can be seen than without.
  (delayFrames === 0 ? test : slow(test))(`fake camera, 1280x720 at 30, from the first frame on: every known face is covered in every frame${how}`, async ({ stage: page }, info) => {
    test.setTimeout(180_000);
    const { verdict, told } = await page.evaluate(async (delayFrames) => {
      const { stage } = window;
      const clip = await stage.clip();
      const opened = await stage.open({ tracking: { delayFrames } });
      const { frames } = opened.recorder;
      const startMs = performance.now();
      // A whole turn of the clip (12 s), and 150 frames however slow the machine.
      await stage.until(() => frames.length >= 150 && performance.now() - startMs > 12_000, '150 frames and one turn of the clip', 150_000);
      const { framesOut } = opened.events.findLast(({ type }) => type === 'stats')?.detail as { framesOut: number };
      // A track that ends takes along what nobody has read yet: the recorder catches up first.
      await stage.until(() => frames.length >= framesOut, `all of the ${framesOut} frames that went out`, 60_000);
      await opened.session.close();
      await opened.recorder.done;
      return { verdict: await stage.judge(frames, clip), told: framesOut };
    }, delayFrames);
    // The recorder misses none of those that go out, so it holds the very first one.
    expect(verdict.frames).toBeGreaterThanOrEqual(told);
    expect(verdict.frames).toBeGreaterThanOrEqual(150);
    expect(verdict.facesLookedAt).toBeGreaterThan(150);
    // The picture is there: the faces are covered, not everything.
    expect(verdict.wholeCovered).toBeLessThan(verdict.frames / 4);
    expect(verdict.meanPictureShown).toBeGreaterThan(0.1);
    expectCovered(verdict, info);
  });
}

test('element adapter: every known face is covered', async ({ stage: page }, info) => {
  test.setTimeout(90_000);
  const { verdict, adapter } = await page.evaluate(async () => {
    const { stage } = window;
    await stage.clip();
    const opened = await stage.open({ adapter: 'element' });
    await stage.until(() => opened.recorder.frames.length >= 60, '60 frames of the element adapter', 60_000);
    await opened.session.close();
    // The canvas is black and tiny until the first redacted frame is on it.
    const first = opened.recorder.frames.findIndex(({ displayWidth }) => displayWidth === 1280);
    return { adapter: opened.session.adapter, verdict: await stage.judged(opened, first) };
  });
  expect(adapter).toBe('element');
  expect(verdict.frames).toBeGreaterThanOrEqual(40);
  expectCovered(verdict, info);
});
