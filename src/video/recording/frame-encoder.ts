import { asFacePrivacyError, FacePrivacyError } from '../../core/errors.ts';
import type { Microseconds } from '../../core/time.ts';
import type { EncodedPicture } from './media-muxer.ts';

/** Seeking finds at most this much before the wished place; a piece begins with such a picture. */
const KEY_FRAME_US: Microseconds = 1_000_000;

/** What {@link FrameEncoder} tells its owner. */
export interface FrameEncoderListeners {
  onPicture(picture: EncodedPicture): void;
  /** Called once: nothing more will be encoded. */
  onFailure(error: FacePrivacyError): void;
}

/** One browser encoder: frames in, encoded pictures out, in the same order. */
export class FrameEncoder {
  readonly #encoder: VideoEncoder;
  #lastKeyUs: Microseconds | null = null;
  #failure: FacePrivacyError | null = null;

  /** @throws FacePrivacyError ERR_ENCODER_FAILED when the browser refuses it after all. */
  constructor(config: VideoEncoderConfig, listeners: FrameEncoderListeners) {
    const fail = (error: unknown): void => {
      if (this.#failure !== null) return;
      this.#failure = encoderError(error);
      listeners.onFailure(this.#failure);
    };
    try {
      this.#encoder = new VideoEncoder({
        output: (chunk, metadata) => {
          const data = new Uint8Array(chunk.byteLength);
          chunk.copyTo(data);
          const decoderConfig = metadata?.decoderConfig;
          listeners.onPicture({ data, isKey: chunk.type === 'key', timeUs: chunk.timestamp, durationUs: chunk.duration === 0 ? null : chunk.duration, ...(decoderConfig === undefined ? {} : { decoderConfig }) });
        },
        error: fail,
      });
      this.#encoder.configure(config);
    } catch (error) {
      throw encoderError(error);
    }
  }

  /** Frames handed over and not encoded yet. */
  get waiting(): number {
    return this.#encoder.encodeQueueSize;
  }

  /** **Takes** the frame. @throws FacePrivacyError ERR_ENCODER_FAILED; the frame is closed then, too. */
  encode(frame: VideoFrame): void {
    try {
      if (this.#failure !== null) throw this.#failure;
      const keyFrame = this.#lastKeyUs === null || frame.timestamp - this.#lastKeyUs >= KEY_FRAME_US;
      if (keyFrame) this.#lastKeyUs = frame.timestamp;
      this.#encoder.encode(frame, { keyFrame });
    } catch (error) {
      throw encoderError(error);
    } finally {
      frame.close();
    }
  }

  /** Resolves when at most `most` frames wait. Ends early when the encoder fails. */
  async room(most: number): Promise<void> {
    while (this.#failure === null && this.#encoder.state === 'configured' && this.#encoder.encodeQueueSize > most) {
      await new Promise<void>((resolve) => {
        this.#encoder.addEventListener('dequeue', () => { resolve(); }, { once: true });
        // An encoder that dies does not say so by this event.
        setTimeout(resolve, 200);
      });
    }
  }

  /** Encodes what waits, then ends. After a failure it only ends. */
  async finish(): Promise<void> {
    try {
      if (this.#failure === null && this.#encoder.state === 'configured') await this.#encoder.flush();
    } catch (error) {
      throw encoderError(error);
    } finally {
      this.close();
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }
}

function encoderError(error: unknown): FacePrivacyError {
  if (error instanceof FacePrivacyError) return error;
  const { message } = asFacePrivacyError(error, 'ERR_ENCODER_FAILED');
  return new FacePrivacyError('ERR_ENCODER_FAILED', `The browser's video encoder failed; what was recorded before is kept. ${message}`, { cause: error });
}
