import { FacePrivacyError } from '../core/errors.ts';
import type { FaceCrop } from '../core/face-crop.ts';
import type { EmbedderCall } from '../core/features-protocol.ts';
import type { Embedder, FaceVector } from './embedder.ts';

/**
 * The one way to the embedder in the features worker: every call is told before it is made (TAF-5.3d), one runs at a time, and the
 * crops are overwritten whatever comes of them.
 */
export class LoggedEmbedder {
  readonly #embedder: Embedder;
  readonly #tell: (call: EmbedderCall) => void;
  #sequence = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** **Takes** the embedder. `tell` hears of each crop, before it is looked at. */
  constructor(embedder: Embedder, tell: (call: EmbedderCall) => void) {
    this.#embedder = embedder;
    this.#tell = tell;
  }

  /**
   * One vector a crop, in order; the vectors are the caller's, who overwrites them. **Takes** the crops.
   * @throws FacePrivacyError ERR_EMBEDDER_FAILED, ERR_SESSION_CLOSED.
   */
  embed(crops: readonly FaceCrop[], origin: EmbedderCall['origin']): Promise<FaceVector[]> {
    const done = this.#last.then(async () => {
      try {
        if (this.#closed) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The embedder is closed.');
        for (let i = 0; i < crops.length; i++) this.#tell({ sequence: (this.#sequence += 1), atMs: performance.now(), origin });
        return await this.#embedder.embed(crops);
      } finally {
        for (const { rgb } of crops) rgb.fill(0);
      }
    });
    this.#last = done.then(() => undefined, () => undefined); // How it ends is told to its own caller.
    return done;
  }

  /** Ends when what is running has ended. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#embedder.close();
  }
}
