import type { FaceTrack } from '../core/faces.ts';
import type { FaceReport, PictureReply, PictureRequest } from '../core/protocol.ts';
import type { Milliseconds } from '../core/time.ts';
import type { FaceDetector } from './detection/face-detector.ts';
import { searchPicture } from './detection/search-picture.ts';
import { readFrame } from './frame/read-frame.ts';
import { createCompositorSet } from './redaction/choose-compositor.ts';
import { DEFAULT_MARGIN, planRedaction } from './redaction/plan.ts';
import { createFaceTracker } from './tracking/face-tracker.ts';

/** A still stands alone: any hold time will do. */
const HOLD_MS = 1000;

/** What a still picture is redacted with. */
export interface PictureParts {
  readonly detector: FaceDetector;
  /** Whether the detector passed its self-test; if not, the whole picture is covered. */
  readonly healthy: boolean;
  /** The detector's. */
  readonly threshold: number;
  readonly timeoutMs: Milliseconds;
}

/**
 * Redacts one still picture by the same four calls as a frame, with every look there is.
 * Takes `request.bitmap` and closes it. The answer's bitmap belongs to the caller.
 * @throws FacePrivacyError ERR_FRAME_INVALID, ERR_DETECTOR_FAILED, ERR_DETECTOR_TIMEOUT, ERR_COMPOSITOR_FAILED; no picture exists then.
 */
export async function redactPicture({ bitmap, style, margin }: PictureRequest, { detector, healthy, threshold, timeoutMs }: PictureParts): Promise<PictureReply> {
  let frame: VideoFrame;
  try {
    frame = new VideoFrame(bitmap, { timestamp: 0 });
  } finally {
    bitmap.close();
  }
  const view = await readFrame(frame);
  const { display } = view.info;
  const compositors = createCompositorSet('auto');
  try {
    const pixels = view.kind === 'planes' ? view.pixels : view.sample;
    const { detections, looks } = healthy ? await searchPicture(detector, pixels, threshold, timeoutMs) : { detections: [], looks: [] };
    const tracker = createFaceTracker({ holdMs: HOLD_MS, margin });
    const tracks = tracker.update({ detections, searched: looks, timestampUs: view.info.timestampUs, display });
    const plan = planRedaction({
      tracks,
      tracksTrusted: tracker.trusted,
      detection: { healthy, steady: true, oldestWholeLookAgeMs: 0, settled: true, newBorder: [] },
      display,
      policy: { maxAgeMs: 0, margin: DEFAULT_MARGIN * margin },
      paused: false,
    });
    const redacted = await compositors.compositorFor(view.kind).compose(view, plan, style);
    try {
      const faces = plan.kind === 'regions' ? plan.regions.flatMap(({ trackId, box }) => (trackId === null ? [] : [reportOf({ trackId, box }, tracks)])) : [];
      return { bitmap: await createImageBitmap(redacted), faces, whole: plan.kind === 'whole' ? plan.reason : null };
    } finally {
      redacted.close();
    }
  } finally {
    compositors.close();
    if (view.kind === 'opaque') view.frame.close();
  }
}

function reportOf({ trackId, box }: Pick<FaceReport, 'trackId' | 'box'>, tracks: readonly FaceTrack[]): FaceReport {
  return { trackId, box, state: tracks.find((track) => track.trackId === trackId)?.state ?? 'tentative' };
}
