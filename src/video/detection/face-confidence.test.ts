import { describe, expect, it } from 'vitest';
import { faintThresholdOf, isCutByEdge, isWorthTelling, leastConfidence, lowestConfidence, type Sight } from './face-confidence.ts';

const picture = { width: 1280, height: 720 };
const whole = (model: Sight['model']): Sight => ({ model, scope: 'whole', window: { x: -64, y: -64, width: 1408, height: 848 } });
const tile: Sight = { model: 'back', scope: 'tile', window: { x: 0, y: 0, width: 768, height: 768 } };
const square = (side: number) => ({ width: side, height: side });

describe('the confidence that makes a face', () => {
  it('is the threshold for what is small, and for the full-range model always', () => {
    expect(leastConfidence(whole('full'), square(400), picture, 0.3)).toBe(0.3);
    expect(leastConfidence(whole('back'), square(60), picture, 0.3)).toBe(0.3);
    expect(leastConfidence(tile, square(60), picture, 0.3)).toBe(0.3);
  });

  it('is half the threshold for what is smaller than a 32nd of the picture, but for the near-range model', () => {
    for (const sight of [whole('full'), whole('back'), tile]) expect([39, 41].map((side) => leastConfidence(sight, square(side), picture, 0.3))).toEqual([0.15, 0.3]);
    expect(leastConfidence(whole('short'), square(39), picture, 0.25)).toBeCloseTo(0.5, 12);
    expect(isWorthTelling(tile, { x: 600, y: 300, width: 30, height: 40 }, 0.16, picture, 0.3)).toBe(true);
    expect(isWorthTelling(tile, { x: 600, y: 300, width: 30, height: 40 }, 0.14, picture, 0.3)).toBe(false);
  });

  it('is higher for what is large in a tile, and for the near-range model', () => {
    expect(leastConfidence(tile, square(100), picture, 0.3)).toBeCloseTo(0.496, 3);
    expect(leastConfidence(tile, square(200), picture, 0.3)).toBeCloseTo(0.594, 3);
    expect(leastConfidence(whole('back'), square(100), picture, 0.3)).toBeCloseTo(0.398, 3);
    expect(leastConfidence(whole('back'), square(200), picture, 0.3)).toBeCloseTo(0.496, 3);
    expect(leastConfidence(whole('short'), square(100), picture, 0.25)).toBeCloseTo(0.5, 12);
    expect(leastConfidence(whole('short'), square(100), picture, 1)).toBe(1);
  });

  it('never falls with size, and never below the lowest', () => {
    for (const sight of [whole('short'), whole('full'), whole('back'), tile]) {
      const asked = Array.from({ length: 60 }, (_, i) => leastConfidence(sight, square(10 + 15 * i), picture, 0.2));
      expect(asked).toEqual([...asked].sort((a, b) => a - b));
      expect(asked[0]).toBe(sight.model === 'short' ? lowestConfidence('short', 0.2) : 0.1);
      expect(asked[3]).toBe(lowestConfidence(sight.model, 0.2));
    }
  });
});

describe('a face at the edge', () => {
  const cut = { x: -30, y: 200, width: 100, height: 100 };

  it('is one that the edge cuts', () => {
    expect(isCutByEdge(cut, picture)).toBe(true);
    expect(isCutByEdge({ ...cut, x: -5 }, picture)).toBe(false);
    expect(isCutByEdge({ ...cut, x: 1220 }, picture)).toBe(true);
    expect(isCutByEdge({ ...cut, x: 600, y: 660 }, picture)).toBe(true);
    expect(isCutByEdge({ ...cut, x: 600, y: -20 }, picture)).toBe(true);
  });

  it('is told from half the threshold on', () => {
    expect(faintThresholdOf(0.3)).toBeCloseTo(0.15, 12);
    expect(isWorthTelling(whole('full'), cut, 0.16, picture, 0.3)).toBe(true);
    expect(isWorthTelling(whole('full'), cut, 0.14, picture, 0.3)).toBe(false);
    expect(isWorthTelling(whole('full'), { ...cut, x: 600 }, 0.29, picture, 0.3)).toBe(false);
    expect(isWorthTelling(whole('full'), { ...cut, x: 600 }, 0.3, picture, 0.3)).toBe(true);
  });
});
