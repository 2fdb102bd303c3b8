import { FacePrivacyError } from '../core/errors.ts';
import { later } from '../core/later.ts';
import type { Milliseconds } from '../core/time.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { Operation } from '../governance/consent/purposes.ts';
import type { Initiator } from '../governance/consent/throttle.ts';
import type { Adapter, FrameSource } from '../video/camera/adapters.ts';
import { openCamera } from '../video/camera/capture.ts';
import { cameraEnded, sourceOfTrack, type SourceOptions } from '../video/camera/frame-source.ts';
import { watchCameraPermission, type PermissionWatch } from '../video/camera/permission.ts';

/** A camera that ends may do so because its permission was taken back; so long the news of that may take. */
const SETTLED_MS: Milliseconds = 250;

/** Under what a source is opened. */
export interface SourceTerms {
  readonly grant: ConsentGrant;
  readonly adapter: Adapter;
  readonly operation: Operation;
  readonly initiatedBy: Initiator;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Told when an audit entry about the source could not be written. */
  readonly onAuditFailed: (error: unknown) => void;
}

/** Whether a source shows what happens now: then an indicator has to be seen (TAF-5.1f). */
export function isCapture(source: SourceOptions): boolean {
  return source.kind === 'camera' || source.kind === 'track' || (source.kind === 'element' && playsStream(source.element));
}

/** A file arrives as a URL, a Blob or by Media Source Extensions; whatever else an element plays counts as a stream. */
function playsStream(element: HTMLVideoElement): boolean {
  const { srcObject } = element as { readonly srcObject: object | null };
  if (srcObject === null) return false;
  return ![Blob, globalThis.MediaSource, globalThis.MediaSourceHandle].some((kind: unknown) => typeof kind === 'function' && srcObject instanceof kind);
}

/**
 * Opens a source; nothing is asked or opened without a live grant. The caller closes it.
 * @throws FacePrivacyError ERR_CONSENT_*, ERR_CAMERA_*, ERR_SOURCE_*, or the reason of the signal.
 */
export async function openSource(source: SourceOptions, terms: SourceTerms): Promise<FrameSource> {
  assertGrant(terms.grant, terms.operation);
  terms.signal.throwIfAborted();
  switch (source.kind) {
    case 'camera':
      return cameraSource(source.constraints ?? {}, terms);
    case 'track':
      return sourceOfTrack(source.track, terms.adapter, false);
    case 'element':
      // As it is now: a stream that it is given while the part arrives is given to a recording.
      return isCapture(source) ? (await elementSources()).sourceOfElement(source.element) : (await elementSources()).recordedElement(source.element, playsStream);
    case 'file':
      return (await elementSources()).sourceOfFile(source.file, source.loop ?? false);
  }
}

/** Needed where there is no camera, or no stream pair. */
function elementSources(): Promise<typeof import('../video/camera/element-source.ts')> {
  return later(import('../video/camera/element-source.ts'));
}

async function cameraSource(constraints: MediaTrackConstraints, terms: SourceTerms): Promise<FrameSource> {
  const { adapter, grant, initiatedBy, requestId, signal, onAuditFailed } = terms;
  const track = await openCamera(grant, { constraints, initiatedBy, requestId, signal });
  let permission: PermissionWatch | null = null;
  try {
    const permissionChanged = (): void => {
      if (grant.signal.aborted) return;
      // The whole grant ends: what the person has changed needs their consent anew (TAF-5.1e).
      ConsentGrant.end(
        grant,
        new FacePrivacyError('ERR_CAMERA_PERMISSION_CHANGED', 'The permission for the camera was taken back; ask for consent and for the camera again.'),
      );
      ConsentGrant.note(grant, 'camera.permission-changed', { requestId }).catch(onAuditFailed);
    };
    const watch = (permission = await watchCameraPermission(permissionChanged));
    const inner = await sourceOfTrack(track, adapter, true);
    let closed = false;
    const source: FrameSource = {
      openIntake: inner.openIntake,
      onEnded: null,
      ranDry: () => {
        ended(cameraEnded());
      },
      close() {
        closed = true;
        watch.close();
        inner.close();
      },
    };
    // A permission that is taken back ends the track, too, and often first.
    function ended(error: FacePrivacyError): void {
      // Without a grant not even the setting may be asked for (TAF-5.1b).
      const isOver = (): boolean => closed || grant.signal.aborted;
      void holdsFor(watch, SETTLED_MS, isOver).then((holds) => {
        if (isOver()) return;
        if (!holds) permissionChanged();
        else source.onEnded?.(error);
      });
    }
    inner.onEnded = ended;
    return source;
  } catch (error) {
    permission?.close();
    track.stop();
    throw error;
  }
}

/** Whether the setting still holds after this time; the news of its change comes by another way than the end of the track. */
async function holdsFor(permission: PermissionWatch, limitMs: Milliseconds, isOver: () => boolean): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!isOver() && (await permission.stillHolds())) {
    if (performance.now() >= endMs) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
