import { describe, expect, it } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { weightedNms } from './weighted-nms.ts';

function face(x: number, confidence: number, width = 10, model = 'short'): Detection {
  return { box: { x, y: 0, width, height: 10 }, confidence, keypoints: [{ x, y: 1 }], model };
}

describe('weightedNms', () => {
  it('joins overlapping boxes into their mean weighted by confidence', () => {
    // IoU of [0, 10] and [4, 14] = 6 / 14 = 0.43; mean x = (0 * 0.9 + 4 * 0.3) / 1.2 = 1.
    const [joined, ...rest] = weightedNms([face(4, 0.3, 10, 'back'), face(0, 0.9)]);
    expect(rest).toEqual([]);
    expect(joined?.box.x).toBeCloseTo(1, 12);
    expect(joined?.keypoints[0]?.x).toBeCloseTo(1, 12);
    expect(joined?.confidence).toBe(0.9);
    expect(joined?.model).toBe('short');
  });

  it('keeps faces that barely overlap', () => {
    // IoU of [0, 10] and [6, 16] = 4 / 16 = 0.25.
    expect(weightedNms([face(0, 0.5), face(6, 0.9)])).toHaveLength(2);
  });

  it('drops a small box inside a surer and larger one, not inside a less sure one', () => {
    const small = (confidence: number): Detection => ({ ...face(2, confidence), box: { x: 2, y: 2, width: 3, height: 3 } });
    expect(weightedNms([face(0, 0.9), small(0.5)])).toHaveLength(1);
    expect(weightedNms([face(0, 0.5), small(0.9)])).toHaveLength(2);
  });

  it('joins boxes with keypoints and boxes without', () => {
    const joined = weightedNms([face(0, 0.9), { ...face(1, 0.8), keypoints: [] }]);
    expect(joined).toHaveLength(1);
    expect(joined[0]?.keypoints).toEqual([{ x: 0, y: 1 }]);
  });

  it('leaves its input alone and takes an empty one', () => {
    const input = [face(1, 0.2), face(0, 0.9)];
    weightedNms(input);
    expect(input.map(({ confidence }) => confidence)).toEqual([0.2, 0.9]);
    expect(weightedNms([])).toEqual([]);
  });
});
