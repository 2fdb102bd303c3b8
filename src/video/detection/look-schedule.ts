import type { Milliseconds } from '../../core/time.ts';
import type { Look } from './face-detector.ts';

/** How old knowledge may get before a look runs whatever it costs. */
export interface LookBounds {
  /** For whole-picture looks; must leave room below the age at which the picture is covered whole. */
  readonly wholeMs: Milliseconds;
  /** For tiles: how long a small face may go unseen. */
  readonly tileMs: Milliseconds;
  /** The same two in the amount by which the picture has changed since, see `SceneChange.difference`: in a picture that moves, knowledge ages faster. */
  readonly wholeChange: number;
  readonly tileChange: number;
}

/** What the schedule knows of a look. Ages count from the frame that was looked at, not from when the answer came. */
interface LookRecord {
  lastRunMs: Milliseconds;
  /** The sum of changes at that time. */
  lastChange: number;
  costMs: Milliseconds | null;
}

/** The weight of the newest measurement in a look's cost. */
const COST_WEIGHT = 0.2;
/** So far beyond the budget a frame may be searched where its dearest look takes as long by itself: two cheap looks that just do not fit would each take a frame. */
const MOST_OVER_BUDGET = 1.25;

/** Decides which looks run on a frame. Holds no clock: every call says what time it is. */
export interface LookSchedule {
  /** The next frame differs from the one before by this much. */
  moved(difference: number): void;
  /**
   * The looks to run on the frame of `nowMs`. All of them on a sweep, or where a look has never run; else those whose age or change has reached
   * its bound, then the most overdue (in proportion to the bounds) as far as the budget reaches, or up to a quarter
   * farther where the dearest look takes as long by itself, and at least one. Where frames come fast (`mayRest`)
   * none runs while the budget has not grown to the cost of the most overdue.
   */
  plan(looks: readonly Look[], nowMs: Milliseconds, budgetMs: Milliseconds, sweep: boolean, mayRest?: boolean): Look[];
  /** Notes that a look ran on the frame of `frameMs` and took `costMs`. */
  ran(look: Look, frameMs: Milliseconds, costMs: Milliseconds): void;
  /** Age of the look of this scope that ran longest ago; Infinity where one never ran, 0 where there is none. */
  oldestAgeMs(looks: readonly Look[], scope: Look['scope'], nowMs: Milliseconds): Milliseconds;
  /** Forgets when looks ran (not what they cost): the picture is another one now. */
  forget(): void;
}

/** Creates an empty schedule. */
export function createLookSchedule(bounds: LookBounds): LookSchedule {
  const records = new Map<string, LookRecord>();
  let change = 0;
  const ageOf = (look: Look, nowMs: Milliseconds): Milliseconds => {
    const record = records.get(look.id);
    return record === undefined ? Infinity : nowMs - record.lastRunMs;
  };
  const urgencyOf = (look: Look, nowMs: Milliseconds): number => {
    const isWhole = look.scope === 'whole';
    const changed = change - (records.get(look.id)?.lastChange ?? -Infinity);
    return Math.max(ageOf(look, nowMs) / (isWhole ? bounds.wholeMs : bounds.tileMs), changed / (isWhole ? bounds.wholeChange : bounds.tileChange));
  };

  return {
    moved(difference) {
      change += difference;
    },
    plan(looks, nowMs, budgetMs, sweep, mayRest = false) {
      const byUrgency = looks
        .map((look, rank) => ({ look, rank, urgency: urgencyOf(look, nowMs) }))
        .sort((a, b) => (a.urgency === b.urgency ? a.rank - b.rank : b.urgency - a.urgency));
      const chosen: Look[] = [];
      const costOf = (look: Look): Milliseconds => records.get(look.id)?.costMs ?? 0;
      const dearestMs = looks.reduce((most, look) => Math.max(most, costOf(look)), 0);
      const roomMs = mayRest ? budgetMs : Math.max(budgetMs, Math.min(dearestMs, MOST_OVER_BUDGET * budgetMs));
      let spentMs = 0;
      for (const { look, urgency } of byUrgency) {
        const costMs = costOf(look);
        const isWanted = sweep || urgency >= 1 || spentMs + costMs <= roomMs;
        if (!isWanted && chosen.length > 0) continue;
        // A cheaper look now would use up what the one whose turn it is waits for.
        if (!isWanted && mayRest) break;
        chosen.push(look);
        spentMs += costMs;
      }
      return chosen;
    },
    ran(look, frameMs, costMs) {
      const before = records.get(look.id)?.costMs ?? null;
      records.set(look.id, { lastRunMs: frameMs, lastChange: change, costMs: before === null ? costMs : before + COST_WEIGHT * (costMs - before) });
    },
    oldestAgeMs(looks, scope, nowMs) {
      return looks.reduce((oldest, look) => (look.scope === scope ? Math.max(oldest, ageOf(look, nowMs)) : oldest), 0);
    },
    forget() {
      for (const record of records.values()) record.lastRunMs = -Infinity;
    },
  };
}
