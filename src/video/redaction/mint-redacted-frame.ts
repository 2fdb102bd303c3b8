import type { RedactedFrame } from '../../core/redacted.ts';

/**
 * Marks a frame as redacted: the one place in Bauta that does. Call it only with a frame made from pixels that a cover
 * has been through, never with a frame from a source.
 */
export function mintRedactedFrame(frame: VideoFrame): RedactedFrame {
  return frame as RedactedFrame;
}

/** Marks a frame that the recording worker read from a redacted track, which carries nothing else (`open-recording.ts`). */
export function frameOfRedactedTrack(frame: VideoFrame): RedactedFrame {
  return frame as RedactedFrame;
}
