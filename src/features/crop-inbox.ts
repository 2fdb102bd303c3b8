import type { ClaimEndReason, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { FaceCrop } from '../core/face-crop.ts';
import type { Microseconds, Milliseconds } from '../core/time.ts';

/** A crop of the claimed face; its holder overwrites `crop.rgb` when done with it. */
export interface ClaimedCrop {
  readonly crop: FaceCrop;
  readonly trackId: number;
  readonly timestampUs: Microseconds;
}

/** How long to wait for a crop. */
export interface CropWait {
  readonly timeoutMs: Milliseconds;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly give: (crop: ClaimedCrop) => void;
  readonly fail: (error: FacePrivacyError) => void;
}

/**
 * The features worker's end of one claim. A crop is asked for only while somebody waits for it, one at a time; what comes too
 * late is overwritten unseen.
 */
export class CropInbox {
  readonly claimId: string;
  readonly #port: MessagePort;
  readonly #onEnded: (reason: ClaimEndReason) => void;
  readonly #waiting: Waiting[] = [];
  #asked = false;
  #ended: ClaimEndReason | null = null;

  /** **Takes** the port. `onEnded` is told once, however it ends. */
  constructor(claimId: string, port: MessagePort, listeners: { onEnded(reason: ClaimEndReason): void }) {
    this.claimId = claimId;
    this.#port = port;
    this.#onEnded = (reason) => {
      listeners.onEnded(reason);
    };
    port.onmessage = ({ data }: MessageEvent<CropMessage>) => {
      this.#take(data);
    };
    // Where the browser tells, a redaction worker that is gone ends the claim at once.
    port.addEventListener('close', () => {
      this.close('session-closed');
    });
  }

  /** Why the claim is over, or null while it lives. */
  get ended(): ClaimEndReason | null {
    return this.#ended;
  }

  /**
   * The next crop, made after this call unless an earlier one was given up; those who wait are served in order.
   * @throws FacePrivacyError ERR_CLAIM_ENDED (details: reason), ERR_FACE_NOT_FOUND when none comes in time, ERR_ABORTED.
   */
  async next({ timeoutMs, signal }: CropWait): Promise<ClaimedCrop> {
    if (this.#ended !== null) throw endedError(this.#ended);
    if (signal?.aborted === true) throw abortedError(signal);
    let stop = (): void => undefined;
    const crop = new Promise<ClaimedCrop>((give, fail: (error: FacePrivacyError) => void) => {
      const waiting: Waiting = { give, fail };
      this.#waiting.push(waiting);
      const timer = setTimeout(() => {
        fail(new FacePrivacyError('ERR_FACE_NOT_FOUND', 'The claimed face was not seen well enough in time.', { details: { timeoutMs } }));
      }, timeoutMs);
      const abort = (): void => {
        fail(abortedError(signal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
      };
    });
    this.#ask();
    try {
      return await crop;
    } finally {
      stop();
    }
  }

  /** This is another face than before: ends the claim, here at once and in the redaction worker with the message. */
  doubt(): void {
    if (this.#ended !== null) return;
    this.#reply({ kind: 'doubt' });
    this.close('another-face');
  }

  /** Ends this end of the claim; whoever waits is told. Idempotent. */
  close(reason: ClaimEndReason = 'released'): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#port.close();
    for (const { fail } of this.#waiting.splice(0)) fail(endedError(reason));
    this.#onEnded(reason);
  }

  #take(message: CropMessage): void {
    if (message.kind === 'ended') {
      if (message.claimId === this.claimId) this.close(message.reason);
      return;
    }
    this.#asked = false;
    const { claimId, crop, trackId, timestampUs } = message;
    const first = claimId === this.claimId && this.#ended === null ? this.#waiting.shift() : undefined;
    if (first === undefined) crop.rgb.fill(0);
    else first.give({ crop, trackId, timestampUs });
    this.#ask();
  }

  #ask(): void {
    if (this.#asked || this.#ended !== null || this.#waiting.length === 0) return;
    this.#asked = true;
    this.#reply({ kind: 'wanted' });
  }

  #reply(reply: CropReply): void {
    this.#port.postMessage(reply);
  }
}

function endedError(reason: ClaimEndReason): FacePrivacyError {
  return new FacePrivacyError('ERR_CLAIM_ENDED', 'The claim on the face has ended; claim it again.', { details: { reason } });
}

function abortedError(signal: AbortSignal | undefined): FacePrivacyError {
  return signal?.reason instanceof FacePrivacyError ? signal.reason : new FacePrivacyError('ERR_ABORTED', 'Waiting for the face was cancelled.', { cause: signal?.reason });
}
