import type { RightsCorrection, RightsResult, RightsWorkProgress } from 'bauta/rights';

/** What is going on with a request, or was handed out for it, in this visit. */
export interface RequestWork {
  readonly abort: AbortController | null;
  readonly progress: RightsWorkProgress | null;
  /** What came of it; the copy is nowhere else. */
  readonly result: RightsResult | null;
}

/** What can be done with a request from its card. */
export interface RequestActions {
  identify(requestId: string): void;
  carryOut(requestId: string, corrections: readonly RightsCorrection[]): void;
  cancel(requestId: string): void;
  retract(requestId: string): void;
  lift(requestId: string): void;
  refuse(requestId: string, reason: string): void;
}
