import { mergeGroups, splitGroup, type AlbumGrouping } from '../core/album-grouping.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { createErasureReceipt, type ErasureContent } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { tellGalleries } from '../recognition/gallery-tabs.ts';
import type { RightsCorrection } from './rights-correction.ts';
import { jsonFile, type AskedBy, type CopyFile, type ErasedHere, type Holding, type RightsContext } from './rights-holding.ts';
import type { AlbumStore, ErasedAlbum, LoadedAlbum } from '../vault/album-store.ts';
import type { PendingErasure } from '../vault/rights-store.ts';
import { withVaultLock } from '../vault/vault-lock.ts';

/** @internal Albums of a person: what is known of their pictures, which are not kept. */
export class AlbumsHolding implements Holding {
  readonly name = 'albums';
  readonly #store: AlbumStore;
  readonly #context: RightsContext;

  constructor(store: AlbumStore, context: RightsContext) {
    this.#store = store;
    this.#context = context;
  }

  async items(dataSubject: string): Promise<RetentionItem[]> {
    return (await this.#albumsOf(dataSubject)).map(({ album: { albumId }, pictures, templates }) => ({
      itemId: albumId,
      category: 'album-groups',
      purpose: 'album-grouping',
      dataSubject,
      createdAt: Math.min(this.#context.now(), ...pictures.map(({ addedAt }) => addedAt)),
      expiresAt: Math.max(...pictures.map(({ expiresAt }) => expiresAt)),
      ending: null,
      holds: [],
      parts: { keys: { ids: [albumId], bytes: 0 }, templates: { ids: templates.map(({ templateId }) => templateId), bytes: 0 } },
    }));
  }

  async *copy(items: readonly RetentionItem[], { dataSubject }: AskedBy): AsyncIterable<CopyFile> {
    const wanted = new Set(items.map(({ itemId }) => itemId));
    for (const { album: { albumId }, pictures, grouping } of await this.#albumsOf(dataSubject)) {
      if (!wanted.has(albumId)) continue;
      yield jsonFile(`albums/${albumId}.json`, {
        albumId,
        pictures: pictures.map(({ pictureId, addedAt, expiresAt, faces }) => ({ pictureId, addedAt, expiresAt, faces })),
        groups: grouping.groups,
        apart: grouping.apart,
      });
    }
  }

  async pending(items: readonly RetentionItem[], { dataSubject }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<PendingErasure[]> {
    const pending: PendingErasure[] = [];
    for (const { itemId } of items) {
      const size = await this.#store.sizeOf(itemId);
      if (size !== null) pending.push({ itemIds: [itemId], content: this.#content(itemId, size, dataSubject, ending) });
    }
    return pending;
  }

  async erase(items: readonly RetentionItem[], { requestId, dataSubject }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<ErasedHere> {
    const { note, sign } = this.#context;
    const receipts = [];
    for (const { itemId: albumId } of items) {
      const size = await this.#store.sizeOf(albumId);
      if (size === null) continue;
      // In the log first: what it says and does not come about is the lesser fault.
      await note('album.erased', { albumId, templates: size.templates, cause: ending, requestId });
      const erased = await this.#store.erase(albumId);
      if (erased === null) continue;
      tellGalleries(albumId);
      receipts.push(await createErasureReceipt(this.#content(albumId, erased, dataSubject, ending), sign));
    }
    return { receipts, held: [] };
  }

  async restrict(items: readonly RetentionItem[], { requestId }: AskedBy): Promise<void> {
    for (const { itemId } of items) if (await this.#store.restrict(itemId, requestId)) tellGalleries(itemId);
  }

  async lift({ dataSubject, requestId }: AskedBy, next: string | null): Promise<void> {
    for (const { album: { albumId } } of await this.#albumsOf(dataSubject)) if (await this.#store.restrict(albumId, next, requestId)) tellGalleries(albumId);
  }

  /** In step with whoever has the album open: they hear of it, and load it anew. */
  async correct({ itemId: albumId }: RetentionItem, correction: RightsCorrection, { dataSubject }: AskedBy): Promise<void> {
    if (correction.kind === 'statement') throw new TypeError('Rights.carryOut: groups of an album are merged or split; nobody wrote anything there.');
    // Storage tells whatever goes wrong inside a lock as its own; that this does not fit the album is not.
    const misfit = await withVaultLock(`album:${albumId}`, () => this.#regroup(albumId, dataSubject, correction));
    if (misfit !== null) throw misfit;
    tellGalleries(albumId);
  }

  close(): void {
    this.#store.close();
  }

  #content(storeId: string, erased: ErasedAlbum, dataSubject: string, reason: 'withdrawn' | 'requested'): ErasureContent {
    const { now, origin } = this.#context;
    return { erasedAt: now(), origin, scope: 'album', storeId, reason, dataSubject, erased: { ...erased } };
  }

  async #regroup(albumId: string, dataSubject: string, correction: Exclude<RightsCorrection, { kind: 'statement' }>): Promise<TypeError | null> {
    const loaded = (await this.#albumsOf(dataSubject)).find(({ album }) => album.albumId === albumId);
    if (loaded === undefined) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The album was erased meanwhile.');
    const next = regrouped(loaded.grouping, correction);
    if (next instanceof TypeError) return next;
    if ((await this.#store.commit(loaded.album, { grouping: next })) !== null) return null;
    throw new FacePrivacyError('ERR_STORAGE_FAILED', 'The album was changed by somebody who does not keep to its lock; try again.', { details: { field: 'generation' } });
  }

  /** One that is empty is nothing that is kept of anybody. */
  async #albumsOf(dataSubject: string): Promise<LoadedAlbum[]> {
    return (await this.#store.albumsOf(dataSubject, this.#context.now())).filter(({ pictures }) => pictures.length > 0);
  }
}

function regrouped(grouping: AlbumGrouping, correction: Exclude<RightsCorrection, { kind: 'statement' }>): AlbumGrouping | TypeError {
  try {
    return correction.kind === 'merge-groups' ? mergeGroups(grouping, ...correction.groupIds) : splitGroup(grouping, correction.groupId, correction.faceIds, () => crypto.randomUUID());
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
}
