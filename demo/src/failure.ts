import { FacePrivacyError, type ErrorCode } from 'bauta';
import type { MessageKey } from './messages/en.ts';

/** What a person is told about a failure. */
export interface Failure {
  readonly title: MessageKey;
  readonly text: MessageKey;
  /** For whoever reports it; null where there is no stable code. */
  readonly code: string | null;
}

/** Thrown when the sample clip did not arrive. */
export class ClipError extends Error {
  override readonly name = 'ClipError';
}

const TEXTS: Readonly<Partial<Record<ErrorCode, readonly [MessageKey, MessageKey]>>> = {
  ERR_CAMERA_DENIED: ['failDeniedTitle', 'failDenied'],
  ERR_CAMERA_NOT_FOUND: ['failNotFoundTitle', 'failNotFound'],
  ERR_CAMERA_IN_USE: ['failInUseTitle', 'failInUse'],
  ERR_CAMERA_UNAVAILABLE: ['failUnavailableTitle', 'failUnavailable'],
  ERR_CAMERA_ENDED: ['failCameraEndedTitle', 'failCameraEnded'],
  ERR_SOURCE_ENDED: ['failSourceEndedTitle', 'failSourceEnded'],
  ERR_SOURCE_UNSUPPORTED: ['failSourceTitle', 'failSource'],
  ERR_FRAME_INVALID: ['failSourceTitle', 'failSource'],
  ERR_ASSET_INTEGRITY: ['failAssetsTitle', 'failAssets'],
  ERR_ASSET_MISSING: ['failAssetsTitle', 'failAssets'],
  ERR_ASSET_TYPE: ['failAssetsTitle', 'failAssets'],
  ERR_UNSUPPORTED: ['failSupportTitle', 'failSupport'],
  ERR_WASM_UNAVAILABLE: ['failSupportTitle', 'failSupport'],
  ERR_DETECTOR_FAILED: ['failEngineTitle', 'failEngine'],
  ERR_DETECTOR_TIMEOUT: ['failEngineTitle', 'failEngine'],
  ERR_SELF_TEST_FAILED: ['failEngineTitle', 'failEngine'],
  ERR_WORKER_LOST: ['failWorkerTitle', 'failWorker'],
  ERR_WORKER_START: ['failWorkerTitle', 'failWorker'],
  ERR_GESTURE_REQUIRED: ['failGestureTitle', 'failGesture'],
  ERR_INDICATOR_HIDDEN: ['failUnseenTitle', 'failUnseen'],
  ERR_PAGE_HIDDEN: ['failUnseenTitle', 'failUnseen'],
  ERR_CAMERA_PERMISSION_CHANGED: ['failPermissionTitle', 'failPermission'],
  ERR_CONSENT_EXPIRED: ['failConsentTitle', 'failConsent'],
  ERR_CONSENT_WITHDRAWN: ['failConsentTitle', 'failConsent'],
  ERR_CONSENT_REFUSED: ['failConsentTitle', 'failConsent'],
  ERR_STORAGE_FAILED: ['failStorageTitle', 'failStorage'],
  ERR_FACE_NOT_FOUND: ['failFaceTitle', 'failFace'],
  ERR_FACE_QUALITY: ['failQualityTitle', 'failQuality'],
  ERR_CLAIM_AMBIGUOUS: ['failAmbiguousTitle', 'failAmbiguous'],
  ERR_CLAIM_ENDED: ['failClaimTitle', 'failClaim'],
  ERR_PICTURE_INVALID: ['failPictureTitle', 'failPicture'],
  ERR_PICTURE_TOO_LARGE: ['failLargeTitle', 'failLarge'],
  ERR_EMBEDDER_FAILED: ['failEmbedderTitle', 'failEmbedder'],
  ERR_TEMPLATE_UNKNOWN: ['failUnknownTitle', 'failUnknown'],
  ERR_TEMPLATE_INVALID: ['failVaultTitle', 'failVault'],
  ERR_VAULT_INTEGRITY: ['failVaultTitle', 'failVault'],
  ERR_SESSION_CLOSED: ['failClosedTitle', 'failClosed'],
  ERR_ACCESS_DENIED: ['failAccessTitle', 'failAccess'],
  ERR_RESTRICTED: ['failRestrictedTitle', 'failRestricted'],
  ERR_STATEMENT_EXPIRED: ['failStatementTitle', 'failStatement'],
  ERR_STATEMENT_FORGED: ['failStatementTitle', 'failStatement'],
  ERR_STATEMENT_INVALID: ['failStatementTitle', 'failStatement'],
  ERR_STATEMENT_REPLAYED: ['failStatementTitle', 'failStatement'],
  ERR_UNMASK_REFUSED: ['failUnmaskTitle', 'failUnmask'],
  ERR_HOLD_REFUSED: ['failHoldTitle', 'failHold'],
  ERR_MANIFEST_INVALID: ['failManifestTitle', 'failManifest'],
  ERR_MEDIA_INVALID: ['failMediaTitle', 'failMedia'],
  ERR_BUNDLE_INVALID: ['failBundleTitle', 'failBundle'],
  ERR_EXPORT_REFUSED: ['failExportTitle', 'failExport'],
  ERR_AUDIT_INVALID: ['failAuditTitle', 'failAuditText'],
  ERR_ENCODER_FAILED: ['failRecorderTitle', 'failRecorder'],
  ERR_RIGHTS_REQUEST: ['failRequestTitle', 'failRequest'],
  ERR_ABORTED: ['failCancelledTitle', 'failCancelled'],
};

/** Says a failure in words that help. What nobody expected is also reported to the console. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ClipError) return { title: 'failClipTitle', text: 'failClip', code: null };
  if (!(error instanceof FacePrivacyError)) reportError(error);
  const code = error instanceof FacePrivacyError ? error.code : null;
  const [title, text] = (code === null ? undefined : TEXTS[code]) ?? (['failOtherTitle', 'failOther'] as const);
  return { title, text, code };
}
