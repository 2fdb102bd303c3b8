import { FacePrivacyError } from '../../core/errors.ts';
import type { FrameIntake } from '../../core/protocol.ts';
import type { Adapter } from './adapters.ts';
import { pullFrames } from './element-frames.ts';

/** Where frames come from. An app's own track or element stays the app's: it is read, never stopped. */
export type SourceOptions =
  | { readonly kind: 'camera'; readonly constraints?: MediaTrackConstraints }
  | { readonly kind: 'track'; readonly track: MediaStreamTrack }
  | { readonly kind: 'element'; readonly element: HTMLVideoElement }
  | { readonly kind: 'file'; readonly file: Blob; readonly loop?: boolean };

/** A running source: `intake` goes to the worker, `close()` ends it here. */
export interface FrameSource {
  /** To be transferred to the worker, once. */
  readonly intake: FrameIntake;
  /** Called once when the source ends by itself: camera unplugged, track stopped by the system, file at its end. */
  onEnded: ((error: FacePrivacyError) => void) | null;
  /** The worker gets no more frames from it: where the source knows better why, it answers by `onEnded`. */
  readonly ranDry?: () => void;
  /** Stops reading and, where the source owns it, the track. Idempotent. */
  close(): void;
}

/**
 * Frames of a track.
 * @param owned whether closing the source stops the track (a camera opened by us) or leaves it alone (the app's).
 * @throws FacePrivacyError ERR_SOURCE_ENDED for a track that is over already.
 */
export async function sourceOfTrack(track: MediaStreamTrack, adapter: Adapter, owned: boolean): Promise<FrameSource> {
  if (track.readyState === 'ended') {
    throw new FacePrivacyError('ERR_SOURCE_ENDED', 'The video track has ended already; open a new one.');
  }
  const inner = adapter === 'stream' ? streamSource(track) : await elementSource(elementFor(new MediaStream([track])), true);
  const source: FrameSource = {
    intake: inner.intake,
    onEnded: null,
    close() {
      track.removeEventListener('ended', ended);
      inner.close();
      if (owned) track.stop();
    },
  };
  const ended = (): void => {
    source.onEnded?.(
      owned
        ? cameraEnded()
        : new FacePrivacyError('ERR_SOURCE_ENDED', 'The video track has ended.'),
    );
  };
  track.addEventListener('ended', ended);
  return source;
}

/** What is said when a camera of ours gives no more. */
export function cameraEnded(): FacePrivacyError {
  return new FacePrivacyError('ERR_CAMERA_ENDED', 'The camera was unplugged, switched off, taken back by the system or stopped by other code.');
}

/** Frames of a video file; plays it muted, from the start. @throws FacePrivacyError ERR_SOURCE_UNSUPPORTED when the browser cannot play it. */
export async function sourceOfFile(file: Blob, loop: boolean): Promise<FrameSource> {
  const url = URL.createObjectURL(file);
  const element = elementFor(url);
  element.loop = loop;
  try {
    const inner = await elementSource(element, true);
    return {
      ...inner,
      close() {
        inner.close();
        URL.revokeObjectURL(url);
      },
      get onEnded() {
        return inner.onEnded;
      },
      set onEnded(listener) {
        inner.onEnded = listener;
      },
    };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/** Frames of an element the app has: whatever it plays. @throws FacePrivacyError ERR_SOURCE_UNSUPPORTED for an element without playable video. */
export async function sourceOfElement(element: HTMLVideoElement): Promise<FrameSource> {
  return elementSource(element, false);
}

function streamSource(track: MediaStreamTrack): { intake: FrameIntake; close: () => void } {
  // One frame waits at most: a newer one replaces it, so a slow machine drops frames instead of falling behind.
  const processor = new MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack, maxBufferSize: 1 });
  // Closing is the worker's: it cancels the reader of the transferred stream.
  return { intake: { kind: 'stream', readable: processor.readable }, close: () => undefined };
}

function elementFor(media: MediaStream | string): HTMLVideoElement {
  const element = document.createElement('video');
  element.muted = true;
  element.playsInline = true;
  if (typeof media === 'string') element.src = media;
  else element.srcObject = media;
  return element;
}

/** @param owned whether the element was made here: then it is started here and emptied at the end. */
async function elementSource(element: HTMLVideoElement, owned: boolean): Promise<FrameSource> {
  if (owned) {
    try {
      await element.play();
    } catch (cause) {
      throw new FacePrivacyError('ERR_SOURCE_UNSUPPORTED', 'The browser cannot play this video.', { cause });
    }
  } else if (element.error !== null || (element.currentSrc === '' && element.srcObject === null)) {
    throw new FacePrivacyError('ERR_SOURCE_UNSUPPORTED', 'The video element has no playable source.');
  }
  const pump = pullFrames(element);
  const source: FrameSource = {
    intake: { kind: 'port', port: pump.port },
    onEnded: null,
    close() {
      element.removeEventListener('ended', ended);
      element.removeEventListener('error', failed);
      pump.close();
      if (!owned) return;
      element.pause();
      element.removeAttribute('src');
      element.srcObject = null;
      element.load();
    },
  };
  const ended = (): void => source.onEnded?.(new FacePrivacyError('ERR_SOURCE_ENDED', 'The video has reached its end.'));
  const failed = (): void => source.onEnded?.(new FacePrivacyError('ERR_SOURCE_UNSUPPORTED', 'The browser cannot play this video any further.'));
  pump.onError = (cause) =>
    source.onEnded?.(
      new FacePrivacyError('ERR_SOURCE_UNSUPPORTED', 'Frames of this video cannot be read; it may come from another origin without CORS.', { cause }),
    );
  element.addEventListener('ended', ended);
  element.addEventListener('error', failed);
  return source;
}
