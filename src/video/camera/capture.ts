import { FacePrivacyError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { assertGrant, type ConsentGrant } from '../../governance/consent/gate.ts';
import type { Purpose } from '../../governance/consent/old-record.ts';

/** The purposes under which a picture may be taken at all. */
export const CAPTURE_PURPOSES: readonly Purpose[] = ['live-redacted-view', 'staff-review'];

const REASONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  NotAllowedError: ['ERR_CAMERA_DENIED', 'Access to the camera was refused by the person or by the system.'],
  SecurityError: ['ERR_CAMERA_DENIED', 'The page may not use the camera (insecure page or a permissions policy).'],
  NotFoundError: ['ERR_CAMERA_NOT_FOUND', 'No camera was found.'],
  OverconstrainedError: ['ERR_CAMERA_NOT_FOUND', 'No camera satisfies the given constraints.'],
  NotReadableError: ['ERR_CAMERA_IN_USE', 'The camera could not be started; another program may be using it.'],
  AbortError: ['ERR_CAMERA_IN_USE', 'The camera could not be started.'],
};

/**
 * Opens the camera: the moment at which the browser may ask for permission (TAF-5.1b). The caller owns the track and
 * stops it.
 * @param constraints as for `getUserMedia({ video })`; audio is never asked for.
 * @throws FacePrivacyError ERR_CONSENT_* without a live grant (nothing is asked then), else ERR_CAMERA_*.
 */
export async function openCamera(grant: ConsentGrant, constraints: MediaTrackConstraints = {}): Promise<MediaStreamTrack> {
  assertGrant(grant, CAPTURE_PURPOSES, 'openCamera', Date.now());
  // Typed as always there, but absent on insecure pages and in old engines.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    throw new FacePrivacyError('ERR_CAMERA_UNAVAILABLE', 'This page has no access to cameras; serve it over https or from localhost.');
  }
  const stream = await devices.getUserMedia({ video: constraints, audio: false }).catch((cause: unknown) => {
    throw cameraError(cause);
  });
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new FacePrivacyError('ERR_CAMERA_UNAVAILABLE', 'The browser gave a stream without video.');
  // Consent may have ended while the person was looking at the permission prompt.
  try {
    assertGrant(grant, CAPTURE_PURPOSES, 'openCamera', Date.now());
  } catch (error) {
    track.stop();
    throw error;
  }
  return track;
}

function cameraError(cause: unknown): unknown {
  const name = cause instanceof DOMException || cause instanceof Error ? cause.name : '';
  if (name === 'TypeError') return cause; // Malformed constraints are the caller's bug.
  const [code, message] = REASONS[name] ?? (['ERR_CAMERA_UNAVAILABLE', 'The camera could not be opened.'] as const);
  return new FacePrivacyError(code, message, { cause, details: { reason: name } });
}
