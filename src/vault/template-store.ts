import type { DBSchema, IDBPDatabase } from 'idb';
import { FacePrivacyError } from '../core/errors.ts';
import type { GalleryKeys, SealedTemplate } from '../core/features-protocol.ts';
import { createGalleryKeys, createNamingKey, nameTag } from './gallery-keys.ts';
import { allOrNothing, guardStorage, openVaultDatabase, type UpgradeStep } from './open-database.ts';

/** A gallery as it is kept: random id, keys, and the tag of its name. */
export interface GalleryRow {
  readonly galleryId: string;
  /** See `nameTag`; the name itself is not kept. */
  readonly nameTag: string;
  readonly keys: GalleryKeys;
  /** Grows with every change of the gallery's templates, by whatever tab. */
  readonly generation: number;
}

/** How many rows and keys an erasure destroyed. */
export interface ErasedRows {
  readonly rows: number;
  readonly keys: number;
}

interface TemplateSchema extends DBSchema {
  galleries: { key: string; value: GalleryRow; indexes: { 'by-name': string } };
  templates: { key: string; value: SealedTemplate; indexes: { 'by-gallery': string } };
  /** `naming`: the HMAC key of this database. */
  keys: { key: string; value: CryptoKey };
}

const STEPS: readonly UpgradeStep<TemplateSchema>[] = [
  (database) => {
    database.createObjectStore('galleries', { keyPath: 'galleryId' }).createIndex('by-name', 'nameTag', { unique: true });
    database.createObjectStore('templates', { keyPath: 'templateId' }).createIndex('by-gallery', 'galleryId');
    database.createObjectStore('keys');
  },
];

/**
 * Protected, sealed templates and the keys of their galleries, in IndexedDB of this origin. Who they are of is kept elsewhere
 * (`identity-store.ts`, MEG-separate). Every method rejects with FacePrivacyError ERR_STORAGE_FAILED when the place is full, blocked,
 * closed or gone. The caller closes it.
 */
export class TemplateStore {
  readonly #db: IDBPDatabase<TemplateSchema>;

  private constructor(db: IDBPDatabase<TemplateSchema>) {
    this.#db = db;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name: string, onLost: () => void): Promise<TemplateStore> {
    return new TemplateStore(await openVaultDatabase<TemplateSchema>({ name, steps: STEPS, onLost }));
  }

  /** The gallery of this name, or null. */
  find(name: string): Promise<GalleryRow | null> {
    return guardStorage(async () => (await this.#db.getFromIndex('galleries', 'by-name', await this.#tagOf(name))) ?? null);
  }

  /** The gallery of this name, made with new keys if there is none. */
  findOrMake(name: string): Promise<GalleryRow> {
    return guardStorage(async () => {
      // Made before the transaction, which does not wait for keys; thrown away when there is a gallery already.
      const made = { galleryId: crypto.randomUUID(), nameTag: await this.#tagOf(name), keys: await createGalleryKeys(), generation: 0 };
      const tx = this.#db.transaction('galleries', 'readwrite');
      const found = await tx.store.index('by-name').get(made.nameTag);
      if (found === undefined) await tx.store.add(made);
      await tx.done;
      return found ?? made;
    });
  }

  /** Ids of all galleries. */
  galleryIds(): Promise<string[]> {
    return guardStorage(() => this.#db.getAllKeys('galleries'));
  }

  /** How often the gallery was changed, or null when it is no more. */
  generation(galleryId: string): Promise<number | null> {
    return guardStorage(async () => (await this.#db.get('galleries', galleryId))?.generation ?? null);
  }

  /** What is kept of a gallery, unchecked: somebody may have edited it. */
  rows(galleryId: string): Promise<SealedTemplate[]> {
    return guardStorage(() => this.#db.getAllFromIndex('templates', 'by-gallery', galleryId));
  }

  /** Adds a template. @throws FacePrivacyError ERR_SESSION_CLOSED when the gallery is no more, ERR_STORAGE_FAILED; nothing is written then. */
  add(row: SealedTemplate): Promise<void> {
    return this.#change(row.galleryId, [], row);
  }

  /** Deletes templates. Unknown ids are no fault, nor is a gallery that is no more. */
  async remove(galleryId: string, templateIds: readonly string[]): Promise<void> {
    await this.#change(galleryId, templateIds, null);
  }

  /** Destroys keys and rows of a gallery, in one transaction. */
  erase(galleryId: string): Promise<ErasedRows> {
    return this.#erase(galleryId, null);
  }

  /** Destroys keys and rows of a gallery and makes a new one of the same name, in one transaction. */
  async renew(galleryId: string): Promise<{ readonly next: GalleryRow; readonly erased: ErasedRows }> {
    return guardStorage(async () => {
      const before = await this.#db.get('galleries', galleryId);
      if (before === undefined) throw goneError();
      const next: GalleryRow = { galleryId: crypto.randomUUID(), nameTag: before.nameTag, keys: await createGalleryKeys(), generation: 0 };
      return { next, erased: await this.#erase(galleryId, next) };
    });
  }

  /** Idempotent. */
  close(): void {
    this.#db.close();
  }

  async #tagOf(name: string): Promise<string> {
    const fresh = await createNamingKey();
    const tx = this.#db.transaction('keys', 'readwrite');
    const stored = await tx.store.get('naming');
    if (stored === undefined) await tx.store.put(fresh, 'naming');
    await tx.done;
    return nameTag(stored ?? fresh, 'gallery', name);
  }

  #change(galleryId: string, removed: readonly string[], added: SealedTemplate | null): Promise<void> {
    return guardStorage(() => {
      const tx = this.#db.transaction(['galleries', 'templates'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const galleries = tx.objectStore('galleries');
        const gallery = await galleries.get(galleryId);
        if (gallery === undefined && added !== null) throw goneError();
        const templates = tx.objectStore('templates');
        for (const templateId of removed) await templates.delete(templateId);
        if (added !== null) await templates.add(added);
        if (gallery !== undefined) await galleries.put({ ...gallery, generation: gallery.generation + 1 });
      });
    });
  }

  #erase(galleryId: string, next: GalleryRow | null): Promise<ErasedRows> {
    return guardStorage(() => {
      const tx = this.#db.transaction(['galleries', 'templates'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const templates = tx.objectStore('templates');
        const ids = await templates.index('by-gallery').getAllKeys(galleryId);
        for (const templateId of ids) await templates.delete(templateId);
        const galleries = tx.objectStore('galleries');
        const gallery = await galleries.get(galleryId);
        await galleries.delete(galleryId);
        if (next !== null) await galleries.add(next);
        return { rows: ids.length, keys: gallery === undefined ? 0 : 2 };
      });
    });
  }
}

function goneError(): FacePrivacyError {
  return new FacePrivacyError('ERR_SESSION_CLOSED', 'The gallery was erased or renewed by another tab; open it again.');
}
