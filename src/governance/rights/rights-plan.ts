import type { EpochMs } from '../../core/time.ts';
import { isHeld, standingOf, type RetentionItem } from '../retention/item.ts';
import { effectOf, RIGHT_RULES, type Right, type RightEffect } from './rights.ts';

/** Why something is left as it is. `damaged`: it cannot be read, or not changed; `not-asked-for`: no correction names it. */
export type LeftBecause = 'dispute' | 'does-not-apply' | 'about-nobody' | 'due-anyway' | 'damaged' | 'not-asked-for';

/** What happens to one item. */
export type RightStep =
  | { readonly itemId: string; readonly effect: Exclude<RightEffect, 'none'> }
  | { readonly itemId: string; readonly effect: 'none'; readonly because: LeftBecause };

/**
 * What a right does to each item of a person; items of others are not even named. What is held for a dispute is not erased
 * now (TAF-5.5b): {@link markEnding} makes it go when the dispute is over.
 */
export function rightsPlan(right: Right, dataSubject: string, items: readonly RetentionItem[], now: EpochMs): RightStep[] {
  return items
    .filter((item) => item.dataSubject === dataSubject)
    .map((item) => {
      const { itemId } = item;
      const effect = effectOf(right, item.category);
      if (effect === 'none') return { itemId, effect, because: 'does-not-apply' };
      // Nobody may read it any more, the person included; the sweep has it.
      if (effect !== 'erase' && standingOf(item, now) === 'due') return { itemId, effect: 'none', because: 'due-anyway' };
      if (effect === 'erase' && RIGHT_RULES[right].yieldsToHold && isHeld(item, now)) return { itemId, effect: 'none', because: 'dispute' };
      return { itemId, effect };
    });
}

/**
 * The item as it is stored after a request to erase it: due now, or as soon as no dispute holds it.
 * @param right one that erases.
 */
export function markEnding(item: RetentionItem, right: Extract<Right, 'erase' | 'withdraw' | 'close-account'>): RetentionItem {
  return { ...item, ending: item.ending ?? (right === 'withdraw' ? 'withdrawn' : 'requested') };
}
