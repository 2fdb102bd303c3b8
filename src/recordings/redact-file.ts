import { fromErrorReport, type FacePrivacyError } from '../core/errors.ts';
import type { FileReport, FileRequest, FixedRegion } from '../core/file-redaction-protocol.ts';
import { checkOptions, matching, oneOf, type OptionRules } from '../core/options.ts';
import type { MediaSummary, TrackSample } from '../core/recording.ts';
import { checkFileAssets, withFileWorker, type FileAssetOptions, type FileHost, type FileWork, type FileWorkProgress } from './file-host.ts';
import { checkRegions } from './fixed-regions.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import { bothCovers } from '../governance/manifest/cover-ledger.ts';
import { createManifest, hashOfMedia, SOUND_KEPT, type RedactionManifest } from '../governance/manifest/manifest.ts';
import { modelsOf } from './open-recording.ts';
import { isSoundPolicy, soundOf, type SoundConsent, type SoundPolicy } from './recorded-sound.ts';
import { mediaRules, type MediaOptions } from './recording-options.ts';
import { assertScene } from '../session/scene-rules.ts';
import { checkPictureOptions, pipelineSettings, type DetectionOptions, type EngineOptions, type StartOptions } from '../session/session-options.ts';

/** Options of `redactFile`. */
export interface RedactFileOptions extends MediaOptions, StartOptions {
  /** For `live-redacted-view`, `staff-review` or `redacted-recording`. */
  readonly grant: ConsentGrant;
  readonly redaction?: NonNullable<EngineOptions['redaction']>;
  /** As for a session; `engine` is `onnx`. `budgetMs` buys more looks per frame for a slower redaction. */
  readonly detection?: Omit<DetectionOptions, 'engine'>;
  readonly assets?: FileAssetOptions;
  /** Rectangles that are covered for a time besides the faces, for what somebody saw that no detector did. */
  readonly regions?: readonly FixedRegion[];
  /** What becomes of sound; default `drop`. Kept under its own consent, it is copied as it is where the container may hold it, else encoded anew. */
  readonly audio?: SoundPolicy<SoundConsent>;
  /** Cancels: it fails with ERR_ABORTED and nothing of the file is left. */
  readonly signal?: AbortSignal;
  /** Bytes of models, then frames of the video. */
  readonly onProgress?: (progress: RedactFileProgress) => void;
}

/** How far a redaction is: models arrive, then two passes over the video. */
export type RedactFileProgress = FileWorkProgress;

/** A redacted video. */
export interface RedactedFile extends MediaSummary {
  /** The redacted video file, without sound unless `audio` said to keep it. */
  readonly media: Blob;
  /** What was done to it, signed; see `verifyManifest`. */
  readonly manifest: RedactionManifest;
  readonly hasSound: boolean;
  /** Audio tracks of the file that are not in the redacted one. */
  readonly audioTracksDropped: number;
  /** Where the followed faces were, up to ten times a second and in the last frame, in pixels of the redacted picture. Empty while a whole frame is covered. */
  readonly timeline: readonly TrackSample[];
  /** Frames on which covering failed: they are covered whole and counted so in the manifest. Null where it never did. */
  readonly coverFailure: { readonly frames: number; readonly error: FacePrivacyError } | null;
}

const rules: OptionRules<RedactFileOptions> = {
  ...mediaRules,
  grant: matching('a ConsentGrant', (value) => value !== undefined),
  redaction: matching('an object', (value) => typeof value === 'object' && value !== null),
  detection: matching('an object', (value) => typeof value === 'object' && value !== null),
  assets: matching('an object', (value) => typeof value === 'object' && value !== null),
  regions: matching('a list of regions', (value) => Array.isArray(value)),
  audio: matching("'drop' or { grant }", (value) => isSoundPolicy(value, ['grant'])),
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
  onProgress: matching('a function', (value) => typeof value === 'function'),
  initiatedBy: oneOf(['app', 'user']),
};

/**
 * Redacts a video file in a worker: every frame is kept with its time, every face covered from before its first to after its last sighting,
 * because the file is searched to its end before its first frame is covered. Sound is dropped unless `audio` names a consent for it. The file stays the caller's; no frame of it
 * reaches the page.
 * @throws TypeError for a bad option; FacePrivacyError ERR_MEDIA_INVALID (`details.reason`: `not-a-video`, `no-video-track`, `encrypted`,
 * `unknown-codec`, `damaged`, `no-frames`), ERR_CONSENT_* (also what ends the consent to sound), ERR_SCENE_METHOD, ERR_GESTURE_REQUIRED, ERR_UNSUPPORTED (no encoder; `details.field` `audio` where it is for sound), ERR_ENCODER_FAILED,
 * ERR_SELF_TEST_FAILED, ERR_ASSET_*, ERR_WORKER_*, ERR_ABORTED. There is no redacted file then.
 */
export async function redactFile(file: Blob, options: RedactFileOptions): Promise<RedactedFile> {
  const operation = 'redactFile';
  if (!(file instanceof Blob)) throw new TypeError('redactFile: file must be a File or Blob.');
  checkOptions<RedactFileOptions>(operation, options, rules, ['grant']);
  const { grant, redaction, detection, assets, signal: cancel, onProgress, initiatedBy = 'app', container = 'auto', bitrate = null, regions = [] } = options;
  checkFileAssets(operation, assets);
  checkRegions(operation, regions);
  const engineOptions: EngineOptions = { grant, ...(redaction === undefined ? {} : { redaction }), ...(detection === undefined ? {} : { detection }) };
  checkPictureOptions(engineOptions);
  assertGrant(grant, operation);
  assertScene(grant, { initiatedBy, method: redaction?.method, operation });
  const audio = soundOf(operation, options.audio ?? 'drop', grant.dataSubject);
  const settings = pipelineSettings(engineOptions);
  const request = { file, settings, container: container === 'auto' ? null : container, bitrate, keepSound: audio !== null, regions, regionsOnly: false };
  return withFileWorker({ grant, settings, assets, cancel, onProgress, ...(audio === null ? {} : { soundGrant: audio.grant }) }, (host, signal) => redactOn(host, request, { grant, signal }));
}

/** @internal The same by a worker that runs. @param base the manifest of `request.file` where that was redacted already. */
export async function redactOn(
  host: FileHost,
  request: FileRequest,
  { grant, signal, base = null }: { readonly grant: ConsentGrant; readonly signal: AbortSignal; readonly base?: RedactionManifest | null },
): Promise<RedactedFile> {
  const report = await host.call((remote) => remote.redact(request));
  const { media, summary, timeline, coverFailure, hasSound, audioTracksDropped } = report;
  const failure = coverFailure === null ? null : { frames: coverFailure.frames, error: fromErrorReport(coverFailure.error) };
  return { ...summary, media, timeline, coverFailure: failure, hasSound, audioTracksDropped, manifest: await manifestOf(report, { grant, settings: request.settings, signal, base }) };
}

async function manifestOf(
  { media, summary, covers, selfTests, hasSound, audioTracksDropped, engine }: FileReport,
  { grant, settings, signal, base }: Pick<FileWork, 'grant' | 'settings'> & { readonly signal: AbortSignal; readonly base: RedactionManifest | null },
): Promise<RedactionManifest> {
  const { tracking, detection, style } = settings;
  const { mimeType, width, height, frames, durationUs } = summary;
  const context = ConsentGrant.context(grant);
  return createManifest(
    {
      madeAt: context.now(),
      origin: location.origin,
      source: 'file',
      recordingId: base?.recordingId ?? null,
      basedOn: base?.manifestId ?? null,
      models: modelsOf(engine),
      settings: { engine, margin: tracking.margin, holdMs: tracking.holdMs, delayFrames: 0, maxAgeMs: detection.maxAgeMs, threshold: detection.threshold },
      styles: [{ fromUs: 0, ...style }],
      covers: base === null ? covers : bothCovers(base.covers, covers),
      selfTests,
      ...(hasSound ? { audio: SOUND_KEPT } : {}),
      audioTracksDropped: audioTracksDropped + (base?.audioTracksDropped ?? 0),
      complete: true,
      media: { mimeType, width, height, frames, durationUs, bytes: media.size, sha256: await hashOfMedia(media, signal) },
    },
    (statement) => context.sign(statement),
  );
}
