import type { Size } from '../core/geometry.ts';
import type { FacesReport } from '../core/protocol.ts';
import type { TrackSample } from '../core/recording.ts';
import type { Microseconds } from '../core/time.ts';
import { TrackGatherer } from '../core/track-gatherer.ts';
import { CoverLedger, type SecondOfCovers } from '../governance/manifest/cover-ledger.ts';

/** Reports and frames that wait for each other; a frame that was dropped is never asked for. */
const MOST_WAITING = 300;

/** A frame of the recording. */
interface RecordedFrame {
  readonly timeUs: Microseconds;
  /** Of the recorded picture. */
  readonly size: Size;
}

/**
 * @internal Knows what was covered, and where the tracks were, in the frames that a recording holds. The redaction worker tells of every frame,
 * the recording worker of those it took; where frames keep their timestamps on the way, a report counts for exactly its frame, else the latest
 * report does.
 */
export class CoverMatcher {
  readonly #ledger = new CoverLedger();
  readonly #tracks = new TrackGatherer();
  readonly #isExact: boolean;
  readonly #reports = new Map<Microseconds, FacesReport>();
  readonly #frames = new Map<Microseconds, RecordedFrame>();
  #latest: FacesReport | null = null;

  constructor(isExact: boolean) {
    this.#isExact = isExact;
  }

  /** What was covered in a frame. */
  report(report: FacesReport): void {
    const { timestampUs } = report;
    this.#latest = report;
    if (!this.#isExact) return;
    const frame = this.#frames.get(timestampUs);
    if (frame === undefined) remember(this.#reports, timestampUs, report);
    else {
      this.#frames.delete(timestampUs);
      this.#add(report, frame);
    }
  }

  /** A frame is in the recording. */
  frame(sourceUs: Microseconds, timeUs: Microseconds, size: Size): void {
    const report = this.#isExact ? this.#reports.get(sourceUs) : this.#latest;
    this.#reports.delete(sourceUs);
    if (report !== undefined && report !== null) this.#add(report, { timeUs, size });
    else if (this.#isExact) remember(this.#frames, sourceUs, { timeUs, size });
  }

  /** The seconds from `from` on. */
  seconds(from = 0): SecondOfCovers[] {
    return this.#ledger.seconds(from);
  }

  /** Where the tracks were, as far as it was not taken before. */
  takeTracks(): readonly TrackSample[] {
    return this.#tracks.take();
  }

  #add(report: FacesReport, { timeUs, size }: RecordedFrame): void {
    const { faces, whole } = report;
    this.#ledger.add(timeUs, whole === null ? faces.length : 0, whole !== null);
    this.#tracks.add(faces, timeUs, report, size);
  }
}

function remember<V>(map: Map<Microseconds, V>, key: Microseconds, value: V): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_WAITING) return;
    map.delete(oldest);
  }
}
