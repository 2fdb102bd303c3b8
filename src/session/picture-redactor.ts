import { FacePrivacyError } from '../core/errors.ts';
import type { FaceReport, LoadReport, PictureReply } from '../core/protocol.ts';
import type { RedactedBitmap } from '../core/redacted.ts';
import type { WholeFrameReason } from '../core/redaction.ts';
import { mintBitmap } from '../video/output/redacted-bitmap.ts';

/** A redacted still picture. */
export interface RedactedPicture {
  /** Pixels with every found face covered; upright, display size of the input. The holder closes it. */
  readonly bitmap: RedactedBitmap;
  readonly faces: readonly FaceReport[];
  /** Set when the whole picture was covered, because it could not be searched. */
  readonly whole: WholeFrameReason | null;
}

/** @internal What a picture redactor is made of. */
export interface PictureRedactorParts {
  readonly report: LoadReport;
  /** Any of them ends it. */
  readonly signals: readonly AbortSignal[];
  /** @throws FacePrivacyError ERR_CONSENT_*. */
  assertGranted(): void;
  /** To the worker and back. **Takes** the bitmap. */
  redact(bitmap: ImageBitmap): Promise<PictureReply>;
  close(): Promise<unknown>;
}

/** Redacts still pictures with every look the models have. Made by `openPictureRedactor`; the holder closes it. */
export class PictureRedactor {
  readonly engine: LoadReport;
  readonly #parts: PictureRedactorParts;
  #closing: Promise<void> | null = null;

  /** @internal Use `openPictureRedactor`. */
  constructor(parts: PictureRedactorParts) {
    this.#parts = parts;
    this.engine = parts.report;
    for (const signal of parts.signals) signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  /**
   * Redacts one picture. EXIF rotation of a Blob is applied. The input stays the caller's.
   * @throws TypeError for anything but a Blob, ImageBitmap, image or canvas; FacePrivacyError ERR_FRAME_INVALID when the
   * picture cannot be decoded or has no size, ERR_CONSENT_*, ERR_DETECTOR_*, ERR_SESSION_CLOSED.
   */
  async redact(picture: Blob | ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas): Promise<RedactedPicture> {
    const fits = [Blob, ImageBitmap, HTMLImageElement, HTMLCanvasElement, OffscreenCanvas].some((kind) => picture instanceof kind);
    if (!fits) throw new TypeError('redact: picture must be a Blob, ImageBitmap, image or canvas.');
    if (this.#closing !== null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The picture redactor is closed; open a new one.');
    this.#parts.assertGranted();
    // A copy that only the worker owns; decoding a Blob or image honours its EXIF orientation.
    const bitmap = await createImageBitmap(picture).catch((cause: unknown) => {
      throw new FacePrivacyError('ERR_FRAME_INVALID', 'The picture cannot be decoded or has no size.', { cause });
    });
    const reply = await this.#parts.redact(bitmap);
    return { bitmap: mintBitmap(reply.bitmap), faces: reply.faces, whole: reply.whole };
  }

  /** Ends the worker. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#parts.close().then(() => undefined);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
