import type { ClaimEnded, ClaimEndReason, ClaimRequest, ClaimStarted } from '../core/claim-protocol.ts';
import { FacePrivacyError, type ErrorDetails } from '../core/errors.ts';
import type { FaceTrack } from '../core/faces.ts';
import type { RedactionPlan } from '../core/redaction.ts';
import type { Microseconds, Milliseconds } from '../core/time.ts';
import type { ClaimableFrame, ClaimUse } from './claim-use.ts';
import type { CropCutter } from './crop-cutter.ts';
import { CropSender } from './crop-sender.ts';
import { OriginalSealer } from './original-sealer.ts';
import type { FaceTracker } from './tracking/face-tracker.ts';

/** A face waits at least so long before it is sealed: a few looks of a machine that keeps pace. */
const LEAST_HINDSIGHT_US: Microseconds = 300_000;

/** What {@link FaceClaims} is made of. */
export interface FaceClaimsParts {
  readonly tracker: Pick<FaceTracker, 'evidenceOf' | 'restarts'>;
  readonly cutter: CropCutter;
  /** No frame goes out in regions on knowledge of faces that is older than this. */
  readonly maxAgeMs: Milliseconds;
  onEnded(event: ClaimEnded): void;
}

interface LiveClaim {
  readonly claimId: string;
  readonly trackId: number;
  readonly seals: boolean;
  readonly use: ClaimUse;
  readonly restarts: number;
}

/**
 * The claim of one person on their own track (TAF-5.3d): while it lives, pixels of that face, and of no other, go to the features worker when it
 * asks for them, or are sealed for a recording. One claim of each kind at a time, and both on one track. A claim ends for good with the first
 * frame in which the track may be somebody else; no pixel of that frame is taken.
 */
export class FaceClaims {
  readonly #parts: FaceClaimsParts;
  readonly #live = new Map<string, LiveClaim>();
  #tracks: readonly FaceTrack[] = [];
  #settling: Promise<void> = Promise.resolve();

  constructor(parts: FaceClaimsParts) {
    this.#parts = parts;
  }

  /**
   * Begins a claim on a track of the latest frame. **Takes** the port.
   * @throws FacePrivacyError ERR_CLAIM_AMBIGUOUS while another claim of the kind or on another track lives, for a track that is not followed,
   * confirmed and free of doubt now, and, where none is named, unless there is exactly one face in the picture.
   */
  open(request: ClaimRequest): ClaimStarted {
    const { claimId, port } = request;
    try {
      const seals = request.originals !== undefined;
      const trackId = this.#claimable(request.trackId, seals);
      this.#live.set(claimId, { claimId, trackId, seals, use: this.#useOf(request, trackId), restarts: this.#parts.tracker.restarts });
      // Where the browser tells, another end that is gone ends the claim at once.
      port.addEventListener('close', () => {
        this.end(claimId, 'released');
      });
      return { trackId };
    } catch (error) {
      port.close();
      throw error;
    }
  }

  /** Ends this claim, if it lives, or (null) whichever lives. */
  end(claimId: string | null, reason: ClaimEndReason): void {
    for (const live of [...this.#live.values()]) {
      if (claimId !== null && live.claimId !== claimId) continue;
      this.#live.delete(live.claimId);
      const ended = live.use.end(reason);
      this.#settling = Promise.all([this.#settling, ended]).then(() => undefined);
      this.#parts.onEnded({ claimId: live.claimId, trackId: live.trackId, state: 'ended', reason });
    }
  }

  /** Resolves when nothing of claims that are over is on its way any more. */
  settled(): Promise<void> {
    return this.#settling;
  }

  /** To be called for every frame after the tracker's update; borrows its view until it returns. */
  follow(frame: ClaimableFrame): void {
    this.#tracks = frame.tracks;
    const { tracker } = this.#parts;
    for (const live of [...this.#live.values()]) {
      const { sighting, doubt } = tracker.evidenceOf(live.trackId);
      const reason = tracker.restarts === live.restarts ? doubt : 'source-changed';
      if (reason !== null) this.end(live.claimId, reason);
      else if (sighting !== null) live.use.see(frame, sighting);
    }
  }

  /** To be told of every frame that goes out: how it was covered. */
  covered(timestampUs: Microseconds, plan: RedactionPlan): void {
    for (const { use } of this.#live.values()) use.covered(timestampUs, plan);
  }

  /** Another source follows: its faces are others. */
  reset(): void {
    this.end(null, 'source-changed');
    this.#tracks = [];
  }

  #useOf({ claimId, port, originals }: ClaimRequest, trackId: number): ClaimUse {
    const { cutter, maxAgeMs } = this.#parts;
    // Whoever claimed this face: to nobody is it certain any more.
    const onDoubt = (): void => {
      if (this.#live.has(claimId)) this.end(null, 'another-face');
    };
    if (originals === undefined) return new CropSender({ claimId, trackId, port, cutter, onDoubt });
    const { publicKey, ...ids } = originals;
    const onFailed = (): void => {
      this.end(claimId, 'not-sealed');
    };
    return new OriginalSealer({ claimId, ids: { ...ids, trackId }, publicKey, port, cutter, hindsightUs: Math.max(LEAST_HINDSIGHT_US, maxAgeMs * 1000), onFailed });
  }

  #claimable(trackId: number | null, seals: boolean): number {
    const others = [...this.#live.values()];
    const rival = others.find((live) => live.seals === seals);
    if (rival !== undefined) throw ambiguous('Another claim is in force; release it first.', { inForce: rival.trackId });
    const tracks = this.#tracks;
    if (trackId === null && tracks.length !== 1) throw ambiguous('There is not exactly one face in the picture; name the track.', { faces: tracks.length });
    const track = trackId === null ? tracks[0] : tracks.find((candidate) => candidate.trackId === trackId);
    if (track === undefined) throw ambiguous('There is no such track in the picture now.', { faces: tracks.length });
    const details = { trackId: track.trackId, trackState: track.state };
    const elsewhere = others.find((live) => live.trackId !== track.trackId);
    if (elsewhere !== undefined) throw ambiguous('Another face is claimed as this person\'s; nobody has two.', { ...details, inForce: elsewhere.trackId });
    if (track.state !== 'confirmed') throw ambiguous('The track is not confirmed now; claim it when it is.', details);
    const { doubt } = this.#parts.tracker.evidenceOf(track.trackId);
    if (doubt !== null) throw ambiguous('The track may be of more than one person now; claim it when it stands alone.', { ...details, doubt });
    return track.trackId;
  }
}

function ambiguous(message: string, details: ErrorDetails): FacePrivacyError {
  return new FacePrivacyError('ERR_CLAIM_AMBIGUOUS', message, { details });
}
