/**
 * The closed list of codes of {@link FacePrivacyError}. They are stable: an app may switch on them.
 *
 * - `ERR_CONSENT_*`: no live grant for what was asked.
 * - `ERR_CAMERA_*`, `ERR_SOURCE_*`: the place frames come from.
 * - `ERR_GESTURE_REQUIRED`, `ERR_INDICATOR_HIDDEN`, `ERR_PAGE_HIDDEN`, `ERR_SCENE_*`: a rule of the notice or its scene.
 * - `ERR_ASSET_*`: a model or runtime file is missing or not the one that was published.
 * - `ERR_DETECTOR_*`, `ERR_COMPOSITOR_*`, `ERR_WORKER_*`: a stage failed; the picture is covered or has ended.
 * - `ERR_ENCODER_FAILED`, `ERR_MEDIA_INVALID`, `ERR_MANIFEST_INVALID`: a recording or a video file, and what is said about it.
 * - `ERR_EXPORT_REFUSED`, `ERR_BUNDLE_INVALID`: a recording that must not leave the device, or came to this one damaged.
 * - `ERR_CLAIM_*`, `ERR_FACE_*`, `ERR_PICTURE_*`: no face of the consenting person that could be worked on.
 * - `ERR_EMBEDDER_FAILED`, `ERR_TEMPLATE_*`, `ERR_VAULT_INTEGRITY`: features of a face could not be made, compared or kept.
 * - `ERR_STATEMENT_*`, `ERR_ACCESS_DENIED`, `ERR_UNMASK_REFUSED`: what staff may do, and who says so.
 * - `ERR_HOLD_REFUSED`, `ERR_RIGHTS_REQUEST`, `ERR_RECEIPT_INVALID`, `ERR_AUDIT_INVALID`: what is kept, asked for and proved.
 * - `ERR_RESTRICTED`: the person asked that something be kept and not used; it is not shown until they lift that.
 * - `ERR_EGRESS_BLOCKED`: code inside a sealed worker tried to reach the network.
 */
export const ERROR_CODES = [
  'ERR_ABORTED',
  'ERR_ACCESS_DENIED',
  'ERR_ASSET_INTEGRITY',
  'ERR_ASSET_MISSING',
  'ERR_ASSET_TYPE',
  'ERR_AUDIT_INVALID',
  'ERR_BUNDLE_INVALID',
  'ERR_CAMERA_ASKED_RECENTLY',
  'ERR_CAMERA_DENIED',
  'ERR_CAMERA_ENDED',
  'ERR_CAMERA_IN_USE',
  'ERR_CAMERA_NOT_FOUND',
  'ERR_CAMERA_PERMISSION_CHANGED',
  'ERR_CAMERA_UNAVAILABLE',
  'ERR_CLAIM_AMBIGUOUS',
  'ERR_CLAIM_ENDED',
  'ERR_COMPOSITOR_FAILED',
  'ERR_CONSENT_CLOCK',
  'ERR_CONSENT_CONFLICT',
  'ERR_CONSENT_EXPIRED',
  'ERR_CONSENT_FORGED',
  'ERR_CONSENT_GUARDIAN',
  'ERR_CONSENT_MISSING',
  'ERR_CONSENT_NOTICE',
  'ERR_CONSENT_ORIGIN',
  'ERR_CONSENT_PURPOSE',
  'ERR_CONSENT_RECORD_INVALID',
  'ERR_CONSENT_REFUSED',
  'ERR_CONSENT_WITHDRAWN',
  'ERR_DETECTOR_FAILED',
  'ERR_DETECTOR_TIMEOUT',
  'ERR_EGRESS_BLOCKED',
  'ERR_EMBEDDER_FAILED',
  'ERR_ENCODER_FAILED',
  'ERR_EXPORT_REFUSED',
  'ERR_FACE_NOT_FOUND',
  'ERR_FACE_QUALITY',
  'ERR_FRAME_INVALID',
  'ERR_GESTURE_REQUIRED',
  'ERR_HOLD_REFUSED',
  'ERR_INDICATOR_HIDDEN',
  'ERR_MANIFEST_INVALID',
  'ERR_MEDIA_INVALID',
  'ERR_PAGE_HIDDEN',
  'ERR_PICTURE_INVALID',
  'ERR_PICTURE_TOO_LARGE',
  'ERR_RECEIPT_INVALID',
  'ERR_RESTRICTED',
  'ERR_RIGHTS_REQUEST',
  'ERR_SCENE_METHOD',
  'ERR_SELF_TEST_FAILED',
  'ERR_SESSION_CLOSED',
  'ERR_SOURCE_ENDED',
  'ERR_SOURCE_UNSUPPORTED',
  'ERR_STATEMENT_EXPIRED',
  'ERR_STATEMENT_FORGED',
  'ERR_STATEMENT_INVALID',
  'ERR_STATEMENT_REPLAYED',
  'ERR_STORAGE_FAILED',
  'ERR_TEMPLATE_INVALID',
  'ERR_TEMPLATE_UNKNOWN',
  'ERR_UNMASK_REFUSED',
  'ERR_UNSUPPORTED',
  'ERR_VAULT_INTEGRITY',
  'ERR_WASM_UNAVAILABLE',
  'ERR_WORKER_LOST',
  'ERR_WORKER_START',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error may carry besides its message: short strings and numbers, never pixels, names or feature vectors. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** The plain form of an error that crosses a thread boundary without losing its code. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/**
 * Every failure that is not a caller's bug (those are `TypeError`). The message says what happened and what to do;
 * `code` is stable, `details` names what failed, `cause` is the underlying error where there is one.
 */
export class FacePrivacyError extends Error {
  override readonly name = 'FacePrivacyError';
  /** Stable code, see {@link ERROR_CODES}. */
  readonly code: ErrorCode;
  /** What failed: file names, sizes, hashes, durations. Never pixels, names or feature vectors. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/**
 * Turns any thrown value into a report that can be posted to another thread. An error that is not a
 * {@link FacePrivacyError} gets `fallbackCode` and keeps its name and message in the text.
 */
export function toErrorReport(error: unknown, fallbackCode: ErrorCode): ErrorReport {
  if (error instanceof FacePrivacyError) {
    return { code: error.code, message: error.message, details: error.details };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: fallbackCode, message: text, details: {} };
}

/** The inverse of {@link toErrorReport}: an error to throw or dispatch on this thread. */
export function fromErrorReport(report: ErrorReport): FacePrivacyError {
  return new FacePrivacyError(report.code, report.message, { details: report.details });
}

/** Wraps any thrown value as a {@link FacePrivacyError}; one that already is stays as it is. */
export function asFacePrivacyError(error: unknown, fallbackCode: ErrorCode): FacePrivacyError {
  if (error instanceof FacePrivacyError) return error;
  const report = toErrorReport(error, fallbackCode);
  return new FacePrivacyError(report.code, report.message, { cause: error });
}
