import type { ShownBox, ShownCase } from './shown-case.ts';

/** Something on the time line that one may want to go to. */
export interface Moment {
  readonly timeUs: number;
  readonly kind: 'face-in' | 'face-out' | 'whole' | 'box';
}

/** A moment just reached counts as reached, although a frame rarely lies exactly on it. */
const NEAR_US = 60_000;

/** All moments of a case, in order: faces that come and go, whole frames covered, places covered by hand. */
export function momentsOf({ timeline }: Pick<ShownCase, 'timeline'>, boxes: readonly ShownBox[]): Moment[] {
  const faces = timeline.tracks.flatMap(({ spans }) => spans.flatMap(({ fromUs, untilUs }): Moment[] => [{ timeUs: fromUs, kind: 'face-in' }, { timeUs: untilUs, kind: 'face-out' }]));
  const whole = timeline.covers
    .filter(({ second, wholeFrames }) => wholeFrames > 0 && !timeline.covers.some((before) => before.second === second - 1 && before.wholeFrames > 0))
    .map(({ second }): Moment => ({ timeUs: second * 1e6, kind: 'whole' }));
  const drawn = boxes.map(({ fromUs }): Moment => ({ timeUs: fromUs, kind: 'box' }));
  return [...faces, ...whole, ...drawn].filter(({ timeUs }) => timeUs < timeline.durationUs).sort((a, b) => a.timeUs - b.timeUs);
}

/** The next moment from here, or the one before; null where there is none. */
export function momentFrom(moments: readonly Moment[], timeUs: number, towards: 'next' | 'previous'): Moment | null {
  if (towards === 'next') return moments.find((moment) => moment.timeUs > timeUs + NEAR_US) ?? null;
  return moments.findLast((moment) => moment.timeUs < timeUs - NEAR_US) ?? null;
}
