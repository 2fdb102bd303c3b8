import type { ClaimEndReason, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { alignmentOf } from '../core/face-alignment.ts';
import { CROP_SIDE } from '../core/face-crop.ts';
import { area, intersect, type Box, type Point } from '../core/geometry.ts';
import { mapPoint, type Affine } from '../core/orientation.ts';
import type { Microseconds } from '../core/time.ts';
import type { ClaimableFrame, ClaimUse } from './claim-use.ts';
import type { CropCutter } from './crop-cutter.ts';
import type { Sighting } from './tracking/track-evidence.ts';

/**
 * A face is cut out where it was found nearly as surely as lately: where a model was less sure, its points lie worse, and one crop of a
 * hundred and fifty so aligned gave a vector 0.5 away from all others of that face (docs/decisions/0007-face-features.md).
 */
const LIKE_THE_SUREST = 0.92;
/** The surest sighting counts for less with time, so that a face that turns away is still cut out. */
const FORGOTTEN_PER_S = 0.1;

/** Which claim crops are sent of, and where to. */
export interface CropSenderParts {
  readonly claimId: string;
  readonly trackId: number;
  /** **Taken.** */
  readonly port: MessagePort;
  readonly cutter: CropCutter;
  /** The features worker sees another face than before. */
  onDoubt(): void;
}

/** Sends aligned crops of the claimed face to the features worker, one at a time and only when asked for. */
export class CropSender implements ClaimUse {
  readonly #parts: CropSenderParts;
  #wanted = false;
  #surest = 0;
  #seenUs: Microseconds = 0;

  constructor(parts: CropSenderParts) {
    this.#parts = parts;
    parts.port.onmessage = ({ data }: MessageEvent<CropReply>) => {
      if (data.kind === 'doubt') parts.onDoubt();
      else this.#wanted = true;
    };
  }

  see(frame: ClaimableFrame, sighting: Sighting): void {
    const isSure = this.#isSure(sighting.confidence, frame.view.info.timestampUs);
    if (!this.#wanted || !isSure || frame.plan().kind === 'whole') return;
    const chip = alignmentOf(sighting.keypoints);
    if (chip === null) return;
    const { claimId, trackId, cutter } = this.#parts;
    const others = frame.tracks.filter((track) => track.trackId !== trackId && reachesInto(track.box, chip)).length;
    const crop = cutter.cut(frame.view, sighting, others);
    if (crop === null) return;
    this.#wanted = false;
    this.#post({ kind: 'crop', claimId, trackId, timestampUs: frame.view.info.timestampUs, crop }, [crop.rgb.buffer]);
  }

  covered(): void {
    // A crop is sent from the raw frame, before it is covered.
  }

  end(reason: ClaimEndReason): Promise<void> {
    this.#wanted = false;
    this.#post({ kind: 'ended', claimId: this.#parts.claimId, reason });
    this.#parts.port.close();
    return Promise.resolve();
  }

  /** To be asked of each sighting. */
  #isSure(confidence: number, timestampUs: Microseconds): boolean {
    const forgotten = (FORGOTTEN_PER_S * (timestampUs - this.#seenUs)) / 1e6;
    this.#surest = Math.max(confidence, this.#surest - forgotten);
    this.#seenUs = timestampUs;
    return confidence >= LIKE_THE_SUREST * this.#surest;
  }

  #post(message: CropMessage, transfer: Transferable[] = []): void {
    this.#parts.port.postMessage(message, transfer);
  }
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
