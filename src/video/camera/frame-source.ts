import { FacePrivacyError } from '../../core/errors.ts';
import { later } from '../../core/later.ts';
import type { Adapter, FrameSource } from './adapters.ts';

/** A newer frame takes the place of the one that waits, so a slow machine drops frames instead of falling behind. */
const MOST_WAITING = 1;

/** Where frames come from. An app's own track or element stays the app's: it is read, never stopped. */
export type SourceOptions =
  | { readonly kind: 'camera'; readonly constraints?: MediaTrackConstraints }
  | { readonly kind: 'track'; readonly track: MediaStreamTrack }
  | { readonly kind: 'element'; readonly element: HTMLVideoElement }
  | { readonly kind: 'file'; readonly file: Blob; readonly loop?: boolean };

/**
 * Frames of a track.
 * @param owned whether closing the source stops the track (a camera opened by us) or leaves it alone (the app's).
 * @throws FacePrivacyError ERR_SOURCE_ENDED for a track that is over already.
 */
export async function sourceOfTrack(track: MediaStreamTrack, adapter: Adapter, owned: boolean): Promise<FrameSource> {
  if (track.readyState === 'ended') {
    throw new FacePrivacyError('ERR_SOURCE_ENDED', 'The video track has ended already; open a new one.');
  }
  const inner = adapter === 'stream' ? streamSource(track, MOST_WAITING) : await (await later(import('./element-source.ts'))).sourceOfMedia(new MediaStream([track]));
  const source: FrameSource = {
    openIntake: inner.openIntake,
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

/**
 * Frames of a track by the stream pair; borrows the track.
 * @param mostWaiting frames that wait for the worker at most; then a newer one takes the place of the oldest.
 */
export function streamSource(track: MediaStreamTrack, mostWaiting: number): Pick<FrameSource, 'openIntake' | 'close'> {
  return {
    openIntake: () => ({ kind: 'stream', readable: streamOf<VideoFrame>(track, mostWaiting) }),
    // Closing is the worker's: it cancels the reader of the transferred stream.
    close: () => undefined,
  };
}

/** The stream of a track, to be transferred in the task that opens it, as {@link FrameSource.openIntake}; of a track that has ended, one at its end. */
export function streamOf<Data extends VideoFrame | AudioData>(track: MediaStreamTrack, mostWaiting: number): ReadableStream<Data> {
  if (track.readyState === 'ended') return new ReadableStream({ start: (controller) => { controller.close(); } });
  return new MediaStreamTrackProcessor({ track: track as MediaStreamVideoTrack, maxBufferSize: mostWaiting }).readable as ReadableStream<VideoFrame | AudioData> as ReadableStream<Data>;
}
