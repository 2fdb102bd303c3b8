import type { TestInfo } from '@playwright/test';
import type { FaceFinding, Verdict } from '../support/page/judge.ts';
import { expect } from '../support/stage-test.ts';

/** One line about a face in a frame. */
export const oneLine = ({ outputIndex, frame, face, widthPx, heightPx, visible, exposed }: FaceFinding): string =>
  `output ${outputIndex}: frame ${frame}, face ${face}, ${widthPx}x${heightPx} px, visible ${visible}, exposed ${exposed.toFixed(3)}`;

/** Notes the figures with the test and expects that nothing leaked. */
export function expectCovered(verdict: Verdict, info: TestInfo): void {
  const { leaks, sourceFrames, worst, ...figures } = verdict;
  const summary = { ...figures, firstFrame: sourceFrames[0], lastFrame: sourceFrames.at(-1), worst: worst.map(oneLine) };
  info.annotations.push({ type: 'figures', description: JSON.stringify(summary) });
  expect(leaks.map(oneLine)).toEqual([]);
  expect(verdict.verdict).toBe('covered');
  expect(verdict.facesLookedAt).toBeGreaterThan(0);
}
