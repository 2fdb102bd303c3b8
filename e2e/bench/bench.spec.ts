import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { makeClips } from '../../demo/clip/make.mjs';
import { at } from '../../scripts/paths.mjs';
import { openBrowser } from './harness/browser.mjs';
import { compareRuns } from './harness/compare.mjs';
import { openPage } from './harness/live-case.mjs';
import { matchFrames } from './harness/match-frames.mjs';
import { distinctFps, scoreCovers } from './harness/recall.mjs';
import { quantile } from './harness/samples.mjs';
import { serveBench } from './harness/server.mjs';
import { slow } from '../support/slow.ts';

const DELAY_MS = 60;
const DROP_EVERY = 5;
const CLIP = 'bench-640x480-1';

/** What the page answers; it is typed by its use here. */
interface Seen {
  readonly input: { timestampUs: number; atMs: number; marker: number | null }[];
  readonly output: Seen['input'];
  readonly fromMs: number;
  readonly toMs: number;
  readonly collected: { readonly dropped: number };
}
interface Bench {
  start(way: string, options: object): Promise<void>;
  begin(): void;
  end(): Promise<Seen>;
  stop(): Promise<void>;
  openFed(way: string, options: object): Promise<void>;
  covers(options: { every: number }): Promise<Cover[]>;
  flood(options: { fps: number; seconds: number }): Promise<Flood>;
  closeFed(): Promise<Closed>;
}
type Flood = Parameters<typeof distinctFps>[0];
interface Closed {
  readonly errors: string[];
}
interface Cover {
  readonly index: number;
  readonly whole: boolean;
  readonly regions: readonly { x: number; y: number; width: number; height: number }[];
}
declare global {
  var bench: Bench;
}

test('frames that the way delays and drops are measured as late and as dropped', async () => {
  await makeClips({ only: [CLIP] });
  const server = await serveBench();
  const browser = await openBrowser({ camera: at('.cache', 'clips', `${CLIP}.mjpeg`) });
  try {
    await openPage(browser.page, server.url);
    const spoilt = { width: 640, height: 480, delayMs: DELAY_MS, dropEvery: DROP_EVERY };
    await browser.page.evaluate((options) => globalThis.bench.start('copy', options), spoilt);
    await browser.page.evaluate(() => {
      globalThis.bench.begin();
    });
    await browser.page.waitForTimeout(3000);
    const seen: Seen = await browser.page.evaluate(() => globalThis.bench.end());
    await browser.page.evaluate(() => globalThis.bench.stop());
    const matched = matchFrames(seen, 'timestamp');

    expect(matched.outputFrames).toBeGreaterThan(10);
    // A timer never fires early: what the copy holds back this long cannot be out sooner.
    expect(quantile(matched.latenciesMs, 0)).toBeGreaterThanOrEqual(DELAY_MS - 1);
    // Besides those it drops on purpose, whatever came while it waited is gone, too.
    expect(seen.collected.dropped).toBeGreaterThan(0);
    expect(matched.droppedFrames).toBeGreaterThanOrEqual(seen.collected.dropped - 1);
    expect(matched.unexplainedFrames).toBeLessThanOrEqual(1);
    // The numbers in the pictures say the same as the timestamps; nothing covers them here.
    const byMarker = matchFrames(seen, 'marker');
    expect(byMarker.outputFrames).toBe(matched.outputFrames);
    expect(byMarker.latenciesMs).toEqual(matched.latenciesMs);
    expect(browser.complaints).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});

const frame = (index: number, atMs: number): Seen['input'][number] => ({ timestampUs: index * 33_333, atMs, marker: index % 150 });

for (const by of ['timestamp', 'marker'] as const) {
  test(`frames are paired by ${by}: late, lost, repeated and foreign ones are told apart`, () => {
    const input = Array.from({ length: 10 }, (_, i) => frame(i, 1000 + i * 33));
    const output = [
      ...input.filter((_, i) => i !== 4 && i !== 7).map((source) => ({ ...source, timestampUs: source.timestampUs + 100, atMs: source.atMs + 20 })),
      { ...frame(5, 1300) },
      { timestampUs: 9e9, atMs: 1290, marker: 149 },
    ];
    const matched = matchFrames({ input, output, fromMs: 1000, toMs: 1330 }, by);
    expect(matched).toMatchObject({ cameraFrames: 10, outputFrames: 8, droppedFrames: 2, repeatedFrames: 1, unexplainedFrames: 1 });
    expect(matched.latencyMs).toEqual({ p50: 20, p95: 20 });
  });
}

test('frames before and after the measured seconds do not count', () => {
  const input = Array.from({ length: 10 }, (_, i) => frame(i, 1000 + i * 100));
  const output = input.map((source) => ({ ...source, atMs: source.atMs + 90 }));
  const matched = matchFrames({ input, output, fromMs: 1200, toMs: 1500 }, 'timestamp');
  expect(matched).toMatchObject({ cameraFrames: 3, outputFrames: 3, droppedFrames: 0, unexplainedFrames: 0 });
});

slow(test)('a peer is asked about known frames, and what it covers is held against their faces', async () => {
  await makeClips({ only: [CLIP] });
  const server = await serveBench();
  const browser = await openBrowser({ camera: false });
  try {
    await openPage(browser.page, server.url);
    await browser.page.evaluate((clip) => globalThis.bench.openFed('mediapipe', { clip, frames: 8 }), CLIP);
    const covers: Cover[] = await browser.page.evaluate(() => globalThis.bench.covers({ every: 4 }));
    const flood: Flood = await browser.page.evaluate(() => globalThis.bench.flood({ fps: 60, seconds: 0.5 }));
    const { errors }: Closed = await browser.page.evaluate(() => globalThis.bench.closeFed());
    const truth = JSON.parse(readFileSync(at('.cache', 'clips', `${CLIP}.json`), 'utf8')) as Parameters<typeof scoreCovers>[1];

    expect([...errors, ...browser.complaints]).toEqual([]);
    expect(covers.map(({ index }) => index)).toEqual([0, 4]);
    // One near face: found for certain, and its detector's box ends at the forehead.
    expect(scoreCovers(covers, truth)).toMatchObject({ frames: 2, faces: 2, coveredGrown: 1 });
    expect(distinctFps(flood)).toBeGreaterThan(0);
  } finally {
    await browser.close();
    await server.close();
  }
});

test('covers are scored face by face', () => {
  const face = { x: 40, y: 40, width: 20, height: 20, visible: 1 };
  const truth = { width: 160, height: 90, faces: [[face], [face, { ...face, x: 120, visible: 0.4 }], []] };
  const region = (x: number, width: number): Cover['regions'][number] => ({ x, y: 40, width, height: 20 });
  const score = (index: number, ...regions: Cover['regions'][number][]): ReturnType<typeof scoreCovers> => scoreCovers([{ index, whole: false, regions }], truth);
  expect(score(0, region(40, 17))).toMatchObject({ faces: 1, covered: 1 });
  expect(score(0, region(40, 16))).toMatchObject({ covered: 0, coveredGrown: 1 });
  // Two halves cover it as well as one whole; what shows less than half is not asked for.
  expect(score(1, region(30, 20), region(50, 20))).toMatchObject({ faces: 1, covered: 1 });
  expect(score(1)).toMatchObject({ faces: 1, covered: 0, over: 0 });
  expect(score(2, { x: 0, y: 0, width: 80, height: 90 })).toMatchObject({ faces: 0, covered: null, over: 0.5 });
  expect(scoreCovers([{ index: 0, whole: true, regions: [] }], truth)).toMatchObject({ covered: 1, over: 1, wholeShare: 1 });
  expect(() => score(3)).toThrow(RangeError);
});

test('a frame that comes out twice counts once', () => {
  const output = [1, 1, 2, null, 2, 3].map((marker, i) => ({ timestampUs: i * 1000, atMs: i * 100, marker }));
  expect(distinctFps({ output, fromMs: 0, toMs: 1000, matchBy: 'timestamp' })).toBe(6);
  expect(distinctFps({ output, fromMs: 0, toMs: 1000, matchBy: 'marker' })).toBe(3);
  expect(distinctFps({ output, fromMs: 500, toMs: 1000, matchBy: 'marker' })).toBe(2);
});

test('a run is compared row by row and told what got worse', () => {
  const run = (outputFps: number, p95: number): object => ({ sections: { scale: { rows: [{ id: 'a', outputFps, addedLatencyMs: { p50: 10, p95 } }] } } });
  expect(compareRuns(run(30, 20), run(29, 21))).toEqual([]);
  expect(compareRuns(run(30, 20), run(20, 10)).map(({ metric, verdict }) => [metric, verdict])).toEqual([
    ['outputFps', 'worse'],
    ['addedLatencyMs.p95', 'better'],
  ]);
  expect(compareRuns({}, run(30, 20))).toEqual([]);
});
