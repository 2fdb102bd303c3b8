import { describe, expect, it } from 'vitest';
import type { Detection } from '../../core/faces.ts';
import { createSecondOpinion } from './second-opinion.ts';

const seen = (model: string, confidence: number, x = 100): Detection => ({ model, confidence, box: { x, y: 100, width: 200, height: 200 }, keypoints: [] });

describe('a second opinion', () => {
  it('leaves out what the near-range model alone saw and hardly believes, and nothing of other looks', () => {
    const opinion = createSecondOpinion(0.3);
    const believed = seen('short', 0.61, 600);
    expect(opinion.weigh([seen('short', 0.59), believed], 0)).toEqual([believed]);
    const others = ['full', 'back', 'back-tile'].map((model) => seen(model, 0.16, 1000));
    expect(opinion.weigh(others, 33)).toEqual(others);
  });

  it('takes the other look instead where that saw the face, in this frame or within 200 ms', () => {
    const opinion = createSecondOpinion(0.3);
    const doubtful = seen('short', 0.69);
    const sure = seen('short', 0.71);
    const full = seen('full', 0.31, 150);
    expect(opinion.weigh([doubtful, full], 0)).toEqual([full]);
    expect(opinion.weigh([sure, full], 0)).toEqual([sure, full]);
    expect(opinion.weigh([doubtful], 200)).toEqual([]);
    expect(opinion.weigh([doubtful], 201)).toEqual([doubtful]);
    expect(opinion.weigh([doubtful, seen('back', 0.9, 300)], 300)).toHaveLength(2);
  });

  it('does not ask the picture before', () => {
    const opinion = createSecondOpinion(0.3);
    opinion.weigh([seen('back', 0.9)], 0);
    opinion.forget();
    expect(opinion.weigh([seen('short', 0.65)], 33)).toHaveLength(1);
  });

  it('goes with the threshold', () => {
    expect(createSecondOpinion(0.1).weigh([seen('short', 0.49)], 0)).toHaveLength(1);
    expect(createSecondOpinion(1).weigh([seen('short', 0.999)], 0)).toEqual([]);
  });
});
