import type { TestInfo } from '@playwright/test';
import type { FaceFinding, Verdict } from '../support/page/judge.ts';
import { expect } from '../support/stage-test.ts';

/** One line about a face in a frame. */
export const oneLine = ({ outputIndex, frame, face, widthPx, heightPx, visible, exposed }: FaceFinding): string =>
  `output ${outputIndex}: frame ${frame}, face ${face}, ${widthPx}x${heightPx} px, visible ${visible}, exposed ${exposed.toFixed(3)}`;

/** A sliver of a face that moving pictures bring in: on a busy machine, whose looks come late, it shows for a frame (README). */
export const isSliver = ({ visible }: FaceFinding): boolean => visible < 0.1;
/** The film in the camera begins anywhere: of a face that its first picture cuts off, no detector knows (README). */
export const isCutOffAtStart = ({ outputIndex, visible }: FaceFinding): boolean => outputIndex < 10 && visible < 0.25;

/**
 * Notes the figures with the test and expects that nothing leaked.
 * @param isKnown which leaks are known not to be covered, and why is said where it is defined.
 */
export function expectCovered(verdict: Verdict, info: TestInfo, isKnown: (finding: FaceFinding) => boolean = () => false): void {
  const { leaks: all, sourceFrames, worst, ...figures } = verdict;
  const leaks = all.filter((finding) => !isKnown(finding));
  const summary = { ...figures, firstFrame: sourceFrames[0], lastFrame: sourceFrames.at(-1), worst: worst.map(oneLine) };
  info.annotations.push({ type: 'figures', description: JSON.stringify(summary) });
  expect(leaks.map(oneLine)).toEqual([]);
  if (all.length === leaks.length) expect(verdict.verdict).toBe('covered');
  expect(verdict.facesLookedAt).toBeGreaterThan(0);
}
