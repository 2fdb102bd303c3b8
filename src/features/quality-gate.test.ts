import { describe, expect, it } from 'vitest';
import { CROP_SIDE, type CropOrigin, type FaceCrop } from '../core/face-crop.ts';
import { QUALITY_CHECKS } from '../core/features-protocol.ts';
import type { Point } from '../core/geometry.ts';
import { drawnCrop } from './embedder-self-test.ts';
import { judgeQuality, QUALITY_LIMITS } from './quality-gate.ts';

/** Six points of a face that looks straight ahead, its eyes 60 px apart around `at`. */
function pointsAt(at: Point, { turn = 0, nod = 0, roll = 0 } = {}): Point[] {
  const upright = [
    { x: -30, y: 0 },
    { x: 30, y: 0 },
    { x: turn, y: 36 + nod },
    { x: 0, y: 66 },
    { x: -60, y: 10 },
    { x: 60, y: 10 },
  ];
  const angle = (roll * Math.PI) / 180;
  return upright.map(({ x, y }) => ({ x: at.x + x * Math.cos(angle) - y * Math.sin(angle), y: at.y + x * Math.sin(angle) + y * Math.cos(angle) }));
}

/** The drawn face with fine texture, which a real one has. */
function sharpFace(): Uint8Array<ArrayBuffer> {
  return drawnCrop(false).rgb.map((value, i) => Math.min(255, value + 12 * ((Math.floor(i / 3) >> 1) % 3)));
}

function faceIn(origin: Partial<CropOrigin>, rgb: Uint8Array<ArrayBuffer> = sharpFace()): FaceCrop {
  const face: CropOrigin = { sidePx: 140, keypoints: pointsAt({ x: 320, y: 200 }), confidence: 0.95, display: { width: 640, height: 480 }, others: 0, ...origin };
  return { rgb, face };
}

/** The checks that a face fails. */
const failed = (crop: FaceCrop, chosen = false) => judgeQuality(crop, { chosen }).faults.map(({ check }) => check);

describe('judgeQuality', () => {
  it('passes a good face', () => {
    expect(judgeQuality(faceIn({}))).toEqual({ passed: true, faults: [] });
  });

  it.each([
    ['one-face', faceIn({ others: 2 }), { value: 2, limit: 0, unit: 'count', wanted: 'less' }],
    ['confidence', faceIn({ confidence: 0.2 }), { value: 0.2, limit: QUALITY_LIMITS.confidence, unit: 'share', wanted: 'more' }],
    ['size', faceIn({ sidePx: 20 }), { value: 20, limit: QUALITY_LIMITS.sidePx, unit: 'px', wanted: 'more' }],
    ['frame', faceIn({ keypoints: pointsAt({ x: 20, y: 200 }) }), { limit: QUALITY_LIMITS.inFrame, unit: 'share', wanted: 'more' }],
    ['yaw', faceIn({ keypoints: pointsAt({ x: 320, y: 200 }, { turn: 35 }) }), { limit: QUALITY_LIMITS.yawDeg, unit: 'degrees', wanted: 'less' }],
    ['yaw', faceIn({ keypoints: pointsAt({ x: 320, y: 200 }, { turn: -35 }) }), { limit: QUALITY_LIMITS.yawDeg, unit: 'degrees', wanted: 'less' }],
    ['pitch', faceIn({ keypoints: pointsAt({ x: 320, y: 200 }, { nod: -30 }) }), { limit: QUALITY_LIMITS.pitchDeg, unit: 'degrees', wanted: 'less' }],
    ['pitch', faceIn({ keypoints: pointsAt({ x: 320, y: 200 }, { nod: 24 }) }), { limit: QUALITY_LIMITS.pitchDeg, unit: 'degrees', wanted: 'less' }],
    ['roll', faceIn({ keypoints: pointsAt({ x: 320, y: 200 }, { roll: -70 }) }), { limit: QUALITY_LIMITS.rollDeg, unit: 'degrees', wanted: 'less' }],
    ['exposure', faceIn({}, sharpFace().map((value) => value / 8)), { limit: QUALITY_LIMITS.darkestLevel, unit: 'level', wanted: 'more' }],
    ['exposure', faceIn({}, sharpFace().map((value) => 225 + value / 10)), { limit: QUALITY_LIMITS.brightestLevel, unit: 'level', wanted: 'less' }],
    ['contrast', faceIn({}, sharpFace().map((value) => 120 + value / 20)), { limit: QUALITY_LIMITS.contrastLevel, unit: 'level', wanted: 'more' }],
    ['sharpness', faceIn({}, slope()), { limit: QUALITY_LIMITS.sharpness, unit: 'share', wanted: 'more' }],
  ] as const)('finds fault with %s, says by how much, and with nothing else', (check, crop, fault) => {
    const { passed, faults } = judgeQuality(crop);
    expect(passed).toBe(false);
    // Too dark a face has little contrast as well, and so has one that is too bright.
    expect(faults.map((found) => found.check).filter((found) => !(check === 'exposure' && found === 'contrast'))).toEqual([check]);
    expect(faults[0]).toMatchObject(fault);
    const { value, limit, wanted } = faults[0]!;
    expect(wanted === 'more' ? value < limit : value > limit).toBe(true);
  });

  it('does not mind other faces where this one was chosen', () => {
    expect(failed(faceIn({ others: 7 }), true)).toEqual([]);
    expect(failed(faceIn({ others: 7, sidePx: 10 }), true)).toEqual(['size']);
  });

  it('asks everything, and names the faults in its order', () => {
    const worst = faceIn({ others: 1, confidence: NaN, sidePx: 1, keypoints: pointsAt({ x: -200, y: 0 }, { turn: 90, nod: -30, roll: 80 }) }, new Uint8Array(3 * CROP_SIDE * CROP_SIDE));
    expect(failed(worst)).toEqual([...QUALITY_CHECKS]);
  });

  it('passes nothing that has no points to judge by', () => {
    expect(failed(faceIn({ keypoints: [] }))).toEqual(['frame', 'yaw', 'pitch', 'roll']);
  });

  it('leaves the crop as it is', () => {
    const crop = faceIn({});
    judgeQuality(crop);
    expect(Buffer.compare(crop.rgb, sharpFace())).toBe(0);
  });
});

/** Light from the left, and not an edge in it. */
function slope(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 3 * CROP_SIDE * CROP_SIDE }, (_, i) => 40 + (Math.floor(i / 3) % CROP_SIDE));
}
