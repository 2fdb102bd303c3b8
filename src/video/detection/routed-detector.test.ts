import { expect, test } from 'vitest';
import { planesOf, type PixelBuffer } from '../../core/pixels.ts';
import { createFakeDetector, type FakeAnswer } from './fake-detector.ts';
import type { DetectorModel } from './face-detector.ts';
import { createRoutedDetector } from './routed-detector.ts';

const SIZE = { width: 64, height: 64 };
const { planes, byteLength } = planesOf('I420', SIZE);
const PIXELS: PixelBuffer = {
  ...SIZE,
  format: 'I420',
  data: new Uint8Array(byteLength),
  planes,
  colour: { matrix: 'bt601', fullRange: false },
  orientation: { rotation: 0, flip: false },
  display: SIZE,
};
const MODELS = ['short', 'full'] as const;
const ON_GPU: FakeAnswer = { kind: 'faces', boxes: [{ x: 1, y: 1, width: 5, height: 5 }] };
const ON_SPARE: FakeAnswer = { kind: 'faces', boxes: [{ x: 9, y: 9, width: 5, height: 5 }] };

function routed(onGpu: readonly DetectorModel[]) {
  const state = { answer: ON_GPU, lost: false };
  const first = createFakeDetector({ answer: () => state.answer, models: MODELS });
  const spare = createFakeDetector({ answer: () => ON_SPARE, models: MODELS });
  const detector = createRoutedDetector({ first, spare, models: new Set(onGpu), isLost: () => state.lost });
  const [short, full] = detector.looksFor(SIZE, 'live');
  return { state, first, spare, detector, short: short!, full: full! };
}

const xOf = (found: readonly { readonly box: { readonly x: number } }[]): number => found[0]!.box.x;

test('each model goes where it was told to', async () => {
  const { detector, short, full } = routed(['full']);
  expect(xOf(await detector.detect(PIXELS, full))).toBe(1);
  expect(xOf(await detector.detect(PIXELS, short))).toBe(9);
});

test('the call at which the first one fails, fails; all later ones go to the spare', async () => {
  const { detector, first, state, full } = routed(['short', 'full']);
  state.answer = { kind: 'throw' };
  await expect(detector.detect(PIXELS, full)).rejects.toThrow('told to fail');
  state.answer = ON_GPU;
  expect(xOf(await detector.detect(PIXELS, full))).toBe(9);
  expect(first.calls.length).toBe(1);
});

test('what came from a device that was lost meanwhile is not believed', async () => {
  const { detector, state, full } = routed(['full']);
  const answer = detector.detect(PIXELS, full);
  state.lost = true;
  expect(xOf(await answer)).toBe(9);
  expect(xOf(await detector.detect(PIXELS, full))).toBe(9);
});

test('one call at a time, and both are closed', async () => {
  const { detector, state, first, spare, short, full } = routed(['full']);
  state.answer = { kind: 'hang' };
  const waiting = detector.detect(PIXELS, full);
  const next = detector.detect(PIXELS, short);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(first.calls.length).toBe(1);
  expect(spare.calls.length).toBe(0);
  first.release();
  await Promise.all([waiting, next]);
  expect(spare.calls.length).toBe(1);
  detector.close();
  await expect(first.detect(PIXELS, full)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  await expect(spare.detect(PIXELS, full)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
});
