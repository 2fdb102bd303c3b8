import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FacePrivacyError } from '../../core/errors.ts';
import { planesOf, type PixelBuffer } from '../../core/pixels.ts';
import { createFaceFinder, type FaceFinder } from './face-finder.ts';
import { createFakeDetector, type FakeAnswer, type FakeCall, type FakeDetector } from './fake-detector.ts';
import type { SelfTestResult } from './engine-health.ts';

const SETTINGS = { budgetMs: 20, maxAgeMs: 300, timeoutMs: 500, selfTestIntervalMs: 10_000, threshold: 0.3 };
const BOX = { x: 100, y: 60, width: 40, height: 50 };
const FRAME_MS = 33;

function picture(width: number, height: number, value = 90): PixelBuffer {
  const { planes, byteLength } = planesOf('I420', { width, height });
  return {
    width,
    height,
    format: 'I420',
    data: new Uint8Array(byteLength).fill(value),
    planes,
    colour: { matrix: 'bt709', fullRange: false },
    orientation: { rotation: 0, flip: false },
    display: { width, height },
  };
}

/** A landscape that a camera pans over: seen `shift` pixels further to the left. */
function waves(shift: number): PixelBuffer {
  const seen = picture(320, 180);
  const { offset, stride } = seen.planes[0]!;
  for (let y = 0; y < 180; y++) {
    for (let x = 0; x < 320; x++) seen.data[offset + y * stride + x] = 128 + 50 * Math.sin(0.043 * (x - shift) + 0.02 * y) + 40 * Math.sin(0.017 * (x - shift) - 0.06 * y);
  }
  return seen;
}

/** A finder over a fake, on a clock that stands still unless told. */
class Bench {
  readonly detector: FakeDetector;
  readonly finder: FaceFinder;
  readonly selfTests: SelfTestResult[] = [];
  readonly failures: FacePrivacyError[] = [];
  answer: (call: FakeCall) => FakeAnswer | null = () => null;
  nowMs = 1000;
  timestampUs = 0;

  constructor(options: { tiles?: boolean } = {}) {
    const tiles = [{ model: 'back', share: 0.6, effort: 'live', smallestSidePx: 100 }] as const;
    this.detector = createFakeDetector({ answer: (call) => this.answer(call), models: ['short', 'back'], tiles: options.tiles ? tiles : [] });
    this.finder = createFaceFinder({
      detector: this.detector,
      settings: SETTINGS,
      now: () => this.nowMs,
      onSelfTest: (result) => this.selfTests.push(result),
      onFailure: (error) => this.failures.push(error),
    });
  }

  /** @param wallMs a slow machine takes longer for a frame than the frame lasts. */
  find(pixels = picture(320, 180), stepMs = FRAME_MS, wallMs = stepMs) {
    this.nowMs += wallMs;
    this.timestampUs += stepMs * 1000;
    return this.finder.find(pixels, { timestampUs: this.timestampUs, durationUs: null, display: pixels.display });
  }

  /** Calls of the engine with real frames. */
  get frameCalls(): readonly FakeCall[] {
    return this.detector.calls.filter(({ isSelfTest }) => !isSelfTest);
  }
}

const faces = (...boxes: (typeof BOX)[]): FakeAnswer => ({ kind: 'faces', boxes });
const onFrames = (answer: FakeAnswer) => (call: FakeCall) => (call.isSelfTest ? null : answer);

describe('createFaceFinder', () => {
  it('tests every model before the first look, then sweeps the first frame', async () => {
    const bench = new Bench({ tiles: true });
    bench.answer = onFrames(faces(BOX));
    const report = await bench.find();
    expect(bench.selfTests).toEqual([{ passed: true, model: 'short' }, { passed: true, model: 'back' }]);
    expect(bench.detector.calls.slice(0, 2).every(({ isSelfTest }) => isSelfTest)).toBe(true);
    expect(report).toMatchObject({ healthy: true, sceneChanged: true, oldestWholeLookAgeMs: 0, oldestTileLookAgeMs: 0 });
    expect(report.looks.map(({ id }) => id)).toEqual(['short', 'back', 'back@0,0/2x1', 'back@1,0/2x1']);
    expect(report.failure).toBeUndefined();
  });

  it('joins what several looks found of one face', async () => {
    const bench = new Bench();
    bench.answer = onFrames(faces(BOX));
    const { detections } = await bench.find();
    expect(detections).toHaveLength(1);
    expect(detections[0]?.box).toEqual(BOX);
  });

  it.each([
    ['the size changes', picture(180, 320), false],
    ['the turn changes', { ...picture(320, 180), orientation: { rotation: 180, flip: false } } as const, false],
    ['the scene changes', picture(320, 180, 220), false],
    ['it is told to forget', picture(320, 180), true],
  ])('sweeps again when %s', async (_, pixels, forget) => {
    const bench = new Bench();
    await bench.find();
    bench.nowMs += 1;
    if (forget) bench.finder.forget();
    const report = await bench.find(pixels, 1);
    expect(report.sceneChanged).toBe(true);
    expect(report.looks).toHaveLength(2);
  });

  it('counts the frames of a picture, and begins anew with another', async () => {
    const bench = new Bench();
    const counts: number[] = [];
    const count = async (pixels?: PixelBuffer): Promise<void> => void counts.push((await bench.find(pixels)).framesOfPicture);
    await count();
    await count();
    await count(picture(320, 180, 220));
    await count(picture(320, 180, 220));
    await count(picture(180, 320, 220));
    bench.answer = onFrames({ kind: 'throw' });
    await count(picture(180, 320, 220));
    bench.answer = () => null;
    await count(picture(180, 320, 220));
    bench.finder.forget();
    await count(picture(180, 320, 220));
    expect(counts).toEqual([1, 2, 1, 2, 1, 1, 2, 1]);
  });

  it('does not know what a change without a motion brought in, however long it took', async () => {
    const bench = new Bench();
    await bench.find();
    const reports: { sceneChanged: boolean; steady: boolean }[] = [];
    for (let i = 0; i < 12; i++) reports.push(await bench.find(picture(320, 180, i % 2 === 0 ? 130 : 90), 250));
    // At first each is another scene; flashing lights are soon taken for what they are.
    expect(reports.at(0)).toMatchObject({ sceneChanged: true });
    expect(reports.at(-1)).toMatchObject({ sceneChanged: false, steady: false });
  });

  it('covers what comes in by the time of the frames, not of the machine', async () => {
    const strips = await Promise.all(
      [FRAME_MS, 400].map(async (wallMs) => {
        const bench = new Bench();
        for (let i = 0; i < 8; i++) await bench.find(waves(8 * i), FRAME_MS, wallMs);
        return (await bench.find(waves(64), FRAME_MS, wallMs)).newBorder;
      }),
    );
    expect(strips[0]).toHaveLength(1);
    expect(strips[0]![0]).toMatchObject({ y: 0, height: 180 });
    expect(strips[0]![0]!.width).toBeGreaterThan(16);
    expect(strips[1]).toEqual(strips[0]);
  });

  it('sweeps when time runs backwards or leaps ahead', async () => {
    const bench = new Bench();
    await bench.find();
    bench.timestampUs = -5_000_000;
    expect((await bench.find()).sceneChanged).toBe(true);
    bench.timestampUs += 9_000_000;
    expect((await bench.find()).looks).toHaveLength(2);
  });

  it('tests one model at a time now and then', async () => {
    const bench = new Bench();
    await bench.find();
    bench.selfTests.length = 0;
    await bench.find(undefined, SETTINGS.selfTestIntervalMs / 2);
    expect(bench.selfTests).toHaveLength(0);
    await bench.find(undefined, SETTINGS.selfTestIntervalMs);
    await bench.find(undefined, SETTINGS.selfTestIntervalMs);
    expect(bench.selfTests.map(({ model }) => model)).toEqual(['short', 'back']);
  });

  it('is unhealthy while a model is blind, and recovers when it sees again', async () => {
    const bench = new Bench();
    // The fake's box lies elsewhere than the face of the self-test picture.
    bench.answer = (call) => (call.isSelfTest ? (call.look.model === 'back' ? faces() : null) : faces(BOX));
    const report = await bench.find();
    expect(report).toMatchObject({ healthy: false, oldestWholeLookAgeMs: Infinity, detections: [], failure: { code: 'ERR_SELF_TEST_FAILED', details: { model: 'back' } } });
    expect(bench.selfTests.at(-1)).toEqual({ passed: false, model: 'back' });
    expect(bench.frameCalls).toHaveLength(0);
    bench.answer = onFrames(faces(BOX));
    const again = await bench.find();
    expect(again).toMatchObject({ healthy: true, oldestWholeLookAgeMs: 0 });
    expect(again.looks).toHaveLength(2);
  });

  it('does not take any box for the face of the self-test', async () => {
    const bench = new Bench();
    bench.answer = () => faces({ x: 0, y: 0, width: 128, height: 128 });
    expect(await bench.find()).toMatchObject({ healthy: false, failure: { code: 'ERR_SELF_TEST_FAILED' } });
  });

  it('asks a blind engine again with growing pauses, and tells each failure once', async () => {
    const bench = new Bench();
    bench.answer = () => faces();
    for (let i = 0; i < 100; i++) expect((await bench.find()).healthy).toBe(false);
    // 3.3 s: at once, again at once, then after 250, 500, 1000 ms.
    expect(bench.selfTests.length).toBeGreaterThanOrEqual(4);
    expect(bench.selfTests.length).toBeLessThanOrEqual(6);
    expect(bench.failures).toHaveLength(bench.selfTests.length);
  });

  it.each([
    ['throws', { kind: 'throw' }],
    ['returns numbers that are not finite', { kind: 'not-finite' }],
  ] as const)('is unhealthy on the frame on which the engine %s, and sweeps the next', async (_, answer) => {
    const bench = new Bench();
    bench.answer = onFrames(faces(BOX));
    await bench.find();
    bench.answer = onFrames(answer);
    expect(await bench.find()).toMatchObject({ healthy: false, oldestWholeLookAgeMs: Infinity, failure: { code: 'ERR_DETECTOR_FAILED' } });
    expect(bench.failures.map(({ code }) => code)).toEqual(['ERR_DETECTOR_FAILED']);
    bench.answer = onFrames(faces(BOX));
    const next = await bench.find();
    expect(next.healthy).toBe(true);
    expect(next.looks).toHaveLength(2);
  });

  it('drops boxes that miss the picture and cuts those that reach far beyond it', async () => {
    const bench = new Bench();
    bench.answer = onFrames({ kind: 'outside' });
    const { detections, healthy } = await bench.find();
    expect(healthy).toBe(true);
    expect(detections.map(({ box }) => box)).toEqual([{ x: -160, y: -90, width: 640, height: 360 }]);
  });

  it('reports the age of the oldest whole look while looks take turns', async () => {
    const bench = new Bench();
    const spend = (call: FakeCall): FakeAnswer | null => {
      bench.nowMs += 15;
      return call.isSelfTest ? null : faces();
    };
    bench.answer = spend;
    await bench.find();
    const second = await bench.find();
    expect(second.looks).toHaveLength(1);
    expect(second.oldestWholeLookAgeMs).toBeGreaterThan(0);
    expect(second.oldestWholeLookAgeMs).toBeLessThan(SETTINGS.maxAgeMs);
    const third = await bench.find();
    expect(third.looks[0]?.id).not.toBe(second.looks[0]?.id);
  });

  it('closes the detector once and refuses to find afterwards', async () => {
    const bench = new Bench();
    const close = vi.spyOn(bench.detector, 'close');
    bench.finder.close();
    bench.finder.close();
    expect(close).toHaveBeenCalledTimes(1);
    await expect(bench.find()).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  });

  it('selfTest warms up without a frame, and says whether all passed', async () => {
    const bench = new Bench();
    expect(await bench.finder.selfTest()).toBe(true);
    await bench.find();
    expect(bench.selfTests).toHaveLength(2);
    const blind = new Bench();
    blind.answer = () => faces();
    expect(await blind.finder.selfTest()).toBe(false);
    expect(blind.failures[0]?.code).toBe('ERR_SELF_TEST_FAILED');
  });
});

describe('an engine that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('times out, is left alone while it hangs, and is tested before it is trusted again', async () => {
    const bench = new Bench();
    bench.answer = onFrames(faces(BOX));
    await bench.find();
    bench.answer = onFrames({ kind: 'hang' });
    const hanging = bench.find();
    await vi.advanceTimersByTimeAsync(SETTINGS.timeoutMs);
    expect(await hanging).toMatchObject({ healthy: false, failure: { code: 'ERR_DETECTOR_TIMEOUT' } });

    const callsBefore = bench.detector.calls.length;
    for (let i = 0; i < 20; i++) expect((await bench.find(undefined, 1000)).healthy).toBe(false);
    expect(bench.detector.calls).toHaveLength(callsBefore);
    expect(bench.failures).toHaveLength(1);

    bench.answer = onFrames(faces(BOX));
    bench.selfTests.length = 0;
    bench.detector.release();
    await vi.advanceTimersByTimeAsync(1);
    const report = await bench.find();
    expect(report.healthy).toBe(true);
    expect(report.detections).toHaveLength(1);
    expect(bench.selfTests).toHaveLength(2);
  });

  it('fails the self-test by the same time limit', async () => {
    const bench = new Bench();
    bench.answer = () => ({ kind: 'hang' });
    const first = bench.find();
    await vi.advanceTimersByTimeAsync(SETTINGS.timeoutMs);
    expect(await first).toMatchObject({ healthy: false, failure: { code: 'ERR_DETECTOR_TIMEOUT' } });
    expect(bench.selfTests).toEqual([{ passed: false, model: 'short' }]);
  });
});
