import { FacePrivacyError, asFacePrivacyError } from '../../core/errors.ts';
import { isProper } from '../../core/geometry.ts';
import { type FrameView, type PixelBuffer, planesOf } from '../../core/pixels.ts';
import { REDACTION_METHODS, type RedactionPlan, type RedactionRegion, type RedactionStyle } from '../../core/redaction.ts';

/**
 * The regions of a plan that a compositor may act on; null means the whole frame. The plan was checked by who made it;
 * this is the second lock: a plan that is not understood to the last number covers everything.
 */
export function trustedRegions(plan: RedactionPlan): readonly RedactionRegion[] | null {
  if (plan.kind !== 'regions') return null;
  return plan.regions.every((region) => isProper(region.box)) ? plan.regions : null;
}

/** @throws FacePrivacyError ERR_COMPOSITOR_FAILED for a method or strength that does not exist. */
export function requireStyle({ method, strength }: RedactionStyle): void {
  if (REDACTION_METHODS.includes(method) && strength >= 0 && strength <= 1) return;
  throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The redaction style is not one that exists; no frame was made.', {
    details: { method: String(method), strength: String(strength) },
  });
}

/** @throws FacePrivacyError ERR_COMPOSITOR_FAILED if size, planes and buffer do not belong together. */
export function requireConsistent(pixels: PixelBuffer): void {
  const { planes, byteLength } = planesOf(pixels.format, pixels);
  const same =
    pixels.data.byteLength === byteLength &&
    pixels.data.byteOffset === 0 &&
    pixels.data.buffer.byteLength === byteLength &&
    planes.length === pixels.planes.length &&
    planes.every((plane, i) => plane.offset === pixels.planes[i]?.offset && plane.stride === pixels.planes[i].stride);
  if (same) return;
  throw new FacePrivacyError('ERR_COMPOSITOR_FAILED', 'The pixels of a frame are not laid out as its format says; no frame was made.', {
    details: { format: pixels.format, width: pixels.width, height: pixels.height, bytes: pixels.data.byteLength, expectedBytes: byteLength },
  });
}

/** Closes what is open in a view. Idempotent. */
export function closeView(view: FrameView): void {
  if (view.kind === 'opaque') view.frame.close();
}

/** The one error that leaves a compositor. */
export function compositorError(error: unknown): FacePrivacyError {
  const known = asFacePrivacyError(error, 'ERR_COMPOSITOR_FAILED');
  return known.code === 'ERR_COMPOSITOR_FAILED' ? known : new FacePrivacyError('ERR_COMPOSITOR_FAILED', known.message, { cause: error });
}
