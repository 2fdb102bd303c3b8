import { describe, expect, it } from 'vitest';
import { LookBudget } from './look-budget.ts';

describe('LookBudget', () => {
  it.each([[31], [33], [34], [50], [1000], [20, 46], [18, 33, 50, 33]])('is whole on each frame of a camera whose frames are %i ms and so on apart', (...stepsMs) => {
    const budget = new LookBudget(18);
    for (let frame = 0; frame < 60; frame++) {
      budget.earn(stepsMs[frame % stepsMs.length]!);
      expect([budget.leftMs, budget.mayRest]).toEqual([18, false]);
      budget.spend(25);
    }
  });

  it.each([4, 8, 16, 24])('is a share of time where frames are %i ms apart, and never more than one budget', (stepMs) => {
    const budget = new LookBudget(18);
    for (let frame = 0; frame < 40; frame++) budget.earn(stepMs);
    expect(budget.leftMs).toBe(18);
    let spentMs = 0;
    const frames = 3000;
    budget.spend(18);
    for (let frame = 0; frame < frames; frame++) {
      budget.earn(stepMs);
      expect(budget.mayRest).toBe(true);
      if (budget.leftMs < 12) continue;
      budget.spend(12);
      spentMs += 12;
    }
    const perThirtiethMs = (spentMs / (frames * stepMs)) * (1000 / 30);
    expect(perThirtiethMs).toBeLessThan(18.001);
    expect(perThirtiethMs).toBeGreaterThan(16);
  });

  it('goes by the usual pace: a pause changes nothing, another pace does', () => {
    const budget = new LookBudget(18);
    const restsAfter = (frames: number, stepMs: number): boolean => {
      for (let frame = 0; frame < frames; frame++) budget.earn(stepMs);
      return budget.mayRest;
    };
    expect([restsAfter(20, 16), restsAfter(1, 1000), restsAfter(20, 33), restsAfter(20, 16)]).toEqual([true, true, false, true]);
  });

  it('does not owe what was spent beyond it', () => {
    const budget = new LookBudget(18);
    for (let frame = 0; frame < 40; frame++) budget.earn(16);
    budget.spend(80);
    budget.earn(10);
    expect(budget.leftMs).toBeCloseTo(5.4, 9);
  });

  it.each([0, -5, NaN])('is whole after a step of %d', (stepMs) => {
    const budget = new LookBudget(18);
    budget.spend(18);
    budget.earn(stepMs);
    expect([budget.leftMs, budget.mayRest]).toEqual([18, false]);
  });
});
