import { COMPARISON_THRESHOLD } from '../core/comparison-threshold.ts';
import type { BrokenTemplate, Comparison, GalleryKeys, SealedTemplate } from '../core/features-protocol.ts';
import { FacePrivacyError, asFacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import type { FaceVector } from './embedder.ts';
import { hammingDistance, TemplateSet } from './packed-search.ts';
import { openTemplate, sealTemplate, TEMPLATE_BITS, TEMPLATE_WORDS, TemplateProtector, type TemplateBits } from './template-protection.ts';

/** How many rows are decrypted at a time. */
const ROWS_AT_ONCE = 256;

/** A gallery in the worker's memory: its keys, its projection, its templates. Its holder closes it. */
export class OpenGallery {
  readonly galleryId: string;
  readonly templates = new TemplateSet(TEMPLATE_WORDS);
  readonly #sealing: CryptoKey;
  readonly #protector: TemplateProtector;
  readonly #broken: BrokenTemplate[] = [];

  private constructor(galleryId: string, sealing: CryptoKey, protector: TemplateProtector) {
    this.galleryId = galleryId;
    this.#sealing = sealing;
    this.#protector = protector;
  }

  /** Draws the projection and opens the rows; those that do not open are {@link OpenGallery.broken}, the others serve. */
  static async open(galleryId: string, keys: GalleryKeys, rows: readonly SealedTemplate[]): Promise<OpenGallery> {
    const gallery = new OpenGallery(galleryId, keys.sealing, await TemplateProtector.open(keys.projection));
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const batch = rows.slice(from, from + ROWS_AT_ONCE);
      const opened = await Promise.allSettled(batch.map((row) => openTemplate(row, galleryId, keys.sealing)));
      opened.forEach((outcome, i) => {
        const { templateId } = batch[i]!;
        if (outcome.status === 'fulfilled') {
          gallery.templates.put(templateId, outcome.value);
          outcome.value.fill(0);
          return;
        }
        const { code } = asFacePrivacyError(outcome.reason, 'ERR_VAULT_INTEGRITY');
        gallery.#broken.push({ templateId, code: code === 'ERR_TEMPLATE_INVALID' ? code : 'ERR_VAULT_INTEGRITY' });
      });
    }
    return gallery;
  }

  /** The rows that did not open. */
  get broken(): readonly BrokenTemplate[] {
    return this.#broken;
  }

  /** The protected template of a vector, under this gallery's key. Borrows the vector. @throws as `TemplateProtector.protect`. */
  protect(vector: FaceVector): TemplateBits {
    return this.#protector.protect(vector);
  }

  /** Encrypts a template for keeping. */
  seal(templateId: string, bits: TemplateBits, expiresAt: EpochMs): Promise<SealedTemplate> {
    return sealTemplate(bits, { templateId, galleryId: this.galleryId, expiresAt }, this.#sealing);
  }

  /** Holds a probe against one template. @throws FacePrivacyError ERR_TEMPLATE_UNKNOWN, or what was wrong with its row. */
  compare(templateId: string, probe: TemplateBits): Comparison {
    const template = this.templates.bitsOf(templateId);
    if (template === null) {
      const broken = this.#broken.find((row) => row.templateId === templateId);
      if (broken !== undefined) throw new FacePrivacyError(broken.code, 'The stored template was changed or is of another version; enrol anew.', { details: { templateId } });
      throw new FacePrivacyError('ERR_TEMPLATE_UNKNOWN', 'There is no such template in this gallery.', { details: { templateId } });
    }
    const distance = hammingDistance(template, probe);
    template.fill(0);
    return comparisonOf(templateId, distance);
  }

  /** Holds a probe against all templates: the most alike, best first. */
  search(probe: TemplateBits, limit: number): Comparison[] {
    return this.templates.search(probe, limit).map(({ templateId, distance }) => comparisonOf(templateId, distance));
  }

  /** Overwrites templates and projection, and lets go of the keys' use. Idempotent. */
  close(): void {
    this.templates.clear();
    this.#protector.close();
  }
}

/** Share of equal bits of two templates that differ in so many. */
export function scoreOf(distance: number): number {
  return 1 - distance / TEMPLATE_BITS;
}

function comparisonOf(templateId: string, distance: number): Comparison {
  const score = scoreOf(distance);
  const threshold = COMPARISON_THRESHOLD.score;
  return { templateId, score, threshold, match: score >= threshold };
}
