/** Microseconds, the unit of WebCodecs timestamps. */
export type Microseconds = number;

/** Milliseconds, the unit of `performance.now()` and timers. */
export type Milliseconds = number;

/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/** The clock that rules take as a parameter, so that tests can set it. Returns milliseconds since the Unix epoch. */
export type Clock = () => EpochMs;

/** A clock may be off by this much before records of its future, or a clock behind what was seen, count as wrong. */
export const CLOCK_TOLERANCE_MS: Milliseconds = 5 * 60 * 1000;
