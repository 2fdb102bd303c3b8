import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ThrottleMark } from './store.ts';
import { afterRefusal, mayAsk, REASK_AFTER_MS, type Initiator } from './throttle.ts';

const T0 = 1_790_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const refused = (refusedAt: number): ThrottleMark => ({ refusedAt });

describe('mayAsk', () => {
  it('is free before any refusal [TAF-5.1d]', () => {
    expect(mayAsk(null, 'app', T0)).toEqual({ allowed: true });
  });

  it.each([
    ['at once', 0, false],
    ['after 47:59 h', 48 * HOUR - MINUTE, false],
    ['a millisecond before 48:00 h', 48 * HOUR - 1, false],
    ['at 48:00 h', 48 * HOUR, true],
    ['after a year', 8766 * HOUR, true],
  ])('%s (%i ms), asked by the app: allowed is %s [TAF-5.1d]', (_when, laterMs, allowed) => {
    expect(mayAsk(refused(T0), 'app', T0 + laterMs)).toEqual(allowed ? { allowed } : { allowed, mayAskAt: T0 + 48 * HOUR });
  });

  it('lets the person start it at any time [TAF-5.1d]', () => {
    expect(mayAsk(refused(T0), 'user', T0)).toEqual({ allowed: true });
    expect(mayAsk(refused(Number.NaN), 'user', T0)).toEqual({ allowed: true });
  });

  it('a refusal that lies in the future suppresses until 48 h after it: moving the clock gains nothing [TAF-5.1d]', () => {
    expect(mayAsk(refused(T0 + HOUR), 'app', T0)).toEqual({ allowed: false, mayAskAt: T0 + 49 * HOUR });
  });

  it('a mark that is no date counts as a refusal of now', () => {
    for (const refusedAt of [Number.NaN, Number.NEGATIVE_INFINITY, undefined as unknown as number]) {
      expect(mayAsk(refused(refusedAt), 'app', T0)).toEqual({ allowed: false, mayAskAt: T0 + REASK_AFTER_MS });
    }
  });
});

describe('afterRefusal', () => {
  it('keeps the later refusal, whichever tab writes last', () => {
    expect(afterRefusal(null, T0)).toEqual(refused(T0));
    expect(afterRefusal(refused(T0 + 1), T0)).toEqual(refused(T0 + 1));
    expect(afterRefusal(refused(T0), T0 + 1)).toEqual(refused(T0 + 1));
  });
});

/** What can happen in one of several tabs that share a store, each with a clock that may be moved. */
type Step =
  | { readonly kind: 'ask'; readonly initiatedBy: Initiator; readonly answer: 'yes' | 'no' }
  | { readonly kind: 'clock'; readonly byMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    initiatedBy: fc.constantFrom<Initiator>('app', 'app', 'user'),
    answer: fc.constantFrom<'yes' | 'no'>('no', 'no', 'yes'),
  }),
  fc.record({ kind: fc.constant('clock' as const), byMs: fc.integer({ min: -72 * HOUR, max: 72 * HOUR }) }),
);

it('in any history of refusals, yeses and clock moves the app asks only 48 h after the last no, or after a yes [TAF-5.1d]', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (history) => {
      let clock = T0;
      let seen = T0;
      let mark: ThrottleMark | null = null;
      // The model: what a witness with a watch of his own, which never runs back, remembers.
      let lastNo: number | null = null;
      for (const event of history) {
        if (event.kind === 'clock') {
          clock += event.byMs;
          seen = Math.max(seen, clock);
          continue;
        }
        const decision = mayAsk(mark, event.initiatedBy, seen);
        expect(decision.allowed).toBe(event.initiatedBy === 'user' || lastNo === null || seen - lastNo >= 48 * HOUR);
        if (!decision.allowed) continue;
        lastNo = event.answer === 'no' ? seen : null;
        mark = event.answer === 'no' ? afterRefusal(mark, seen) : null;
      }
    }),
    { seed: 20_260_704, numRuns: 500 },
  );
});
