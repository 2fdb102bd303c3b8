import type { ConsentGrant, LoadProgress } from 'bauta';
import { openFaceFeatures, type FaceFeatures } from 'bauta/features';

/** What a desk tells its page, and what it keeps open. */
export interface FeaturesDeskParts<Store> {
  /** Opens the gallery or album. */
  openStore(features: FaceFeatures): Promise<Store>;
  onProgress(progress: LoadProgress): void;
  /** The features are open: listen to their events now. */
  onOpen(features: FaceFeatures): void;
  /** They have ended, and what had to be erased has been. */
  onClosed(features: FaceFeatures): void;
}

/** Keeps the features of the person of a grant, and one gallery or album, open for as long as the grant lives. */
export class FeaturesDesk<Store> {
  readonly #parts: FeaturesDeskParts<Store>;
  #grant: ConsentGrant | null = null;
  #opening: Promise<void> | null = null;
  #features: FaceFeatures | null = null;
  #store: Store | null = null;

  constructor(parts: FeaturesDeskParts<Store>) {
    this.#parts = parts;
  }

  /** Null while they are starting, and from the moment on in which consent ends. */
  get features(): FaceFeatures | null {
    return this.#features?.grant.signal.aborted === true ? null : this.#features;
  }

  /** The gallery or album; null while it is not open. */
  get store(): Store | null {
    return this.features === null ? null : this.#store;
  }

  /** Opens what is not open yet. @throws whatever hinders it; a later call tries again. */
  open(grant: ConsentGrant): Promise<void> {
    const sameConsent = this.#grant !== null && !this.#grant.signal.aborted && this.#grant.recordId === grant.recordId;
    if (sameConsent && this.#opening !== null) return this.#opening;
    this.#grant = grant;
    this.#opening = this.#open(grant).catch((error: unknown) => {
      if (this.#grant === grant) this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** What was erased is closed; this opens the one that comes after it. */
  async reopenStore(): Promise<void> {
    this.#store = null;
    const { features } = this;
    if (features === null) return;
    const store = await this.#parts.openStore(features);
    if (this.#features === features) this.#store = store;
  }

  async #open(grant: ConsentGrant): Promise<void> {
    await this.#features?.close();
    const features = await openFaceFeatures({ grant, runtime: 'auto', onProgress: (progress) => { this.#parts.onProgress(progress); } });
    features.addEventListener('closed', () => {
      if (this.#features === features) {
        this.#features = null;
        this.#store = null;
        this.#opening = null;
      }
      this.#parts.onClosed(features);
    });
    if (this.#grant !== grant) {
      await features.close();
      return;
    }
    this.#features = features;
    this.#parts.onOpen(features);
    await this.reopenStore();
  }
}
