import type { FaceCrop } from './face-crop.ts';
import type { OriginalSealing } from './originals.ts';
import type { Microseconds } from './time.ts';

/** Why a claim on a track is over. Closed. */
export type ClaimEndReason =
  | 'released' // the app ended it
  | 'consent-ended'
  | 'face-lost'
  | 'faces-merged' // two tracks of one place were joined
  | 'faces-crossed' // another face came so close that they may have changed places
  | 'doubtful-motion' // the sighting may be of a neighbour
  | 'another-face' // the embedder sees another person than before
  | 'not-sealed' // what was to be sealed could not be encrypted
  | 'source-changed'
  | 'session-closed';

/** Messages on the crop port, from the redaction worker to the features worker. One crop is on its way at most. */
export type CropMessage =
  | { readonly kind: 'crop'; readonly claimId: string; readonly trackId: number; readonly timestampUs: Microseconds; readonly crop: FaceCrop }
  | { readonly kind: 'ended'; readonly claimId: string; readonly reason: ClaimEndReason };

/**
 * And back. `wanted`: somebody waits for one crop; none is ever made unasked. `doubt`: this is another face than before; the
 * claim has to end.
 */
export type CropReply = { readonly kind: 'wanted' } | { readonly kind: 'doubt' };

/** What the redaction worker is asked for a claim; `port` is transferred. */
export interface ClaimRequest {
  readonly claimId: string;
  /** Null: the only face in the picture. */
  readonly trackId: number | null;
  /** Carries {@link CropMessage}, or, of a claim that seals, `OriginalMessage`. */
  readonly port: MessagePort;
  /** The face is not to be looked at but to be sealed for a recording. */
  readonly originals?: OriginalSealing;
}

/** A claim that has begun. */
export interface ClaimStarted {
  readonly trackId: number;
}

/** The end of a claim, told once. */
export interface ClaimEnded {
  readonly claimId: string;
  readonly trackId: number;
  readonly state: 'ended';
  readonly reason: ClaimEndReason;
}
