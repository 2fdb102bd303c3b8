import { area, intersect, type Box } from '../../core/geometry.ts';
import type { TrackSample } from '../../core/recording.ts';
import type { Microseconds } from '../../core/time.ts';

/** Samples come ten a second at most, and fewer on a machine that is busy; older ones say nothing of a moment. */
const MOST_APART_US: Microseconds = 400_000;
/** A box counts as covered when this share of it lies in one cover. */
const LEAST_SHARE = 0.85;

/** Where a redacted video is known to be covered. */
export class CoveredPlaces {
  readonly #samples: readonly TrackSample[];
  readonly #fixed: readonly { readonly fromUs: Microseconds; readonly untilUs: Microseconds; readonly box: Box }[];

  /** @param samples of the time line, by time. @param fixed rectangles that were marked by hand. */
  constructor(samples: readonly TrackSample[], fixed: readonly { readonly fromUs: Microseconds; readonly untilUs: Microseconds; readonly box: Box }[] = []) {
    this.#samples = [...samples].sort((a, b) => a.timeUs - b.timeUs);
    this.#fixed = fixed;
  }

  /** True when a box at this time lies in a cover: one that was there just before, just after, or on its way between the two. */
  holds(box: Box, timeUs: Microseconds): boolean {
    const least = LEAST_SHARE * area(box);
    const isIn = (cover: Box): boolean => area(intersect(box, cover)) >= least;
    if (this.#fixed.some((fixed) => timeUs >= fixed.fromUs && timeUs < fixed.untilUs && isIn(fixed.box))) return true;
    const [before, after] = this.#around(timeUs);
    const earlier = new Map(before.map((track) => [track.trackId, track.box]));
    return before.some((track) => isIn(track.box)) || after.some((track) => isIn(hull(track.box, earlier.get(track.trackId) ?? track.box)));
  }

  #around(timeUs: Microseconds): [before: TrackSample['tracks'], after: TrackSample['tracks']] {
    // The first one after this time.
    let low = 0;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#samples[middle]!.timeUs <= timeUs) low = middle + 1;
      else high = middle;
    }
    const near = (sample: TrackSample | undefined): TrackSample['tracks'] => (sample !== undefined && Math.abs(sample.timeUs - timeUs) <= MOST_APART_US ? sample.tracks : []);
    return [near(this.#samples[low - 1]), near(this.#samples[low])];
  }
}

function hull(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
