import type { ClaimEndReason } from '../core/claim-protocol.ts';
import { asFacePrivacyError, toErrorReport, type FacePrivacyError } from '../core/errors.ts';
import { area, clip, containment, intersect, type Box, type Size } from '../core/geometry.ts';
import type { OriginalMessage, OriginalReply, RecordedFrame } from '../core/originals-protocol.ts';
import { createContentKey, ORIGINAL_LIMITS, sealCrops, type OriginalCrop, type OriginalIds } from '../core/originals.ts';
import { placeIn } from '../core/recording.ts';
import type { RedactionPlan } from '../core/redaction.ts';
import type { Microseconds } from '../core/time.ts';
import type { ClaimableFrame, ClaimUse } from './claim-use.ts';
import type { CropCutter } from './crop-cutter.ts';
import { encodeJpeg } from './jpeg-encoder.ts';
import type { Sighting } from './tracking/track-evidence.ts';

/** 1 to 100: no blocks to be seen around eyes and mouth. */
const QUALITY = 85;
/** Faces that wait, at most: a recording that falls behind loses faces, not memory. */
const MOST_WAITING = 4 * ORIGINAL_LIMITS.cropsPerSecond;
/** Chunks on their way to storage. */
const MOST_UNKEPT = 4;
const SPAN_US: Microseconds = 1_000_000 / ORIGINAL_LIMITS.cropsPerSecond;

/** Which original is sealed, and where to. */
export interface OriginalSealerParts {
  readonly claimId: string;
  readonly ids: OriginalIds;
  readonly publicKey: CryptoKey;
  /** **Taken.** */
  readonly port: MessagePort;
  readonly cutter: CropCutter;
  /** For so long a face waits before it is sealed: somebody who is found late was there before, and is not kept. */
  readonly hindsightUs: Microseconds;
  /** Something could not be sealed; the claim has to end. */
  onFailed(): void;
}

/** A face that is not sealed yet. */
interface WaitingCrop {
  readonly sourceUs: Microseconds;
  readonly display: Size;
  /** Display pixels. */
  readonly box: Box;
  readonly jpeg: Uint8Array<ArrayBuffer>;
  /** Who else was known to be in its frame: kept out of it already. */
  readonly others: ReadonlySet<number | null>;
  /** Its frame went out with this face covered. */
  covered: boolean;
  /** Where it is in the recording; null until the recording has said that it holds the frame. */
  sealable: OriginalCrop | null;
}

/**
 * Seals the claimed face for a recording: what was covered of it, a few times a second. The pixels are compressed and encrypted here, under a key
 * that leaves this worker only wrapped; nothing else of them ever leaves it. Bystanders are not kept: what is covered for somebody else is cut away, and
 * the face goes unsealed when that takes part of it, or when somebody is found soon after who was not known of. Faces of frames that are not in the
 * recording are dropped.
 */
export class OriginalSealer implements ClaimUse {
  readonly #parts: OriginalSealerParts;
  readonly #key: Promise<CryptoKey | null>;
  #waiting: readonly WaitingCrop[] = [];
  #span = -Infinity;
  #coveredUs: Microseconds = -Infinity;
  #lastTimeUs: Microseconds = -Infinity;
  #sequence = 0;
  #kept = 0;
  #failure: FacePrivacyError | null = null;
  #sealing: Promise<void> = Promise.resolve();
  #over = false;

  constructor(parts: OriginalSealerParts) {
    this.#parts = parts;
    this.#key = createContentKey(parts.ids, parts.publicKey).then(
      ({ key, wrappedKey }) => {
        this.#post({ kind: 'key', wrappedKey }, [wrappedKey]);
        return key;
      },
      (error: unknown) => {
        this.#fail(error);
        return null;
      },
    );
    parts.port.onmessage = ({ data }: MessageEvent<OriginalReply>) => {
      if (this.#over) return;
      if (data.kind === 'kept') this.#kept += 1;
      else this.#tellTime(data.frame);
    };
  }

  see(frame: ClaimableFrame, face: Sighting): void {
    const { view } = frame;
    const { timestampUs, display } = view.info;
    const span = Math.floor(timestampUs / SPAN_US);
    if (this.#over || span === this.#span || this.#waiting.length >= MOST_WAITING || this.#sequence - this.#kept >= MOST_UNKEPT) return;
    try {
      const plan = frame.plan();
      const box = ownPart(plan, this.#parts.ids.trackId, clip(face.box, display));
      const cut = box && this.#parts.cutter.cutRegion(view, box, ORIGINAL_LIMITS.longestSidePx);
      if (cut === null) return;
      this.#span = span;
      const jpeg = encodeJpeg(cut.rgb, cut, QUALITY);
      cut.rgb.fill(0);
      this.#waiting = [...this.#waiting, { sourceUs: timestampUs, display, box: cut.box, jpeg, others: idsIn(plan), covered: false, sealable: null }];
    } catch (error) {
      this.#fail(error);
    }
  }

  covered(timestampUs: Microseconds, plan: RedactionPlan): void {
    const { trackId } = this.#parts.ids;
    if (plan.kind === 'whole') {
      // Whoever came in just now, nobody was told of: there is no hindsight of what waits.
      this.#keepOnly((crop) => crop.sourceUs > timestampUs);
      return;
    }
    const { regions } = plan;
    this.#coveredUs = timestampUs;
    const isCovered = regions.some((region) => region.trackId === trackId);
    for (const crop of this.#waiting) if (crop.sourceUs === timestampUs) crop.covered = isCovered;
    const isFree = ({ others, box }: WaitingCrop): boolean => regions.every((region) => others.has(region.trackId) || area(intersect(region.box, box)) === 0);
    this.#keepOnly((crop) => crop.sourceUs > timestampUs || (crop.covered && isFree(crop)));
  }

  end(reason: ClaimEndReason): Promise<void> {
    this.#over = true;
    // Of the last moment nobody knows yet who was in it.
    if (reason !== 'consent-ended' && this.#failure === null) this.#seal((crop) => this.#isRipe(crop));
    this.#keepOnly(() => false);
    this.#sealing = this.#sealing.then(() => {
      const failure = this.#failure && toErrorReport(this.#failure, this.#failure.code);
      this.#post({ kind: 'ended', claimId: this.#parts.claimId, reason, failure });
      this.#parts.port.close();
    });
    return this.#sealing;
  }

  /** A frame is in the recording; frames before it that were not told of are not. */
  #tellTime({ sourceUs, timeUs, size }: RecordedFrame): void {
    if (timeUs > this.#lastTimeUs) {
      this.#lastTimeUs = timeUs;
      for (const crop of this.#waiting) if (crop.sourceUs === sourceUs && crop.covered) crop.sealable ??= { timeUs, box: recordedBox(crop, size), jpeg: crop.jpeg };
    }
    this.#keepOnly((crop) => crop.sealable !== null || crop.sourceUs > sourceUs);
    const ripe = this.#waiting.filter((crop) => this.#isRipe(crop));
    const [first, last] = [ripe[0]?.sealable, ripe.at(-1)?.sealable];
    if (first && last && last.timeUs - first.timeUs >= ORIGINAL_LIMITS.chunkUs - SPAN_US) this.#seal((crop) => this.#isRipe(crop));
  }

  #isRipe({ sealable, sourceUs }: WaitingCrop): boolean {
    return sealable !== null && sourceUs <= this.#coveredUs - this.#parts.hindsightUs;
  }

  /** Seals what may be sealed of those that wait. */
  #seal(isMeant: (crop: WaitingCrop) => boolean): void {
    const crops = this.#waiting.flatMap((crop) => (crop.sealable !== null && isMeant(crop) ? [crop.sealable] : []));
    if (crops.length === 0) return;
    this.#waiting = this.#waiting.filter(({ sealable }) => sealable === null || !crops.includes(sealable));
    const sequence = this.#sequence++;
    this.#sealing = this.#sealing.then(async () => {
      try {
        const key = await this.#key;
        if (key === null || this.#failure !== null) return;
        const chunk = await sealCrops(crops, this.#parts.ids, sequence, key);
        this.#post({ kind: 'chunk', chunk }, [chunk.sealed]);
      } catch (error) {
        this.#fail(error);
      } finally {
        wipe(crops);
      }
    });
  }

  /** Overwrites and forgets the others. */
  #keepOnly(isWanted: (crop: WaitingCrop) => boolean): void {
    const kept = this.#waiting.filter(isWanted);
    wipe(this.#waiting.filter((crop) => !kept.includes(crop)));
    this.#waiting = kept;
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = asFacePrivacyError(error, 'ERR_UNSUPPORTED');
    this.#keepOnly(() => false);
    this.#parts.onFailed();
  }

  #post(message: OriginalMessage, transfer: Transferable[] = []): void {
    this.#parts.port.postMessage(message, transfer);
  }
}

/**
 * What covers the claimed face, less what covers anybody or anything else, in whole pixels: of the sides on which it can be cut, that which leaves most. Null
 * where nothing covers it, everything is covered, or a cut takes part of the face.
 */
function ownPart(plan: RedactionPlan, trackId: number, face: Box): Box | null {
  const regions = plan.kind === 'whole' ? [] : plan.regions;
  const own = regions.find((region) => region.trackId === trackId);
  if (own === undefined) return null;
  const part = regions.filter((region) => region !== own).reduce((left, { box }) => without(left, wholePixels(box)), wholePixels(own.box));
  return containment(face, part) > 1 - 1e-6 ? part : null;
}

function without(box: Box, other: Box): Box {
  if (area(intersect(box, other)) === 0) return box;
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const sides: Box[] = [
    { ...box, width: other.x - box.x },
    { ...box, x: other.x + other.width, width: right - other.x - other.width },
    { ...box, height: other.y - box.y },
    { ...box, y: other.y + other.height, height: bottom - other.y - other.height },
  ];
  return sides.reduce((best, side) => (area(side) > area(best) ? side : best));
}

function wholePixels({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  return { x: left, y: top, width: Math.ceil(x + width) - left, height: Math.ceil(y + height) - top };
}

/** Ids of the tracks in a plan, the claimed one among them. What is covered without one is never known. */
function idsIn(plan: RedactionPlan): ReadonlySet<number | null> {
  return new Set(plan.kind === 'whole' ? [] : plan.regions.flatMap(({ trackId }) => (trackId === null ? [] : [trackId])));
}

/** Where the crop lies in the recorded picture. */
function recordedBox({ box, display }: WaitingCrop, size: Size): Box {
  const { scale, x, y } = placeIn(display, size);
  return { x: x + box.x * scale, y: y + box.y * scale, width: box.width * scale, height: box.height * scale };
}

function wipe(crops: readonly { readonly jpeg: Uint8Array }[]): void {
  for (const { jpeg } of crops) jpeg.fill(0);
}
