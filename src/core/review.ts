import type { Box } from './geometry.ts';
import type { EpochMs, Microseconds } from './time.ts';

/** What a review can come to. `escalate` leaves the recording in review. */
export const REVIEW_OUTCOMES = Object.freeze(['no-issue', 'issue', 'escalate'] as const);

/** One of {@link REVIEW_OUTCOMES}. */
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

/** What somebody decided about a recording. */
export interface ReviewDecision {
  readonly decisionId: string;
  readonly outcome: ReviewOutcome;
  /** At most 2000 characters; stays out of the audit log. */
  readonly text: string;
  /** Id of staff. */
  readonly by: string;
  readonly at: EpochMs;
}

/** What somebody wrote about a recording. */
export interface ReviewNote {
  readonly noteId: string;
  /** 1 to 2000 characters; stays out of the audit log. */
  readonly text: string;
  /** Id of staff, or the pseudonym of the person who asked for a correction. */
  readonly by: string;
  readonly role: 'staff' | 'subject';
  readonly at: EpochMs;
}

/** A region that has to be covered besides those that were: added, never taken away. */
export interface ManualBox {
  readonly boxId: string;
  readonly fromUs: Microseconds;
  readonly untilUs: Microseconds;
  /** Pixels of the recorded picture. */
  readonly box: Box;
  readonly by: string;
  readonly at: EpochMs;
}

/** What was added to a recording in its review. */
export interface CaseNotes {
  readonly boxes: readonly ManualBox[];
  readonly notes: readonly ReviewNote[];
  /** Oldest first; the last one counts. */
  readonly decisions: readonly ReviewDecision[];
}
