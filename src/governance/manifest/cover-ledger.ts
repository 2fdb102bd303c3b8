import type { Microseconds } from '../../core/time.ts';

/** What was covered in one second of the media. */
export interface SecondOfCovers {
  /** 0 for the first. */
  readonly second: number;
  /** Frames of which it is known. */
  readonly frames: number;
  /** Regions covered, summed over the frames. */
  readonly regions: number;
  /** Frames covered whole. */
  readonly wholeFrames: number;
}

/** Counts covers by the seconds of a media file. */
export class CoverLedger {
  readonly #seconds = new Map<number, { frames: number; regions: number; wholeFrames: number }>();

  /** Takes in what was covered in one frame; `regions` is 0 where it was covered whole. */
  add(timeUs: Microseconds, regions: number, whole: boolean): void {
    const second = Math.max(0, Math.floor(timeUs / 1e6));
    const sum = this.#seconds.get(second) ?? { frames: 0, regions: 0, wholeFrames: 0 };
    sum.frames += 1;
    sum.regions += regions;
    if (whole) sum.wholeFrames += 1;
    this.#seconds.set(second, sum);
  }

  /** The seconds of which something is known, in order, from `from` on. */
  seconds(from = 0): SecondOfCovers[] {
    return [...this.#seconds].filter(([second]) => second >= from).sort(([a], [b]) => a - b).map(([second, sum]) => ({ second, ...sum }));
  }
}

/** What is covered in a video that was covered `before` and `more` over that: frames that either covered whole are whole. */
export function bothCovers(before: readonly SecondOfCovers[], more: readonly SecondOfCovers[]): SecondOfCovers[] {
  const earlier = new Map(before.map((second) => [second.second, second]));
  return more.map(({ second, frames, regions, wholeFrames }) => {
    const was = earlier.get(second);
    return { second, frames, regions: regions + (was?.regions ?? 0), wholeFrames: Math.min(frames, Math.max(wholeFrames, was?.wholeFrames ?? 0)) };
  });
}
