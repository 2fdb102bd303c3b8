import { FacePrivacyError } from '../core/errors.ts';
import type { GrantContext } from '../governance/consent/grant-context.ts';
import type { SweepParts } from './retention-sweep.ts';
import { ORIGINALS_DATABASE, OriginalsStore } from '../vault/originals-store.ts';
import type { RecordingStore } from '../vault/recording-store.ts';

/**
 * @internal What a sweep works on, with the originals as soon as there are any: where nothing was ever sealed, no database is made. The recordings stay
 * their owner's; the holder closes this.
 */
export class KeptOriginals {
  /** The database of the originals. */
  readonly name: string;
  readonly #context: Pick<GrantContext, 'now' | 'note' | 'sign' | 'stands'>;
  readonly #recordings: RecordingStore;
  #store: OriginalsStore | null = null;
  #opening: Promise<OriginalsStore | null> | null = null;
  #closed = false;

  constructor(context: SweepParts['context'], recordings: RecordingStore, name = ORIGINALS_DATABASE) {
    this.#context = context;
    this.#recordings = recordings;
    this.name = name;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED when this is closed. */
  async parts(): Promise<SweepParts> {
    // Once for all who ask at a time.
    this.#opening ??= this.#open().finally(() => { this.#opening = null; });
    return { context: this.#context, recordings: this.#recordings, originals: await this.#opening };
  }

  /** For good. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#store?.close();
    this.#store = null;
  }

  async #open(): Promise<OriginalsStore | null> {
    if (this.#store !== null) return this.#store;
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === this.name)) return null;
    const store = await OriginalsStore.open(this.name);
    if (this.#closed) {
      store.close();
      throw new FacePrivacyError('ERR_SESSION_CLOSED', 'What was kept is not worked on any more: its holder has closed it.');
    }
    store.onLost = () => { this.#store = null; };
    this.#store = store;
    return store;
  }
}
