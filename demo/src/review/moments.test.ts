import { describe, expect, it } from 'vitest';
import { momentFrom, momentsOf } from './moments.ts';

const timeline = {
  durationUs: 9_000_000,
  samples: [],
  covers: [
    { second: 0, frames: 30, regions: 0, wholeFrames: 4 },
    { second: 1, frames: 30, regions: 20, wholeFrames: 1 },
    { second: 2, frames: 30, regions: 30, wholeFrames: 0 },
    { second: 5, frames: 30, regions: 30, wholeFrames: 2 },
  ],
  tracks: [{ trackId: 3, sealed: false, spans: [{ fromUs: 400_000, untilUs: 3_000_000 }, { fromUs: 7_000_000, untilUs: 9_000_000 }] }],
};

describe('the moments of a case', () => {
  const moments = momentsOf({ timeline }, [{ fromUs: 6_000_000, untilUs: 7_000_000, box: { x: 0, y: 0, width: 1, height: 1 } }]);

  it('are in order, name the begin of a stretch of whole covers once, and leave out the end of the media', () => {
    expect(moments.map(({ timeUs, kind }) => `${timeUs / 1e6} ${kind}`)).toEqual(['0 whole', '0.4 face-in', '3 face-out', '5 whole', '6 box', '7 face-in']);
  });

  it('are gone to one after the other, in both directions', () => {
    expect(momentFrom(moments, 0, 'next')?.timeUs).toBe(400_000);
    // The frame shown at a moment may begin a little before or after it.
    expect(momentFrom(moments, 380_000, 'next')?.timeUs).toBe(3_000_000);
    expect(momentFrom(moments, 420_000, 'previous')?.timeUs).toBe(0);
    expect(momentFrom(moments, 8_000_000, 'next')).toBeNull();
    expect(momentFrom(moments, 30_000, 'previous')).toBeNull();
  });
});
