import { describe, expect, test } from 'vitest';
import type { Detection, FaceTrack } from '../../core/faces.ts';
import { containment, type Box, type CameraMotion, type Point } from '../../core/geometry.ts';
import type { SearchedPart } from './face-life.ts';
import { createFaceTracker, type FaceTracker } from './face-tracker.ts';
import { MAX_OBSERVATIONS } from './observation.ts';

const display = { width: 1280, height: 720 };
const window = { x: 0, y: 0, ...display };
const short: SearchedPart = { model: 'short', window };
const FRAME_US = 40_000;

function face(x: number, y: number, side = 100, more: Partial<Detection> = {}): Detection {
  return { box: { x, y, width: side, height: side }, confidence: 0.8, keypoints: [], model: 'short', ...more };
}

function drive(holdMs = 1000): { tracker: FaceTracker; step: (detections: readonly Detection[], searched?: readonly SearchedPart[], cameraMotion?: CameraMotion) => FaceTrack[] } {
  const tracker = createFaceTracker({ holdMs, margin: 1.2 });
  let timestampUs = 0;
  return {
    tracker,
    step(detections, searched = [short], cameraMotion) {
      timestampUs += FRAME_US;
      return tracker.update({ detections, timestampUs, display, searched, cameraMotion: cameraMotion ?? null });
    },
  };
}

function times<T>(count: number, run: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => run(index));
}

describe('life of a face', () => {
  test('it is there at its first sighting and confirmed at the third', () => {
    const { step } = drive();
    const states = times(3, () => step([face(400, 300)])[0]?.state);
    expect(states).toEqual(['tentative', 'tentative', 'confirmed']);
  });

  test('one that is lost stays for holdMs, growing, and is gone then', () => {
    const { step } = drive(1000);
    times(5, () => step([face(400, 300)]));
    const gone = times(40, () => step([])[0]);
    const held = gone.filter((track) => track !== undefined);
    // From the first miss on: 1000 ms at 40 ms a frame.
    expect(held).toHaveLength(26);
    expect(held.every((track) => track.state === 'lost')).toBe(true);
    const spread = held.map((track) => track.uncertaintyPx);
    expect(spread.slice(1).every((px, i) => px >= (spread[i] ?? Infinity))).toBe(true);
    expect(spread.at(-1)).toBeGreaterThan(30);
    expect(spread.at(-1)).toBeLessThan(100);
  });

  test('one seen only once is held for a shorter time', () => {
    const { step } = drive(1000);
    step([face(400, 300)]);
    expect(times(40, () => step([]).length).filter((n) => n > 0)).toHaveLength(14);
  });

  test('one seen once and doubtfully is held for a tenth of the time, and its place does not spread as far', () => {
    const { step } = drive(1000);
    step([{ ...face(400, 300), confidence: 0.15 }]);
    const held = times(40, () => step([])[0]).filter((track) => track !== undefined);
    expect(held).toHaveLength(3);
    expect(held.at(-1)?.uncertaintyPx).toBeLessThan(15);
  });

  test('one that the camera moves past moves with it, seen or not', () => {
    const { step } = drive(1000);
    const pan = { scale: 1, shift: { x: -30, y: 4 } };
    times(5, (i) => step([face(700 - 30 * i, 300 + 4 * i)], [short], pan));
    const missing = times(5, () => step([], [short], pan)[0]);
    missing.forEach((track, i) => {
      const middle = { x: track!.box.x + track!.box.width / 2, y: track!.box.y + track!.box.height / 2 };
      expect(Math.abs(middle.x - (550 - 30 * i + 50))).toBeLessThan(10);
      expect(Math.abs(middle.y - (320 + 4 * i + 50))).toBeLessThan(10);
    });
  });

  test('one that the camera comes closer to grows', () => {
    const { step } = drive(1000);
    times(3, () => step([face(400, 300)]));
    const [before] = step([face(400, 300)]);
    const [after] = step([], [short], { scale: 1.2, shift: { x: 0, y: 0 } });
    expect(after!.box.width).toBeGreaterThan(1.15 * before!.box.width);
  });

  test('one that another scene does not show is held for a moment only, and nobody inherits its id', () => {
    const { tracker, step } = drive(1000);
    const old = times(5, () => step([face(400, 300)]))[4]?.[0];
    const nowUs = (old?.lastSeenUs ?? 0) + 33_333;
    const at = (i: number, detections: readonly Detection[]): FaceTrack[] =>
      tracker.update({ detections, timestampUs: nowUs + i * 33_333, display, searched: [short], cut: i === 0 });
    const shown = Array.from({ length: 12 }, (_, i) => at(i, [face(420, 310)]));
    expect(shown[0]).toHaveLength(2);
    expect(shown[0]?.map((track) => track.lastSeenUs === nowUs)).toEqual([false, true]);
    expect(shown[0]?.[1]?.trackId).not.toBe(old?.trackId);
    expect(shown[11]?.map((track) => track.trackId)).toEqual([shown[0]?.[1]?.trackId]);
  });

  test('one whose sighting may be that of a neighbour stays covered where it was', () => {
    const { step } = drive(1000);
    step([face(400, 300, 60)]);
    const next = step([face(480, 300, 60)]);
    const covers = (x: number): boolean => next.some(({ box }) => box.x <= x && box.x + box.width >= x + 60);
    expect(covers(400)).toBe(true);
    expect(covers(480)).toBe(true);
    expect(times(20, () => step([face(480, 300, 60)]))[19]).toHaveLength(1);
  });

  test('time that stands still starts afresh instead of keeping faces for ever', () => {
    const { tracker, step } = drive(1000);
    times(3, () => step([face(400, 300)]));
    const restarts = tracker.restarts;
    const frozen = { detections: [], timestampUs: 3 * FRAME_US, display, searched: [] };
    tracker.update(frozen);
    tracker.update(frozen);
    expect(tracker.restarts).toBeGreaterThan(restarts);
    expect(tracker.trusted).toBe(false);
  });

  test('one that is found again is confirmed under its old id', () => {
    const { step } = drive();
    const id = times(5, () => step([face(400, 300)]))[0]?.[0]?.trackId;
    times(10, () => step([]));
    expect(step([face(420, 300)])).toMatchObject([{ trackId: id, state: 'confirmed', uncertaintyPx: 0 }]);
  });

  test('ids are never used again, not even after a reset', () => {
    const { tracker, step } = drive(100);
    const ids = times(6, () => {
      const id = step([face(400, 300)])[0]?.trackId;
      times(20, () => step([]));
      tracker.reset();
      return id;
    });
    expect(new Set(ids).size).toBe(6);
  });

  test('one whose box left the picture is dropped sooner', () => {
    const { step } = drive(1000);
    for (let x = 300; x > -90; x -= 30) step([face(x, 300)]);
    expect(times(40, () => step([]).length).filter((n) => n > 0).length).toBeLessThan(12);
  });
});

describe('no look, or another look, is no evidence of absence', () => {
  test('without a look a face stays confirmed', () => {
    const { step } = drive();
    times(5, () => step([face(400, 300)]));
    const unseen = times(12, () => step([], [])[0]);
    expect(unseen.every((track) => track?.state === 'confirmed')).toBe(true);
  });

  test('a model that never saw the face says nothing about it', () => {
    const { step } = drive();
    times(5, () => step([face(400, 300, 30, { model: 'full' })], [{ model: 'full', window }]));
    expect(step([], [short])[0]?.state).toBe('confirmed');
    expect(step([], [{ model: 'full', window }])[0]?.state).toBe('lost');
  });

  test('a tile elsewhere says nothing about it', () => {
    const { step } = drive();
    const tile = (x: number): SearchedPart => ({ model: 'back', window: { x, y: 0, width: 640, height: 720 } });
    times(5, () => step([face(200, 300, 30, { model: 'back' })], [tile(0)]));
    expect(step([], [tile(640)])[0]?.state).toBe('confirmed');
    expect(step([], [tile(0)])[0]?.state).toBe('lost');
  });

  test('the hold time runs from the first miss, not from the last sighting', () => {
    const { step } = drive(400);
    times(5, () => step([face(400, 300)]));
    times(20, () => step([], []));
    expect(times(9, () => step([]).length)).toEqual(times(9, () => 1));
  });

  test('yet nobody is covered for ever where nobody looks', () => {
    const { step } = drive(400);
    times(5, () => step([face(400, 300)]));
    expect(times(50, () => step([], []).length).at(-1)).toBe(0);
  });
});

describe('association', () => {
  test('two detections never share a track', () => {
    const { step } = drive();
    times(3, () => step([face(400, 300)]));
    const tracks = step([face(400, 300), face(460, 300)]);
    expect(new Set(tracks.map((track) => track.trackId)).size).toBe(2);
  });

  test('duplicates of one face are one track that holds them all', () => {
    const { step } = drive();
    const copies = [face(400, 300), face(408, 295, 100, { model: 'full' }), face(395, 305, 110, { model: 'back' })];
    const tracks = times(5, () => step(copies)).at(-1) ?? [];
    expect(tracks).toHaveLength(1);
    expect(copies.map((copy) => containment(copy.box, tracks[0]?.box ?? window))).toEqual([1, 1, 1]);
  });

  test('two models that take turns and frame a face differently are one calm track', () => {
    const { step } = drive();
    const seen = times(40, () => 0).map((_, i) => {
      const [box, model] = i % 2 === 0 ? [face(400, 300).box, 'back'] : [face(380, 280, 118).box, 'full'];
      return step([{ ...face(0, 0), box, model }], [{ model, window }]);
    });
    expect(new Set(seen.flat().map((track) => track.trackId)).size).toBe(1);
    expect(Math.max(...seen.slice(10).map(([track]) => Math.hypot(track?.velocity.x ?? NaN, track?.velocity.y ?? NaN)))).toBeLessThan(60);
  });

  test('what two models see in one frame a little apart is one face, held entirely', () => {
    const { step } = drive();
    const pair = [face(717, 80, 102, { model: 'full' }), face(747, 100, 92, { model: 'back' })];
    const tracks = step(pair);
    expect(tracks).toHaveLength(1);
    expect(pair.map(({ box }) => containment(box, tracks[0]?.box ?? window))).toEqual([1, 1]);
  });

  test('two tracks of one face that are seen by turns become one', () => {
    const { step } = drive();
    // Apart at first, then two detections of one model on the same spot by turns.
    times(4, () => step([face(400, 300), face(470, 300)]));
    const counts = times(40, () => 0).map((_, i) => step([face(i % 2 === 0 ? 425 : 445, 300)]).length);
    expect(counts.at(-1)).toBe(1);
  });

  test('a box of quite another size is another face', () => {
    const { step } = drive();
    times(3, () => step([face(400, 300, 60)]));
    expect(step([face(350, 250, 200)])).toHaveLength(2);
  });

  test('a ghost that lies on a seen face merges with it', () => {
    const { step } = drive(5000);
    times(5, () => step([face(400, 300), face(530, 300)]));
    // The second face vanishes, the first one stops where the second was.
    for (let x = 420; x <= 530; x += 10) step([face(x, 300)]);
    const counts = times(30, () => step([face(530, 300)]).length);
    expect(counts[0]).toBe(2);
    expect(counts.at(-1)).toBe(1);
  });
});

describe('the box', () => {
  test('holds the detection of this very frame, whatever came before', () => {
    const { step } = drive();
    let x = 100;
    for (const dx of [0, 3, 60, 60, 5, -80, 0, 0, 200, -10, 44]) {
      x += dx;
      const seen = face(x, 300, 100 + (dx % 7) * 5);
      const tracks = step([seen]);
      expect(tracks.some((track) => containment(seen.box, track.box) > 1 - 1e-9)).toBe(true);
    }
  });

  test('of a tilted head reaches to where the crown is', () => {
    // A head that lies on its side: mouth to the left, crown to the right.
    const keypoints: Point[] = [
      { x: 465, y: 335 },
      { x: 465, y: 365 },
      { x: 445, y: 350 },
      { x: 420, y: 350 },
    ];
    const upright = drive().step([face(400, 300)])[0]?.box;
    const lying = drive().step([face(400, 300, 100, { keypoints })])[0]?.box;
    expect((lying?.x ?? 0) + (lying?.width ?? 0)).toBeGreaterThanOrEqual((upright?.x ?? 0) + (upright?.width ?? 0) + 30);
  });
});

describe('trust', () => {
  test('begins with a look at the whole picture', () => {
    const { tracker, step } = drive();
    expect(tracker.trusted).toBe(false);
    step([], []);
    expect(tracker.trusted).toBe(false);
    step([face(400, 300)], [{ model: 'back', window: { x: 0, y: 0, width: 700, height: 720 } }]);
    expect(tracker.trusted).toBe(false);
    step([], [short]);
    expect(tracker.trusted).toBe(true);
    step([], []);
    expect(tracker.trusted).toBe(true);
  });

  test.each<[string, number, { width: number; height: number }]>([
    ['time runs backwards', 999_999, display],
    ['time leaps far ahead', 3_100_000, display],
    ['the picture turns', 1_040_000, { width: 720, height: 1280 }],
    ['the time is not a number', NaN, display],
    ['the picture has no size', 1_040_000, { width: 0, height: 0 }],
  ])('ends, and all is forgotten, when %s', (_, timestampUs, size) => {
    const tracker = createFaceTracker({ holdMs: 1000, margin: 1.2 });
    const base = { detections: [face(400, 300)], display, searched: [short] };
    tracker.update({ ...base, timestampUs: 1_000_000 });
    expect(tracker.trusted).toBe(true);
    expect(tracker.update({ timestampUs, display: size, detections: [], searched: [] })).toEqual([]);
    expect(tracker.trusted).toBe(false);
    expect(tracker.restarts).toBe(1);
  });

  test('a frame that comes after a leap with a look at the whole of it is trusted at once', () => {
    const tracker = createFaceTracker({ holdMs: 1000, margin: 1.2 });
    tracker.update({ detections: [], timestampUs: 1e6, display, searched: [short] });
    expect(tracker.update({ detections: [face(5, 5)], timestampUs: 9e6, display, searched: [short] })).toHaveLength(1);
    expect(tracker.trusted).toBe(true);
  });

  test.each<[string, Box]>([
    ['NaN', { x: NaN, y: 0, width: 10, height: 10 }],
    ['an infinite width', { x: 0, y: 0, width: Infinity, height: 10 }],
    ['a negative height', { x: 0, y: 0, width: 10, height: -10 }],
  ])('ends with a detection that cannot be placed (%s), until the next clean look', (_, box) => {
    const { tracker, step } = drive();
    step([]);
    step([{ ...face(0, 0), box }]);
    expect(tracker.trusted).toBe(false);
    step([], []);
    expect(tracker.trusted).toBe(false);
    step([]);
    expect(tracker.trusted).toBe(true);
  });

  test('more faces than can be followed end it, too', () => {
    const { tracker, step } = drive();
    const crowd = (faces: number) => times(faces, () => 0).map((_, i) => face(4 * (i % 300), 8 + 8 * Math.floor(i / 300), 3));
    expect(step(crowd(MAX_OBSERVATIONS))).toHaveLength(MAX_OBSERVATIONS);
    expect(tracker.trusted).toBe(true);
    step(crowd(MAX_OBSERVATIONS + 1));
    expect(tracker.trusted).toBe(false);
  });

  test('huge, tiny and outlying boxes are taken in without harm', () => {
    const { tracker, step } = drive();
    const tracks = step([face(-1e8, -1e8, 2.1e8), face(500, 500, 1e-9), face(5000, 5000), face(-50, 300)]);
    expect(tracks).toHaveLength(3);
    for (const track of [...tracks, ...step([])]) {
      const numbers = [track.box.x, track.box.y, track.box.width, track.box.height, track.velocity.x, track.velocity.y, track.uncertaintyPx];
      expect(numbers.every((n) => Number.isFinite(n) && Math.abs(n) < 1e5)).toBe(true);
    }
    expect(tracker.trusted).toBe(true);
  });
});

function mulberry(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test.each([71, 72, 73])('any detection is covered in its own frame, and numbers stay finite (seed %i, 1500 frames)', (seed) => {
  const random = mulberry(seed);
  const tracker = createFaceTracker({ holdMs: 300, margin: 1.2 });
  let timestampUs = 0;
  for (let frame = 0; frame < 1500; frame++) {
    timestampUs += random() < 0.05 ? 0 : Math.floor(random() * 100_000);
    const detections = times(Math.floor(random() * 6), () => face((random() - 0.1) * 1500, (random() - 0.1) * 900, 2 + random() ** 3 * 600));
    const tracks = tracker.update({ detections, timestampUs, display, searched: random() < 0.5 ? [short] : [] });
    for (const track of tracks) {
      const numbers = [track.box.x, track.box.y, track.box.width, track.box.height, track.velocity.x, track.velocity.y, track.uncertaintyPx];
      expect(numbers.every((n) => Number.isFinite(n))).toBe(true);
      expect(track.box.width > 0 && track.box.height > 0 && track.uncertaintyPx >= 0).toBe(true);
    }
    for (const { box } of detections) {
      const visible = { x: Math.max(0, box.x), y: Math.max(0, box.y) };
      const seen = { ...visible, width: Math.min(1280, box.x + box.width) - visible.x, height: Math.min(720, box.y + box.height) - visible.y };
      if (seen.width <= 0 || seen.height <= 0) continue;
      expect(tracks.some((track) => containment(seen, track.box) > 1 - 1e-9)).toBe(true);
    }
    const ids = tracks.map((track) => track.trackId);
    expect(new Set(ids).size).toBe(ids.length);
  }
});
