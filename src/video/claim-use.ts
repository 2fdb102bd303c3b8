import type { ClaimEndReason } from '../core/claim-protocol.ts';
import type { FaceTrack } from '../core/faces.ts';
import type { FrameView } from '../core/pixels.ts';
import type { RedactionPlan } from '../core/redaction.ts';
import type { Microseconds } from '../core/time.ts';
import type { Sighting } from './tracking/track-evidence.ts';

/** What claims see of a frame between tracking and redaction. */
export interface ClaimableFrame {
  /** Borrowed. */
  readonly view: FrameView;
  readonly tracks: readonly FaceTrack[];
  /** How this frame will be covered, as far as is known now. Asked only before pixels would be taken. */
  plan(): RedactionPlan;
}

/** What a claimed face is used for while the claim lives. */
export interface ClaimUse {
  /** Borrows the frame, in which the claimed face was seen and nobody doubts whose it is. Does not throw. */
  see(frame: ClaimableFrame, sighting: Sighting): void;
  /** A frame of this time went out, covered so; it may be one of some frames ago. Does not throw. */
  covered(timestampUs: Microseconds, plan: RedactionPlan): void;
  /** The claim is over: tells the other end and closes its port. Resolves when nothing is on its way any more; never rejects. */
  end(reason: ClaimEndReason): Promise<void>;
}
