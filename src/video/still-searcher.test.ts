import { expect, it } from 'vitest';
import { planesOf, type PixelBuffer } from '../core/pixels.ts';
import { createFakeDetector, type FakeAnswer, type FakeCall } from './detection/fake-detector.ts';
import { createStillSearcher } from './still-searcher.ts';

const SIZE = { width: 1000, height: 700 };
const { planes, byteLength } = planesOf('I420', SIZE);
const PICTURE: PixelBuffer = {
  ...SIZE,
  format: 'I420',
  data: new Uint8Array(byteLength),
  planes,
  colour: { matrix: 'bt709', fullRange: false },
  orientation: { rotation: 0, flip: false },
  display: SIZE,
};
const TILES = [
  { model: 'back', share: 0.6, effort: 'live', smallestSidePx: 100 },
  { model: 'back', share: 0.4, effort: 'still', smallestSidePx: 100 },
] as const;
const BOX = { x: 300, y: 200, width: 80, height: 80 };

const fake = (answer: (call: FakeCall) => FakeAnswer | null) => createFakeDetector({ answer, models: ['short', 'back'], tiles: TILES });

it('runs the looks of a stream, tests each model once, and tells each face once', async () => {
  const detector = fake(({ isSelfTest }) => (isSelfTest ? null : { kind: 'faces', boxes: [BOX] }));
  const searcher = await createStillSearcher(detector, 1000);
  expect(detector.calls.map(({ isSelfTest, look }) => [isSelfTest, look.model])).toEqual([[true, 'short'], [true, 'back']]);
  for (let picture = 0; picture < 2; picture++) expect(await searcher.search(PICTURE)).toHaveLength(1);
  const looks = detector.looksFor(SIZE, 'live');
  expect(looks.length).toBeLessThan(detector.looksFor(SIZE, 'still').length);
  expect(detector.calls.filter(({ isSelfTest }) => !isSelfTest).map(({ look }) => look.id)).toEqual([...looks, ...looks].map(({ id }) => id));
  searcher.close();
  await expect(searcher.search(PICTURE)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
});

it.each([
  ['is blind', { kind: 'faces', boxes: [] }, 'ERR_SELF_TEST_FAILED'],
  ['answers nonsense', { kind: 'not-finite' }, 'ERR_DETECTOR_FAILED'],
  ['hangs', { kind: 'hang' }, 'ERR_DETECTOR_TIMEOUT'],
] as const)('takes no detector that %s, and closes it', async (_, answer, code) => {
  const detector = fake(() => answer);
  await expect(createStillSearcher(detector, 20)).rejects.toMatchObject({ code });
  detector.release();
  await expect(detector.detect(PICTURE, detector.looksFor(SIZE, 'live')[0]!)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
});

it('rejects where a look fails: a picture searched in part was not searched', async () => {
  let broken = false;
  const detector = fake(({ isSelfTest, look }) => (isSelfTest ? null : broken && look.scope === 'tile' ? { kind: 'throw' } : { kind: 'faces', boxes: [BOX] }));
  const searcher = await createStillSearcher(detector, 1000);
  broken = true;
  await expect(searcher.search(PICTURE)).rejects.toMatchObject({ code: 'ERR_DETECTOR_FAILED' });
});
