import { asFacePrivacyError, type FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import type { MediaPiece, MediaSummary } from '../../core/recording.ts';
import type { RedactedFrame } from '../../core/redacted.ts';
import type { Microseconds } from '../../core/time.ts';
import type { EncoderChoice } from './encoder-choice.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { FrameFitter } from './frame-fitter.ts';
import { createMediaMuxer, type EncodedSound, type MediaMuxer, type MediaMuxerOptions } from './media-muxer.ts';

/** What {@link RedactedMediaWriter} tells its owner. */
export interface MediaWriterListeners {
  /** **Takes** each piece, in the order of the file; the file can be played up to it when it is kept. */
  onPiece(piece: MediaPiece): void;
  /** The encoder or muxer has failed, once; what came before can still be finished. */
  onFailure(error: FacePrivacyError): void;
}

/** A finished file: what it is, and its first piece as it has to be now. */
export interface FinishedMedia {
  readonly hasSound: boolean;
  readonly summary: MediaSummary;
  readonly header: MediaPiece | null;
}

/** Redacted frames in, pieces of a media file out. Takes nothing but frames that went through the compositor. */
export class RedactedMediaWriter {
  readonly #choice: EncoderChoice;
  readonly #listeners: MediaWriterListeners;
  readonly #muxer: MediaMuxer;
  readonly #fitter = new FrameFitter();
  #encoder: FrameEncoder | null = null;
  #muxing: Promise<void> = Promise.resolve();
  #failed = false;

  private constructor(choice: EncoderChoice, muxer: MediaMuxer, listeners: MediaWriterListeners) {
    this.#choice = choice;
    this.#muxer = muxer;
    this.#listeners = listeners;
  }

  /** Opens a writer for this choice of format. @param sound what it is encoded with, see the muxer. */
  static async open(choice: EncoderChoice, listeners: MediaWriterListeners, sound: MediaMuxerOptions['sound'] = null): Promise<RedactedMediaWriter> {
    const { container, codec } = choice;
    return new RedactedMediaWriter(choice, await createMediaMuxer({ container, codec, sound, onPiece: (piece) => { listeners.onPiece(piece); } }), listeners);
  }

  /** Frames that wait for the encoder. */
  get waiting(): number {
    return this.#encoder?.waiting ?? 0;
  }

  /** Of the recorded picture; null before the first frame. */
  get size(): Size | null {
    return this.#fitter.size;
  }

  /** **Takes** the frame; `timeUs` rises from frame to frame. After a failure frames are only closed. */
  write(frame: RedactedFrame, timeUs: Microseconds): void {
    if (this.#failed) {
      frame.close();
      return;
    }
    try {
      const fitted = this.#fitter.fit(frame, timeUs);
      this.#encoder ??= this.#openEncoder(fitted);
      this.#encoder.encode(fitted);
    } catch (error) {
      this.#fail(asFacePrivacyError(error, 'ERR_ENCODER_FAILED'));
    }
  }

  /** Encoded already; in order of time. */
  writeSound(sound: EncodedSound): void {
    if (!this.#failed) this.#muxer.addSound(sound);
  }

  /** No more sound comes. @param drop also what waits for its picture. */
  endSound(drop: boolean): void {
    this.#muxer.endSound(drop);
  }

  /** Resolves when at most `most` frames wait for the encoder. */
  async room(most: number): Promise<void> {
    await this.#encoder?.room(most);
  }

  /** Encodes what waits and completes the file; after a failure, with what there is. Never rejects for a failed encoder. */
  async finish(): Promise<FinishedMedia> {
    try {
      await this.#encoder?.finish();
    } catch (error) {
      this.#fail(asFacePrivacyError(error, 'ERR_ENCODER_FAILED'));
    }
    await this.#muxing;
    const { frames, hasSound, durationUs, header } = await this.#muxer.finish();
    const { container, codec, mimeType } = this.#choice;
    return { header, hasSound, summary: { container, codec, mimeType, frames, durationUs, ...(this.#fitter.size ?? { width: 0, height: 0 }) } };
  }

  /** Ends without completing anything. Idempotent. */
  close(): void {
    this.#failed = true;
    this.#encoder?.close();
  }

  #openEncoder({ codedWidth: width, codedHeight: height }: VideoFrame): FrameEncoder {
    return new FrameEncoder({ ...this.#choice.config, width, height }, {
      onPicture: (picture) => {
        this.#muxing = this.#muxing.then(() => this.#muxer.add(picture)).catch((error: unknown) => { this.#fail(asFacePrivacyError(error, 'ERR_ENCODER_FAILED')); });
      },
      onFailure: (error) => { this.#fail(error); },
    });
  }

  #fail(error: FacePrivacyError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#listeners.onFailure(error);
  }
}
