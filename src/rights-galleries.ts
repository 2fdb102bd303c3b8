import { createErasureReceipt } from './governance/retention/erasure-receipt.ts';
import type { RetentionItem } from './governance/retention/item.ts';
import { tellGalleries } from './gallery-tabs.ts';
import type { AskedBy, CopyFile, ErasedHere, Holding, RightsContext } from './rights-holding.ts';
import type { GalleryVault } from './vault/gallery-vault.ts';

/** @internal Protected templates of a person, in all galleries of this origin. */
export class GalleriesHolding implements Holding {
  readonly name = 'galleries';
  readonly #vault: GalleryVault;
  readonly #context: RightsContext;

  constructor(vault: GalleryVault, context: RightsContext) {
    this.#vault = vault;
    this.#context = context;
  }

  async items(dataSubject: string): Promise<RetentionItem[]> {
    const templates = await this.#vault.templatesOf(dataSubject);
    return templates.map(({ templateId, enrolledAt, expiresAt }) => ({
      itemId: templateId,
      category: 'protected-templates',
      purpose: 'comparison',
      dataSubject,
      createdAt: enrolledAt,
      expiresAt,
      ending: null,
      holds: [],
      parts: { templates: { ids: [templateId], bytes: 0 } },
    }));
  }

  /** A template is of use to nobody outside of this device: that it is there, the copy says anyway. */
  copy(): AsyncIterable<CopyFile> {
    return new ReadableStream<CopyFile>({ start: (controller) => { controller.close(); } });
  }

  async erase(_items: readonly RetentionItem[], { requestId, dataSubject }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<ErasedHere> {
    const { now, note, sign, origin } = this.#context;
    const receipts = [];
    for (const { galleryId, templateIds } of await this.#vault.erasePerson(dataSubject)) {
      tellGalleries(galleryId);
      await note('template.removed', { galleryId, templates: templateIds.length, cause: ending, requestId });
      const erased = { templates: templateIds.length, rows: 2 * templateIds.length };
      receipts.push(await createErasureReceipt({ erasedAt: now(), origin, scope: 'person', storeId: galleryId, reason: ending, dataSubject, erased }, sign));
    }
    return { receipts, held: [] };
  }

  async restrict(_items: readonly RetentionItem[], { dataSubject, requestId }: AskedBy): Promise<void> {
    for (const galleryId of await this.#vault.restrictPerson(dataSubject, requestId)) tellGalleries(galleryId);
  }

  async lift({ dataSubject, requestId }: AskedBy, next: string | null): Promise<void> {
    for (const galleryId of await this.#vault.restrictPerson(dataSubject, next, requestId)) tellGalleries(galleryId);
  }

  correct(): Promise<void> {
    return Promise.reject(new TypeError('Rights.carryOut: a template cannot be corrected; enrol anew.'));
  }

  close(): void {
    this.#vault.close();
  }
}
