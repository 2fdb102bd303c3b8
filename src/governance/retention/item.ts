import type { EpochMs } from '../../core/time.ts';
import type { Purpose } from '../consent/purposes.ts';
import type { RetentionCategory } from './categories.ts';
import type { ErasedCounts, ErasureReason } from './erasure-receipt.ts';

/** What an item consists of, in the order in which it is destroyed: without its key the rest is unreadable already. */
export const PART_KINDS = Object.freeze(['keys', 'templates', 'thumbnails', 'media'] as const);

/** One of {@link PART_KINDS}. */
export type PartKind = (typeof PART_KINDS)[number];

/** Where parts of one kind lie. */
export interface ItemPart {
  readonly ids: readonly string[];
  readonly bytes: number;
}

/** A hold: an open dispute for which something is kept longer (TAF-5.5b). */
export interface Hold {
  readonly holdId: string;
  /** Written by whoever placed it; stays out of the audit log. */
  readonly reason: string;
  /** Who answers for it: an id of staff. */
  readonly owner: string;
  readonly placedAt: EpochMs;
  /** It ends by itself at this moment. */
  readonly until: EpochMs;
  readonly releasedAt: EpochMs | null;
}

/** Something that is kept, and what decides how long. */
export interface RetentionItem {
  readonly itemId: string;
  readonly category: RetentionCategory;
  readonly purpose: Purpose;
  /** Pseudonym; null where it is about nobody in particular. */
  readonly dataSubject: string | null;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Why it has to go although its time is not over; null where nothing asks for that. */
  readonly ending: Extract<ErasureReason, 'withdrawn' | 'requested' | 'purpose-met'> | null;
  readonly holds: readonly Hold[];
  readonly parts: Readonly<Partial<Record<PartKind, ItemPart>>>;
}

/**
 * - `kept`: may be used for its purpose;
 * - `held`: its time is over, a dispute is open: may be used for the dispute and for nothing else;
 * - `due`: nobody may read it, and the next sweep destroys it.
 */
export type ItemStanding = 'kept' | 'held' | 'due';

/** How things stand with an item. @param now by a clock that never goes back. */
export function standingOf(item: RetentionItem, now: EpochMs): ItemStanding {
  if (item.ending === null && now < item.expiresAt) return 'kept';
  return isHeld(item, now) ? 'held' : 'due';
}

/** True while a hold on the item is open. */
export function isHeld({ holds }: Pick<RetentionItem, 'holds'>, now: EpochMs): boolean {
  return holds.some(({ releasedAt, until }) => releasedAt === null && now < until);
}

/** Everything that is due at this moment. */
export function dueAt(items: readonly RetentionItem[], now: EpochMs): RetentionItem[] {
  return items.filter((item) => standingOf(item, now) === 'due');
}

/** What destroying all of an item destroys: the row that names it, and its parts. */
export function countsOf({ parts }: Pick<RetentionItem, 'parts'>): ErasedCounts {
  return { rows: 1, ...Object.fromEntries(PART_KINDS.map((kind) => [kind, parts[kind]?.ids.length ?? 0])) };
}
