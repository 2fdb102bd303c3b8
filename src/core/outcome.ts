import { FacePrivacyError, type ErrorCode } from './errors.ts';

/** Refusals that an app has to expect: a person or a rule said no. Everything else goes on with the app. */
const REFUSALS: readonly ErrorCode[] = [
  'ERR_CAMERA_ASKED_RECENTLY',
  'ERR_CAMERA_DENIED',
  'ERR_CAMERA_IN_USE',
  'ERR_CAMERA_NOT_FOUND',
  'ERR_CAMERA_UNAVAILABLE',
  'ERR_CAMERA_PERMISSION_CHANGED',
  'ERR_CONSENT_CLOCK',
  'ERR_CONSENT_CONFLICT',
  'ERR_CONSENT_EXPIRED',
  'ERR_CONSENT_GUARDIAN',
  'ERR_CONSENT_MISSING',
  'ERR_CONSENT_NOTICE',
  'ERR_CONSENT_ORIGIN',
  'ERR_CONSENT_PURPOSE',
  'ERR_CONSENT_RECORD_INVALID',
  'ERR_CONSENT_REFUSED',
  'ERR_CONSENT_WITHDRAWN',
  'ERR_GESTURE_REQUIRED',
  'ERR_INDICATOR_HIDDEN',
  'ERR_PAGE_HIDDEN',
];

/** What came of an operation: its value, or who or what said no. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: FacePrivacyError };

/**
 * Turns a refusal into an outcome, so that an app goes on without the camera (TAF-5.1c): a person's no, a missing camera,
 * the throttle, a missing gesture, an indicator that cannot be seen. A failure or a bug still rejects.
 */
export async function orRefusal<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    if (error instanceof FacePrivacyError && REFUSALS.includes(error.code)) return { ok: false, refusal: error };
    throw error;
  }
}
