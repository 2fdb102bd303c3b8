import { describe, expect, it } from 'vitest';
import type { Look } from './face-detector.ts';
import { createLookSchedule, type LookSchedule } from './look-schedule.ts';

const window = { x: 0, y: 0, width: 1, height: 1 };
const short: Look = { id: 'short', model: 'short', scope: 'whole', window };
const full: Look = { id: 'full', model: 'full', scope: 'whole', window };
const back: Look = { id: 'back', model: 'back', scope: 'whole', window };
const tileA: Look = { id: 'back@0', model: 'back', scope: 'tile', window };
const tileB: Look = { id: 'back@1', model: 'back', scope: 'tile', window };
const LOOKS = [short, full, back, tileA, tileB];
const COST: Readonly<Record<string, number>> = { short: 4, full: 14, back: 19, 'back@0': 19, 'back@1': 19 };
const BOUNDS = { wholeMs: 120, tileMs: 400, wholeChange: 24, tileChange: 48 };

/** Plays frames and returns the ids that ran on each. */
function play(schedule: LookSchedule, frames: number, options: { budgetMs: number; frameMs?: number; startMs?: number }): string[][] {
  const { budgetMs, frameMs = 33, startMs = 0 } = options;
  return Array.from({ length: frames }, (_, i) => {
    const nowMs = startMs + i * frameMs;
    const plan = schedule.plan(LOOKS, nowMs, budgetMs, false);
    for (const look of plan) schedule.ran(look, nowMs, COST[look.id]!);
    return plan.map(({ id }) => id);
  });
}

describe('createLookSchedule', () => {
  it('runs every look on the first frame', () => {
    const schedule = createLookSchedule(BOUNDS);
    expect(schedule.plan(LOOKS, 0, 1, false)).toHaveLength(LOOKS.length);
  });

  it('runs every look on a sweep whatever the budget, and after forgetting', () => {
    const schedule = createLookSchedule(BOUNDS);
    play(schedule, 5, { budgetMs: 20 });
    expect(schedule.plan(LOOKS, 200, 1, true)).toHaveLength(LOOKS.length);
    schedule.forget();
    expect(schedule.plan(LOOKS, 200, 1, false)).toHaveLength(LOOKS.length);
    expect(schedule.oldestAgeMs(LOOKS, 'whole', 200)).toBe(Infinity);
  });

  it('runs everything on each frame where the budget allows', () => {
    for (const ran of play(createLookSchedule(BOUNDS), 10, { budgetMs: 100 })) expect(ran).toHaveLength(LOOKS.length);
  });

  it('lets cheap looks share a frame that just do not fit, where the dearest takes as long by itself', () => {
    // Each look alone in its frame would take four frames for three looks, and let two of them fall due at once.
    const searched = play(createLookSchedule(BOUNDS), 100, { budgetMs: 17.5 }).slice(1);
    expect(Math.max(...searched.map((ids) => ids.reduce((sum, id) => sum + COST[id]!, 0)))).toBe(19);
    expect(searched).toContainEqual(['short', 'full']);
    const schedule = createLookSchedule(BOUNDS);
    play(schedule, 1, { budgetMs: 17.5 });
    expect(schedule.plan([short, full], 66, 17.5, false)).toEqual([short]);
    expect(schedule.plan([short, full, back], 66, 14, false)).toEqual([short]);
    expect(schedule.plan([short, full, back], 66, 17.5, false, true)).toEqual([short]);
  });

  it.each([5, 10, 20, 40])('keeps every age below its bound plus one frame at %i ms a frame', (budgetMs) => {
    const schedule = createLookSchedule(BOUNDS);
    for (let i = 0; i < 200; i++) {
      const nowMs = i * 33;
      for (const look of schedule.plan(LOOKS, nowMs, budgetMs, false)) schedule.ran(look, nowMs, COST[look.id]!);
      expect(schedule.oldestAgeMs(LOOKS, 'whole', nowMs)).toBeLessThan(BOUNDS.wholeMs);
      expect(schedule.oldestAgeMs(LOOKS, 'tile', nowMs)).toBeLessThan(BOUNDS.tileMs);
    }
  });

  it('runs what has not seen a picture that moved since, whatever the budget', () => {
    const schedule = createLookSchedule(BOUNDS);
    play(schedule, 1, { budgetMs: 1 });
    schedule.moved(BOUNDS.wholeChange - 1);
    expect(schedule.plan(LOOKS, 1, 1, false)).toHaveLength(1);
    schedule.moved(1);
    expect(schedule.plan(LOOKS, 1, 1, false).map(({ id }) => id)).toEqual(['short', 'full', 'back']);
    schedule.moved(BOUNDS.tileChange);
    expect(schedule.plan(LOOKS, 1, 1, false)).toHaveLength(LOOKS.length);
  });

  it('takes the whole looks in turn and stays within the budget on most frames', () => {
    const frames = play(createLookSchedule(BOUNDS), 300, { budgetMs: 20 }).slice(1);
    for (const id of ['short', 'full', 'back']) expect(frames.filter((ran) => ran.includes(id)).length).toBeGreaterThan(80);
    const over = frames.filter((ran) => ran.reduce((sum, id) => sum + COST[id]!, 0) > 20).length;
    expect(over / frames.length).toBeLessThan(0.15);
  });

  it('never lets a frame go by without a look, even when each costs more than the budget', () => {
    for (const ran of play(createLookSchedule(BOUNDS), 50, { budgetMs: 1 })) expect(ran.length).toBeGreaterThan(0);
  });

  it('lets frames that come fast go by without a look until the one whose turn it is can be paid, and spends in turn', () => {
    const schedule = createLookSchedule(BOUNDS);
    play(schedule, 1, { budgetMs: 1 });
    const ids = (budgetMs: number): string[] => schedule.plan(LOOKS, 8, budgetMs, false, true).map(({ id }) => id);
    expect(ids(3)).toEqual([]);
    expect(ids(4)).toEqual(['short']);
    schedule.ran(short, 8, 4);
    expect(ids(13)).toEqual([]);
    expect(ids(14)).toEqual(['full']);
    // What is due, and all of it on a sweep, runs all the same.
    expect(schedule.plan(LOOKS, 125, 0, false, true).map(({ id }) => id)).toEqual(['full', 'back']);
    expect(schedule.plan(LOOKS, 8, 0, true, true)).toHaveLength(LOOKS.length);
  });

  it('runs what is due although the budget is spent', () => {
    const schedule = createLookSchedule(BOUNDS);
    play(schedule, 1, { budgetMs: 1 });
    const ids = schedule.plan(LOOKS, 130, 1, false).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['short', 'full', 'back']));
    expect(ids).not.toContain('back@0');
  });

  it('counts age from the frame that was looked at', () => {
    const schedule = createLookSchedule(BOUNDS);
    schedule.ran(short, 100, 50);
    expect(schedule.oldestAgeMs([short], 'whole', 130)).toBe(30);
    expect(schedule.oldestAgeMs([short, full], 'whole', 130)).toBe(Infinity);
    expect(schedule.oldestAgeMs([short], 'tile', 130)).toBe(0);
  });

  it('follows changing costs', () => {
    const schedule = createLookSchedule(BOUNDS);
    for (let i = 0; i < 40; i++) {
      schedule.ran(short, i, 10);
      schedule.ran(full, i, i < 20 ? 10 : 30);
    }
    expect(schedule.plan([short, full], 50, 25, false)).toHaveLength(1);
    expect(schedule.plan([short, full], 50, 45, false)).toHaveLength(2);
  });
});
