export { openRecording } from './recordings/open-recording.ts';
export { sealOriginals, type SealOriginalsOptions } from './recordings/seal-originals.ts';
export { SealedOriginals, type SealedOriginalsEvents } from './recordings/sealed-originals.ts';
export { trackAt } from './core/track-at.ts';
export type { ClaimEndReason } from './core/claim-protocol.ts';
export { Recording, type RecordingEvents } from './recordings/recording-session.ts';
export { openRecordings, Recordings, type RecordingsEvents } from './recordings/recordings.ts';
export { persistStorage, type StorageStanding } from './recordings/persist-storage.ts';
export { redactFile, type RedactedFile, type RedactFileOptions, type RedactFileProgress } from './recordings/redact-file.ts';
export type { FileAssetOptions, FileWorkProgress } from './recordings/file-host.ts';
export type { FileProgress, FixedRegion } from './core/file-redaction-protocol.ts';
export type { RecordingInfo, RecordingSummary } from './recordings/recording-summary.ts';
export type { SoundConsent, SoundPolicy, SoundToRecord } from './recordings/recorded-sound.ts';
export type { MediaOptions, RecordingBaseOptions, RecordingOptions, RecordingsOptions } from './recordings/recording-options.ts';
export { RECORDING_CONTAINERS, type MediaFormat, type MediaSummary, type RecordingCodec, type RecordingContainer, type SoundCodec, type TrackSample } from './core/recording.ts';
export {
  verifyManifest,
  type ManifestAudio,
  type ManifestContent,
  type ManifestExpectation,
  type ManifestModel,
  type ManifestSelfTest,
  type ManifestSettings,
  type ManifestStyle,
  type RedactionManifest,
} from './governance/manifest/manifest.ts';
export type { SecondOfCovers } from './governance/manifest/cover-ledger.ts';
