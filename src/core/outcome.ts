import { FacePrivacyError } from './errors.ts';

/**
 * Refusals that an app has to expect: a person or a rule said no. Everything else goes on with the app: a camera that ended was given, and nobody says no
 * by a forged grant.
 */
const REFUSAL = /^ERR_(C(AMERA|ONSENT)_(?!ENDED|FORGED)|GESTURE_REQUIRED|INDICATOR_HIDDEN|PAGE_HIDDEN)/;

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
    if (error instanceof FacePrivacyError && REFUSAL.test(error.code)) return { ok: false, refusal: error };
    throw error;
  }
}
