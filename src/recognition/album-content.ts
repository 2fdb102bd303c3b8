import type { AlbumIndex, IndexedPicture } from '../core/album.ts';
import { NO_GROUPS, withoutFaces, type AlbumGrouping } from '../core/album-grouping.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import type { EpochMs } from '../core/time.ts';
import type { FeaturesInternals } from './face-features.ts';
import { tellGalleries } from './gallery-tabs.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import { reportFailure } from '../session/incident-report.ts';
import type { AlbumRow } from '../vault/album-rows.ts';
import type { AlbumChange, AlbumStore, LoadedAlbum } from '../vault/album-store.ts';
import { withVaultLock } from '../vault/vault-lock.ts';

/** @internal What an album's content is made of. */
export interface AlbumContentParts {
  readonly internals: FeaturesInternals;
  readonly store: AlbumStore;
  readonly name: string;
}

/** @internal What is in an album now, in step with the worker's memory and with other tabs. */
export class AlbumContent implements AlbumIndex {
  /** Called when somebody else has changed it. */
  onChange: (() => void) | null = null;
  /** Pictures whose rows had been changed by somebody; they are deleted. */
  damaged = 0;
  /** How often the worker was given the album. */
  loads = 0;
  readonly #parts: AlbumContentParts;
  readonly #templates = new Map<string, SealedTemplate>();
  #album!: AlbumRow;
  #pictures: IndexedPicture[] = [];
  #grouping: AlbumGrouping = NO_GROUPS;

  private constructor(parts: AlbumContentParts) {
    this.#parts = parts;
  }

  static async open(parts: AlbumContentParts): Promise<AlbumContent> {
    const content = new AlbumContent(parts);
    const { grant } = parts.internals;
    await content.#take(await parts.store.load(parts.name, { dataSubject: grant.dataSubject, underConsent: grant.recordId !== null }, content.now()));
    return content;
  }

  get albumId(): string {
    return this.#album.albumId;
  }

  get pictures(): readonly IndexedPicture[] {
    return this.#pictures;
  }

  get grouping(): AlbumGrouping {
    return this.#grouping;
  }

  now(): EpochMs {
    return ConsentGrant.context(this.#parts.internals.grant).now();
  }

  knows(pictureId: string): boolean {
    return this.#pictures.some((picture) => picture.pictureId === pictureId);
  }

  templateOf(faceId: string): SealedTemplate {
    return this.#templates.get(faceId)!;
  }

  /**
   * Runs `work` while no other tab changes the album, on what the album is then.
   * @throws FacePrivacyError ERR_SESSION_CLOSED when it was erased meanwhile, ERR_STORAGE_FAILED, or whatever `work` throws.
   */
  locked<T>(work: () => Promise<T>): Promise<T> {
    return withVaultLock(`album:${this.albumId}`, async () => {
      await this.#refresh();
      return work();
    });
  }

  /** Takes over what somebody else has changed. */
  async refresh(): Promise<void> {
    await withVaultLock(`album:${this.albumId}`, () => this.#refresh());
  }

  /** Keeps a picture. Only inside {@link AlbumContent.locked}; `loads` as it was when the worker read the picture. */
  async add(picture: IndexedPicture, templates: readonly SealedTemplate[], loads: number): Promise<void> {
    await this.#commit({ add: { picture, templates } });
    this.#pictures.push(picture);
    for (const template of templates) this.#templates.set(template.templateId, template);
    // Loaded anew meanwhile, the worker has lost what it had read.
    if (loads !== this.loads) await this.#openInWorker();
  }

  /** Keeps other groups. Only inside {@link AlbumContent.locked}. */
  async regroup(grouping: AlbumGrouping): Promise<void> {
    await this.#commit({ grouping });
    this.#grouping = grouping;
  }

  /** Deletes pictures. Only inside {@link AlbumContent.locked}. Answers the ids of the faces that are gone. */
  async remove(pictures: readonly IndexedPicture[]): Promise<readonly string[]> {
    const gone = new Set(pictures.flatMap(({ faces }) => faces.map(({ faceId }) => faceId)));
    const grouping = withoutFaces(this.#grouping, (faceId) => !gone.has(faceId));
    await this.#commit({ remove: pictures.map(({ rowId }) => rowId), grouping });
    this.#pictures = this.#pictures.filter((picture) => !pictures.includes(picture));
    this.#grouping = grouping;
    for (const faceId of gone) this.#templates.delete(faceId);
    await this.forget([...gone]);
    return [...gone];
  }

  /** Takes templates out of the worker's memory. */
  async forget(faceIds: readonly string[]): Promise<void> {
    if (faceIds.length > 0) await this.#parts.internals.call((remote) => remote.forget(this.albumId, faceIds));
  }

  /** Takes it out of memory, here and in the worker. */
  async close(): Promise<void> {
    this.onChange = null;
    this.#pictures = [];
    this.#grouping = NO_GROUPS;
    this.#templates.clear();
    const { internals } = this.#parts;
    // A worker that ends overwrites its galleries itself.
    if (!internals.signal.aborted) await internals.call((remote) => remote.closeGallery(this.albumId));
  }

  /** Tells other tabs. */
  tell(): void {
    tellGalleries(this.albumId);
  }

  async #refresh(): Promise<void> {
    const { store } = this.#parts;
    const generation = await store.generation(this.albumId);
    if (generation === this.#album.generation) return;
    const loaded = generation === null ? null : await store.reload(this.albumId, this.now());
    if (loaded === null) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The album was erased; open it again.');
    await this.#take(loaded);
    this.onChange?.();
  }

  async #take({ album, pictures, templates, grouping, damaged, expired }: LoadedAlbum): Promise<void> {
    this.#album = album;
    this.#pictures = [...pictures];
    this.#grouping = grouping;
    this.#templates.clear();
    for (const template of templates) this.#templates.set(template.templateId, template);
    this.damaged += damaged;
    if (expired > 0) await this.#parts.internals.note('template.expired', { galleryId: album.albumId, pictures: expired });
    await this.#openInWorker();
  }

  async #openInWorker(): Promise<void> {
    const { keys } = this.#album;
    const { broken } = await this.#parts.internals.call((remote) => remote.openGallery(this.albumId, keys, [...this.#templates.values()]));
    this.loads += 1;
    const ids = new Set(broken.map(({ templateId }) => templateId));
    const damaged = this.#pictures.filter(({ faces }) => faces.some(({ faceId }) => ids.has(faceId)));
    this.damaged += damaged.length;
    if (damaged.length === 0) return;
    reportFailure(this.#parts.internals.grant, new FacePrivacyError('ERR_VAULT_INTEGRITY', 'What is stored of a picture was changed.', { details: { field: this.albumId } }));
    await this.remove(damaged);
  }

  async #commit(change: AlbumChange): Promise<void> {
    const next = await this.#parts.store.commit(this.#album, change);
    if (next === null) throw new FacePrivacyError('ERR_STORAGE_FAILED', 'The album was changed by somebody who does not keep to its lock; try again.', { details: { field: 'generation' } });
    this.#album = next;
  }
}
