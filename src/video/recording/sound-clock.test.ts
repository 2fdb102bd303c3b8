import { describe, expect, it } from 'vitest';
import { SoundClock } from './sound-clock.ts';

const CHUNK_US = 10_000;

/** Plays pictures (30 a second, `pictureLateMs` late) and stretches of sound of 10 ms from wall time 0 on; what was heard when at the end of it. */
function run(clock: SoundClock, { untilMs, pictureLateMs = () => 0, soundLateMs = () => 0, soundRate = 1, soundOwnUs = (heardMs: number) => heardMs * 1000 + 7_000_000 }: {
  readonly untilMs: number;
  readonly pictureLateMs?: (seenMs: number) => number;
  readonly soundLateMs?: (heardMs: number) => number;
  readonly soundRate?: number;
  readonly soundOwnUs?: (heardMs: number) => number | null;
}) {
  const events: { readonly wallMs: number; readonly act: () => void }[] = [];
  const offs: { readonly heardMs: number; readonly offMs: number }[] = [];
  for (let seenMs = 0; seenMs < untilMs; seenMs += 1000 / 30) events.push({ wallMs: seenMs + pictureLateMs(seenMs), act: () => { clock.picture(Math.round(seenMs * 1000), seenMs + pictureLateMs(seenMs)); } });
  for (let heardMs = 0; heardMs < untilMs; heardMs += 10) {
    const ownUs = soundOwnUs(heardMs);
    if (ownUs === null) continue;
    const wallMs = heardMs + 10 + soundLateMs(heardMs);
    events.push({ wallMs, act: () => {
      const timeUs = clock.at(ownUs * soundRate, CHUNK_US, wallMs);
      if (timeUs !== null) offs.push({ heardMs, offMs: timeUs / 1000 - heardMs });
    } });
  }
  for (const { act } of events.sort((a, b) => a.wallMs - b.wallMs)) act();
  return offs;
}

const worst = (offs: readonly { readonly heardMs: number; readonly offMs: number }[], fromMs: number, untilMs = Infinity): number =>
  Math.max(...offs.filter(({ heardMs }) => heardMs >= fromMs && heardMs < untilMs).map(({ offMs }) => Math.abs(offMs)));

describe('when in a recording something was heard', () => {
  it('is nowhere before the first picture', () => {
    expect(new SoundClock().at(0, CHUNK_US, 0)).toBeNull();
  });

  it('is when it was seen, whatever the clock of the sound says', () => {
    const offs = run(new SoundClock(), { untilMs: 5000 });
    expect(offs.length).toBeGreaterThan(490);
    expect(worst(offs, 0)).toBeLessThan(1);
  });

  it('is so much later as pictures take longer on their way', () => {
    const clock = new SoundClock();
    clock.pictureDelayMs = 180;
    expect(worst(run(clock, { untilMs: 5000, pictureLateMs: () => 180 }), 0)).toBeLessThan(1);
  });

  it('does not jump about with what comes late by chance', () => {
    const late = (atMs: number): number => (atMs % 170 < 60 ? 90 : 0);
    const offs = run(new SoundClock(), { untilMs: 20_000, pictureLateMs: late, soundLateMs: late });
    expect(worst(offs, 3000)).toBeLessThan(50);
    expect(new Set(offs.filter(({ heardMs }) => heardMs > 3000).map(({ offMs }) => Math.round(offMs))).size).toBe(1);
  });

  it('keeps in time, for minutes, with a device whose clock is wrong by one in a thousand', () => {
    expect(worst(run(new SoundClock(), { untilMs: 360_000, soundRate: 1.001 }), 3000)).toBeLessThan(60);
  });

  it('goes on in time after a gap of which its own clock tells', () => {
    const offs = run(new SoundClock(), { untilMs: 12_000, soundOwnUs: (heardMs) => (heardMs > 4000 && heardMs < 7000 ? null : heardMs * 1000) });
    expect(worst(offs, 0)).toBeLessThan(1);
  });

  it('finds its time again, at once, where another device takes over with a clock of its own', () => {
    const offs = run(new SoundClock(), { untilMs: 12_000, soundOwnUs: (heardMs) => (heardMs < 5000 ? heardMs * 1000 : heardMs * 1000 + 123_000_000) });
    expect(worst(offs, 0)).toBeLessThan(1);
  });
});
