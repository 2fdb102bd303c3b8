/** Microseconds, the unit of WebCodecs timestamps. */
export type Microseconds = number;

/** Milliseconds, the unit of `performance.now()` and timers. */
export type Milliseconds = number;

/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/** The clock that rules take as a parameter, so that tests can set it. Returns milliseconds since the Unix epoch. */
export type Clock = () => EpochMs;
