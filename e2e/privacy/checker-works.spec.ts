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
