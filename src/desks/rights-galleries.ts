import { createErasureReceipt, type ErasureContent } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { tellGalleries } from '../recognition/gallery-tabs.ts';
import type { AskedBy, CopyFile, ErasedHere, Holding, RightsContext } from './rights-holding.ts';
import type { GalleryVault } from '../vault/gallery-vault.ts';
import type { PendingErasure } from '../vault/rights-store.ts';

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

  async pending(_items: readonly RetentionItem[], { dataSubject }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<PendingErasure[]> {
    return [...(await this.#byGallery(dataSubject))].map(([galleryId, itemIds]) => ({ itemIds, content: this.#content(galleryId, itemIds.length, dataSubject, ending) }));
  }

  async erase(_items: readonly RetentionItem[], { requestId, dataSubject }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<ErasedHere> {
    const { note, sign } = this.#context;
    // In the log first: what it says and does not come about is the lesser fault.
    for (const [galleryId, { length: templates }] of await this.#byGallery(dataSubject)) await note('template.removed', { galleryId, templates, cause: ending, requestId });
    const receipts = [];
    for (const { galleryId, templateIds } of await this.#vault.erasePerson(dataSubject)) {
      tellGalleries(galleryId);
      receipts.push(await createErasureReceipt(this.#content(galleryId, templateIds.length, dataSubject, ending), sign));
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

  #content(storeId: string, templates: number, dataSubject: string, reason: 'withdrawn' | 'requested'): ErasureContent {
    const { now, origin } = this.#context;
    return { erasedAt: now(), origin, scope: 'person', storeId, reason, dataSubject, erased: { templates, rows: 2 * templates } };
  }

  /** Ids of their templates. */
  async #byGallery(dataSubject: string): Promise<Map<string, string[]>> {
    const ids = new Map<string, string[]>();
    for (const { galleryId, templateId } of await this.#vault.templatesOf(dataSubject)) ids.set(galleryId, [...(ids.get(galleryId) ?? []), templateId]);
    return ids;
  }
}
