import type { EpochMs } from '../../core/time.ts';
import { standingOf, type RetentionItem } from './item.ts';
import { entryOf, type SweepEntry } from './sweep.ts';

/** What can be done when the browser runs out of room. */
export interface PressurePlan {
  /** Due anyway. */
  readonly erase: readonly SweepEntry[];
  /** Thumbnails of what is kept: they can be made again from the media. */
  readonly drop: readonly { readonly itemId: string; readonly ids: readonly string[]; readonly bytes: number }[];
  /** Bytes that both give back. */
  readonly freedBytes: number;
  /** False: recording has to stop, and somebody has to choose among `offers`. Nothing that is kept is taken away unasked. */
  readonly enough: boolean;
  /** Kept items without a dispute, those first whose time ends first: for a person to choose from. */
  readonly offers: readonly { readonly itemId: string; readonly bytes: number }[];
}

/**
 * What goes when `bytesNeeded` are missing: what is due, then what can be made again, as much as it takes. What is held
 * for a dispute is not touched.
 */
export function pressurePlan(items: readonly RetentionItem[], bytesNeeded: number, now: EpochMs): PressurePlan {
  const erase = items.filter((item) => standingOf(item, now) === 'due').map((item) => entryOf(item, now));
  let freedBytes = erase.reduce((sum, { bytes }) => sum + bytes, 0);
  const kept = items.filter((item) => standingOf(item, now) === 'kept' && item.holds.every(({ releasedAt, until }) => releasedAt !== null || until <= now));
  const byEnd = [...kept].sort((a, b) => a.expiresAt - b.expiresAt);
  const drop: { itemId: string; ids: readonly string[]; bytes: number }[] = [];
  for (const { itemId, parts: { thumbnails } } of byEnd) {
    if (freedBytes >= bytesNeeded) break;
    if (thumbnails === undefined || thumbnails.ids.length === 0) continue;
    drop.push({ itemId, ids: thumbnails.ids, bytes: thumbnails.bytes });
    freedBytes += thumbnails.bytes;
  }
  const offers = byEnd.map((item) => ({ itemId: item.itemId, bytes: entryOf(item, now).bytes }));
  return { erase, drop, freedBytes, enough: freedBytes >= bytesNeeded, offers };
}
