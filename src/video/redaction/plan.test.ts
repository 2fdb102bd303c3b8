import { describe, expect, test } from 'vitest';
import type { FaceTrack } from '../../core/faces.ts';
import { containment, type Box } from '../../core/geometry.ts';
import type { RedactionPlan, RedactionRegion } from '../../core/redaction.ts';
import { DEFAULT_MARGIN, planRedaction, type PlanInput } from './plan.ts';

const display = { width: 1280, height: 720 };
const healthy = { healthy: true, steady: true, oldestWholeLookAgeMs: 10, settled: true, newBorder: [] };

function track(change: Partial<FaceTrack> = {}): FaceTrack {
  return {
    trackId: 1,
    state: 'confirmed',
    box: { x: 500, y: 300, width: 100, height: 100 },
    velocity: { x: 0, y: 0 },
    confidence: 0.9,
    lastSeenUs: 0,
    uncertaintyPx: 0,
    ...change,
  };
}

function input(change: Partial<PlanInput> = {}): PlanInput {
  return {
    tracks: [track()],
    tracksTrusted: true,
    detection: healthy,
    display,
    policy: { maxAgeMs: 250, margin: DEFAULT_MARGIN },
    paused: false,
    ...change,
  };
}

function regions(plan: RedactionPlan): readonly RedactionRegion[] {
  if (plan.kind === 'whole') throw new Error(`whole: ${plan.reason}`);
  return plan.regions;
}

function regionOf(change: Partial<FaceTrack>, more: Partial<PlanInput> = {}): Box {
  const region = regions(planRedaction(input({ tracks: [track(change)], ...more })))[0];
  if (region === undefined) throw new Error('no region');
  return region.box;
}

describe('the whole frame is covered', () => {
  test.each<[string, Partial<PlanInput>]>([
    ['starting', { detection: null }],
    ['no-detection', { detection: { ...healthy, oldestWholeLookAgeMs: Infinity } }],
    ['detection-stale', { detection: { ...healthy, oldestWholeLookAgeMs: 250.01 } }],
    ['detection-stale', { detection: { ...healthy, oldestWholeLookAgeMs: NaN } }],
    ['detection-stale', { detection: { ...healthy, oldestWholeLookAgeMs: -1 } }],
    ['detection-stale', { policy: { maxAgeMs: NaN, margin: 1.2 } }],
    ['detector-unhealthy', { detection: { ...healthy, healthy: false } }],
    ['changing-fast', { detection: { ...healthy, steady: false } }],
    ['settling', { detection: { ...healthy, settled: false } }],
    ['paused', { paused: true }],
    ['paused', { paused: true, detection: null, tracks: [] }],
    ['invalid-tracks', { tracksTrusted: false }],
    ['invalid-tracks', { tracksTrusted: false, tracks: [] }],
    ['invalid-tracks', { policy: { maxAgeMs: 250, margin: 0.99 } }],
    ['invalid-tracks', { policy: { maxAgeMs: 250, margin: NaN } }],
    ['invalid-tracks', { policy: { maxAgeMs: 250, margin: Number.MAX_VALUE } }],
    ['invalid-tracks', { display: { width: 0, height: 720 } }],
    ['invalid-tracks', { display: { width: NaN, height: 720 } }],
    ['invalid-tracks', { tracks: [track(), track({ uncertaintyPx: NaN })] }],
    ['invalid-tracks', { tracks: [track({ uncertaintyPx: -1 })] }],
    ['invalid-tracks', { tracks: [track({ velocity: { x: Infinity, y: 0 } })] }],
    ['invalid-tracks', { tracks: [track({ box: { x: 0, y: 0, width: -5, height: 5 } })] }],
    ['invalid-tracks', { tracks: [track({ box: { x: 1e300, y: 0, width: 5, height: 5 } })] }],
    ['invalid-tracks', { tracks: [track({ trackId: NaN })] }],
  ])('%s: %j', (reason, change) => {
    expect(planRedaction(input(change))).toEqual({ kind: 'whole', reason });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['no tracks', { ...input(), tracks: undefined }],
    ['a string for tracks', { ...input(), tracks: 'faces' }],
    ['a hole among the tracks', { ...input(), tracks: [track(), undefined] }],
    ['no policy', { ...input(), policy: null }],
    ['no display', { ...input(), display: null }],
    ['detection undefined', { ...input(), detection: undefined }],
    ['a truthy string for healthy', { ...input(), detection: { ...healthy, healthy: 'no' } }],
    ['text for a number', { ...input(), tracks: [{ ...track(), box: { x: '5', y: 5, width: 5, height: 5 } }] }],
    ['paused unknown', { ...input(), paused: undefined }],
    [
      'a getter that throws',
      {
        ...input(),
        get tracks(): never {
          throw new Error('gone');
        },
      },
    ],
  ])('also when it is given %s', (_, given) => {
    expect(planRedaction(given as PlanInput).kind).toBe('whole');
  });
});

describe('a region', () => {
  test('holds the head around the face: hair, chin and ears, and not much more', () => {
    const region = regionOf({});
    const head = { x: 482, y: 275, width: 136, height: 142 };
    expect(containment(head, region)).toBe(1);
    expect(region.width / 100).toBeGreaterThan(1.4);
    expect(region.width / 100).toBeLessThan(1.5);
    expect(region.height / 100).toBeGreaterThan(1.45);
    expect(region.height / 100).toBeLessThan(1.55);
    const above = 300 - region.y;
    const below = region.y + region.height - 400;
    expect(above).toBeGreaterThan(1.2 * below);
  });

  test('covers what the camera has just brought in, clipped to the picture', () => {
    const strip = { x: 1200, y: -5, width: 100, height: 800 };
    const plan = planRedaction(input({ tracks: [], detection: { ...healthy, newBorder: [strip] } }));
    expect(regions(plan)).toEqual([{ box: { x: 1200, y: 0, width: 80, height: 720 }, trackId: null }]);
    const odd = planRedaction(input({ tracks: [], detection: { ...healthy, newBorder: [{ ...strip, x: Number.NaN }] } }));
    expect(odd).toEqual({ kind: 'whole', reason: 'invalid-tracks' });
  });

  test('what people marked is covered besides, within the picture; a mark that is none covers everything', () => {
    const mark = { x: 1200, y: -50, width: 500, height: 100 };
    const plan = regions(planRedaction(input({ fixed: [mark, { x: 5000, y: 0, width: 10, height: 10 }] })));
    expect(plan.filter(({ trackId }) => trackId === null)).toEqual([{ box: { x: 1200, y: 0, width: 80, height: 50 }, trackId: null }]);
    expect(plan).toHaveLength(2);
    expect(planRedaction(input({ fixed: [{ ...mark, width: Number.NaN }] }))).toEqual({ kind: 'whole', reason: 'invalid-tracks' });
    expect(planRedaction(input({ fixed: null as never }))).toEqual({ kind: 'whole', reason: 'invalid-tracks' });
  });

  test('grows by the uncertainty on each side', () => {
    const still = regionOf({});
    const unsure = regionOf({ uncertaintyPx: 30 });
    expect(unsure.x).toBeCloseTo(still.x - 30);
    expect(unsure.width).toBeCloseTo(still.width + 60);
    expect(unsure.height).toBeCloseTo(still.height + 60);
  });

  test('grows along the motion, for the smear of the shutter', () => {
    const still = regionOf({});
    const fast = regionOf({ velocity: { x: -1800, y: 0 } });
    expect(fast.width - still.width).toBeCloseTo(108);
    expect(fast.height).toBeCloseTo(still.height);
  });

  test('of a face near an edge reaches the edge', () => {
    const region = regionOf({ box: { x: 28, y: 34, width: 100, height: 100 } });
    expect(region.x).toBe(0);
    expect(region.y).toBe(0);
    const corner = regionOf({ box: { x: 1152, y: 592, width: 100, height: 100 } });
    expect(corner.x + corner.width).toBe(1280);
    expect(corner.y + corner.height).toBe(720);
    const farther = regionOf({ box: { x: 34, y: 40, width: 100, height: 100 } });
    expect(farther.x).toBeGreaterThan(0);
    expect(farther.y).toBeGreaterThan(0);
  });

  test('of a face partly outside stays in the picture', () => {
    const region = regionOf({ box: { x: -60, y: 300, width: 100, height: 100 } });
    expect(region.x).toBe(0);
    expect(region.x + region.width).toBeGreaterThan(40);
  });

  test('of a tiny face has a smallest size', () => {
    const region = regionOf({ box: { x: 500, y: 300, width: 2, height: 3 } });
    expect(region.width).toBeGreaterThanOrEqual(24);
    expect(region.height).toBeGreaterThanOrEqual(24);
  });

  test('is not needed for a face outside the picture', () => {
    expect(regions(planRedaction(input({ tracks: [track({ box: { x: -400, y: 300, width: 100, height: 100 } })] })))).toEqual([]);
  });

  test('stays apart from one it overlaps, each holding its face', () => {
    const a = track({ trackId: 7 });
    const b = track({ trackId: 9, box: { x: 560, y: 320, width: 100, height: 100 } });
    const found = regions(planRedaction(input({ tracks: [a, b] })));
    expect(found.map((region) => region.trackId)).toEqual([7, 9]);
    expect(found.map((region, i) => containment([a, b][i]?.box ?? a.box, region.box))).toEqual([1, 1]);
  });
});

test('no faces and fresh, healthy looks: nothing to cover', () => {
  expect(planRedaction(input({ tracks: [] }))).toEqual({ kind: 'regions', regions: [] });
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

/** Values of every kind, mostly plausible. */
function oddValue(random: () => number): unknown {
  const odd = [NaN, Infinity, -Infinity, 0, -0, -1, 1e-320, 1e308, -1e308, Number.MAX_SAFE_INTEGER, null, undefined, '7', {}, [], true, Symbol('x'), 7n];
  return random() < 0.9 ? (random() - 0.2) * 2000 : odd[Math.floor(random() * odd.length)];
}

test.each([11, 12, 13, 14, 15])('whatever it is given, the plan is valid and holds every face it was told of (seed %i, 4000 inputs)', (seed) => {
  const random = mulberry(seed);
  const maybe = (usual: unknown): unknown => (random() < 0.97 ? usual : oddValue(random));
  let withRegions = 0;
  for (let round = 0; round < 4000; round++) {
    const tracks = Array.from({ length: Math.floor(random() * 3) }, (_, i) =>
      maybe({
        ...track(),
        trackId: maybe(i + 1),
        box: { x: oddValue(random), y: oddValue(random), width: maybe(random() * 500), height: maybe(random() * 500) },
        velocity: maybe({ x: maybe(random() * 100), y: maybe(-random() * 100) }),
        uncertaintyPx: maybe(random() * 50),
      }),
    );
    const given = {
      tracks: maybe(tracks),
      tracksTrusted: maybe(true),
      detection: maybe({ healthy: maybe(true), steady: maybe(true), oldestWholeLookAgeMs: maybe(random() * 200), settled: maybe(true) }),
      display: maybe({ width: maybe(1280), height: maybe(720) }),
      policy: maybe({ maxAgeMs: maybe(250), margin: maybe(1 + random()) }),
      paused: maybe(false),
    } as unknown as PlanInput;
    const plan = planRedaction(given);
    if (plan.kind === 'whole') {
      expect(plan.reason).toBeTypeOf('string');
      continue;
    }
    withRegions += 1;
    const { width, height } = given.display;
    for (const { box, trackId } of plan.regions) {
      expect(Number.isFinite(trackId)).toBe(true);
      expect(box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0).toBe(true);
      expect(box.x + box.width <= width + 1e-6 && box.y + box.height <= height + 1e-6).toBe(true);
    }
    for (const { box } of given.tracks) {
      const x = Math.max(0, box.x);
      const y = Math.max(0, box.y);
      const visible = { x, y, width: Math.min(width, box.x + box.width) - x, height: Math.min(height, box.y + box.height) - y };
      if (visible.width <= 1e-6 || visible.height <= 1e-6) continue;
      expect(plan.regions.some((region) => containment(visible, region.box) > 1 - 1e-9)).toBe(true);
    }
  }
  expect(withRegions).toBeGreaterThan(400);
});
