import { describe, expect, test } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { iou, type Box, type CameraMotion, type Point } from '../../core/geometry.ts';
import { createFaceTracker } from './face-tracker.ts';
import { CROSSING_DISTANCE, type TrackEvidence } from './track-evidence.ts';

const display = { width: 1280, height: 720 };
const whole = { model: 'short', window: { x: 0, y: 0, ...display } };
const FRAME_US = 33_333;

function face(x: number, y: number, side = 100, more: Partial<Detection> = {}): Detection {
  return { box: { x: x - side / 2, y: y - side / 2, width: side, height: side }, confidence: 0.8, keypoints: [], model: 'short', ...more };
}

const sixPoints = (at: number): Point[] => Array.from({ length: 6 }, (_, i) => ({ x: at + i, y: at }));

/** A tracker with the first of these faces claimed: seen for so long that it is confirmed. */
function claimed(...first: readonly Detection[]) {
  const tracker = createFaceTracker({ holdMs: 1000, margin: 1.2 });
  let timestampUs = 0;
  let trackId = 0;
  const step = (detections: readonly Detection[], more: { looked?: boolean; afterUs?: number; cut?: boolean; cameraMotion?: CameraMotion } = {}): TrackEvidence => {
    const { looked = true, afterUs = FRAME_US, cut = false, cameraMotion = null } = more;
    timestampUs += afterUs;
    const tracks = tracker.update({ detections, timestampUs, display, searched: looked ? [whole] : [], cut, cameraMotion });
    if (trackId === 0) trackId = tracks[0]?.trackId ?? 0;
    return tracker.evidenceOf(trackId);
  };
  for (let frame = 0; frame < 6; frame++) step(first);
  return { step, tracker };
}

describe('a face that stands alone', () => {
  test('is seen and free of doubt, with the keypoints of this very frame', () => {
    const { step } = claimed(face(400, 300), face(900, 300));
    const evidence = step([face(402, 300, 100, { keypoints: sixPoints(380), confidence: 0.7 })]);
    expect(evidence).toMatchObject({ doubt: null, sighting: { confidence: 0.7, keypoints: sixPoints(380), box: { x: 352, y: 250, width: 100, height: 100 } } });
  });

  test('has no sighting, and no doubt yet, in a frame that nobody looked at', () => {
    const { step } = claimed(face(400, 300));
    expect(step([], { looked: false })).toEqual({ sighting: null, doubt: null });
    expect(step([face(400, 300)]).doubt).toBeNull();
  });

  test('has the keypoints of the surest detection that has six finite ones', () => {
    const { step } = claimed(face(400, 300));
    const broken = [...sixPoints(1).slice(0, 5), { x: Number.NaN, y: 1 }];
    const evidence = step([
      face(400, 300, 100, { confidence: 0.9, model: 'back', keypoints: broken }),
      face(402, 300, 100, { confidence: 0.8, model: 'full', keypoints: sixPoints(380) }),
      face(404, 300, 100, { confidence: 0.7, model: 'short', keypoints: sixPoints(400) }),
    ]);
    expect(evidence.sighting).toMatchObject({ confidence: 0.9, keypoints: sixPoints(380) });
    expect(step([face(400, 300, 100, { keypoints: broken })]).sighting?.keypoints).toEqual([]);
  });

  test('stays free of doubt where it walks, where the camera pans, and where others keep their distance', () => {
    const { step } = claimed(face(300, 300), face(600, 300));
    for (let frame = 1; frame <= 20; frame++) expect(step([face(300 + 12 * frame, 300), face(600 + 12 * frame, 300)]).doubt).toBeNull();
    const cameraMotion = { scale: 1, shift: { x: -30, y: 0 } };
    for (let frame = 1; frame <= 10; frame++) expect(step([face(540 - 30 * frame, 300), face(840 - 30 * frame, 300)], { cameraMotion }).doubt).toBeNull();
  });

  test('is none of our business when it is of another id', () => {
    const { tracker } = claimed(face(400, 300));
    expect(tracker.evidenceOf(99)).toEqual({ sighting: null, doubt: 'face-lost' });
  });
});

describe('doubt [TAF-5.3d]', () => {
  test('face-lost: a look that should have seen it did not', () => {
    const { step } = claimed(face(400, 300));
    expect(step([])).toEqual({ sighting: null, doubt: 'face-lost' });
  });

  test('face-lost: nobody looked for a second', () => {
    const { step } = claimed(face(400, 300));
    const doubts = Array.from({ length: 32 }, () => step([], { looked: false }).doubt);
    expect(doubts.slice(0, 30).every((doubt) => doubt === null)).toBe(true);
    expect(doubts.at(-1)).toBe('face-lost');
  });

  test('face-lost: it is seen again after more than a second without frames', () => {
    const { step } = claimed(face(400, 300));
    expect(step([face(400, 300)], { afterUs: 1_100_000 })).toMatchObject({ sighting: {}, doubt: 'face-lost' });
  });

  test('face-lost: the scene is cut', () => {
    const { step } = claimed(face(400, 300));
    expect(step([face(400, 300)], { cut: true })).toEqual({ sighting: null, doubt: 'face-lost' });
  });

  test.each<[string, (step: ReturnType<typeof claimed>) => void]>([
    ['time ran backwards', ({ step }) => step([face(400, 300)], { afterUs: -FRAME_US })],
    ['time stood still', ({ step }) => step([face(400, 300)], { afterUs: 0 })],
    ['time leapt', ({ step }) => step([face(400, 300)], { afterUs: 3_000_000 })],
    ['the tracker was reset', ({ tracker }) => { tracker.reset(); }],
  ])('face-lost, and one restart more: %s', (_, happen) => {
    const live = claimed(face(400, 300));
    const before = live.tracker.restarts;
    happen(live);
    expect(live.tracker.restarts).toBe(before + 1);
    expect(live.step([face(400, 300)])).toEqual({ sighting: null, doubt: 'face-lost' });
  });

  test('faces-crossed: another confirmed face comes as near as touching', () => {
    const { step } = claimed(face(400, 300), face(700, 300));
    const near = (apart: number): TrackEvidence => step([face(400, 300), face(400 + apart, 300)]);
    let apart = 300;
    for (; apart > 125; apart -= 8) expect(near(apart).doubt).toBeNull();
    for (let frame = 0; frame < 10; frame++) expect(near(125).doubt).toBeNull();
    for (let frame = 0; frame < 10; frame++) near(90);
    expect(near(90)).toMatchObject({ sighting: {}, doubt: 'faces-crossed' });
  });

  test('faces-crossed: another face was lost beside it and may be in its place', () => {
    const { step } = claimed(face(400, 300), face(560, 300));
    for (let x = 560; x >= 530; x -= 10) step([face(400, 300), face(x, 300)]);
    const doubts = Array.from({ length: 8 }, () => step([face(400, 300)]).doubt);
    expect(doubts).toContain('faces-crossed');
  });

  test('faces-crossed: two sightings in one frame, either of which may be the face', () => {
    const { step } = claimed(face(400, 300));
    // Neither where it was; one might be a newcomer.
    expect(step([face(372, 300), face(438, 300)]).doubt).toBe('faces-crossed');
  });

  test('not faces-crossed: a face of quite another size behind it', () => {
    const { step } = claimed(face(400, 300, 200), face(500, 220, 40));
    expect(step([face(400, 300, 200), face(500, 220, 40)]).doubt).toBeNull();
  });

  test('not faces-crossed: something beside it that was never seen with any confidence', () => {
    const beside = (confidence: number): Detection => face(495, 300, 100, { confidence });
    const { step } = claimed(face(400, 300), beside(0.2));
    expect(step([face(400, 300), beside(0.25)]).doubt).toBeNull();
    expect(step([face(400, 300), beside(0.4)]).doubt).toBe('faces-crossed');
  });

  test('doubtful-motion: the sighting is not where the face should be', () => {
    const { step } = claimed(face(400, 300));
    expect(step([face(470, 300)])).toMatchObject({ sighting: {}, doubt: 'doubtful-motion' });
  });

  test('faces-merged: two tracks turned out to be one face', () => {
    const { step } = claimed(face(400, 300), face(470, 300));
    const doubts = Array.from({ length: 40 }, (_, i) => step([face(i % 2 === 0 ? 425 : 445, 300)]).doubt);
    expect(doubts).toContain('faces-merged');
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

/**
 * Two faces meet, pass or turn back, at 5 to 30 frames a second, with noise, misses and the nearer one hidden; the first is claimed.
 * Answers whether its track took a sighting of the other, how near they had come by then, and the first doubt up to that frame.
 */
function meet(seed: number): { switched: boolean; nearest: number; doubt: string | null } {
  const random = mulberry(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const fps = [30, 30, 15, 8, 5][Math.floor(random() * 5)] ?? 30;
  const lookEvery = fps >= 15 ? 1 + Math.floor(random() * 3) : 1;
  const jitter = 0.02 + 0.06 * random();
  const sides = [60 + 120 * random()];
  sides.push(sides[0]! * (0.6 + 0.8 * random()));
  const mean = (sides[0]! + sides[1]!) / 2;
  const missed = 0.15 * random();
  const passAt = 2 * mean * random();
  const turnsBack = random() < 0.4;
  const speed = (0.5 + 3.5 * random()) * mean;
  const angle = 2 * Math.PI * random();
  const tracker = createFaceTracker({ holdMs: 1000, margin: 1.2 });
  let trackId: number | null = null;
  let doubt: string | null = null;
  let nearest = Infinity;
  for (let frame = 0; frame < ((6 * mean) / speed + 1) * fps; frame++) {
    const way = -3 * mean + (speed * frame) / fps;
    const along = turnsBack ? -Math.abs(way) : way;
    const half = { x: (Math.cos(angle) * along - Math.sin(angle) * passAt) / 2, y: (Math.sin(angle) * along + Math.cos(angle) * passAt) / 2 };
    nearest = Math.min(nearest, Math.hypot(along, passAt) / mean);
    const boxes = sides.map<Box>((side, i) => {
      const grown = normal() * jitter * side;
      const centre = { x: 640 + (i === 0 ? half.x : -half.x), y: 360 + (i === 0 ? half.y : -half.y) };
      return { x: centre.x - (side + grown) / 2 + normal() * jitter * side, y: centre.y - (side + grown) / 2 + normal() * jitter * side, width: side + grown, height: side + grown };
    });
    const looked = frame % lookEvery === 0;
    let seen = boxes.filter(() => looked && random() > missed);
    if (seen.length === 2 && iou(boxes[0]!, boxes[1]!) > 0.1 + 0.2 * random()) seen = [seen[random() < 0.5 ? 0 : 1]!];
    const detections = seen.map((box) => ({ box, confidence: 0.7 + 0.2 * random(), keypoints: [], model: 'short' }));
    const tracks = tracker.update({ detections, timestampUs: Math.round((frame / fps) * 1e6), display, searched: looked ? [whole] : [] });
    if (trackId === null) {
      const own = tracks.find((track) => track.state === 'confirmed' && iou(track.box, boxes[0]!) > 0.4);
      if (own !== undefined && nearest > 1.3 && tracker.evidenceOf(own.trackId).doubt === null) trackId = own.trackId;
      continue;
    }
    const evidence = tracker.evidenceOf(trackId);
    doubt ??= evidence.doubt;
    if (evidence.sighting !== null && evidence.sighting.box.x === boxes[1]!.x && evidence.sighting.box.width === boxes[1]!.width) return { switched: true, nearest, doubt };
  }
  return { switched: false, nearest, doubt };
}

describe('faces that meet', () => {
  // Of seeds 1 to 20,000 the track goes over to the other face in 1,645, from 0.94 mean face sizes on; never without a doubt in that frame or before.
  test('a claimed track that goes over to the other face is in doubt by then (seeds 1 to 1500)', () => {
    const switched = Array.from({ length: 1500 }, (_, i) => meet(i + 1)).filter((scene) => scene.switched);
    expect(switched.length).toBeGreaterThan(50);
    expect(switched.filter(({ doubt }) => doubt === null)).toEqual([]);
    expect(Math.max(...switched.map(({ nearest }) => nearest))).toBeLessThan(CROSSING_DISTANCE);
  });
});
