import { describe, expect, test } from 'vitest';
import type { FaceTrack } from '../core/faces.ts';
import { containment, type Box } from '../core/geometry.ts';
import { createLookAhead, type TrackedFrame } from './look-ahead.ts';

const display = { width: 1280, height: 720 };
const FRAME_US = 40_000;

function track(frame: number, box: Box, more: Partial<FaceTrack> = {}): FaceTrack {
  return { trackId: 1, state: 'confirmed', box, velocity: { x: 0, y: 0 }, confidence: 0.8, lastSeenUs: frame * FRAME_US, uncertaintyPx: 0, ...more };
}

function frame(number: number, tracks: readonly FaceTrack[] = [], size = display): TrackedFrame<string> {
  return { item: `frame ${number}`, timestampUs: number * FRAME_US, display: size, tracks };
}

const box: Box = { x: 600, y: 300, width: 100, height: 100 };

function shifted(by: number): Box {
  return { ...box, x: box.x + by };
}

describe('holding back', () => {
  test('a delay of 0 hands each frame straight through', () => {
    const lookAhead = createLookAhead<string>(0);
    const given = frame(0, [track(0, box)]);
    expect(lookAhead.push(given)).toEqual([given]);
    expect(lookAhead.held).toBe(0);
    expect(lookAhead.flush()).toEqual([]);
  });

  test('each item comes back exactly once, in order', () => {
    const lookAhead = createLookAhead<string>(3);
    const out = [0, 1, 2, 3, 4, 5].flatMap((n) => lookAhead.push(frame(n)));
    expect(lookAhead.held).toBe(3);
    const rest = lookAhead.flush();
    expect([...out, ...rest].map(({ item }) => item)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `frame ${n}`));
    expect(lookAhead.held).toBe(0);
    expect(lookAhead.clear()).toEqual([]);
  });

  test('clear hands back what is held, to be closed', () => {
    const lookAhead = createLookAhead<string>(3);
    for (const n of [0, 1]) lookAhead.push(frame(n));
    expect(lookAhead.clear()).toEqual(['frame 0', 'frame 1']);
    expect(lookAhead.held).toBe(0);
  });

  test.each([-1, 1.5, NaN, Infinity])('a delay of %s is a TypeError', (delayFrames) => {
    expect(() => createLookAhead(delayFrames)).toThrow(TypeError);
  });
});

describe('a face that first appears', () => {
  test('is covered in all frames held, less and less surely', () => {
    const lookAhead = createLookAhead<string>(3);
    for (const n of [0, 1, 2]) lookAhead.push(frame(n));
    const out = [...lookAhead.push(frame(3, [track(3, box)])), ...lookAhead.flush()];
    expect(out.map(({ tracks }) => tracks.map(({ trackId }) => trackId))).toEqual([[1], [1], [1], [1]]);
    expect(out.map(({ tracks }) => containment(box, tracks[0]?.box ?? { ...box, width: 0 }))).toEqual([1, 1, 1, 1]);
    const spread = out.map(({ tracks }) => tracks[0]?.uncertaintyPx ?? NaN);
    expect(spread[3]).toBe(0);
    expect((spread[0] ?? 0) > (spread[1] ?? 0) && (spread[1] ?? 0) > (spread[2] ?? 0) && (spread[2] ?? 0) > 0).toBe(true);
  });

  test('is covered where its velocity, known a frame later, says it was', () => {
    const lookAhead = createLookAhead<string>(4);
    for (const n of [0, 1, 2]) lookAhead.push(frame(n));
    lookAhead.push(frame(3, [track(3, box)]));
    const velocity = { x: 1500, y: 0 }; // 60 px per frame
    const out = [...lookAhead.push(frame(4, [track(4, shifted(60), { velocity })])), ...lookAhead.flush()];
    expect(out.map(({ tracks }, n) => containment(shifted(60 * (n - 3)), tracks[0]?.box ?? box))).toEqual([1, 1, 1, 1, 1]);
  });

  test('near an edge is covered out to the edge', () => {
    const lookAhead = createLookAhead<string>(2);
    for (const n of [0, 1]) lookAhead.push(frame(n));
    const [oldest] = lookAhead.push(frame(2, [track(2, { x: 1130, y: 300, width: 100, height: 100 })]));
    const covered = oldest?.tracks[0]?.box;
    expect((covered?.x ?? 0) + (covered?.width ?? 0)).toBe(1280);
  });

  test('is not carried into frames of another size', () => {
    const lookAhead = createLookAhead<string>(2);
    lookAhead.push(frame(0, [], { width: 640, height: 360 }));
    lookAhead.push(frame(1));
    const out = [...lookAhead.push(frame(2, [track(2, box)])), ...lookAhead.flush()];
    expect(out.map(({ tracks }) => tracks.length)).toEqual([0, 1, 1]);
  });
});

describe('a lost face that is found again', () => {
  test('is covered on the straight line between, as well as where it was thought to be', () => {
    const lookAhead = createLookAhead<string>(4);
    lookAhead.push(frame(0, [track(0, box)]));
    for (const n of [1, 2, 3]) lookAhead.push(frame(n, [track(0, box, { state: 'lost', uncertaintyPx: 10 })]));
    const out = [...lookAhead.push(frame(4, [track(4, shifted(200))])), ...lookAhead.flush()];
    for (const n of [1, 2, 3]) {
      const covered = out[n]?.tracks[0];
      expect(containment(shifted(50 * n), covered?.box ?? box)).toBe(1);
      expect(containment(box, covered?.box ?? shifted(200))).toBe(1);
      expect(covered?.uncertaintyPx).toBe(10);
    }
    expect(out[0]?.tracks[0]?.box).toEqual(box);
    expect(out[4]?.tracks[0]?.box).toEqual(shifted(200));
  });

  test('of which the last sighting is out already is covered in what is still held', () => {
    const lookAhead = createLookAhead<string>(2);
    lookAhead.push(frame(0, [track(0, box)]));
    for (const n of [1, 2, 3]) lookAhead.push(frame(n, [track(0, box, { state: 'lost' })]));
    const out = [...lookAhead.push(frame(4, [track(4, shifted(200))])), ...lookAhead.flush()];
    expect(out.map(({ item }) => item)).toEqual(['frame 2', 'frame 3', 'frame 4']);
    expect(containment(shifted(100), out[0]?.tracks[0]?.box ?? box)).toBe(1);
  });
});

test('the tracks of a frame that nothing new was learnt about stay as they were', () => {
  const lookAhead = createLookAhead<string>(1);
  const tracks = [track(0, box), track(0, shifted(300), { trackId: 2 })];
  lookAhead.push(frame(0, tracks));
  expect(lookAhead.push(frame(1, [track(1, shifted(5)), track(1, shifted(305), { trackId: 2 })]))).toEqual([frame(0, tracks)]);
});
