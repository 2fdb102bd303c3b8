import type { ClaimEndReason } from '../core/claim-protocol.ts';
import { asFacePrivacyError, FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { OriginalMessage, OriginalReply, RecordedFrame } from '../core/originals-protocol.ts';
import type { SealedOriginal } from '../core/originals.ts';
import type { Milliseconds } from '../core/time.ts';
import type { BegunOriginal, OriginalRow, OriginalsStore } from '../vault/originals-store.ts';

/** A worker that was ended says no more: what it had not sent by then is not waited for. */
const LAST_WORD_MS: Milliseconds = 2000;

/** @internal What a keeper needs. */
export interface OriginalsKeeperParts {
  readonly store: OriginalsStore;
  /** Where sealed chunks come from. **Taken.** */
  readonly port: MessagePort;
  onKept(chunk: SealedOriginal): void;
  /** A chunk could not be kept, or nothing can be sealed any more: nothing more is kept. */
  onFailed(error: FacePrivacyError): void;
}

/** @internal The page's end of the port of a claim that seals: keeps what comes, in order. It has no key that opens any of it. */
export class OriginalsKeeper {
  readonly #parts: OriginalsKeeperParts;
  readonly #key = deferred<ArrayBuffer>();
  /** No chunk is kept before there is a row that it belongs to. */
  readonly #begun = deferred<unknown>();
  readonly #lastWord = deferred<unknown>();
  #writing: Promise<unknown> = this.#begun.promise;
  #closed = false;

  constructor(parts: OriginalsKeeperParts) {
    this.#parts = parts;
    this.#key.promise.catch(() => undefined); // Told by begin(), which may never be asked.
    parts.port.onmessage = ({ data }: MessageEvent<OriginalMessage>) => {
      if (data.kind === 'key') this.#key.resolve(data.wrappedKey);
      else if (data.kind === 'chunk') this.#writing = this.#writing.then(() => this.#keep(data.chunk));
      else this.#hearLast(data.reason, data.failure && fromErrorReport(data.failure));
    };
  }

  /** Writes the row as soon as the worker has made its key. @throws FacePrivacyError ERR_CLAIM_ENDED, ERR_STORAGE_FAILED, or what kept the worker from sealing. */
  async begin(about: Omit<BegunOriginal, 'wrappedKey'>): Promise<OriginalRow> {
    try {
      return await this.#parts.store.begin({ ...about, wrappedKey: await this.#key.promise });
    } catch (error) {
      this.#closed = true;
      throw error;
    } finally {
      this.#begun.resolve(null);
    }
  }

  /** A frame is in the recording. */
  tell(frame: RecordedFrame): void {
    if (!this.#closed) this.#post({ kind: 'frame', frame });
  }

  /** Resolves when the worker has said its last word and everything that came is kept or refused. Never rejects. */
  async settled(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.#lastWord.promise, new Promise((resolve) => { timer = setTimeout(resolve, LAST_WORD_MS); })]);
    clearTimeout(timer);
    await this.#writing;
  }

  /** Keeps nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#begun.resolve(null);
    this.#parts.port.close();
  }

  /** What comes from now on is not kept; the worker may still say its last word. */
  refuse(): void {
    this.#closed = true;
  }

  #hearLast(reason: ClaimEndReason, failure: FacePrivacyError | null): void {
    this.#key.reject(failure ?? new FacePrivacyError('ERR_CLAIM_ENDED', 'The claim ended while it began; claim the face again.', { details: { reason } }));
    this.#lastWord.resolve(null);
    if (failure !== null) this.#fail(failure);
  }

  async #keep(chunk: SealedOriginal): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#parts.store.append(chunk);
      this.#post({ kind: 'kept', sequence: chunk.sequence });
      this.#parts.onKept(chunk);
    } catch (error) {
      this.#fail(asFacePrivacyError(error, 'ERR_STORAGE_FAILED'));
    }
  }

  #fail(error: FacePrivacyError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.onFailed(error);
  }

  #post(reply: OriginalReply): void {
    this.#parts.port.postMessage(reply);
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(this: void, value: T): void;
  reject(this: void, error: Error): void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => { settle = { resolve, reject }; });
  return { promise, ...settle! };
}
