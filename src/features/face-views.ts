import { FacePrivacyError } from '../core/errors.ts';
import { cropFace } from '../core/face-alignment.ts';
import type { FaceCrop } from '../core/face-crop.ts';
import type { Detection } from '../core/faces.ts';
import type { EmbedderCall, FeaturesEvent, ProbeRequest, QualityFault, QualityReport } from '../core/features-protocol.ts';
import { area } from '../core/geometry.ts';
import type { Microseconds } from '../core/time.ts';
import type { Claims, LiveClaim } from './claims.ts';
import type { ClaimedCrop } from './crop-inbox.ts';
import type { FaceVector } from './embedder.ts';
import type { LoggedEmbedder } from './logged-embedder.ts';
import { decodePicture } from './picture-decoder.ts';
import type { PictureSearcher } from './picture-searcher.ts';
import { judgeQuality } from './quality-gate.ts';

/** Two views of one claim are at least so far apart: a second look, not the same picture again. */
const VIEWS_APART_US: Microseconds = 200_000;

/** Below, a box in a still picture is taken for no face: neither compared nor counted as somebody else. False ones lie at 0.3 to 0.45. */
const LEAST_CONFIDENCE = 0.5;

/** What {@link FaceViews} works with. */
export interface ViewParts {
  readonly embedder: LoggedEmbedder;
  readonly searcher: PictureSearcher;
  readonly claims: Claims;
  tell(event: FeaturesEvent): void;
}

/** Gets good views of one face, from a claim or a still picture, as vectors. Pixels are overwritten on the way. */
export class FaceViews {
  readonly #parts: ViewParts;
  /** One picture in memory at a time. */
  #pictures: Promise<unknown> = Promise.resolve();

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /**
   * `count` vectors of the face of a claim, or one of a picture's only face; the caller's, who overwrites them. `onView` is
   * called after each.
   * @throws FacePrivacyError ERR_FACE_NOT_FOUND, ERR_FACE_QUALITY (details: check, value, limit, unit, wanted), ERR_CLAIM_ENDED,
   * ERR_PICTURE_*, ERR_DETECTOR_*, ERR_EMBEDDER_FAILED, ERR_ABORTED. Vectors made until then are overwritten.
   */
  take(probe: ProbeRequest, count: number, signal: AbortSignal, onView?: () => void): Promise<FaceVector[]> {
    if (probe.kind === 'picture') {
      const done = this.#pictures.then(() => this.#fromPicture(probe, signal, onView));
      this.#pictures = settled(done);
      return done;
    }
    const claim = this.#parts.claims.get(probe.claimId);
    const done = claim.queue.then(() => this.#fromClaim(claim, probe.timeoutMs, count, signal, onView));
    claim.queue = settled(done);
    return done;
  }

  /** Runs `work` when no picture is in memory, and lets none be meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#pictures.then(work);
    this.#pictures = settled(done);
    return done;
  }

  async #fromClaim(claim: LiveClaim, timeoutMs: number, count: number, signal: AbortSignal, onView?: () => void): Promise<FaceVector[]> {
    const until = performance.now() + timeoutMs;
    const vectors: FaceVector[] = [];
    let last = -Infinity;
    let refusal: FacePrivacyError | null = null;
    try {
      while (vectors.length < count) {
        const left = until - performance.now();
        if (left <= 0) throw refusal ?? notSeen(timeoutMs);
        const view = await claim.inbox.next({ timeoutMs: left, signal }).catch((error: unknown) => {
          throw refusal !== null && error instanceof FacePrivacyError && error.code === 'ERR_FACE_NOT_FOUND' ? refusal : error;
        });
        if (view.timestampUs - last < VIEWS_APART_US) {
          view.crop.rgb.fill(0);
          continue;
        }
        const origin = { kind: 'claim', claimId: claim.inbox.claimId, trackId: view.trackId } as const;
        refusal = this.#judge(view.crop, origin);
        if (refusal !== null) continue;
        last = view.timestampUs;
        vectors.push(await this.#embedClaimed(claim, view, origin));
        onView?.();
      }
      return vectors;
    } catch (error) {
      overwrite(vectors);
      throw error;
    }
  }

  async #embedClaimed(claim: LiveClaim, { crop }: ClaimedCrop, origin: EmbedderCall['origin']): Promise<FaceVector> {
    // The claim may have ended while this crop was waiting for its turn.
    if (claim.inbox.ended !== null) crop.rgb.fill(0);
    this.#parts.claims.get(claim.inbox.claimId);
    const [vector] = await this.#parts.embedder.embed([crop], origin);
    try {
      // And while it was being looked at: what came of it is no longer of a claimed face.
      this.#parts.claims.get(claim.inbox.claimId);
      this.#parts.claims.assertSamePerson(claim, vector!);
    } catch (error) {
      overwrite([vector!]);
      throw error;
    }
    return vector!;
  }

  async #fromPicture(probe: Extract<ProbeRequest, { kind: 'picture' }>, signal: AbortSignal, onView?: () => void): Promise<FaceVector[]> {
    assertWanted(signal);
    const pixels = await decodePicture(probe.picture);
    let crop: FaceCrop | null = null;
    try {
      assertWanted(signal);
      const faces = (await this.#parts.searcher.search(pixels)).filter(({ confidence }) => confidence >= LEAST_CONFIDENCE);
      const face = largest(faces);
      if (face !== null) crop = cropFace(pixels, face, faces.length - 1);
    } finally {
      pixels.data.fill(0);
    }
    if (crop === null) throw new FacePrivacyError('ERR_FACE_NOT_FOUND', 'No face was found in the picture.', { details: { pictureId: probe.pictureId } });
    const origin = { kind: 'picture', pictureId: probe.pictureId } as const;
    const refusal = this.#judge(crop, origin);
    if (refusal === null && signal.aborted) crop.rgb.fill(0);
    if (refusal !== null) throw refusal;
    assertWanted(signal);
    const vectors = await this.#parts.embedder.embed([crop], origin);
    onView?.();
    return vectors;
  }

  /** Null for a view that is good enough; else the crop is overwritten and this is why. */
  #judge(crop: FaceCrop, origin: EmbedderCall['origin']): FacePrivacyError | null {
    let report: QualityReport;
    try {
      report = judgeQuality(crop);
    } catch (error) {
      crop.rgb.fill(0);
      throw error;
    }
    this.#parts.tell({ kind: 'quality', data: { origin, report } });
    const [fault] = report.faults;
    if (report.passed || fault === undefined) return null;
    crop.rgb.fill(0);
    return qualityError(fault);
  }
}

/** Overwrites vectors that are done with. */
export function overwrite(vectors: readonly FaceVector[]): void {
  for (const vector of vectors) vector.fill(0);
}

/** @throws the reason of a signal that has aborted, as a FacePrivacyError. */
export function assertWanted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'It was cancelled.');
}

function largest(faces: readonly Detection[]): Detection | null {
  return faces.reduce<Detection | null>((best, face) => (best === null || area(face.box) > area(best.box) ? face : best), null);
}

function qualityError({ check, value, limit, unit, wanted }: QualityFault): FacePrivacyError {
  return new FacePrivacyError('ERR_FACE_QUALITY', `The face is not good enough to be compared: ${check} is ${value.toFixed(2)} ${unit}, it needs ${wanted === 'more' ? 'at least' : 'at most'} ${limit}.`, {
    details: { check, value, limit, unit, wanted },
  });
}

function notSeen(timeoutMs: number): FacePrivacyError {
  return new FacePrivacyError('ERR_FACE_NOT_FOUND', 'The claimed face was not seen well enough in time.', { details: { timeoutMs } });
}

function settled(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => undefined, () => undefined); // How it ends is told to its own caller.
}
