import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildEvaluated } from './build.mjs';
import { openHarness } from './harness.mjs';
import { awayFromFaces, shareInOne, shareInUnion } from './measures/cover.mjs';
import { readSet, setsIn } from './measures/detect/dataset.mjs';
import { createScore } from './measures/detect/score.mjs';
import { sample } from './measures/seeded.mjs';
import { clipsIn } from './measures/video/clips.mjs';
import { joined, linked } from './measures/video/link.mjs';
import { scoreClip } from './measures/video/score.mjs';
import { makeSmallSet } from './small-set.mjs';
import { slow } from '../support/slow.ts';

const FRAMES = 20;

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Redacted {
  readonly regions: readonly Area[];
  readonly whole: string | null;
}
interface Played {
  readonly frames: { index: number; whole: string | null; regions: (Area & { trackId: number })[] }[];
  readonly failures: readonly string[];
}

slow(test)('a pipeline that is made worse gets worse numbers', async () => {
  test.setTimeout(180_000);
  const data = mkdtempSync(join(tmpdir(), 'bauta-small-set-'));
  await makeSmallSet(data, { crowds: [0] });
  const evaluated = await buildEvaluated({ log: () => undefined });
  const harness = await openHarness({ data, evaluated, signal: new AbortController().signal });
  try {
    const [picture] = readSet(data, setsIn(data)[0]!);
    const [clip] = clipsIn(data);
    const still = async (worsen: string | null): Promise<{ recall: number; over: number }> => {
      const { regions, whole } = (await harness.call('still', [picture!.url, { worsen }])) as Redacted;
      const score = createScore();
      score.add(picture!, regions, whole);
      const { recall, over } = score.result();
      return { recall: recall['all']!['all']!.inOneRegion, over };
    };
    const play = async (worsen: string | null): Promise<{ leakRate: number; over: number; frames: Played['frames'] }> => {
      const source = { ...(clip!.source as object), count: FRAMES };
      const { frames, failures } = (await harness.call('play', [source, { worsen, delayFrames: 0 }])) as Played;
      expect(failures).toEqual([]);
      const { leakRate, over } = scoreClip({ ...clip!, faces: clip!.faces! }, frames);
      return { leakRate, over, frames };
    };

    const published = await still(null);
    expect(published.recall).toBeGreaterThan(0.9);
    expect((await still('no-back')).recall).toBeLessThan(published.recall - 0.3);
    const bare = await still('no-margin');
    expect(bare.recall).toBeLessThan(published.recall - 0.3);
    expect(bare.over).toBeLessThan(published.over);

    const stepped = await play(null);
    expect(stepped.frames.length).toBeGreaterThan(FRAMES / 2);
    expect(stepped.leakRate).toBeLessThan(0.02);
    expect((await play('no-hold')).leakRate).toBeGreaterThan(stepped.leakRate);
    // The clock of the worker makes every run the same, whatever else the machine does.
    expect((await play(null)).frames).toEqual(stepped.frames);
  } finally {
    await harness.close();
    evaluated.remove();
    rmSync(data, { recursive: true, force: true });
  }
});

const box = (x: number, y: number, width: number, height: number): Area => ({ x, y, width, height });

test('shares of a box are exact, by one region and by all', () => {
  const face = box(10, 10, 20, 20);
  const halves = [box(0, 0, 20, 40), box(20, 0, 20, 40)];
  expect(shareInOne(face, halves)).toBe(0.5);
  expect(shareInUnion(face, halves)).toBe(1);
  expect(shareInUnion(face, [box(0, 0, 15, 15), box(0, 0, 15, 15)])).toBe(25 / 400);
  expect(shareInUnion(face, [])).toBe(0);
});

test('what is covered away from faces is counted, what is near them is not', () => {
  const size = { width: 256, height: 256 };
  expect(awayFromFaces(size, [], [box(0, 0, 128, 256)])).toMatchObject({ away: 65_536, covered: 32_768 });
  const face = box(100, 100, 50, 50);
  expect(awayFromFaces(size, [face], [box(90, 90, 70, 70)]).covered).toBe(0);
  expect(awayFromFaces(size, [face], [box(0, 0, 20, 20)])).toMatchObject({ away: 65_536 - 80 * 80, covered: 400 });
  // What the rest is covered for: a face, nothing (also what is so large that it is about something else), or a border.
  const regions = [box(60, 60, 140, 140), box(0, 0, 20, 20), { ...box(0, 236, 256, 20), trackId: null }];
  expect(awayFromFaces(size, [face], regions)).toMatchObject({ covered: 140 * 140 - 80 * 80 + 400 + 5120, for: { faces: 140 * 140 - 80 * 80, nothing: 400, border: 5120 } });
  expect(awayFromFaces(size, [face], [box(0, 0, 256, 256)])).toMatchObject({ for: { faces: 0, nothing: 65_536 - 80 * 80, border: 0 } });
});

test('a clip\'s score knows leaks, their length, the time to cover and switches', () => {
  const face = { id: 'a', ...box(100, 100, 40, 40), asked: true };
  const small = { id: 'b', ...box(10, 10, 12, 12), asked: true };
  const clip = { width: 320, height: 240, fps: 10, faces: Array.from({ length: 8 }, () => [face, small]) };
  const over = (trackId: number): Area & { trackId: number } => ({ trackId, ...box(90, 90, 60, 60) });
  const frames = [null, null, 1, 1, null, 2, 2].map((trackId, index) => ({ index, whole: null, regions: trackId === null ? [] : [over(trackId)] }));
  const score = scoreClip(clip, [...frames, { index: 7, whole: 'starting', regions: [] }]);
  expect(score).toMatchObject({ framesOut: 8, faceFrames: 8, leaks: 3, leakRate: 3 / 8, longestLeakFrames: 2, framesToCover: [2], neverCovered: 0, switches: 1, wholes: { starting: 1 } });
  // Faces below 24 px are in their band only.
  expect(score.bands['8-16']).toEqual({ faceFrames: 8, leaks: 7, leakRate: 7 / 8 });
  expect(score.overBesideWholes).toBe(0);
  expect(score.over).toBeCloseTo(1 / 8, 10);
  // The inner face is the middle 80 %: a region that holds just that is enough, one that lacks a tenth of it is not.
  const one = (region: Area): number => scoreClip(clip, [{ index: 0, whole: null, regions: [{ trackId: 1, ...region }] }]).leaks;
  expect(one(box(104, 104, 32, 32))).toBe(0);
  expect(one(box(104, 104, 29, 32))).toBe(1);
});

test('a reference face runs through weak sightings on both sides of the strong ones, and over gaps', () => {
  const seen = (frame: number, confidence: number): { box: Area; confidence: number; model: string }[] => ['back', 'full'].map((model) => ({ box: box(100 + frame, 50, 30, 30), confidence, model }));
  const frames = Array.from({ length: 20 }, (_, frame) => (frame === 7 || frame === 8 ? [] : seen(frame, frame >= 9 && frame <= 14 ? 0.8 : 0.25)));
  const [track, ...others] = linked(frames.map(joined), 10);
  expect(others).toEqual([]);
  expect(track!.boxes.map(([frame]) => frame)).toEqual(Array.from({ length: 20 }, (_, frame) => frame));
  expect(track!.boxes[7]).toEqual([7, 107, 50, 30, 30]);
  // Neither weak sightings alone nor those of one look make a face, however many.
  expect(linked(frames.map((_, frame) => joined(seen(frame, 0.4))), 10)).toEqual([]);
  expect(linked(frames.map((_, frame) => joined(seen(frame, 0.9).slice(1))), 10)).toEqual([]);
});

test('a sample is the same for the same seed', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  expect(sample(items, 10, 3)).toEqual(sample(items, 10, 3));
  expect(sample(items, 10, 3)).not.toEqual(sample(items, 10, 4));
  expect(sample(items, 10, 3)).toHaveLength(10);
  expect(sample(items, null, 3)).toEqual(items);
});
