import { describe, expect, it } from 'vitest';
import { planesOf, type PixelBuffer } from '../../core/pixels.ts';
import { createFakeDetector, type FakeAnswer, type FakeCall } from './fake-detector.ts';
import { searchPicture } from './search-picture.ts';

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

function fake(answer: (call: FakeCall) => FakeAnswer | null) {
  return createFakeDetector({ answer, models: ['short', 'back'], tiles: TILES });
}

describe('searchPicture', () => {
  it('runs every look once and joins what they found', async () => {
    const detector = fake(({ isSelfTest }) => (isSelfTest ? null : { kind: 'faces', boxes: [BOX] }));
    const { detections, looks } = await searchPicture(detector, PICTURE, 0.3, 1000);
    expect(looks).toBe(detector.looksFor(SIZE, 'still'));
    expect(detector.calls.filter(({ isSelfTest }) => !isSelfTest).map(({ look }) => look)).toEqual(looks);
    expect(detections.map(({ box }) => box.x)).toEqual([expect.closeTo(BOX.x, 6)]);
  });

  it('asks of what the edge cuts what it asks of the rest, and of small faces half', async () => {
    const cut = { x: -30, y: 200, width: 90, height: 90 };
    const small = { x: 500, y: 400, width: 25, height: 25 };
    const detector = fake(({ isSelfTest }) => (isSelfTest ? null : { kind: 'faces', boxes: [cut, small, BOX], confidence: 0.2 }));
    const { detections } = await searchPicture(detector, PICTURE, 0.3, 1000);
    expect(detections.map(({ box }) => Math.round(box.x))).toEqual([500]);
  });

  it('does not answer for a model that is blind', async () => {
    const detector = fake(({ isSelfTest, look }) => (isSelfTest && look.model === 'back' ? { kind: 'faces', boxes: [] } : null));
    await expect(searchPicture(detector, PICTURE, 0.3, 1000)).rejects.toMatchObject({ code: 'ERR_SELF_TEST_FAILED', details: { model: 'back' } });
  });

  it.each([
    ['throw', 'ERR_DETECTOR_FAILED'],
    ['not-finite', 'ERR_DETECTOR_FAILED'],
    ['hang', 'ERR_DETECTOR_TIMEOUT'],
  ] as const)('rejects when one look answers with %s', async (kind, code) => {
    const detector = fake(({ isSelfTest, look }) => (!isSelfTest && look.scope === 'tile' ? { kind } : null));
    await expect(searchPicture(detector, PICTURE, 0.3, 20)).rejects.toMatchObject({ code });
  });
});
