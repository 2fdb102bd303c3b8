import { expect, test } from 'vitest';
import type { DetectorModel, FaceDetector } from './face-detector.ts';
import { createFakeDetector } from './fake-detector.ts';
import { provenModels } from './proven-models.ts';

const MODELS = ['short', 'full', 'back'] as const;

/** Detectors on one clock, by which each model takes a known time. */
function timed() {
  let nowMs = 0;
  const detectorOf = (costMs: Readonly<Record<DetectorModel, number>>, blind?: DetectorModel): FaceDetector =>
    createFakeDetector({
      models: MODELS,
      answer: ({ look }) => {
        nowMs += costMs[look.model];
        return look.model === blind ? { kind: 'faces', boxes: [] } : null;
      },
    });
  return { now: () => nowMs, detectorOf };
}

test('without a rival every model that sees is taken', async () => {
  const { now, detectorOf } = timed();
  const models = await provenModels(detectorOf({ short: 900, full: 900, back: 900 }), { rival: null, now });
  expect([...models]).toEqual([...MODELS]);
});

test('with a rival each model is taken where it is faster', async () => {
  const { now, detectorOf } = timed();
  const rival = detectorOf({ short: 3, full: 10, back: 20 });
  expect([...(await provenModels(detectorOf({ short: 4, full: 4, back: 4 }), { rival, now }))]).toEqual(['full', 'back']);
  expect([...(await provenModels(detectorOf({ short: 500, full: 2000, back: 3000 }), { rival, now }))]).toEqual([]);
});

test('a model that does not see is an error, however fast', async () => {
  const { now, detectorOf } = timed();
  const rival = detectorOf({ short: 3, full: 10, back: 20 });
  const blind = detectorOf({ short: 1, full: 1, back: 1 }, 'full');
  await expect(provenModels(blind, { rival, now })).rejects.toMatchObject({ code: 'ERR_SELF_TEST_FAILED' });
});
