import type { ClaimEnded, ClaimEndReason, ClaimRequest, ClaimStarted, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { FacePrivacyError, type ErrorDetails } from '../core/errors.ts';
import { alignmentOf } from '../core/face-alignment.ts';
import { CROP_SIDE } from '../core/face-crop.ts';
import type { FaceTrack } from '../core/faces.ts';
import { area, intersect, type Box, type Point } from '../core/geometry.ts';
import { mapPoint, type Affine } from '../core/orientation.ts';
import type { FrameView } from '../core/pixels.ts';
import type { CropCutter } from './crop-cutter.ts';
import type { FaceTracker } from './tracking/face-tracker.ts';

/** What claims see of a frame between tracking and redaction. */
export interface ClaimableFrame {
  /** Borrowed. */
  readonly view: FrameView;
  readonly tracks: readonly FaceTrack[];
  /** Will this frame be covered whole? Asked only before a crop would be made. */
  isCoveredWhole(): boolean;
}

/** What {@link FaceClaims} is made of. */
export interface FaceClaimsParts {
  readonly tracker: Pick<FaceTracker, 'evidenceOf' | 'restarts'>;
  readonly cutter: CropCutter;
  onEnded(event: ClaimEnded): void;
}

interface LiveClaim {
  readonly claimId: string;
  readonly trackId: number;
  readonly port: MessagePort;
  readonly restarts: number;
  wanted: boolean;
}

/**
 * The claim of one person on their own track (TAF-5.3d): while it lives, aligned crops of that track, and of no other, go to the
 * features worker, one at a time and only when asked for. It ends for good with the first frame in which the track may be
 * somebody else; no crop is made of that frame.
 */
export class FaceClaims {
  readonly #parts: FaceClaimsParts;
  #live: LiveClaim | null = null;
  #tracks: readonly FaceTrack[] = [];

  constructor(parts: FaceClaimsParts) {
    this.#parts = parts;
  }

  /**
   * Begins a claim on a track of the latest frame. **Takes** the port.
   * @throws FacePrivacyError ERR_CLAIM_AMBIGUOUS while another claim lives, for a track that is not followed, confirmed and free of
   * doubt now, and, where none is named, unless there is exactly one face in the picture.
   */
  open({ claimId, trackId, port }: ClaimRequest): ClaimStarted {
    try {
      const claimed = this.#claimable(trackId);
      this.#live = { claimId, trackId: claimed, port, restarts: this.#parts.tracker.restarts, wanted: false };
      port.onmessage = ({ data }: MessageEvent<CropReply>) => {
        this.#hear(claimId, data);
      };
      // Where the browser tells, a features worker that is gone ends the claim at once.
      port.addEventListener('close', () => {
        this.end(claimId, 'released');
      });
      return { trackId: claimed };
    } catch (error) {
      port.close();
      throw error;
    }
  }

  /** Ends this claim, if it lives, or (null) whichever lives. */
  end(claimId: string | null, reason: ClaimEndReason): void {
    const live = this.#live;
    if (live === null || (claimId !== null && live.claimId !== claimId)) return;
    this.#live = null;
    const { trackId, port } = live;
    post(port, { kind: 'ended', claimId: live.claimId, reason });
    port.close();
    this.#parts.onEnded({ claimId: live.claimId, trackId, state: 'ended', reason });
  }

  /** To be called for every frame after the tracker's update; borrows its view until it returns. */
  follow(frame: ClaimableFrame): void {
    this.#tracks = frame.tracks;
    const live = this.#live;
    if (live === null) return;
    const { tracker, cutter } = this.#parts;
    const { sighting, doubt } = tracker.evidenceOf(live.trackId);
    const reason = tracker.restarts === live.restarts ? doubt : 'source-changed';
    if (reason !== null) {
      this.end(live.claimId, reason);
      return;
    }
    if (!live.wanted || sighting === null || frame.isCoveredWhole()) return;
    const chip = alignmentOf(sighting.keypoints);
    if (chip === null) return;
    const others = frame.tracks.filter((track) => track.trackId !== live.trackId && reachesInto(track.box, chip)).length;
    const crop = cutter.cut(frame.view, sighting, others);
    if (crop === null) return;
    live.wanted = false;
    const { claimId, trackId } = live;
    post(live.port, { kind: 'crop', claimId, trackId, timestampUs: frame.view.info.timestampUs, crop }, [crop.rgb.buffer]);
  }

  /** Another source follows: its faces are others. */
  reset(): void {
    this.end(null, 'source-changed');
    this.#tracks = [];
  }

  #hear(claimId: string, reply: CropReply): void {
    if (this.#live?.claimId !== claimId) return;
    if (reply.kind === 'doubt') this.end(claimId, 'another-face');
    else this.#live.wanted = true;
  }

  #claimable(trackId: number | null): number {
    if (this.#live !== null) throw ambiguous('Another claim is in force; release it first.', { inForce: this.#live.trackId });
    const tracks = this.#tracks;
    if (trackId === null && tracks.length !== 1) throw ambiguous('There is not exactly one face in the picture; name the track.', { faces: tracks.length });
    const track = trackId === null ? tracks[0] : tracks.find((candidate) => candidate.trackId === trackId);
    if (track === undefined) throw ambiguous('There is no such track in the picture now.', { faces: tracks.length });
    const details = { trackId: track.trackId, trackState: track.state };
    if (track.state !== 'confirmed') throw ambiguous('The track is not confirmed now; claim it when it is.', details);
    const { doubt } = this.#parts.tracker.evidenceOf(track.trackId);
    if (doubt !== null) throw ambiguous('The track may be of more than one person now; claim it when it stands alone.', { ...details, doubt });
    return track.trackId;
  }
}

function ambiguous(message: string, details: ErrorDetails): FacePrivacyError {
  return new FacePrivacyError('ERR_CLAIM_AMBIGUOUS', message, { details });
}

function post(port: MessagePort, message: CropMessage, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}

/** Does the box overlap the turned square that becomes the chip? Two rectangles are apart only where an axis of either parts them. */
function reachesInto(box: Box, chipToDisplay: Affine): boolean {
  const chip: Box = { x: 0, y: 0, width: CROP_SIDE, height: CROP_SIDE };
  const onDisplay = around(cornersOf(chip).map((corner) => mapPoint(chipToDisplay, corner)));
  const { a, b, c, d, e, f } = chipToDisplay;
  const inChip = around(
    cornersOf(box).map(({ x, y }) => {
      const scale = a * d - b * c;
      return { x: (d * (x - e) - c * (y - f)) / scale, y: (a * (y - f) - b * (x - e)) / scale };
    }),
  );
  return area(intersect(box, onDisplay)) > 0 && area(intersect(inChip, chip)) > 0;
}

function cornersOf({ x, y, width, height }: Box): Point[] {
  return [{ x, y }, { x: x + width, y }, { x, y: y + height }, { x: x + width, y: y + height }];
}

function around(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}
