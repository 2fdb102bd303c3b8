import { describe, expect, it } from 'vitest';
import { createNewBorder } from './new-border.ts';

const display = { width: 1280, height: 720 };
const pan = (x: number, y = 0) => ({ scale: 1, shift: { x, y } });
const FRAME_MS = 33;

function drive() {
  const border = createNewBorder();
  let nowMs = 0;
  border.update(null, display, nowMs, true);
  const move = (frames: number, motion: ReturnType<typeof pan> | null): void => {
    for (let i = 0; i < frames; i++) border.update(motion, display, (nowMs += FRAME_MS), false);
  };
  return { border, move };
}

describe('what the camera brings in', () => {
  it('is covered at the edge by which it comes, as far as it came', () => {
    const { border, move } = drive();
    move(2, pan(-20));
    expect(border.strips).toHaveLength(1);
    const [strip] = border.strips;
    expect(strip!.x + strip!.width).toBe(1280);
    expect(strip!.width).toBeGreaterThanOrEqual(40);
    expect(strip!.width).toBeLessThan(50);
    expect(strip!.height).toBe(720);
  });

  it.each([
    ['left', pan(20), (s: { x: number; width: number }) => s.x === 0 && s.width < 100],
    ['top', pan(0, 20), (s: { y: number; height: number }) => s.y === 0 && s.height < 100],
    ['bottom', pan(0, -20), (s: { y: number; height: number }) => s.y + s.height === 720 && s.height < 100],
  ] as const)('from the %s', (_edge, motion, isThere) => {
    const { border, move } = drive();
    move(2, motion);
    expect(border.strips).toHaveLength(1);
    expect(border.strips.every(isThere)).toBe(true);
  });

  it('from all sides when the camera goes back', () => {
    const { border, move } = drive();
    move(3, { scale: 0.97, shift: { x: 0, y: 0 } });
    expect(border.strips).toHaveLength(4);
  });

  it('is what came in within 150 ms, up to a twentieth of the picture, and in a fast pan what came in within a tenth of a second', () => {
    const slow = drive();
    slow.move(100, pan(-5));
    expect(slow.border.strips[0]!.width).toBeGreaterThan(25);
    expect(slow.border.strips[0]!.width).toBeLessThan(35);
    const quicker = drive();
    quicker.move(100, pan(-15));
    expect(quicker.border.strips[0]!.width).toBeCloseTo(70, 0);
    const fast = drive();
    fast.move(10, pan(-90));
    expect(fast.border.strips[0]!.width).toBeGreaterThan(270);
  });

  it('is known a moment after the camera stands still, and at once when it leaves again', () => {
    const { border, move } = drive();
    move(3, pan(-20));
    move(3, pan(0));
    expect(border.strips).toHaveLength(1);
    move(2, pan(0));
    expect(border.strips).toEqual([]);
    move(2, pan(-10));
    move(2, pan(10));
    expect(border.strips.filter(({ x }) => x > 0)).toEqual([]);
  });

  it('is not what left a moment ago and comes back, as in a hand that shakes; what was away for longer is', () => {
    const { border, move } = drive();
    const atRight = () => border.strips.filter(({ x }) => x > 0).length;
    move(20, pan(0));
    for (let i = 0; i < 10; i++) {
      move(2, pan(12));
      move(2, pan(-12));
      move(2, pan(0));
      expect(atRight()).toBe(0);
    }
    move(2, pan(-12));
    expect(atRight()).toBe(1);
    move(20, pan(0));
    move(4, pan(12));
    move(35, pan(0));
    move(2, pan(-12));
    expect(atRight()).toBe(1);
  });

  it('is what was in the picture for a moment only, however often it comes back', () => {
    const { border, move } = drive();
    move(20, pan(0));
    for (let i = 0; i < 6; i++) {
      move(1, pan(-30));
      expect(border.strips.filter(({ x }) => x > 0)).toHaveLength(1);
      move(1, pan(30));
      move(6, pan(0));
    }
  });

  it('is what comes back after a motion that is not known', () => {
    const { border, move } = drive();
    move(20, pan(0));
    move(3, pan(12));
    move(8, null);
    move(2, pan(-12));
    expect(border.strips.filter(({ x }) => x > 0)).toHaveLength(1);
  });

  it('is nothing where a hand trembles or the motion is not known', () => {
    const { border, move } = drive();
    move(5, pan(0.3));
    move(5, null);
    expect(border.strips).toEqual([]);
  });
});

describe('a face that comes in', () => {
  const sliver = { x: 1230, y: 200, width: 200, height: 250 };

  it('is one that shows no more than has come in', () => {
    const { border, move } = drive();
    move(10, pan(0));
    expect(border.isComingIn(sliver)).toBe(false);
    move(1, pan(-20));
    expect(border.isComingIn(sliver)).toBe(false);
    move(2, pan(-20));
    expect(border.isComingIn(sliver)).toBe(true);
    expect(border.isComingIn({ ...sliver, x: 1000 })).toBe(false);
    expect(border.isComingIn({ ...sliver, x: -150 })).toBe(false);
    move(10, pan(0));
    expect(border.isComingIn(sliver)).toBe(false);
  });

  it('is any that an edge cuts just after the scene has changed', () => {
    const { border, move } = drive();
    expect(border.isComingIn(sliver)).toBe(true);
    expect(border.isComingIn({ ...sliver, x: -50 })).toBe(true);
    expect(border.isComingIn({ ...sliver, x: 600 })).toBe(false);
    expect(border.strips).toEqual([]);
    move(12, pan(0));
    expect(border.isComingIn(sliver)).toBe(false);
  });
});
