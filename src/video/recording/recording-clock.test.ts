import { describe, expect, test } from 'vitest';
import { RecordingClock } from './recording-clock.ts';

describe('times of a recording', () => {
  test('are the frames\' own, from 0 on, whatever the wall clock says', () => {
    const clock = new RecordingClock();
    expect([[5_000_000, 10], [5_033_000, 300], [5_070_000, 310]].map(([us, ms]) => clock.at(us!, ms!))).toEqual([0, 33_000, 70_000]);
  });

  test('go on by the wall clock where another source begins, back or ahead in time', () => {
    const clock = new RecordingClock();
    clock.at(90_000_000, 0);
    expect(clock.at(0, 40)).toBe(40_000);
    expect(clock.at(33_000, 75)).toBe(73_000);
    expect(clock.at(700_000_000, 100)).toBe(98_000);
  });

  test('a pause of the source stays a pause', () => {
    const clock = new RecordingClock();
    clock.at(0, 0);
    expect(clock.at(60_000_000, 60_001)).toBe(60_000_000);
  });

  test('never stand still', () => {
    const clock = new RecordingClock();
    const times = [[10, 0], [10, 0], [5, 0], [5, 0]].map(([us, ms]) => clock.at(us!, ms!));
    expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
  });
});
