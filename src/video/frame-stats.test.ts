import { describe, expect, it } from 'vitest';
import { FrameStats } from './frame-stats.ts';

describe('FrameStats', () => {
  it('reports once a second, with rates over that second and counts since the start', () => {
    let now = 0;
    const stats = new FrameStats(() => now);
    for (let i = 0; i < 30; i++) {
      now += 33.4;
      stats.arrived(i * 33_333);
      stats.looked(2);
      stats.took('compose', 1 + (i % 2));
      stats.left(5, i === 0, i % 10 !== 9);
    }
    const report = stats.report(1);
    expect(report).toMatchObject({ framesIn: 30, framesOut: 27, framesDropped: 3, framesCoveredWhole: 1, openFrames: 1, looksPerFrame: 2 });
    expect(report?.fpsIn).toBeCloseTo(30 / 1.002, 1);
    expect(report?.latencyMs).toEqual({ p50: 5, p95: 5 });
    expect(report?.stagesMs.compose).toEqual({ p50: 1, p95: 2 });
    expect(stats.report(0)).toBeNull();
  });

  it('counts frames that never arrived, but not a pause', () => {
    let now = 0;
    const stats = new FrameStats(() => now);
    for (const timestampMs of [0, 33, 66, 100, 133, 233, 266, 9000, 9033]) stats.arrived(timestampMs * 1000);
    now = 2000;
    expect(stats.report(0)?.framesDropped).toBe(2);
  });
});
