import { describe, expect, test } from 'vitest';
import type { FacesReport } from '../core/protocol.ts';
import { CoverMatcher } from './cover-matcher.ts';

const SIZE = { width: 10, height: 10 };
const report = (timestampUs: number, regions: number, whole: FacesReport['whole'] = null): FacesReport => ({
  timestampUs, width: 10, height: 10, whole,
  faces: Array.from({ length: regions }, (_, trackId) => ({ trackId, state: 'confirmed', box: { x: 0, y: 0, width: 1, height: 1 } })),
});

describe('covers of recorded frames', () => {
  test('count for exactly their frame, whichever is told first; what was not recorded does not count', () => {
    const covers = new CoverMatcher(true);
    covers.report(report(1000, 2));
    covers.report(report(2000, 5));
    covers.frame(1000, 0, SIZE);
    covers.frame(3000, 1_000_000, SIZE);
    covers.report(report(3000, 1, 'no-detection'));
    expect(covers.seconds()).toEqual([
      { second: 0, frames: 1, regions: 2, wholeFrames: 0 },
      { second: 1, frames: 1, regions: 0, wholeFrames: 1 },
    ]);
    expect(covers.seconds(1)).toHaveLength(1);
  });

  test('where frames lose their timestamps, the latest report counts', () => {
    const covers = new CoverMatcher(false);
    covers.frame(7, 0, SIZE);
    covers.report(report(1000, 3));
    covers.frame(8, 10, SIZE);
    covers.frame(9, 20, SIZE);
    expect(covers.seconds()).toEqual([{ second: 0, frames: 2, regions: 6, wholeFrames: 0 }]);
  });

  test('tell where the tracks were, ten times a second at most and in the newest frame, in pixels of the recorded picture', () => {
    const covers = new CoverMatcher(true);
    const tell = (timeUs: number, width: number, height: number): void => {
      covers.report({ timestampUs: timeUs, width, height, whole: null, faces: [{ trackId: 7, state: 'confirmed', box: { x: 10.4, y: 20, width: 10.2, height: 5 } }] });
      covers.frame(timeUs, timeUs, { width: 100, height: 60 });
    };
    for (const timeUs of [0, 33_000, 66_000, 100_000]) tell(timeUs, 100, 60);
    expect(covers.takeTracks()).toEqual([0, 100_000].map((timeUs) => ({ timeUs, tracks: [{ trackId: 7, box: { x: 10, y: 20, width: 11, height: 5 } }] })));
    expect(covers.takeTracks()).toEqual([]);
    // Whatever comes last is told, too: nothing after it would say what was covered there. What is late is not.
    for (const timeUs of [133_000, 166_000, 150_000]) tell(timeUs, 100, 60);
    expect(covers.takeTracks().map(({ timeUs }) => timeUs)).toEqual([166_000]);
    // A frame of another shape lies in the middle of the recorded picture, made smaller.
    tell(200_000, 60, 120);
    expect(covers.takeTracks()).toEqual([{ timeUs: 200_000, tracks: [{ trackId: 7, box: { x: 40, y: 10, width: 6, height: 3 } }] }]);
  });
});
