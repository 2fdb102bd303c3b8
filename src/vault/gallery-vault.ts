import type { SealedTemplate } from '../core/features-protocol.ts';
import type { EpochMs } from '../core/time.ts';
import { IdentityStore, type Identity } from './identity-store.ts';
import { TemplateStore, type ErasedRows, type GalleryRow } from './template-store.ts';
import { withVaultLock } from './vault-lock.ts';

/** Where galleries are kept: two databases. */
export interface VaultNames {
  readonly templates: string;
  readonly identities: string;
}

/** The databases of an app that names no others. */
export const VAULT_NAMES: VaultNames = { templates: 'bauta-templates', identities: 'bauta-identities' };

/** A gallery as it stands, swept of what is over. */
export interface LoadedGallery {
  readonly gallery: GalleryRow;
  readonly rows: readonly SealedTemplate[];
  readonly identities: readonly Identity[];
  /** Kept, and not to be used: their people asked for that. Their templates are not among `rows`. */
  readonly restricted: readonly Identity[];
  /** Template ids of rows whose identity does not open; they serve nobody. */
  readonly broken: readonly string[];
  /** Templates that had expired and are deleted now. */
  readonly expired: number;
}

/** What an erasure destroyed. */
export interface Erased {
  /** Of these, `rows` also counts the identities. */
  readonly templates: number;
  readonly rows: number;
  readonly keys: number;
}

/** A change of a gallery: what `generation` said before and after it. */
export interface Change {
  readonly before: number | null;
  readonly after: number | null;
  /** Templates that were deleted. */
  readonly removed: readonly string[];
}

/**
 * Templates and identities together. An entry exists when both of its rows do: a template without identity, or the reverse, is what a
 * crash left of a write or of an erasure; it is shown to nobody and swept when the gallery is opened next. All changes are made under
 * one lock for all tabs. Methods reject with FacePrivacyError ERR_STORAGE_FAILED. The caller closes it.
 */
export class GalleryVault {
  /** Called once when a database is taken away while in use. */
  onLost: (() => void) | null = null;
  readonly #templates: TemplateStore;
  readonly #identities: IdentityStore;
  readonly #lock: string;

  private constructor(templates: TemplateStore, identities: IdentityStore, lock: string) {
    this.#templates = templates;
    this.#identities = identities;
    this.#lock = lock;
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(names: VaultNames = VAULT_NAMES): Promise<GalleryVault> {
    const losing: { vault?: GalleryVault } = {};
    const onLost = (): void => { losing.vault?.lose(); };
    const templates = await TemplateStore.open(names.templates, onLost);
    try {
      losing.vault = new GalleryVault(templates, await IdentityStore.open(names.identities, onLost), names.templates);
    } catch (error) {
      templates.close();
      throw error;
    }
    return losing.vault;
  }

  /** The gallery of this name, made if there is none, without what is over by `now`. */
  load(name: string, now: EpochMs): Promise<LoadedGallery> {
    return withVaultLock(this.#lock, async () => {
      const gallery = await this.#templates.findOrMake(name);
      await this.#sweepErased();
      return this.#sweep(gallery, now);
    });
  }

  /** The same for a gallery that is open; null when it was erased or renewed meanwhile. */
  reload(name: string, galleryId: string, now: EpochMs): Promise<LoadedGallery | null> {
    return withVaultLock(this.#lock, async () => {
      const gallery = await this.#templates.find(name);
      return gallery?.galleryId === galleryId ? this.#sweep(gallery, now) : null;
    });
  }

  /** How often the gallery was changed, by any tab; null when it is no more. */
  generation(galleryId: string): Promise<number | null> {
    return this.#templates.generation(galleryId);
  }

  /**
   * Keeps a template and whose it is, in place of earlier ones of that person. Either all of it is kept or nothing.
   * @param assertWanted asked when nothing can come between any more; what it throws, this throws, and nothing is kept.
   * @throws FacePrivacyError ERR_SESSION_CLOSED when the gallery is no more, ERR_STORAGE_FAILED.
   */
  add(template: SealedTemplate, identity: Identity, assertWanted: () => void): Promise<Change> {
    const { galleryId, templateId } = template;
    return this.#change(galleryId, async () => {
      assertWanted();
      const replaced = await this.#identities.templatesOf(galleryId, identity.dataSubject);
      await this.#templates.add(template);
      try {
        // The moment at which the new one counts and the old one no longer does.
        await this.#identities.add(galleryId, identity, replaced);
      } catch (error) {
        // Should this fail, too, the sweep will find it: nobody can see it.
        await this.#templates.remove(galleryId, [templateId]).catch(() => undefined);
        throw error;
      }
      // They are nobody's now; what cannot be deleted here is deleted by the next sweep.
      if (replaced.length > 0) await this.#templates.remove(galleryId, replaced).catch(() => undefined);
      return replaced;
    });
  }

  /** Deletes everything of one person in a gallery. */
  removePerson(galleryId: string, dataSubject: string): Promise<Change> {
    return this.#change(galleryId, () => this.#removePerson(galleryId, dataSubject));
  }

  /** Deletes everything of one person in all galleries; answers how many templates there were in which. */
  erasePerson(dataSubject: string): Promise<readonly { readonly galleryId: string; readonly templateIds: readonly string[] }[]> {
    return withVaultLock(this.#lock, async () => {
      const removed: { galleryId: string; templateIds: readonly string[] }[] = [];
      for (const galleryId of await this.#identities.galleryIds()) {
        const templateIds = await this.#removePerson(galleryId, dataSubject);
        if (templateIds.length > 0) removed.push({ galleryId, templateIds });
      }
      return removed;
    });
  }

  /** What is kept of one person, in all galleries, without using any of it; rows that do not open are not among it. */
  templatesOf(dataSubject: string): Promise<readonly (Identity & { readonly galleryId: string })[]> {
    return withVaultLock(this.#lock, async () => {
      const found: (Identity & { galleryId: string })[] = [];
      for (const galleryId of await this.#identities.galleryIds()) {
        const own = new Set(await this.#identities.templatesOf(galleryId, dataSubject));
        if (own.size === 0) continue;
        const { identities } = await this.#identities.list(galleryId);
        found.push(...identities.filter(({ templateId }) => own.has(templateId)).map((identity) => ({ ...identity, galleryId })));
      }
      return found;
    });
  }

  /**
   * Keeps everything of one person from being used, in all galleries, or with null lifts what `from` had restricted.
   * @returns the galleries that have changed.
   */
  restrictPerson(dataSubject: string, restrictedBy: string | null, from?: string): Promise<readonly string[]> {
    return withVaultLock(this.#lock, async () => {
      const changed: string[] = [];
      for (const galleryId of await this.#identities.galleryIds()) {
        const templateIds = await this.#identities.templatesOf(galleryId, dataSubject);
        if (templateIds.length === 0) continue;
        await this.#identities.restrict(templateIds, restrictedBy, from);
        // Nothing is removed; whoever has the gallery open finds it changed.
        await this.#templates.remove(galleryId, []);
        changed.push(galleryId);
      }
      return changed;
    });
  }

  /** Destroys all keys and rows of a gallery; an empty one of the same name with new keys takes its place. @throws ERR_SESSION_CLOSED when it is no more. */
  renew(galleryId: string): Promise<{ readonly next: GalleryRow; readonly erased: Erased }> {
    return withVaultLock(this.#lock, async () => {
      const { next, erased } = await this.#templates.renew(galleryId);
      return { next, erased: sum(erased, await this.#identities.erase(galleryId)) };
    });
  }

  /** Destroys all keys and rows of a gallery. */
  erase(galleryId: string): Promise<Erased> {
    return withVaultLock(this.#lock, async () => {
      const erased = await this.#templates.erase(galleryId);
      return sum(erased, await this.#identities.erase(galleryId));
    });
  }

  /** @internal */
  lose(): void {
    const { onLost } = this;
    this.onLost = null;
    onLost?.();
  }

  /** Idempotent. */
  close(): void {
    this.onLost = null;
    this.#templates.close();
    this.#identities.close();
  }

  #change(galleryId: string, work: () => Promise<readonly string[]>): Promise<Change> {
    return withVaultLock(this.#lock, async () => {
      const before = await this.#templates.generation(galleryId);
      const removed = await work();
      return { before, removed, after: await this.#templates.generation(galleryId) };
    });
  }

  async #removePerson(galleryId: string, dataSubject: string): Promise<readonly string[]> {
    const templateIds = await this.#identities.templatesOf(galleryId, dataSubject);
    if (templateIds.length === 0) return templateIds;
    // Without an identity the template is nobody's: a crash between the two leaves nothing that serves.
    await this.#identities.remove(templateIds);
    await this.#templates.remove(galleryId, templateIds);
    return templateIds;
  }

  /** Identities of galleries whose keys are gone already. */
  async #sweepErased(): Promise<void> {
    const live = new Set(await this.#templates.galleryIds());
    for (const galleryId of await this.#identities.galleryIds()) {
      if (!live.has(galleryId)) await this.#identities.erase(galleryId);
    }
  }

  async #sweep(gallery: GalleryRow, now: EpochMs): Promise<LoadedGallery> {
    const { galleryId } = gallery;
    const [rows, { identities, broken, restricted }] = await Promise.all([this.#templates.rows(galleryId), this.#identities.list(galleryId)]);
    const expiries = new Map(identities.map(({ templateId, expiresAt }) => [templateId, expiresAt]));
    const known = new Set([...expiries.keys(), ...broken]);
    const stored = new Set(rows.map(({ templateId }) => templateId));
    // The sealed word counts, and so does the plain one: an edit can only make it end.
    const over = new Set(rows.filter((row) => !(row.expiresAt > now) || !((expiries.get(row.templateId) ?? Infinity) > now)).map(({ templateId }) => templateId));
    const orphans = rows.map(({ templateId }) => templateId).filter((id) => !known.has(id));
    const nameless = [...known].filter((id) => !stored.has(id));
    const [oldIdentities, oldTemplates] = [[...over, ...nameless], [...over, ...orphans]];
    if (oldIdentities.length > 0) await this.#identities.remove(oldIdentities);
    if (oldTemplates.length > 0) await this.#templates.remove(galleryId, oldTemplates);
    const gone = new Set([...oldIdentities, ...oldTemplates]);
    const unused = new Set([...broken, ...restricted]);
    return {
      gallery: oldTemplates.length > 0 ? { ...gallery, generation: gallery.generation + 1 } : gallery,
      rows: rows.filter(({ templateId }) => !gone.has(templateId) && !unused.has(templateId)),
      identities: identities.filter(({ templateId }) => !gone.has(templateId) && !unused.has(templateId)),
      restricted: identities.filter(({ templateId }) => !gone.has(templateId) && restricted.includes(templateId)),
      broken: broken.filter((id) => !gone.has(id)),
      expired: over.size,
    };
  }
}

function sum(templates: ErasedRows, identities: ErasedRows): Erased {
  return { templates: templates.rows, rows: templates.rows + identities.rows, keys: templates.keys + identities.keys };
}
