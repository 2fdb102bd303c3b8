import { expect, test } from '../support/stage-test.ts';
import { slow } from '../support/slow.ts';

/* The privacy tests are worth something only if they fail when faces are in the clear. */

const record = async (fault: string) => {
  const { stage } = window;
  const clip = await stage.clip();
  const source = new stage.ClipTrack(clip);
  const opened = await stage.open({ source: { kind: 'track', track: source.track }, order: { fault } });
  await source.play(0, 12, () => opened.recorder.count);
  await opened.session.close();
  return stage.judged(opened, 0, 12);
};

test('redaction switched off in a test build: the verdict is a leak, in every frame and face', async ({ stage: page }) => {
  const verdict = await page.evaluate(record, 'raw');
  expect(verdict.verdict).toBe('leak');
  expect(verdict.leaks).toHaveLength(verdict.facesLookedAt);
  // Far from the threshold on this side: in the clear, nearly every block and the whole face agree with the source.
  for (const { exposed, correlation } of verdict.leaks) {
    expect(exposed).toBeGreaterThan(0.95);
    expect(correlation).toBeGreaterThan(0.95);
  }
});

test('a face in the clear is found where no marker can be read and everybody else is covered: each frame is held against those of the whole clip that it looks like', async ({ stage: page }) => {
  const FRAMES = [12, 130, 250, 340];
  const verdict = await page.evaluate(async (frames) => {
    const { stage } = window;
    const clip = await stage.clip();
    const pictures = [];
    for (const frame of frames) {
      const { width, height, data: whole } = await clip.lumaOf(frame);
      // Lighter by a little all over, as another range of levels makes it.
      const data = whole.map((level) => Math.min(255, level + 6));
      const [, ...covered] = clip.facesOf(frame).toSorted((a, b) => b.width - a.width);
      for (const box of [...covered, { x: 0, y: height - 40, width: 160, height: 40 }]) {
        for (let y = Math.max(0, Math.floor(box.y)); y < Math.min(height, box.y + box.height); y++) data.fill(90, y * width + Math.max(0, Math.floor(box.x)), y * width + Math.min(width, Math.ceil(box.x + box.width)));
      }
      pictures.push({ timestampUs: 0, format: 'I420', displayWidth: width, displayHeight: height, luma: { width, height, data } });
    }
    return stage.judge(pictures, clip);
  }, FRAMES);
  expect(verdict).toMatchObject({ verdict: 'leak', frames: FRAMES.length, markerCovered: FRAMES.length });
  const clear = verdict.leaks.filter(({ exposed }) => exposed > 0.95).map(({ outputIndex, frame }) => `${outputIndex}: ${frame}`);
  expect(clear).toEqual(expect.arrayContaining(FRAMES.map((frame, outputIndex) => `${outputIndex}: ${frame}`)));
});

slow(test)('only the first frame raw, as if covering began with the second: the verdict is a leak', async ({ stage: page }) => {
  const verdict = await page.evaluate(record, 'raw-first');
  expect(verdict.verdict).toBe('leak');
  expect([...new Set(verdict.leaks.map(({ outputIndex }) => outputIndex))]).toEqual([0]);
});

test('the same test build without a fault: covered, and far from the threshold', async ({ stage: page }) => {
  const verdict = await page.evaluate(record, 'none');
  expect(verdict.verdict).toBe('covered');
  expect(verdict.facesLookedAt).toBeGreaterThan(30);
  expect(verdict.worst[0]!.exposed).toBeLessThan(0.03);
});
