import { cropAt, ORIGINAL_LIMITS, type OriginalCrop } from '../core/originals.ts';
import type { Microseconds } from '../core/time.ts';
import type { OriginalRow } from '../vault/originals-store.ts';
import type { ReviewOriginals } from './ports.ts';

/** What is opened at once. */
const SPAN_US: Microseconds = 1_000_000;

/**
 * The sealed faces of one track, opened second by second for as long as somebody looks. What was opened is overwritten as soon as another second is
 * wanted, and at the end.
 */
export class SealedFaces {
  readonly #originals: ReviewOriginals;
  readonly #rows: readonly OriginalRow[];
  readonly #keys = new Map<string, CryptoKey>();
  #second = -1;
  #crops: OriginalCrop[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param rows those of one track, of which there are several when a claim ended and was made anew. */
  constructor(originals: ReviewOriginals, rows: readonly OriginalRow[]) {
    this.#originals = originals;
    this.#rows = rows;
  }

  /** The face at this time; a copy, to be overwritten by the caller, or null where there is none. @throws FacePrivacyError ERR_VAULT_INTEGRITY, ERR_STORAGE_FAILED. */
  at(timeUs: Microseconds): Promise<OriginalCrop | null> {
    const found = this.#last.then(() => this.#at(timeUs));
    // The next one waits for this one, however it ends; how it ends is told to its own caller.
    this.#last = found.then(() => null, () => null);
    return found;
  }

  /** Overwrites what is open and forgets the keys. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#keys.clear();
    this.#forget();
  }

  async #at(timeUs: Microseconds): Promise<OriginalCrop | null> {
    const second = Math.floor(timeUs / SPAN_US);
    if (second !== this.#second) {
      this.#forget();
      const crops = await this.#open(second);
      if (this.#closed) {
        overwrite(crops);
        return null;
      }
      this.#second = second;
      this.#crops = crops;
    }
    const crop = cropAt(this.#crops, timeUs);
    return crop === null ? null : { ...crop, jpeg: crop.jpeg.slice() };
  }

  async #open(second: number): Promise<OriginalCrop[]> {
    const span = { fromUs: second * SPAN_US - ORIGINAL_LIMITS.standsForUs, untilUs: (second + 1) * SPAN_US };
    const opened: OriginalCrop[] = [];
    try {
      for (const row of this.#rows) {
        const key = await this.#keyOf(row);
        for await (const crops of this.#originals.read(row, key, span)) opened.push(...crops);
      }
    } catch (error) {
      overwrite(opened);
      throw error;
    }
    return opened.sort((a, b) => a.timeUs - b.timeUs);
  }

  async #keyOf(row: OriginalRow): Promise<CryptoKey> {
    const known = this.#keys.get(row.originalId);
    if (known !== undefined) return known;
    const key = await this.#originals.contentKey(row);
    if (!this.#closed) this.#keys.set(row.originalId, key);
    return key;
  }

  #forget(): void {
    overwrite(this.#crops);
    this.#crops = [];
    this.#second = -1;
  }
}

function overwrite(crops: readonly OriginalCrop[]): void {
  for (const { jpeg } of crops) jpeg.fill(0);
}
