import type { FacesReport } from './core/protocol.ts';
import type { Microseconds } from './core/time.ts';
import { CoverLedger, type SecondOfCovers } from './governance/manifest/cover-ledger.ts';

/** Reports and frames that wait for each other; a frame that was dropped is never asked for. */
const MOST_WAITING = 300;

interface Covered {
  readonly regions: number;
  readonly whole: boolean;
}

/**
 * @internal Counts what was covered in the frames that a recording holds. The redaction worker tells of every frame, the recording worker of
 * those it took; where frames keep their timestamps on the way, a report counts for exactly its frame, else the latest report does.
 */
export class CoverMatcher {
  readonly #ledger = new CoverLedger();
  readonly #isExact: boolean;
  readonly #reports = new Map<Microseconds, Covered>();
  readonly #frames = new Map<Microseconds, Microseconds>();
  #latest: Covered | null = null;

  constructor(isExact: boolean) {
    this.#isExact = isExact;
  }

  /** What was covered in a frame. */
  report({ timestampUs, faces, whole }: FacesReport): void {
    const covered: Covered = { regions: whole === null ? faces.length : 0, whole: whole !== null };
    this.#latest = covered;
    if (!this.#isExact) return;
    const timeUs = this.#frames.get(timestampUs);
    if (timeUs === undefined) remember(this.#reports, timestampUs, covered);
    else {
      this.#frames.delete(timestampUs);
      this.#add(timeUs, covered);
    }
  }

  /** A frame is in the recording. */
  frame(sourceUs: Microseconds, timeUs: Microseconds): void {
    const covered = this.#isExact ? this.#reports.get(sourceUs) : this.#latest;
    this.#reports.delete(sourceUs);
    if (covered !== undefined && covered !== null) this.#add(timeUs, covered);
    else if (this.#isExact) remember(this.#frames, sourceUs, timeUs);
  }

  /** The seconds from `from` on. */
  seconds(from = 0): SecondOfCovers[] {
    return this.#ledger.seconds(from);
  }

  #add(timeUs: Microseconds, { regions, whole }: Covered): void {
    this.#ledger.add(timeUs, regions, whole);
  }
}

function remember<V>(map: Map<Microseconds, V>, key: Microseconds, value: V): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_WAITING) return;
    map.delete(oldest);
  }
}
