import type { TrackSample } from '../core/recording.ts';
import type { Microseconds } from '../core/time.ts';
import type { TrackTimes } from './protocol.ts';

/** Samples come up to ten times a second; a track that is not in them for longer was not there. */
const GAP_US: Microseconds = 500_000;
/** For how long a sample stands. */
const STANDS_US: Microseconds = 100_000;

/** When each track was there, in the order in which they came. @param sealed ids of the tracks whose face is sealed; one without a sample has no spans. */
export function timesOf(samples: readonly TrackSample[], sealed: readonly number[]): TrackTimes[] {
  const spans = new Map<number, { fromUs: Microseconds; untilUs: Microseconds }[]>();
  for (const { timeUs, tracks } of samples) {
    for (const { trackId } of tracks) {
      const before = spans.get(trackId) ?? [];
      spans.set(trackId, before);
      const last = before.at(-1);
      if (last !== undefined && timeUs - last.untilUs <= GAP_US) last.untilUs = timeUs + STANDS_US;
      else before.push({ fromUs: timeUs, untilUs: timeUs + STANDS_US });
    }
  }
  for (const trackId of sealed) if (!spans.has(trackId)) spans.set(trackId, []);
  return [...spans].map(([trackId, times]) => ({ trackId, spans: times, sealed: sealed.includes(trackId) }));
}
