import { describe, expect, it } from 'vitest';
import type { Point } from '../core/geometry.ts';
import { poseOf } from './face-pose.ts';

/** A head in distances between its eyes: right eye, left eye, nose tip, mouth; z towards the camera. */
const HEAD = [
  { x: -0.5, y: 0, z: 0 },
  { x: 0.5, y: 0, z: 0 },
  { x: 0, y: 0.6, z: 0.5 },
  { x: 0, y: 1.1, z: 0.2 },
] as const;

/** The head turned, as a camera far away shows it; looking towards the right edge, up, and clockwise are positive. */
function shown({ yaw = 0, pitch = 0, roll = 0, size = 60 }): Point[] {
  const [u, v, w] = [yaw, pitch, roll].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  return HEAD.map(({ x, y, z }) => {
    const down = y * Math.cos(v) - z * Math.sin(v);
    const out = y * Math.sin(v) + z * Math.cos(v);
    const across = x * Math.cos(u) + out * Math.sin(u);
    return { x: 300 + size * (across * Math.cos(w) - down * Math.sin(w)), y: 200 + size * (across * Math.sin(w) + down * Math.cos(w)) };
  });
}

describe('poseOf', () => {
  it.each([0, 10, -10, 25, -25, 45, -45, 70])('tells a yaw of %d degrees', (yaw) => {
    expect(poseOf(shown({ yaw }))!.yawDeg).toBeCloseTo(yaw, 5);
  });

  it.each([0, 10, -10, 25, -25])('tells a pitch of %d degrees', (pitch) => {
    expect(poseOf(shown({ pitch }))!.pitchDeg).toBeCloseTo(pitch, 5);
  });

  it.each([0, 15, -40, 90, 179])('tells a roll of %d degrees, whatever the size', (roll) => {
    const pose = poseOf(shown({ roll, size: 7, yaw: 12 }))!;
    expect(pose.rollDeg).toBeCloseTo(roll, 5);
    expect(pose.yawDeg).toBeCloseTo(12, 5);
  });

  it('tells both when both are small', () => {
    const { yawDeg, pitchDeg } = poseOf(shown({ yaw: 15, pitch: 10 }))!;
    expect(Math.abs(yawDeg - 15)).toBeLessThan(4);
    expect(Math.abs(pitchDeg - 10)).toBeLessThan(4);
  });

  it('gives null where there are no eyes apart', () => {
    expect(poseOf([])).toBeNull();
    expect(poseOf(shown({}).slice(0, 3))).toBeNull();
    expect(poseOf(shown({}).map(() => ({ x: 5, y: 5 })))).toBeNull();
    expect(poseOf(shown({}).map(() => ({ x: NaN, y: 5 })))).toBeNull();
  });
});
