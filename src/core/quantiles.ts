import type { Quantiles } from './protocol.ts';
import type { Milliseconds } from './time.ts';

/** The latest durations of one stage, a fixed number of them. */
export interface DurationWindow {
  /** Adds one, dropping the oldest when full. Allocates nothing. What is not finite is not a duration and is left out. */
  add(durationMs: Milliseconds): void;
  /** p50 and p95 of the durations held, by nearest rank; both 0 while there are none. Sorts: call it once a second, not per frame. */
  quantiles(): Quantiles;
  clear(): void;
  /** Durations held now. */
  readonly count: number;
}

/**
 * Creates a window over the latest `capacity` durations.
 * @throws TypeError when `capacity` is not a whole number of at least 1.
 */
export function createDurationWindow(capacity: number): DurationWindow {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new TypeError(`capacity is ${String(capacity)}; give a whole number of at least 1.`);
  }
  const ring = new Float64Array(capacity);
  const sorted = new Float64Array(capacity);
  let next = 0;
  let count = 0;

  return {
    add(durationMs) {
      if (!Number.isFinite(durationMs)) return;
      ring[next] = durationMs;
      next = (next + 1) % capacity;
      count = Math.min(count + 1, capacity);
    },
    quantiles() {
      // Until the ring is full it holds its first `count` slots; the order does not matter here.
      sorted.set(ring);
      const held = sorted.subarray(0, count).sort();
      const at = (share: number): number => held[Math.max(0, Math.ceil(share * count) - 1)] ?? 0;
      return { p50: at(0.5), p95: at(0.95) };
    },
    clear() {
      next = 0;
      count = 0;
    },
    get count() {
      return count;
    },
  };
}
