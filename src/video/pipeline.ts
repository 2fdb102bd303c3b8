import { asFacePrivacyError, type FacePrivacyError } from '../core/errors.ts';
import type { FaceTrack } from '../core/faces.ts';
import type { FrameInfo, FrameView } from '../core/pixels.ts';
import type { FaceReport, FacesReport, PipelineSettings, StageName } from '../core/protocol.ts';
import type { RedactedFrame } from '../core/redacted.ts';
import type { RedactionPlan, RedactionStyle } from '../core/redaction.ts';
import type { ClaimEnded, ClaimEndReason, ClaimRequest, ClaimStarted } from '../core/claim-protocol.ts';
import type { Milliseconds } from '../core/time.ts';
import { createCropCutter } from './crop-cutter.ts';
import { detectionStatusOf } from './detection-status.ts';
import { eyeOf } from './detection/face-detector.ts';
import type { FaceFinder } from './detection/face-finder.ts';
import { FaceClaims } from './face-claims.ts';
import { createFrameSampler } from './frame/frame-sampler.ts';
import { infoOf, readFrame } from './frame/read-frame.ts';
import { createLookAhead, type TrackedFrame } from './look-ahead.ts';
import type { CompositorSet } from './redaction/choose-compositor.ts';
import { coveredFrame } from './redaction/covered-frame.ts';
import { DEFAULT_MARGIN, planRedaction, type DetectionStatus } from './redaction/plan.ts';
import { createFaceTracker } from './tracking/face-tracker.ts';

/** A redacted frame on its way out; its holder closes `frame`. */
export interface PipelineOutput {
  readonly frame: RedactedFrame;
  readonly faces: FacesReport;
}

/** What a pipeline is made of; everything in it is closed by the pipeline. */
export interface PipelineParts {
  readonly finder: FaceFinder;
  readonly compositors: CompositorSet;
  readonly settings: PipelineSettings;
  readonly now: () => Milliseconds;
  onError(error: FacePrivacyError): void;
  onStage(stage: StageName, durationMs: Milliseconds): void;
  onLooks(count: number): void;
  /** A claim is over; told once of each. */
  onClaimEnded(event: ClaimEnded): void;
}

/** A raw frame that waits for its redaction, with what was known of it when it came. */
interface HeldFrame {
  readonly view: FrameView;
  readonly status: DetectionStatus | null;
  readonly tracksTrusted: boolean;
  readonly paused: boolean;
}

/**
 * The straight line of a frame, for one source after the other: read, detect, track, plan, compose. One call at a time.
 * It owns every raw frame from `processFrame` on; what leaves it is redacted.
 */
export class Pipeline {
  /** How regions look; a change holds from the next composed frame on. */
  style: RedactionStyle;
  /** While true nothing is detected and every frame is covered whole. */
  paused = false;
  readonly #parts: PipelineParts;
  readonly #tracker;
  readonly #lookAhead;
  readonly #claims;
  readonly #sampler = createFrameSampler();
  readonly #views = new Set<FrameView>();
  #reading = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.style = parts.settings.style;
    this.#tracker = createFaceTracker(parts.settings.tracking);
    this.#lookAhead = createLookAhead<HeldFrame>(parts.settings.delayFrames);
    const onEnded = (event: ClaimEnded): void => {
      parts.onClaimEnded(event);
    };
    this.#claims = new FaceClaims({ tracker: this.#tracker, cutter: createCropCutter(), maxAgeMs: parts.settings.detection.maxAgeMs, onEnded });
  }

  /** Raw frames held now, in whatever form. */
  get openFrames(): number {
    return this.#views.size + this.#reading;
  }

  /**
   * Takes one raw frame; answers the redacted frames that are due: one, or none while frames are held back.
   * @throws FacePrivacyError ERR_FRAME_INVALID when the frame cannot be read. It is closed then and nothing comes out.
   */
  async processFrame(frame: VideoFrame): Promise<PipelineOutput[]> {
    const view = await this.#timed('read', () => this.#read(frame));
    let known: Pick<TrackedFrame<HeldFrame>, 'item' | 'tracks'>;
    try {
      known = await this.#search(view);
    } catch (error) {
      this.#release(view);
      throw error;
    }
    return this.#composeAll(this.#lookAhead.push({ ...known, timestampUs: view.info.timestampUs, display: view.info.display }));
  }

  /**
   * What a source begins with, before anybody has looked: a covered frame of its time and size, made of nothing. **Borrows** the frame;
   * the holder of the other closes it. Null where it cannot be made, and where frames are held back, after which it would come too early.
   */
  coverUnseen(frame: VideoFrame): RedactedFrame | null {
    if (this.#parts.settings.delayFrames > 0) return null;
    try {
      return coveredFrame(infoOf(frame));
    } catch {
      return null; // A frame that is closed or has no size; whoever reads it next says so.
    }
  }

  /** Begins a claim on a track of the latest frame. **Takes** the port. @throws FacePrivacyError ERR_CLAIM_AMBIGUOUS. */
  claim(request: ClaimRequest): ClaimStarted {
    return this.#claims.open(request);
  }

  /** Ends this claim, if it lives, or (null) whichever lives. */
  endClaim(claimId: string | null, reason: ClaimEndReason): void {
    this.#claims.end(claimId, reason);
  }

  /** Resolves when nothing of claims that are over is on its way any more. */
  claimsSettled(): Promise<void> {
    return this.#claims.settled();
  }

  /** The source has ended: redacts what is held back. */
  async flush(): Promise<PipelineOutput[]> {
    return this.#composeAll(this.#lookAhead.flush());
  }

  /** Another source follows: closes what is held back and forgets every face. */
  reset(): void {
    for (const { view } of this.#lookAhead.clear()) this.#release(view);
    this.#claims.reset();
    this.#tracker.reset();
    this.#parts.finder.forget();
  }

  /** Closes what is held and the stages. Idempotent. */
  close(): void {
    this.reset();
    this.#parts.finder.close();
    this.#parts.compositors.close();
  }

  /** Borrows the view: finds and follows the faces in it. */
  async #search(view: FrameView): Promise<Pick<TrackedFrame<HeldFrame>, 'item' | 'tracks'>> {
    const { info } = view;
    const { paused } = this;
    const restartsBefore = this.#tracker.restarts;
    const found = paused ? null : await this.#timed('detect', () => this.#parts.finder.find(view.kind === 'planes' ? view.pixels : view.sample, info));
    this.#parts.onLooks(found?.looks.length ?? 0);
    const tracks = await this.#timed('track', () =>
      this.#tracker.update({ detections: found?.detections ?? [], searched: (found?.looks ?? []).map((look) => ({ model: eyeOf(look), window: look.window })), cut: found?.sceneChanged ?? false, cameraMotion: found?.cameraMotion ?? null, timestampUs: info.timestampUs, display: info.display }),
    );
    if (this.#tracker.restarts !== restartsBefore) this.#parts.finder.forget();
    const item: HeldFrame = { view, status: found && detectionStatusOf(found), tracksTrusted: this.#tracker.trusted, paused };
    // While the frame is raw, and of this frame: what the look-ahead gives later is older.
    this.#claims.follow({ view, tracks, plan: () => this.#plan(item, tracks) });
    return { item, tracks };
  }

  async #composeAll(due: readonly TrackedFrame<HeldFrame>[]): Promise<PipelineOutput[]> {
    const out: PipelineOutput[] = [];
    for (const { item, tracks } of due) {
      const { info } = item.view;
      const plan = await this.#timed('plan', () => this.#plan(item, tracks));
      this.#claims.covered(info.timestampUs, plan);
      const frame = await this.#timed('compose', () => this.#compose(item.view, plan));
      if (frame !== null) out.push({ frame, faces: facesOf(info, plan, tracks) });
    }
    return out;
  }

  #plan({ view, status, tracksTrusted, paused }: HeldFrame, tracks: readonly FaceTrack[]): RedactionPlan {
    const { tracking, detection } = this.#parts.settings;
    const policy = { maxAgeMs: detection.maxAgeMs, margin: DEFAULT_MARGIN * tracking.margin };
    return planRedaction({ tracks, tracksTrusted, detection: status, display: view.info.display, policy, paused: paused || this.paused });
  }

  /** Null when not even a covered frame could be made: then none comes out. */
  async #compose(view: FrameView, plan: RedactionPlan): Promise<RedactedFrame | null> {
    this.#views.delete(view); // The compositor takes it.
    try {
      return await this.#parts.compositors.compositorFor(view.kind).compose(view, plan, this.style);
    } catch (error) {
      this.#parts.onError(asFacePrivacyError(error, 'ERR_COMPOSITOR_FAILED'));
    }
    try {
      return coveredFrame(view.info);
    } catch (error) {
      this.#parts.onError(asFacePrivacyError(error, 'ERR_COMPOSITOR_FAILED'));
      return null;
    }
  }

  async #read(frame: VideoFrame): Promise<FrameView> {
    this.#reading += 1;
    try {
      const { reading } = this.#parts.compositors;
      const view = await readFrame(frame, reading?.sampler ?? this.#sampler, reading?.wanted);
      this.#views.add(view);
      return view;
    } finally {
      this.#reading -= 1;
    }
  }

  #release(view: FrameView): void {
    this.#views.delete(view);
    if (view.kind === 'opaque') view.frame.close();
  }

  async #timed<T>(stage: StageName, work: () => T | Promise<T>): Promise<T> {
    const before = this.#parts.now();
    try {
      return await work();
    } finally {
      this.#parts.onStage(stage, this.#parts.now() - before);
    }
  }
}

/** What the app is told of a frame: ids, states and the regions that were covered. */
function facesOf(info: FrameInfo, plan: RedactionPlan, tracks: readonly FaceTrack[]): FacesReport {
  const states = new Map(tracks.map((track) => [track.trackId, track.state]));
  const regions = plan.kind === 'regions' ? plan.regions : [];
  const faces = regions.flatMap<FaceReport>(({ trackId, box }) => (trackId === null ? [] : [{ trackId, state: states.get(trackId) ?? 'lost', box }]));
  return {
    timestampUs: info.timestampUs,
    width: info.display.width,
    height: info.display.height,
    faces,
    whole: plan.kind === 'whole' ? plan.reason : null,
  };
}
