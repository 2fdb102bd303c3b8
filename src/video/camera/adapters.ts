import { FacePrivacyError } from '../../core/errors.ts';
import type { FrameIntake } from '../../core/protocol.ts';

/**
 * How frames get from the page to the worker and back.
 * - `stream`: `MediaStreamTrackProcessor` and `MediaStreamTrackGenerator`, whose streams are transferred (Chromium).
 * - `element`: a video element, one `VideoFrame` handle per frame; back by canvas capture (every other engine).
 *
 * Engines that have the processor only inside workers (Safari) would take a third way, the track moved into the
 * worker; it is not built, since no engine at hand can run it.
 */
export type Adapter = 'stream' | 'element';

/** What an app may ask for: one of the adapters, or the best that the browser has. */
export const ADAPTER_CHOICES = ['auto', 'stream', 'element'] as const;

/** One of {@link ADAPTER_CHOICES}. */
export type AdapterChoice = (typeof ADAPTER_CHOICES)[number];

/** A running source: its intake goes to the worker, `close()` ends it here. */
export interface FrameSource {
  /**
   * Called once, and what it answers is transferred to the worker in the same turn: a frame that already waits in a stream when that is transferred
   * is handled on this thread once more and left there unclosed (seen in Chromium 156).
   */
  openIntake(this: void): FrameIntake;
  /** Called once when the source ends by itself: camera unplugged, track stopped by the system, file at its end. */
  onEnded: ((error: FacePrivacyError) => void) | null;
  /** The worker gets no more frames from it: where the source knows better why, it answers by `onEnded`. */
  readonly ranDry?: () => void;
  /** Stops reading and, where the source owns it, the track. Idempotent. */
  close(): void;
}

/** What of an intake is transferred. */
export function channelOf(intake: FrameIntake): ReadableStream<VideoFrame> | MessagePort {
  return intake.kind === 'stream' ? intake.readable : intake.port;
}

/** Picks the adapter by feature detection. @throws FacePrivacyError ERR_UNSUPPORTED when the browser lacks what it needs. */
export function chooseAdapter(choice: AdapterChoice): Adapter {
  const scope = globalThis as Record<string, unknown>;
  const has = (...names: string[]): boolean => names.every((name) => typeof scope[name] === 'function');
  const stream = has('VideoFrame', 'MediaStreamTrackProcessor', 'MediaStreamTrackGenerator');
  const element =
    has('VideoFrame', 'OffscreenCanvas') &&
    'requestVideoFrameCallback' in HTMLVideoElement.prototype &&
    'captureStream' in HTMLCanvasElement.prototype;
  if (choice !== 'element' && stream) return 'stream';
  if (choice !== 'stream' && element) return 'element';
  throw new FacePrivacyError('ERR_UNSUPPORTED', `This browser cannot run the frame adapter '${choice}'; it lacks WebCodecs or canvas capture.`);
}
