import { FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { FaceReport, LoadReport, WorkerEvent } from '../core/protocol.ts';
import type { RedactedBitmap } from '../core/redacted.ts';
import { matching } from '../core/options.ts';
import type { WholeFrameReason } from '../core/redaction.ts';
import { startEngine, type StartedEngine } from './engine.ts';
import { assertGrant } from '../governance/consent/grant.ts';
import { reportFailure } from './incident-report.ts';
import { pipelineSettings, type PictureOptions } from './session-options.ts';
import { transfer } from '../threads/calls.ts';
import { mintBitmap } from '../video/output/redacted-bitmap.ts';

/** A redacted still picture. */
export interface RedactedPicture {
  /** Pixels with every found face covered; upright, display size of the input. The holder closes it. */
  readonly bitmap: RedactedBitmap;
  readonly faces: readonly FaceReport[];
  /** Set when the whole picture was covered, because it could not be searched. */
  readonly whole: WholeFrameReason | null;
}

/** Redacts still pictures with every look the models have. Made by `openPictureRedactor`; the holder closes it. */
export class PictureRedactor {
  readonly engine: LoadReport;
  readonly #host: StartedEngine['host'];
  readonly #options: PictureOptions;
  #closing: Promise<void> | null = null;

  /** @internal Use `openPictureRedactor`. */
  constructor({ host, report }: StartedEngine, options: PictureOptions) {
    this.#host = host;
    this.#options = options;
    this.engine = report;
    options.grant.signal.addEventListener('abort', () => void this.close(), { once: true });
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /**
   * Redacts one picture. EXIF rotation of a Blob is applied. The input stays the caller's.
   * @throws TypeError for anything but a Blob, ImageBitmap, image or canvas; FacePrivacyError ERR_FRAME_INVALID when the
   * picture cannot be decoded or has no size, ERR_CONSENT_*, ERR_DETECTOR_*, ERR_SESSION_CLOSED.
   */
  async redact(picture: Blob | ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas): Promise<RedactedPicture> {
    const fits = [Blob, ImageBitmap, HTMLImageElement, HTMLCanvasElement, OffscreenCanvas].some((kind) => picture instanceof kind);
    if (!fits) throw new TypeError(`redact: picture must be ${String(matching('a Blob, ImageBitmap, image or canvas', () => false)(picture))}.`);
    if (this.#closing !== null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The picture redactor is closed; open a new one.');
    assertGrant(this.#options.grant, 'PictureRedactor.redact');
    // A copy that only the worker owns; decoding a Blob or image honours its EXIF orientation.
    const bitmap = await createImageBitmap(picture).catch((cause: unknown) => {
      throw new FacePrivacyError('ERR_FRAME_INVALID', 'The picture cannot be decoded or has no size.', { cause });
    });
    const { style, tracking } = pipelineSettings(this.#options);
    const reply = await this.#host.call((remote) => remote.redactPicture(transfer({ bitmap, style, margin: tracking.margin }, [bitmap])));
    return { bitmap: mintBitmap(reply.bitmap), faces: reply.faces, whole: reply.whole };
  }

  /** Ends the worker. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#host.close().then(() => undefined);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** @internal Starts the worker. What the caller has to answer for was checked. */
export async function startPictureRedactor(options: PictureOptions): Promise<PictureRedactor> {
  const { grant } = options;
  const signal = options.signal === undefined ? grant.signal : AbortSignal.any([grant.signal, options.signal]);
  const opened: { redactor?: PictureRedactor } = {};
  const onEvent = (event: WorkerEvent): void => {
    if (event.kind === 'incident') reportFailure(grant, fromErrorReport(event.data));
  };
  const listeners = { onEvent, onLost: () => void opened.redactor?.close() };
  opened.redactor = new PictureRedactor(await startEngine(options, pipelineSettings(options), listeners, signal), options);
  return opened.redactor;
}
