import { EncodedPacketSink, MATROSKA, MP4, MPEG_TS, QTFF, VideoSampleSink, WEBM, type VideoSample } from 'mediabunny';
import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import type { Microseconds } from '../core/time.ts';
import { faultOf, isEncrypted, mediaFault, openMedia, toMicroseconds, type OpenedMedia } from './recording/media-reader.ts';

/** What is read; each is code that the worker carries. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Opens a video file whose frames can be decoded. The caller disposes of its input. @throws FacePrivacyError ERR_MEDIA_INVALID (`details.reason`). */
export async function openVideoFile(file: Blob): Promise<OpenedMedia> {
  const opened = await openMedia(file, FORMATS);
  try {
    await assertReadable(opened, file);
    return opened;
  } catch (error) {
    opened.input.dispose();
    throw asFacePrivacyError(error, 'ERR_MEDIA_INVALID');
  }
}

/** The decoded frames in order of time, upright. The caller closes each. @throws FacePrivacyError ERR_MEDIA_INVALID, ERR_ABORTED. */
export async function* framesOf({ track }: OpenedMedia, signal: AbortSignal): AsyncGenerator<{ readonly frame: VideoFrame; readonly timeUs: Microseconds }> {
  const sink = new VideoSampleSink(track);
  try {
    for await (const sample of sink.samples()) {
      const frame = uprightFrame(sample);
      if (signal.aborted) {
        frame.close();
        throw new FacePrivacyError('ERR_ABORTED', 'The work on the file was cancelled.');
      }
      yield { frame, timeUs: frame.timestamp };
    }
  } catch (error) {
    throw faultOf(error);
  }
}

/** Takes the sample. What the file says of its rotation, not every browser's frames can say: those are drawn. */
function uprightFrame(sample: VideoSample): VideoFrame {
  try {
    const times = { timestamp: toMicroseconds(sample.timestamp), ...(sample.duration > 0 ? { duration: toMicroseconds(sample.duration) } : {}) };
    if (sample.rotation === 0 && !sample.flip) {
      const frame = sample.toVideoFrame();
      try {
        return new VideoFrame(frame, times);
      } finally {
        frame.close();
      }
    }
    const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw mediaFault('damaged');
    sample.draw(context, 0, 0, canvas.width, canvas.height);
    return new VideoFrame(canvas, { ...times, alpha: 'discard' });
  } finally {
    sample.close();
  }
}

/** @throws FacePrivacyError ERR_MEDIA_INVALID `encrypted`, `unknown-codec`, `no-frames` or `damaged`. */
async function assertReadable({ track }: OpenedMedia, file: Blob): Promise<void> {
  let first;
  try {
    first = await new EncodedPacketSink(track).getFirstPacket();
  } catch (error) {
    throw (await isEncrypted(file)) ? mediaFault('encrypted', error) : faultOf(error);
  }
  if (first === null) throw mediaFault('no-frames');
  if (!(await track.canDecode())) throw mediaFault('unknown-codec');
}
