import { fromErrorReport, type FacePrivacyError } from '../../core/errors.ts';
import type { Size } from '../../core/geometry.ts';
import { sealPiece, type MediaPiece } from '../../core/recording.ts';
import type { PieceMessage, PieceReply, RecordingSettings, SoundTaking } from '../../core/recording-protocol.ts';
import type { Microseconds } from '../../core/time.ts';

/** The worker's end of the port of pieces: seals each piece and waits until it is kept. */
export class PieceOutbox {
  /** Called once when a piece was refused: nothing more will be kept. */
  onRefused: ((error: FacePrivacyError) => void) | null = null;
  /** Called when sound has to be taken in another way. */
  onSoundTaking: ((taking: SoundTaking) => void) | null = null;
  readonly #port: MessagePort;
  readonly #settings: Pick<RecordingSettings, 'recordingId' | 'key' | 'soundKey'>;
  #unkept = 0;
  #sealing: Promise<void> = Promise.resolve();
  #refused = false;
  #waiting: (() => void)[] = [];

  /** **Takes** the port. */
  constructor(port: MessagePort, settings: Pick<RecordingSettings, 'recordingId' | 'key' | 'soundKey'>) {
    this.#port = port;
    this.#settings = settings;
    port.onmessage = ({ data }: MessageEvent<PieceReply>) => {
      if (data.kind === 'sound') {
        this.onSoundTaking?.(data);
        return;
      }
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
      const { recordingId, key, soundKey } = this.#settings;
      const sealed = await sealPiece(piece, recordingId, key, soundKey);
      piece.bytes.fill(0);
      piece.sound?.fill(0);
      this.#port.postMessage({ kind: 'piece', piece: sealed } satisfies PieceMessage, [sealed.sealed, ...(sealed.sound === undefined ? [] : [sealed.sound.sealed])]);
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
