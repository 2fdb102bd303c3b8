import type { EpochMs, Milliseconds } from '../../core/time.ts';
import type { ThrottleMark } from './store.ts';

/** After a refusal this long passes before the app may ask for the camera again by itself (TAF-5.1d). */
export const REASK_AFTER_MS: Milliseconds = 48 * 3600 * 1000;

/** Who wants the camera asked for: the app of its own accord, or the person by an act of their own. */
export type Initiator = 'app' | 'user';

/** Whether the camera may be asked for now, or from when on. */
export type ThrottleDecision = { readonly allowed: true } | { readonly allowed: false; readonly mayAskAt: EpochMs };

/**
 * Whether permission may be asked for. Pure. The mark belongs to the browser, not to a pseudonym: an app that makes up
 * a new pseudonym does not ask any sooner.
 * @param mark the latest refusal; one that is no date counts as a refusal of this very moment.
 * @param initiatedBy `user`: the person starts the function by an act of their own, which needs no wait.
 * @param now never earlier than any time this browser has seen: a clock set back shortens nothing.
 */
export function mayAsk(mark: ThrottleMark | null, initiatedBy: Initiator, now: EpochMs): ThrottleDecision {
  if (mark === null || initiatedBy === 'user') return { allowed: true };
  const mayAskAt = (Number.isFinite(mark.refusedAt) ? mark.refusedAt : now) + REASK_AFTER_MS;
  return now >= mayAskAt ? { allowed: true } : { allowed: false, mayAskAt };
}

/** The mark after a refusal: the later one, since another tab may have been refused meanwhile. Pure. */
export function afterRefusal(stored: ThrottleMark | null, now: EpochMs): ThrottleMark {
  return stored !== null && stored.refusedAt > now ? stored : { refusedAt: now };
}
