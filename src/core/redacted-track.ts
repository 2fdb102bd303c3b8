import type { FrameOutlet } from './protocol.ts';

/** Compile-time mark only, see `redacted.ts`; apart from it, since workers know no `MediaStreamTrack`. */
declare const redactedTrack: unique symbol;

/** A track that carries redacted frames and nothing else. Only `video/output/` mints one. */
export type RedactedTrack = MediaStreamTrack & { readonly [redactedTrack]: true };

/** The end of the line: a track that shows what the worker writes, and nothing else. */
export interface TrackOutlet {
  readonly track: RedactedTrack;
  /** To be transferred to the worker, once. */
  readonly outlet: FrameOutlet;
  /** Called when the holder of the track has stopped it; where the worker notices by itself, never. */
  onStopped: (() => void) | null;
  /** Ends the track. Idempotent. */
  close(): void;
}
