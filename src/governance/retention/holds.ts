import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';
import { isId } from '../access/statement-content.ts';
import { DAY_MS } from './categories.ts';
import { standingOf, type Hold, type RetentionItem } from './item.ts';

/** How long something may be kept for disputes. Numbers are decided in docs/decisions/0009. */
export const HOLD_LIMITS = Object.freeze({
  /** One hold; after that somebody has to look again. */
  maxDays: 180,
  /** All holds together, from the end of the item's own time: the limitation period of civil claims (Civil Code, 188). */
  maxDaysOver: 1095,
  /** Holds of one item, ended ones included. */
  maxHolds: 50,
});

/** What whoever places a hold says. */
export interface HoldRequest {
  /** 10 to 500 characters. */
  readonly reason: string;
  /** Id of staff. */
  readonly owner: string;
  readonly until: EpochMs;
}

/**
 * The item with one more hold. Several disputes are several holds; a hold is made longer by placing another one.
 * @throws FacePrivacyError ERR_HOLD_REFUSED with `details.field`: no reason, no owner, no end, an end too far, or an item
 * whose time is over (what is due cannot be brought back).
 */
export function placeHold(item: RetentionItem, { reason, owner, until }: HoldRequest, now: EpochMs): { readonly item: RetentionItem; readonly hold: Hold } {
  if (standingOf(item, now) === 'due') throw refusal('item', 'Its time is over; what is due cannot be held any more.');
  if (typeof reason !== 'string' || reason.trim().length < 10 || reason.length > 500) throw refusal('reason', 'Say in 10 to 500 characters which dispute is open.');
  if (!isId(owner)) throw refusal('owner', 'Name the member of staff who answers for the hold.');
  if (!Number.isFinite(until) || until <= now) throw refusal('until', 'A hold needs an end, and one that lies ahead.');
  if (until > now + HOLD_LIMITS.maxDays * DAY_MS) throw refusal('until', `A hold lasts at most ${HOLD_LIMITS.maxDays} days; look again then.`);
  if (until > item.expiresAt + HOLD_LIMITS.maxDaysOver * DAY_MS) throw refusal('until', `Nothing is held for more than ${HOLD_LIMITS.maxDaysOver} days after its time.`);
  if (item.holds.length >= HOLD_LIMITS.maxHolds) throw refusal('holds', `There were ${HOLD_LIMITS.maxHolds} holds on this item already.`);
  const hold: Hold = Object.freeze({ holdId: crypto.randomUUID(), reason, owner, placedAt: now, until, releasedAt: null });
  return { item: { ...item, holds: [...item.holds, hold] }, hold };
}

/**
 * The item with a hold released: what is due then goes with the next sweep (TAF-5.5b). One that was released stays as it is.
 * @throws FacePrivacyError ERR_HOLD_REFUSED when there is no such hold.
 */
export function releaseHold(item: RetentionItem, holdId: string, now: EpochMs): RetentionItem {
  if (!item.holds.some((hold) => hold.holdId === holdId)) throw refusal('holdId', 'There is no such hold on this item.');
  return { ...item, holds: item.holds.map((hold) => (hold.holdId === holdId && hold.releasedAt === null ? Object.freeze({ ...hold, releasedAt: now }) : hold)) };
}

function refusal(field: string, message: string): FacePrivacyError {
  return new FacePrivacyError('ERR_HOLD_REFUSED', message, { details: { field } });
}
