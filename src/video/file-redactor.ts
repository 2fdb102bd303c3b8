import { MP4, QTFF } from 'mediabunny';
import { asFacePrivacyError, toErrorReport, type FacePrivacyError } from '../core/errors.ts';
import type { FaceTrack } from '../core/faces.ts';
import type { FileProgress, FileReport, FileRequest, FixedRegion } from '../core/file-redaction-protocol.ts';
import type { Box } from '../core/geometry.ts';
import { evenSize, type RecordingContainer } from '../core/recording.ts';
import type { RedactedFrame } from '../core/redacted.ts';
import type { RedactionPlan } from '../core/redaction.ts';
import type { Microseconds, Milliseconds } from '../core/time.ts';
import { TrackGatherer } from '../core/track-gatherer.ts';
import { CoverLedger } from '../governance/manifest/cover-ledger.ts';
import { detectionStatusOf } from './detection-status.ts';
import { eyeOf } from './detection/face-detector.ts';
import type { FaceFinder } from './detection/face-finder.ts';
import { framesOf, openVideoFile } from './file-frames.ts';
import { createFrameSampler } from './frame/frame-sampler.ts';
import { readFrame } from './frame/read-frame.ts';
import { chooseEncoder } from './recording/encoder-choice.ts';
import { openFileSound } from './recording/file-sound.ts';
import { mediaFault, toMicroseconds, type OpenedMedia } from './recording/media-reader.ts';
import type { EncodedSound } from './recording/media-muxer.ts';
import { RedactedMediaWriter } from './recording/redacted-media-writer.ts';
import { createCompositorSet } from './redaction/choose-compositor.ts';
import { coveredFrame } from './redaction/covered-frame.ts';
import { DEFAULT_MARGIN, planRedaction, type DetectionStatus } from './redaction/plan.ts';
import { coverBothWays } from './tracking/both-ways.ts';
import { createFaceTracker, type TrackerInput } from './tracking/face-tracker.ts';

/** Frames that wait for the encoder; it drops none, so the file is read no faster than it is written. */
const MOST_WAITING = 8;
const PROGRESS_MS: Milliseconds = 200;
/** At most so long the last picture may be shown; sound beyond that is not read. */
const LAST_PICTURE_US: Microseconds = 1_000_000;

/** What a file redactor is made of. */
export interface FileRedactorParts {
  /** By the {@link FileClock}; its owner closes it. */
  readonly finder: FaceFinder;
  readonly clock: FileClock;
  readonly signal: AbortSignal;
  onProgress(progress: FileProgress): void;
}

/**
 * The finder's clock: the time of the video, plus what the present frame has cost so far. A slow machine takes longer, but its knowledge does not
 * grow old by that.
 */
export class FileClock {
  #frameMs: Milliseconds = 0;
  #sinceMs: Milliseconds = performance.now();
  #fileMs: Milliseconds = 0;

  /** Another file begins: its times start anew, the clock goes on. */
  startFile(): void {
    this.#fileMs = this.now();
    this.moveTo(0);
  }

  /** The frame of this time is looked at now. */
  moveTo(timeUs: Microseconds): void {
    this.#frameMs = this.#fileMs + timeUs / 1000;
    this.#sinceMs = performance.now();
  }

  now(): Milliseconds {
    return this.#frameMs + performance.now() - this.#sinceMs;
  }
}

/** What the first pass learnt of a frame: boxes, no pixels. */
interface KnownFrame {
  readonly input: TrackerInput;
  readonly status: DetectionStatus;
  readonly tracksTrusted: boolean;
}

/**
 * Redacts a video file in two passes: the first finds and follows the faces, forwards and then backwards in time, and keeps boxes only; the second
 * decodes again and covers. Every frame keeps its time. Frames that were not found the same again are covered whole.
 * Sound is dropped, or copied as it is where the container may hold it, cut and shifted as the picture.
 * @throws FacePrivacyError ERR_MEDIA_INVALID (`details.reason`), ERR_UNSUPPORTED, ERR_ENCODER_FAILED, ERR_ABORTED; no file exists then.
 */
export async function redactVideoFile(request: FileRequest, parts: FileRedactorParts): Promise<Omit<FileReport, 'selfTests' | 'engine'>> {
  const opened = await openVideoFile(request.file);
  try {
    const totalUs = toMicroseconds(await opened.input.computeDuration());
    const { known, forward } = await search(opened, request, parts, totalUs);
    if (known.length === 0) throw mediaFault('no-frames');
    const tracks = request.regionsOnly ? [] : await coverBothWays(known.map(({ input }) => input), forward, request.settings.tracking);
    return await cover(opened, request, parts, { known, tracks, totalUs });
  } catch (error) {
    throw asFacePrivacyError(error, 'ERR_MEDIA_INVALID');
  } finally {
    opened.input.dispose();
  }
}

async function search(opened: OpenedMedia, { settings, regionsOnly }: FileRequest, { finder, clock, ...parts }: FileRedactorParts, totalUs: Microseconds): Promise<{ known: KnownFrame[]; forward: (readonly FaceTrack[])[] }> {
  const tracker = createFaceTracker(settings.tracking);
  const sampler = createFrameSampler();
  const known: KnownFrame[] = [];
  const forward: (readonly FaceTrack[])[] = [];
  const tell = progressTeller(1, totalUs, (progress) => { parts.onProgress(progress); });
  for await (const { frame, timeUs } of framesOf(opened, parts.signal)) {
    clock.moveTo(timeUs);
    if (regionsOnly) {
      known.push(redactedFrame(frame, timeUs));
      frame.close();
      tell(timeUs, known.length);
      continue;
    }
    const view = await readFrame(frame, sampler);
    try {
      const restartsBefore = tracker.restarts;
      const found = await finder.find(view.kind === 'planes' ? view.pixels : view.sample, view.info);
      const input: TrackerInput = {
        detections: found.detections,
        searched: found.looks.map((look) => ({ model: eyeOf(look), window: look.window })),
        cut: found.sceneChanged,
        cameraMotion: found.cameraMotion,
        timestampUs: timeUs,
        display: view.info.display,
      };
      forward.push(tracker.update(input));
      if (tracker.restarts !== restartsBefore) finder.forget();
      known.push({ input, status: { ...detectionStatusOf(found), settled: true }, tracksTrusted: tracker.trusted });
    } finally {
      if (view.kind === 'opaque') view.frame.close();
    }
    tell(timeUs, known.length);
  }
  return { known, forward };
}

/** What there is to know of a frame that was redacted already: when and how large it is. Borrows it. */
function redactedFrame({ displayWidth: width, displayHeight: height }: VideoFrame, timestampUs: Microseconds): KnownFrame {
  return {
    input: { detections: [], searched: [], timestampUs, display: { width, height } },
    status: { healthy: true, steady: true, oldestWholeLookAgeMs: 0, settled: true, newBorder: [] },
    tracksTrusted: true,
  };
}

async function cover(
  opened: OpenedMedia,
  request: FileRequest,
  parts: FileRedactorParts,
  { known, tracks, totalUs }: { readonly known: readonly KnownFrame[]; readonly tracks: readonly (readonly FaceTrack[])[]; readonly totalUs: Microseconds },
): Promise<Omit<FileReport, 'selfTests' | 'engine'>> {
  const { settings, bitrate } = request;
  const { display } = known[0]!.input;
  const choice = await chooseEncoder({ containers: await containersFor(request, opened), ...display, bitrate, latencyMode: 'quality' });
  // Times before 0 are no times of a file.
  const shiftUs = Math.max(0, -known[0]!.input.timestampUs);
  const sound = request.keepSound ? await openFileSound(opened, choice.container, shiftUs) : null;
  const failure: { error?: FacePrivacyError } = {};
  // As Blobs, which the browser may keep outside of memory.
  const pieces: Blob[] = [];
  const writer = await RedactedMediaWriter.open(choice, { onPiece: ({ bytes }) => pieces.push(new Blob([bytes])), onFailure: (error) => { failure.error = error; } }, sound === null ? null : { codec: sound.codec, apart: false });
  const taker = { addSound: (stretch: EncodedSound) => { writer.writeSound(stretch); } };
  const compositors = createCompositorSet(settings.compositor);
  const ledger = new CoverLedger();
  const sampler = createFrameSampler();
  const tell = progressTeller(2, totalUs, (progress) => { parts.onProgress(progress); });
  const timeline = new TrackGatherer();
  const failed: { cover: FileReport['coverFailure'] } = { cover: null };
  let index = 0;
  let lastUs = -1;
  try {
    for await (const { frame, timeUs } of framesOf(opened, parts.signal)) {
      if (failure.error !== undefined) {
        frame.close();
        throw failure.error;
      }
      const frameKnown = known[index];
      const isSame = frameKnown?.input.timestampUs === timeUs;
      const view = await readFrame(frame, sampler);
      const { info } = view;
      const plan = planRedaction({
        tracks: tracks[index] ?? [],
        tracksTrusted: isSame && frameKnown.tracksTrusted,
        detection: isSame ? frameKnown.status : null,
        display: info.display,
        policy: { maxAgeMs: settings.detection.maxAgeMs, margin: DEFAULT_MARGIN * settings.tracking.margin },
        paused: false,
        fixed: regionsAt(request.regions, timeUs),
      });
      // A frame that goes with the compositor's failure leaves its time, covered.
      const composed: RedactedFrame | null = await compositors.compositorFor(view.kind).compose(view, plan, settings.style).catch((error: unknown) => {
        failed.cover = { frames: (failed.cover?.frames ?? 0) + 1, error: failed.cover?.error ?? toErrorReport(error, 'ERR_COMPOSITOR_FAILED') };
        return null;
      });
      const redacted = composed ?? coveredFrame(info);
      const outUs = Math.max(timeUs + shiftUs, lastUs + 1);
      lastUs = outUs;
      const regions = composed !== null && plan.kind === 'regions' ? plan.regions.length : null;
      ledger.add(outUs, regions ?? 0, regions === null);
      timeline.add(facesOf(plan), outUs, info.display, evenSize(display));
      // Sound first: pictures wait for it.
      await sound?.passUntil(outUs, taker);
      writer.write(redacted, outUs);
      await writer.room(MOST_WAITING);
      index += 1;
      tell(timeUs, index);
    }
    // What is heard after the last picture, the file does not keep.
    await sound?.passUntil(lastUs + LAST_PICTURE_US, taker);
    await sound?.finish();
    writer.endSound(false);
    const { summary: { mimeType, ...summary }, hasSound, header } = await writer.finish();
    if (failure.error !== undefined) throw failure.error;
    if (header === null) throw mediaFault('no-frames');
    const type = sound === null || !hasSound ? mimeType : mimeType.replace(/"$/, `,${sound.name}"`);
    const media = new Blob([header.bytes, ...pieces.slice(1)], { type });
    return { summary: { ...summary, mimeType: type }, media, hasSound, covers: ledger.seconds(), timeline: timeline.take(), coverFailure: failed.cover, audioTracksDropped: opened.audioTracks - (hasSound ? 1 : 0) };
  } finally {
    sound?.close();
    writer.close();
    compositors.close();
  }
}

function facesOf(plan: RedactionPlan): { readonly trackId: number; readonly box: Box }[] {
  return plan.kind === 'whole' ? [] : plan.regions.flatMap(({ trackId, box }) => (trackId === null ? [] : [{ trackId, box }]));
}

/** The boxes of the regions that hold at this time of the file. */
function regionsAt(regions: readonly FixedRegion[], timeUs: Microseconds): Box[] {
  return regions.filter(({ fromUs, untilUs }) => timeUs >= fromUs && timeUs < untilUs).map(({ box }) => box);
}

/** Where nothing is asked for, the file's own container, so that its times stay exact, and WebM for all others. */
async function containersFor({ container }: FileRequest, { input }: OpenedMedia): Promise<readonly RecordingContainer[]> {
  if (container !== null) return [container];
  const format = await input.getFormat();
  return format === MP4 || format === QTFF ? ['mp4', 'webm'] : ['webm', 'mp4'];
}

/** Tells a few times a second how far a pass over `totalUs` is. */
export function progressTeller(pass: 1 | 2, totalUs: Microseconds, tell: (progress: FileProgress) => void): (doneUs: Microseconds, frames: number) => void {
  let nextMs = 0;
  return (doneUs, frames) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + PROGRESS_MS;
    tell({ pass, frames, doneUs: Math.min(doneUs, totalUs), totalUs });
  };
}
