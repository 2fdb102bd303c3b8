import type { Milliseconds } from './time.ts';

/** How {@link isFaster} measures. */
export interface ContestOptions {
  readonly now: () => Milliseconds;
  /** Timed runs of each, default 5; one more of each goes before. */
  readonly rounds?: number;
}

/** A tie goes to the incumbent: the challenger has to need at most this share of its time. */
const SHARE = 0.8;
/** A challenger this much slower in one round is not tried again: nobody should wait for it. */
const HOPELESS = 4;

/**
 * Whether `challenger` does the same work faster than `incumbent` on this machine, now: by the medians of some runs in
 * turn, after each ran once to warm up. Rejects with what either of them rejects with.
 */
export async function isFaster(challenger: () => Promise<unknown>, incumbent: () => Promise<unknown>, { now, rounds = 5 }: ContestOptions): Promise<boolean> {
  const timed = async (run: () => Promise<unknown>): Promise<Milliseconds> => {
    const startMs = now();
    await run();
    return now() - startMs;
  };
  await incumbent();
  await challenger();
  const known: Milliseconds[] = [];
  const tried: Milliseconds[] = [];
  for (let round = 0; round < rounds; round++) {
    const incumbentMs = await timed(incumbent);
    const challengerMs = await timed(challenger);
    if (challengerMs > HOPELESS * incumbentMs) return false;
    known.push(incumbentMs);
    tried.push(challengerMs);
  }
  return median(tried) <= SHARE * median(known);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;
}
