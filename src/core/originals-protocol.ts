import type { ClaimEndReason } from './claim-protocol.ts';
import type { ErrorReport } from './errors.ts';
import type { Size } from './geometry.ts';
import type { SealedOriginal } from './originals.ts';
import type { Microseconds } from './time.ts';

/** From the redaction worker, on the port of a claim that seals. No pixel crosses it but encrypted. */
export type OriginalMessage =
  /** Once, before any chunk. */
  | { readonly kind: 'key'; readonly wrappedKey: ArrayBuffer }
  | { readonly kind: 'chunk'; readonly chunk: SealedOriginal }
  /** The last one. `failure`: what could not be sealed, where that ended the claim. */
  | { readonly kind: 'ended'; readonly claimId: string; readonly reason: ClaimEndReason; readonly failure: ErrorReport | null };

/** And back. */
export type OriginalReply =
  /** A frame is in the recording; only faces of such frames are sealed. */
  | { readonly kind: 'frame'; readonly frame: RecordedFrame }
  /** A chunk is in storage; a storage that is slower than the faces come loses faces, not memory. */
  | { readonly kind: 'kept'; readonly sequence: number };

/** A frame of the source in a recording. */
export interface RecordedFrame {
  /** Its timestamp in the redaction worker. */
  readonly sourceUs: Microseconds;
  /** Its time in the recorded media. */
  readonly timeUs: Microseconds;
  /** Of the recorded picture. */
  readonly size: Size;
}
