import type { EpochMs } from '../../core/time.ts';
import type { ErasureReason } from './erasure-receipt.ts';
import { isHeld, PART_KINDS, standingOf, type PartKind, type RetentionItem } from './item.ts';

/** One thing that a sweep destroys. */
export interface SweepEntry {
  readonly itemId: string;
  readonly reason: ErasureReason;
  readonly dataSubject: string | null;
  /** In this order, the item's own row last: whatever interrupts it, nothing is readable and the rest is found again. */
  readonly steps: readonly { readonly kind: PartKind; readonly ids: readonly string[] }[];
  readonly bytes: number;
}

/** What a sweep does. */
export interface SweepPlan {
  readonly at: EpochMs;
  readonly erase: readonly SweepEntry[];
  /** When the next item is due, if nothing changes; null for never. */
  readonly nextAt: EpochMs | null;
}

/** What goes now (TAF-5.5a, MEG-retain), sensitive things first. @param now by a clock that never goes back. */
export function sweepPlan(items: readonly RetentionItem[], now: EpochMs): SweepPlan {
  const erase: SweepEntry[] = [];
  let nextAt: EpochMs | null = null;
  for (const item of items) {
    if (standingOf(item, now) === 'due') erase.push(entryOf(item, now));
    else nextAt = Math.min(nextAt ?? Infinity, dueTimeOf(item, now));
  }
  return { at: now, erase: erase.sort((a, b) => rankOf(a) - rankOf(b)), nextAt };
}

/**
 * Asks again, in the transaction that destroys: between plan and deed somebody may have placed a hold or taken the item
 * away. @param item as it is stored now, or null when it is gone.
 */
export function isStillDue({ itemId }: Pick<SweepEntry, 'itemId'>, item: RetentionItem | null, now: EpochMs): item is RetentionItem {
  return item?.itemId === itemId && standingOf(item, now) === 'due';
}

/** What destroys one item that is due. */
export function entryOf(item: RetentionItem, now: EpochMs): SweepEntry {
  const kinds = PART_KINDS.filter((kind) => (item.parts[kind]?.ids.length ?? 0) > 0);
  return {
    itemId: item.itemId,
    reason: reasonOf(item, now),
    dataSubject: item.dataSubject,
    steps: kinds.map((kind) => ({ kind, ids: item.parts[kind]?.ids ?? [] })),
    bytes: kinds.reduce((sum, kind) => sum + (item.parts[kind]?.bytes ?? 0), 0),
  };
}

/** The end of a dispute where there was one after the item's own time; what else ended it otherwise. */
function reasonOf({ ending, expiresAt, holds }: RetentionItem, now: EpochMs): ErasureReason {
  const last = holds
    .map(({ releasedAt, until }) => ({ at: Math.min(releasedAt ?? Infinity, until), released: releasedAt !== null && releasedAt < until }))
    .filter(({ at }) => at <= now && (ending !== null || at >= expiresAt))
    .sort((a, b) => b.at - a.at)[0];
  if (last !== undefined) return last.released ? 'hold-released' : 'hold-ended';
  return ending ?? 'expired';
}

/** When an item that is not due becomes so. */
function dueTimeOf(item: RetentionItem, now: EpochMs): EpochMs {
  const holds = item.holds.filter(({ releasedAt }) => releasedAt === null).map(({ until }) => until);
  const own = item.ending === null ? item.expiresAt : now;
  return isHeld(item, now) ? Math.max(own, ...holds) : own;
}

function rankOf({ steps }: SweepEntry): number {
  const first = steps[0]?.kind;
  return first === undefined ? PART_KINDS.length : PART_KINDS.indexOf(first);
}
