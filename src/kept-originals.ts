import type { GrantContext } from './governance/consent/grant-context.ts';
import type { SweepParts } from './retention-sweep.ts';
import { ORIGINALS_DATABASE, OriginalsStore } from './vault/originals-store.ts';
import type { RecordingStore } from './vault/recording-store.ts';

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

  constructor(context: SweepParts['context'], recordings: RecordingStore, name = ORIGINALS_DATABASE) {
    this.#context = context;
    this.#recordings = recordings;
    this.name = name;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async parts(): Promise<SweepParts> {
    return { context: this.#context, recordings: this.#recordings, originals: await this.#open() };
  }

  /** Idempotent. */
  close(): void {
    this.#store?.close();
    this.#store = null;
  }

  async #open(): Promise<OriginalsStore | null> {
    if (this.#store !== null) return this.#store;
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === this.name)) return null;
    const store = await OriginalsStore.open(this.name);
    store.onLost = () => { this.#store = null; };
    this.#store = store;
    return store;
  }
}
