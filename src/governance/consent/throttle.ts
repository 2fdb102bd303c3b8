import type { EpochMs, Milliseconds } from '../../core/time.ts';

/** After a refusal this long passes before the app may ask again by itself (TAF-5.1d). */
export const REASK_AFTER_MS: Milliseconds = 48 * 3600 * 1000;

/** What can be asked, and refused: the browser's permission for the camera, or the answer to a notice. */
export type Question = 'camera' | 'notice';

/** Who wants the question asked: the app of its own accord, or the person by an act of their own. */
export type Initiator = 'app' | 'user';

/** The latest refusal of one question in this browser, whoever refused. */
export interface ThrottleMark {
  readonly question: Question;
  readonly refusedAt: EpochMs;
}

/** Whether a question may be asked now, or from when on. */
export type ThrottleDecision = { readonly allowed: true } | { readonly allowed: false; readonly mayAskAt: EpochMs };

/**
 * Where marks are kept, so that they outlive a reload and hold in every tab. They belong to the browser, not to a
 * pseudonym: an app that makes up a new pseudonym does not ask any sooner.
 */
export interface ThrottleStore {
  /** The mark of a question, or null. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  markOf(question: Question): Promise<ThrottleMark | null>;
  /**
   * Keeps `mark`, joined with the stored one by {@link laterMark} in one transaction, since another tab may have been
   * refused meanwhile. @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  keep(mark: ThrottleMark): Promise<void>;
  /** Forgets the mark: the person has said yes since. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  lift(question: Question): Promise<void>;
}

/**
 * Whether a question may be asked. Pure.
 * @param mark the latest refusal; one that is no date counts as a refusal of this very moment.
 * @param initiatedBy `user`: the person starts the function by an act of their own, which needs no wait.
 * @param now never earlier than any time this browser has seen: a clock set back shortens nothing.
 */
export function mayAsk(mark: ThrottleMark | null, initiatedBy: Initiator, now: EpochMs): ThrottleDecision {
  if (mark === null || initiatedBy === 'user') return { allowed: true };
  const mayAskAt = (Number.isFinite(mark.refusedAt) ? mark.refusedAt : now) + REASK_AFTER_MS;
  return now >= mayAskAt ? { allowed: true } : { allowed: false, mayAskAt };
}

/** The later of two refusals of one question. Pure. */
export function laterMark(stored: ThrottleMark | null, fresh: ThrottleMark): ThrottleMark {
  return stored !== null && stored.refusedAt > fresh.refusedAt ? stored : fresh;
}
