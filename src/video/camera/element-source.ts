import { FacePrivacyError } from '../../core/errors.ts';
import { pullFrames } from './element-frames.ts';
import type { FrameSource } from './adapters.ts';

// Apart from `frame-source.ts`: a page that covers a camera in a browser with the stream pair needs no video element.

/** Frames of a stream, shown by an element of our own. @throws FacePrivacyError ERR_SOURCE_UNSUPPORTED when the browser cannot play it. */
export async function sourceOfMedia(media: MediaStream): Promise<FrameSource> {
  return elementSource(elementFor(media), true);
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

/**
 * Frames of an element with a recording: given a live stream instead, it would capture without an indicator.
 * @param playsStream tells whether it was given one.
 * @throws FacePrivacyError ERR_SOURCE_UNSUPPORTED as {@link sourceOfElement}, ERR_SOURCE_ENDED where it was given one meanwhile.
 */
export async function recordedElement(element: HTMLVideoElement, playsStream: (element: HTMLVideoElement) => boolean): Promise<FrameSource> {
  const inner = await sourceOfElement(element);
  const loading = (): void => {
    if (!playsStream(element)) return;
    inner.onEnded?.(givenStream());
  };
  element.addEventListener('loadstart', loading);
  if (playsStream(element)) {
    element.removeEventListener('loadstart', loading);
    inner.close();
    throw givenStream();
  }
  return {
    openIntake: inner.openIntake,
    close() {
      element.removeEventListener('loadstart', loading);
      inner.close();
    },
    get onEnded() {
      return inner.onEnded;
    },
    set onEnded(listener) {
      inner.onEnded = listener;
    },
  };
}

function givenStream(): FacePrivacyError {
  return new FacePrivacyError('ERR_SOURCE_ENDED', 'The element was given a live stream; call setSource() with it, so that the indicator is watched.');
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
    openIntake: () => ({ kind: 'port', port: pump.port }),
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
