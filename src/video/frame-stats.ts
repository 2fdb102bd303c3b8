import { createDurationWindow, type DurationWindow } from '../core/quantiles.ts';
import type { StageName, StatsReport } from '../core/protocol.ts';
import type { Microseconds, Milliseconds } from '../core/time.ts';

/** Frames over which quantiles are taken: four seconds at 30 frames per second. */
const WINDOW = 120;
const STAGES: readonly StageName[] = ['read', 'detect', 'track', 'plan', 'compose', 'write'];

/** Counts frames and times stages; answers a {@link StatsReport} about once a second. */
export class FrameStats {
  readonly #stages = Object.fromEntries(STAGES.map((stage) => [stage, createDurationWindow(WINDOW)])) as Record<StageName, DurationWindow>;
  readonly #latency = createDurationWindow(WINDOW);
  readonly #intervals = createDurationWindow(WINDOW);
  readonly #now: () => Milliseconds;
  #lastTimestampUs: Microseconds | null = null;
  #since: Milliseconds;
  #sinceIn = 0;
  #sinceOut = 0;
  #sinceLooks = 0;
  #framesIn = 0;
  #framesOut = 0;
  #framesDropped = 0;
  #framesCoveredWhole = 0;

  /** @param now a monotonic clock, milliseconds. */
  constructor(now: () => Milliseconds) {
    this.#now = now;
    this.#since = now();
  }

  /** A raw frame arrived. Gaps of at least two frame intervals count as dropped before they got here. */
  arrived(timestampUs: Microseconds): void {
    this.#framesIn += 1;
    this.#sinceIn += 1;
    const last = this.#lastTimestampUs;
    this.#lastTimestampUs = timestampUs;
    if (last === null || timestampUs <= last) return;
    const intervalMs = (timestampUs - last) / 1000;
    const usualMs = this.#intervals.quantiles().p50;
    // A pause or a switch of source is no dropping.
    if (usualMs > 0 && intervalMs < 1000) this.#framesDropped += Math.max(0, Math.round(intervalMs / usualMs) - 1);
    this.#intervals.add(intervalMs);
  }

  /** A stage of one frame took this long. */
  took(stage: StageName, durationMs: Milliseconds): void {
    this.#stages[stage].add(durationMs);
  }

  /** Looks that detectors took at one frame. */
  looked(count: number): void {
    this.#sinceLooks += count;
  }

  /** A redacted frame went out, or, `written` false, was dropped because nobody took it. */
  left(latencyMs: Milliseconds, whole: boolean, written: boolean): void {
    this.#latency.add(latencyMs);
    if (whole) this.#framesCoveredWhole += 1;
    if (!written) {
      this.#framesDropped += 1;
      return;
    }
    this.#framesOut += 1;
    this.#sinceOut += 1;
  }

  /** The numbers, once a second has passed since the last report; else null. */
  report(openFrames: number): StatsReport | null {
    const seconds = (this.#now() - this.#since) / 1000;
    if (seconds < 1) return null;
    const report: StatsReport = {
      fpsIn: this.#sinceIn / seconds,
      fpsOut: this.#sinceOut / seconds,
      latencyMs: this.#latency.quantiles(),
      stagesMs: Object.fromEntries(STAGES.map((stage) => [stage, this.#stages[stage].quantiles()])) as StatsReport['stagesMs'],
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      framesDropped: this.#framesDropped,
      framesCoveredWhole: this.#framesCoveredWhole,
      openFrames,
      looksPerFrame: this.#sinceIn === 0 ? 0 : this.#sinceLooks / this.#sinceIn,
    };
    this.#since = this.#now();
    this.#sinceIn = 0;
    this.#sinceOut = 0;
    this.#sinceLooks = 0;
    return report;
  }
}
