import { fromErrorReport, type FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { sealPiece, type MediaPiece } from '../../core/recording.ts';
import type { PieceMessage, PieceReply } from '../../core/recording-protocol.ts';
import type { Microseconds } from '../../core/time.ts';

/** The worker's end of the port of pieces: seals each piece and waits until it is kept. */
export class PieceOutbox {
  /** Called once when a piece was refused: nothing more will be kept. */
  onRefused: ((error: FacePrivacyError) => void) | null = null;
  readonly #port: MessagePort;
  readonly #recordingId: string;
  readonly #key: CryptoKey;
  #unkept = 0;
  #sealing: Promise<void> = Promise.resolve();
  #refused = false;
  #waiting: (() => void)[] = [];

  /** **Takes** the port. */
  constructor(port: MessagePort, recordingId: string, key: CryptoKey) {
    this.#port = port;
    this.#recordingId = recordingId;
    this.#key = key;
    port.onmessage = ({ data }: MessageEvent<PieceReply>) => {
      this.#unkept -= 1;
      if (data.kind === 'refused') this.#refuse(fromErrorReport(data.error));
      this.#settle();
    };
  }

  /** Pieces that are not kept yet. */
  get unkept(): number {
    return this.#unkept;
  }

  /** **Takes** the piece. */
  put(piece: MediaPiece): void {
    if (this.#refused) return;
    this.#unkept += 1;
    this.#sealing = this.#sealing.then(async () => {
      const sealed = await sealPiece(piece, this.#recordingId, this.#key);
      piece.bytes.fill(0);
      this.#port.postMessage({ kind: 'piece', piece: sealed } satisfies PieceMessage, [sealed.sealed]);
    });
  }

  /** A frame was handed to the encoder. */
  tell(sourceUs: Microseconds, timeUs: Microseconds, size: Size): void {
    this.#port.postMessage({ kind: 'frame', sourceUs, timeUs, size } satisfies PieceMessage);
  }

  /** Resolves when every piece is kept, or was refused. */
  async settled(): Promise<void> {
    await this.#sealing;
    while (this.#unkept > 0 && !this.#refused) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
  }

  /** Idempotent. */
  close(): void {
    this.#refused = true;
    this.#settle();
    this.#port.close();
  }

  #refuse(error: FacePrivacyError): void {
    if (this.#refused) return;
    this.#refused = true;
    this.onRefused?.(error);
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
