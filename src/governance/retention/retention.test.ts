import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, expiryOf, RETENTION_RULES, type RetentionCategory } from './categories.ts';
import { HOLD_LIMITS, placeHold, releaseHold } from './holds.ts';
import { countsOf, dueAt, standingOf, type Hold, type RetentionItem } from './item.ts';
import { pressurePlan } from './storage-pressure.ts';
import { isStillDue, sweepPlan } from './sweep.ts';

const T = Date.UTC(2026, 10, 22);
const day = (n: number): number => T + n * DAY_MS;

function itemOf(change: Partial<RetentionItem> = {}): RetentionItem {
  return {
    itemId: 'i-1', category: 'redacted-media', purpose: 'redacted-recording', dataSubject: 'p-1', createdAt: T, expiresAt: day(30), ending: null, holds: [],
    parts: { keys: { ids: ['k'], bytes: 32 }, media: { ids: ['m1', 'm2'], bytes: 9000 }, thumbnails: { ids: ['t'], bytes: 100 } },
    ...change,
  };
}
const holdOf = (change: Partial<Hold> = {}): Hold => ({ holdId: 'h', reason: 'a dispute is open', owner: 'sam', placedAt: T, until: day(60), releasedAt: null, ...change });

describe('how long each class of data is kept [TAF-5.5a, MEG-retain]', () => {
  it('is what the notice says, or the default, never longer than the class allows or the consent lasts', () => {
    expect(expiryOf('redacted-media', T)).toBe(day(30));
    expect(expiryOf('redacted-media', T, { periodDays: 7 })).toBe(day(7));
    expect(expiryOf('redacted-media', T, { periodDays: 7, notAfter: day(3) })).toBe(day(3));
    expect(expiryOf('live-picture', T)).toBe(T);
    expect(() => expiryOf('sealed-regions', T, { periodDays: 181 })).toThrow(/from 0 to 180, got 181/);
    expect(() => expiryOf('redacted-media', T, { periodDays: -1 })).toThrow(TypeError);
    expect(() => expiryOf('redacted-media', T, { periodDays: Number.NaN })).toThrow(TypeError);
    expect(() => expiryOf('faces' as RetentionCategory, T)).toThrow(/category must be one of/);
  });

  it('proof of what was done outlives the consent; nothing personal does', () => {
    for (const [category, { nature }] of Object.entries(RETENTION_RULES)) {
      const end = expiryOf(category as RetentionCategory, T, { notAfter: T + 1 });
      expect(end > T + 1, category).toBe(nature === 'proof');
    }
  });
});

describe('how things stand with an item [TAF-5.5a, TAF-5.5b]', () => {
  it.each<[string, Partial<RetentionItem>, number, string]>([
    ['a moment before its end', {}, day(30) - 1, 'kept'],
    ['at its end', {}, day(30), 'due'],
    ['withdrawn before its end', { ending: 'withdrawn' }, day(1), 'due'],
    ['held after its end', { holds: [holdOf()] }, day(40), 'held'],
    ['held and withdrawn', { ending: 'withdrawn', holds: [holdOf()] }, day(1), 'held'],
    ['at the end of its hold', { holds: [holdOf()] }, day(60), 'due'],
    ['after its hold was released', { holds: [holdOf({ releasedAt: day(35) })] }, day(40), 'due'],
    ['one of two holds released', { holds: [holdOf({ releasedAt: day(35) }), holdOf({ holdId: 'h2' })] }, day(40), 'held'],
    ['held while it is kept anyway', { holds: [holdOf()] }, day(10), 'kept'],
  ])('%s', (_name, change, now, standing) => {
    expect(standingOf(itemOf(change), now)).toBe(standing);
    expect(dueAt([itemOf(change)], now)).toHaveLength(standing === 'due' ? 1 : 0);
  });
});

describe('a hold [TAF-5.5b]', () => {
  const request = { reason: 'the parcel was not there', owner: 'sam', until: day(60) };

  it('has a reason, an owner and an end, and keeps the item until then', () => {
    const { item, hold } = placeHold(itemOf(), request, day(1));
    expect(hold).toMatchObject({ ...request, placedAt: day(1), releasedAt: null });
    expect(standingOf(item, day(60) - 1)).toBe('held');
    expect(standingOf(item, day(60))).toBe('due');
  });

  it.each<[string, Partial<typeof request>, string]>([
    ['without a reason', { reason: '' }, 'reason'],
    ['with blanks for a reason', { reason: ' '.repeat(20) }, 'reason'],
    ['with a reason too long', { reason: 'x'.repeat(501) }, 'reason'],
    ['without an owner', { owner: '' }, 'owner'],
    ['without an end', { until: undefined as never }, 'until'],
    ['that never ends', { until: Infinity }, 'until'],
    ['that has ended', { until: day(1) }, 'until'],
    ['that is too long', { until: day(1) + HOLD_LIMITS.maxDays * DAY_MS + 1 }, 'until'],
  ])('%s is refused', (_name, change, field) => {
    expect(() => placeHold(itemOf(), { ...request, ...change }, day(1))).toThrow(expect.objectContaining({ code: 'ERR_HOLD_REFUSED', details: { field } }));
  });

  it('brings nothing back that is due', () => {
    expect(() => placeHold(itemOf(), request, day(30))).toThrow(expect.objectContaining({ details: { field: 'item' } }));
    expect(() => placeHold(itemOf({ ending: 'requested' }), request, day(1))).toThrow(expect.objectContaining({ details: { field: 'item' } }));
  });

  it('placed over and over still ends: three years after the item’s own time nothing is held', () => {
    let item = itemOf();
    let now = day(1);
    for (;;) {
      const until = now + HOLD_LIMITS.maxDays * DAY_MS;
      if (until > item.expiresAt + HOLD_LIMITS.maxDaysOver * DAY_MS) break;
      ({ item } = placeHold(item, { ...request, until }, now));
      now = until - DAY_MS;
    }
    expect(() => placeHold(item, { ...request, until: now + HOLD_LIMITS.maxDays * DAY_MS }, now)).toThrow(expect.objectContaining({ details: { field: 'until' } }));
    expect(standingOf(item, day(30) + HOLD_LIMITS.maxDaysOver * DAY_MS)).toBe('due');
    const many = itemOf({ holds: Array.from({ length: HOLD_LIMITS.maxHolds }, () => holdOf()) });
    expect(() => placeHold(many, request, day(1))).toThrow(expect.objectContaining({ details: { field: 'holds' } }));
  });

  it('released lets the item go with the next sweep; a second release changes nothing', () => {
    const { item, hold } = placeHold(itemOf(), request, day(1));
    const released = releaseHold(item, hold.holdId, day(40));
    expect(sweepPlan([item], day(40)).erase).toEqual([]);
    expect(sweepPlan([released], day(40)).erase).toMatchObject([{ itemId: 'i-1', reason: 'hold-released' }]);
    expect(releaseHold(released, hold.holdId, day(50))).toEqual(released);
    expect(() => releaseHold(item, 'other', day(40))).toThrow(expect.objectContaining({ code: 'ERR_HOLD_REFUSED' }));
    expect(item.holds[0]?.releasedAt).toBeNull();
  });
});

describe('the sweep [TAF-5.5a, MEG-retain]', () => {
  it('destroys keys first and names every part; the receipt counts them', () => {
    const { erase } = sweepPlan([itemOf()], day(30));
    expect(erase).toEqual([{ itemId: 'i-1', reason: 'expired', dataSubject: 'p-1', bytes: 9132, steps: [{ kind: 'keys', ids: ['k'] }, { kind: 'thumbnails', ids: ['t'] }, { kind: 'media', ids: ['m1', 'm2'] }] }]);
    expect(countsOf(itemOf())).toEqual({ rows: 1, keys: 1, templates: 0, thumbnails: 1, media: 2 });
  });

  it('takes what has keys before what has none', () => {
    const order = [itemOf({ itemId: 'bare', parts: {} }), itemOf({ itemId: 'media', parts: { media: { ids: ['m'], bytes: 1 } } }), itemOf({ itemId: 'keys' })];
    expect(sweepPlan(order, day(30)).erase.map(({ itemId }) => itemId)).toEqual(['keys', 'media', 'bare']);
  });

  it.each<[string, Partial<RetentionItem>, number, string]>([
    ['expired', {}, day(31), 'expired'],
    ['withdrawn', { ending: 'withdrawn' }, day(1), 'withdrawn'],
    ['its purpose met', { ending: 'purpose-met' }, day(1), 'purpose-met'],
    ['held and the hold over', { holds: [holdOf()] }, day(60), 'hold-ended'],
    ['held and released', { holds: [holdOf({ releasedAt: day(45) })] }, day(60), 'hold-released'],
    ['held only while it was kept anyway', { holds: [holdOf({ until: day(20) })] }, day(31), 'expired'],
    ['withdrawn, held and the hold over', { ending: 'withdrawn', holds: [holdOf({ until: day(20) })] }, day(21), 'hold-ended'],
  ])('says why: %s', (_name, change, now, reason) => {
    expect(sweepPlan([itemOf(change)], now).erase[0]?.reason).toBe(reason);
  });

  it('asks again before it destroys: a hold placed meanwhile, or an item gone, stops it', () => {
    const item = itemOf({ holds: [holdOf({ until: day(31) })] });
    const [entry] = sweepPlan([item], day(31)).erase;
    expect(isStillDue(entry!, item, day(31))).toBe(true);
    expect(isStillDue(entry!, { ...item, holds: [...item.holds, holdOf({ holdId: 'h2' })] }, day(31))).toBe(false);
    expect(isStillDue(entry!, { ...item, itemId: 'other' }, day(31))).toBe(false);
    expect(isStillDue(entry!, null, day(31))).toBe(false);
  });

  it('says when the next one is due, and at that moment, not before, there is one (property, seed 10)', () => {
    const items = fc.array(
      fc.record({
        expires: fc.integer({ min: 0, max: 100 }),
        ending: fc.constantFrom(null, null, 'withdrawn' as const),
        holds: fc.array(fc.record({ until: fc.integer({ min: 1, max: 100 }), released: fc.option(fc.integer({ min: 0, max: 100 })) }), { maxLength: 3 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 120 }), (specs, now) => {
        const all = specs.map(({ expires, ending, holds }, index) =>
          itemOf({ itemId: String(index), expiresAt: expires, ending, holds: holds.map(({ until, released }) => holdOf({ until, releasedAt: released !== null && released <= now ? released : null })) }),
        );
        // The definition in other words: every moment from the beginning of time, nothing but what is true of it.
        const goes = (index: number, time: number): boolean =>
          (specs[index]!.ending !== null || time >= specs[index]!.expires) && !all[index]!.holds.some(({ until, releasedAt }) => time < until && releasedAt === null);
        const { erase, nextAt } = sweepPlan(all, now);
        expect(erase.map(({ itemId }) => itemId).sort()).toEqual(all.filter((_, index) => goes(index, now)).map(({ itemId }) => itemId).sort());
        const waiting = all.flatMap((_, index) => (goes(index, now) ? [] : [index]));
        const times = waiting.map((index) => {
          let time = now;
          while (!goes(index, time)) time += 1;
          return time;
        });
        expect(nextAt).toBe(times.length === 0 ? null : Math.min(...times));
      }),
      { seed: 10, numRuns: 500 },
    );
  });

  it('goes through ten thousand items', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => itemOf({ itemId: `i-${index}`, expiresAt: day(index % 60) }));
    expect(sweepPlan(items, day(29)).erase).toHaveLength(items.filter(({ expiresAt }) => expiresAt <= day(29)).length);
  });
});

describe('when storage runs out [MEG-retain]', () => {
  const due = itemOf({ itemId: 'due', expiresAt: day(1) });
  const soon = itemOf({ itemId: 'soon', expiresAt: day(10) });
  const late = itemOf({ itemId: 'late', expiresAt: day(20) });
  const disputed = itemOf({ itemId: 'disputed', expiresAt: day(5), holds: [holdOf()] });
  const held = itemOf({ itemId: 'held', expiresAt: day(1), holds: [holdOf()] });

  it('what is due goes, then thumbnails, as much as it takes; nothing that is kept goes unasked', () => {
    const plan = pressurePlan([late, soon, due, disputed, held], 9150, day(2));
    expect(plan.erase.map(({ itemId }) => itemId)).toEqual(['due']);
    expect(plan.drop).toEqual([{ itemId: 'soon', ids: ['t'], bytes: 100 }]);
    expect(plan).toMatchObject({ freedBytes: 9232, enough: true });
    expect(plan.offers.map(({ itemId }) => itemId)).toEqual(['soon', 'late']);
  });

  it('says when that is not enough', () => {
    expect(pressurePlan([soon, held], 1_000_000, day(2))).toMatchObject({ enough: false, freedBytes: 100, erase: [] });
    expect(pressurePlan([], 1, day(2))).toEqual({ erase: [], drop: [], freedBytes: 0, enough: false, offers: [] });
    expect(pressurePlan([soon], 0, day(2))).toMatchObject({ enough: true, drop: [] });
  });
});
