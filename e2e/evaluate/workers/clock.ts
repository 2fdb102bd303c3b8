/**
 * The clock of an evaluated worker: it stands still but for what a look is said to cost and what the page tells, so that a
 * run is the same on every machine and under every load. Every rule of the library that goes by time asks `performance.now`.
 */
import { eyeOf, type Look } from '../../../src/video/detection/face-detector.ts';
import { takePlans } from './planned.ts';

/**
 * Milliseconds for a square look, on the reference machine at 1280x720 (docs/decisions/0002-detector-engine.md: whole looks,
 * flat as they are there, short 3, full 10, back 13; a square tile of back 20.6). A flat input costs in proportion.
 */
const SQUARE_LOOK_MS: Readonly<Record<string, number>> = { short: 4.7, full: 15.5, back: 20.6 };

let nowMs = 1000;
const looks = new Map<string, number>();

/** Lets the time pass that a look takes. */
export function spend(look: Look): void {
  const { width, height } = look.window;
  const squareMs = SQUARE_LOOK_MS[look.model];
  if (squareMs === undefined) throw new Error(`e2e/evaluate/workers/clock.ts does not know what a look of ${look.model} costs`);
  nowMs += squareMs * (Math.min(width, height) / Math.max(width, height));
  looks.set(eyeOf(look), (looks.get(eyeOf(look)) ?? 0) + 1);
}

/** What the page asks: it is no earlier than `atLeastMs`. The answer holds the time, and the looks and plans since the last question. */
interface ClockQuestion {
  readonly clock?: { readonly atLeastMs: number };
}

/** Installs the clock in this worker. */
export function installClock(): void {
  performance.now = () => nowMs;
  addEventListener('message', ({ data }: MessageEvent<ClockQuestion | null>) => {
    if (data?.clock === undefined) return;
    nowMs = Math.max(nowMs, data.clock.atLeastMs);
    (globalThis as unknown as { postMessage(message: unknown): void }).postMessage({ clock: { nowMs, looks: Object.fromEntries(looks), plans: takePlans() } });
    looks.clear();
  });
}
