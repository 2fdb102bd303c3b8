import type { Box, Size } from './geometry.ts';
import { placeIn, type TrackSample } from './recording.ts';
import type { Microseconds } from './time.ts';

/** A sample at most in each such span, and one of the latest frame when they are taken. */
const SPAN_US: Microseconds = 100_000;

/** Gathers where the tracks were in the frames that a recording holds, in pixels of the recorded picture. */
export class TrackGatherer {
  #waiting: TrackSample[] = [];
  #span = -1;
  #newestUs: Microseconds = -1;
  /** Of the newest frame, unless it is a sample already. */
  #newest: TrackSample | null = null;

  /** The faces of a recorded frame, in pixels of that frame. Frames come nearly in order; one that is late does not count. */
  add(faces: readonly { readonly trackId: number; readonly box: Box }[], timeUs: Microseconds, frame: Size, recorded: Size): void {
    if (timeUs <= this.#newestUs) return;
    const { scale, x, y } = placeIn(frame, recorded);
    const tracks = faces.map(({ trackId, box }) => {
      const left = Math.floor(x + box.x * scale);
      const top = Math.floor(y + box.y * scale);
      return { trackId, box: { x: left, y: top, width: Math.ceil(x + (box.x + box.width) * scale) - left, height: Math.ceil(y + (box.y + box.height) * scale) - top } };
    });
    this.#newestUs = timeUs;
    this.#newest = { timeUs, tracks };
    const span = Math.floor(timeUs / SPAN_US);
    if (span === this.#span) return;
    this.#span = span;
    this.#keepNewest();
  }

  /** What came since the last call, the newest frame with it: it may be the last one, and nothing after it would tell what was covered there. */
  take(): readonly TrackSample[] {
    this.#keepNewest();
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  #keepNewest(): void {
    if (this.#newest !== null) this.#waiting.push(this.#newest);
    this.#newest = null;
  }
}
