import { asFacePrivacyError, FacePrivacyError, type ErrorCode } from '../../core/errors.ts';
import { assertGrant, ConsentGrant } from '../../governance/consent/grant.ts';
import { afterRefusal, mayAsk, type Initiator } from '../../governance/consent/throttle.ts';

const REASONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  NotAllowedError: ['ERR_CAMERA_DENIED', 'Access to the camera was refused by the person or by the system.'],
  SecurityError: ['ERR_CAMERA_DENIED', 'The page may not use the camera (insecure page or a permissions policy).'],
  NotFoundError: ['ERR_CAMERA_NOT_FOUND', 'No camera was found.'],
  OverconstrainedError: ['ERR_CAMERA_NOT_FOUND', 'No camera satisfies the given constraints.'],
  NotReadableError: ['ERR_CAMERA_IN_USE', 'The camera could not be started; another program may be using it.'],
  AbortError: ['ERR_CAMERA_IN_USE', 'The camera could not be started.'],
};

/** How a camera is opened. */
export interface CameraRequest {
  /** As for `getUserMedia({ video })`; audio is never asked for. */
  readonly constraints: MediaTrackConstraints;
  /** `user`: by the person's own act, checked by the caller; lifts the throttle. */
  readonly initiatedBy: Initiator;
  /** Stands in every audit entry of this request (MEG-request-id). */
  readonly requestId: string;
  /** Ends the request before the person is asked; a camera that comes later is closed at once. */
  readonly signal: AbortSignal;
}

/**
 * Opens the camera: the moment at which the browser may ask for permission (TAF-5.1b). After a refusal that is not done
 * again for 48 hours, unless the person starts it (TAF-5.1d). What happens stands in the audit log before it happens.
 * The caller owns the track and stops it.
 * @throws FacePrivacyError ERR_CONSENT_* without a live grant and ERR_CAMERA_ASKED_RECENTLY (details: `mayAskAt`), in
 * both cases without asking; ERR_STORAGE_FAILED when a refusal could not be kept; else ERR_CAMERA_*.
 */
export async function openCamera(grant: ConsentGrant, request: CameraRequest): Promise<MediaStreamTrack> {
  assertGrant(grant, 'openCamera');
  // Typed as always there, but absent on insecure pages and in old engines.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    throw new FacePrivacyError('ERR_CAMERA_UNAVAILABLE', 'This page has no access to cameras; serve it over https or from localhost.');
  }
  await assertMayAsk(grant, request);
  const { requestId } = request;
  await ConsentGrant.note(grant, 'camera.asked', { requestId });
  assertStillWanted(grant, request);
  const stream = await devices.getUserMedia({ video: request.constraints, audio: false }).catch((cause: unknown) => refused(grant, request, cause));
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new FacePrivacyError('ERR_CAMERA_UNAVAILABLE', 'The browser gave a stream without video.');
  // Whatever ends the start from here on closes the camera at that moment, not when the entries are written.
  const stop = (): void => {
    track.stop();
  };
  request.signal.addEventListener('abort', stop, { once: true });
  try {
    // Consent may have ended while the person was looking at the permission prompt.
    assertStillWanted(grant, request);
    await ConsentGrant.context(grant).throttle.update(() => null);
    await ConsentGrant.note(grant, 'camera.opened', { requestId });
    assertStillWanted(grant, request);
    return track;
  } catch (error) {
    track.stop();
    throw error;
  } finally {
    request.signal.removeEventListener('abort', stop);
  }
}

async function assertMayAsk(grant: ConsentGrant, { initiatedBy, requestId }: CameraRequest): Promise<void> {
  const { throttle, now } = ConsentGrant.context(grant);
  const decision = mayAsk(await throttle.read(), initiatedBy, now());
  if (decision.allowed) return;
  const { mayAskAt } = decision;
  await ConsentGrant.note(grant, 'camera.suppressed', { requestId, mayAskAt });
  throw new FacePrivacyError(
    'ERR_CAMERA_ASKED_RECENTLY',
    `The camera was refused less than 48 hours ago; the app may ask again from ${new Date(mayAskAt).toISOString()}, or when the person starts it (initiatedBy: 'user').`,
    { details: { mayAskAt } },
  );
}

function assertStillWanted(grant: ConsentGrant, { signal }: CameraRequest): void {
  assertGrant(grant, 'openCamera');
  signal.throwIfAborted();
}

async function refused(grant: ConsentGrant, { requestId }: CameraRequest, cause: unknown): Promise<never> {
  const name = cause instanceof DOMException || cause instanceof Error ? cause.name : '';
  if (name === 'TypeError') throw cause; // Malformed constraints are the caller's bug.
  const [code, message] = REASONS[name] ?? (['ERR_CAMERA_UNAVAILABLE', 'The camera could not be opened.'] as const);
  if (code === 'ERR_CAMERA_DENIED') {
    const { throttle, now } = ConsentGrant.context(grant);
    try {
      if (name === 'NotAllowedError') await throttle.update((mark) => afterRefusal(mark, now()));
      await ConsentGrant.note(grant, 'camera.denied', { requestId });
    } catch (error) {
      throw asFacePrivacyError(error, 'ERR_STORAGE_FAILED');
    }
  }
  throw new FacePrivacyError(code, message, { cause, details: { reason: name } });
}
