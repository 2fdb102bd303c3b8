import { AlbumContent } from './album-content.ts';
import { addPictures, assertWanted, checkPictures, isId, regroup, workRules, type AddReport, type AlbumPicture, type AlbumWork, type AlbumWorkOptions } from './album-work.ts';
import { mergeGroups, splitGroup, type AlbumGrouping } from '../core/album-grouping.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import type { Box } from '../core/geometry.ts';
import { checkOptions, matching } from '../core/options.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import { ALBUM_DATABASE, eraseEndedAlbums } from './erase-albums.ts';
import { receiptFor } from '../session/erasure-receipt.ts';
import { FaceFeatures, type FeaturesInternals } from './face-features.ts';
import { hearGalleries } from './gallery-tabs.ts';
import { assertGrant } from '../governance/consent/grant.ts';
import type { Operation } from '../governance/consent/purposes.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { AlbumStore } from '../vault/album-store.ts';

/** Which album. */
export interface AlbumOptions {
  /** 1 to 200 characters. Each person has albums of their own, each with keys of its own. */
  readonly name: string;
}

/** How to group. */
export interface RegroupOptions extends AlbumWorkOptions {
  /** True: groups that the person has neither merged nor split are made anew. Default false: groups only grow. */
  readonly afresh?: boolean;
}

/** A face in its protected form: of no use outside this album, and without its key (ISO/IEC 24745). */
export type ProtectedFeature = SealedTemplate;

/** A face of an album: exactly what is kept of it (TEN-face-info). */
export interface AlbumFace {
  /** Random. */
  readonly faceId: string;
  /** Pixels of the upright picture. */
  readonly box: Box;
  /** Clockwise, degrees. */
  readonly rotationDeg: number;
  readonly feature: ProtectedFeature;
  /** Null until it was grouped. */
  readonly groupId: string | null;
}

/** Faces of one person as far as is known. */
export interface FaceGroup {
  readonly groupId: string;
  readonly faceIds: readonly string[];
}

/** The events of an album and their payloads (`event.detail`). */
export interface FaceAlbumEvents {
  /** Pictures or groups are others than before; by this tab or another. */
  change: { readonly pictures: number; readonly groups: number };
  /** It is out of memory. The cause is null where the app closed or erased it. */
  closed: { readonly cause: FacePrivacyError | null };
}

/** @internal What an album is made of. */
interface FaceAlbumParts {
  readonly internals: FeaturesInternals;
  readonly store: AlbumStore;
  readonly content: AlbumContent;
  readonly closed: AbortController;
}

/**
 * Groups the faces of a person's own pictures, on this device (TEN-album). No picture is kept, and nothing runs unless it is called
 * (TEN-stop). Made by {@link openFaceAlbum}; it closes with its features. When consent is withdrawn, whatever it is doing ends, and all of it is erased.
 */
export class FaceAlbum extends TypedEventTarget<FaceAlbumEvents> {
  readonly #internals: FeaturesInternals;
  readonly #store: AlbumStore;
  readonly #content: AlbumContent;
  readonly #closed: AbortController;
  #last: Promise<unknown> = Promise.resolve();
  #release: Promise<void> | null = null;

  /** @internal Use {@link openFaceAlbum}. */
  constructor({ internals, store, content, closed }: FaceAlbumParts) {
    super();
    this.#internals = internals;
    this.#store = store;
    this.#content = content;
    this.#closed = closed;
  }

  /** Pictures of which rows had been changed by somebody, found so far: they are no longer in the album and can be added again. */
  get damaged(): number {
    return this.#content.damaged;
  }

  /** The pictures that were read, and the faces in each. */
  pictures(): readonly { readonly pictureId: string; readonly faceIds: readonly string[] }[] {
    this.#assertOpen();
    return this.#content.pictures.map(({ pictureId, faces }) => ({ pictureId, faceIds: faces.map(({ faceId }) => faceId) }));
  }

  /** All faces. */
  faces(): readonly AlbumFace[] {
    this.#assertOpen();
    const { pictures, grouping } = this.#content;
    const homes = new Map(grouping.groups.flatMap(({ groupId, faceIds }) => faceIds.map((faceId) => [faceId, groupId] as const)));
    return pictures.flatMap(({ faces }) =>
      faces.map(({ faceId, box, rotationDeg }) => ({ faceId, box, rotationDeg, feature: this.#content.templateOf(faceId), groupId: homes.get(faceId) ?? null })),
    );
  }

  /** The groups, in the order in which their first faces were added. */
  groups(): readonly FaceGroup[] {
    this.#assertOpen();
    return this.#content.grouping.groups.map(({ groupId, faceIds }) => ({ groupId, faceIds: [...faceIds] }));
  }

  /**
   * Reads pictures one after the other, and groups their faces with those that are there: groups that stand only grow. Pictures that are in the
   * album already are passed over; ones that cannot be read are listed, and the others go on. A picture is kept with all of its faces or not at all.
   * @throws TypeError for a bad option, or a picture of which it is not said that it may be grouped; FacePrivacyError ERR_CONSENT_*,
   * ERR_ABORTED, ERR_STORAGE_FAILED, ERR_WORKER_LOST, ERR_SESSION_CLOSED: what was read until then is kept, unless consent has ended.
   */
  add(pictures: readonly AlbumPicture[], options: AlbumWorkOptions = {}): Promise<AddReport> {
    const operation = 'FaceAlbum.add';
    checkPictures(pictures);
    checkOptions<AlbumWorkOptions>(operation, options, workRules);
    const list = [...pictures];
    return this.#run(operation, options.signal, async (signal) => {
      const work = this.#work(signal, options.onProgress);
      const report = await addPictures(work, list);
      await regroup(work, false);
      return report;
    });
  }

  /**
   * Groups what is there, as {@link FaceAlbum.add} does at its end; needed after it was cancelled, or to begin afresh.
   * @throws TypeError for a bad option; FacePrivacyError as {@link FaceAlbum.add}.
   */
  group(options: RegroupOptions = {}): Promise<readonly FaceGroup[]> {
    const operation = 'FaceAlbum.group';
    checkOptions<RegroupOptions>(operation, options, { ...workRules, afresh: matching('true or false', (value) => typeof value === 'boolean') });
    return this.#run(operation, options.signal, async (signal) => {
      await regroup(this.#work(signal, options.onProgress), options.afresh ?? false);
      return this.groups();
    });
  }

  /**
   * Makes one group of two, at the person's word. The first keeps its id.
   * @throws TypeError for unknown groups; FacePrivacyError ERR_CONSENT_*, ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  merge(groupId: string, otherId: string): Promise<void> {
    return this.#correct((grouping) => mergeGroups(grouping, groupId, otherId));
  }

  /**
   * Takes faces out of a group, at the person's word, into one of their own; the two are never joined again but by {@link FaceAlbum.merge}.
   * @throws TypeError for unknown groups or faces; FacePrivacyError as {@link FaceAlbum.merge}.
   */
  split(groupId: string, faceIds: readonly string[]): Promise<void> {
    return this.#correct((grouping) => splitGroup(grouping, groupId, faceIds, () => crypto.randomUUID()));
  }

  /**
   * Deletes everything of one picture.
   * @returns whether it was in the album.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  remove(pictureId: string): Promise<boolean> {
    if (!isId(pictureId)) throw new TypeError('FaceAlbum.remove: pictureId must be 1 to 200 characters.');
    return this.#run(null, undefined, () =>
      this.#content.locked(async () => {
        const pictures = this.#content.pictures.filter((picture) => picture.pictureId === pictureId);
        if (pictures.length === 0) return false;
        const faces = await this.#content.remove(pictures);
        await this.#internals.note('template.removed', { galleryId: this.#content.albumId, templates: faces.length, cause: 'requested' });
        this.#changed();
        return true;
      }),
    );
  }

  /**
   * Ends what is going on, destroys keys and rows of the album, and closes it.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async erase(): Promise<ErasureReceipt> {
    this.#assertOpen();
    const { albumId } = this.#content;
    this.#closed.abort(closedError());
    await this.#last;
    try {
      const { rows, templates, keys } = (await this.#store.erase(albumId)) ?? { rows: 0, templates: 0, keys: 0 };
      this.#content.tell();
      await this.#internals.note('album.erased', { albumId, templates, cause: 'requested' });
      const { grant } = this.#internals;
      return await receiptFor(grant, { scope: 'album', storeId: albumId, reason: 'requested', dataSubject: grant.dataSubject, erased: { rows, templates, keys } });
    } finally {
      await this.#end(null);
    }
  }

  /** Takes the album out of memory; what is stored stays. What is going on ends. Idempotent. */
  close(): Promise<void> {
    return this.#end(this.#internals.signal.aborted ? (this.#internals.signal.reason as FacePrivacyError) : null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Somebody else has changed or erased it. */
  heard(): void {
    const refreshed = this.#run(null, undefined, () => this.#content.refresh());
    refreshed.catch((error: unknown) => {
      if (this.#closed.signal.aborted) return;
      if (error instanceof FacePrivacyError && (error.code === 'ERR_SESSION_CLOSED' || error.code === 'ERR_RESTRICTED')) void this.#end(error);
      else this.#internals.failed(error);
    });
  }

  /** @internal The database was taken away. */
  lose(): void {
    void this.#end(new FacePrivacyError('ERR_STORAGE_FAILED', 'The database of the albums was deleted or is wanted by a newer version.', { details: { field: 'store' } }));
  }

  /** @internal */
  changed(): void {
    this.emit('change', { pictures: this.#content.pictures.length, groups: this.#content.grouping.groups.length });
  }

  #work(signal: AbortSignal, onProgress: AlbumWorkOptions['onProgress']): AlbumWork {
    return { internals: this.#internals, content: this.#content, signal, onProgress, onChange: () => { this.#changed(); } };
  }

  #correct(change: (grouping: AlbumGrouping) => AlbumGrouping): Promise<void> {
    return this.#run('FaceAlbum.group', undefined, () =>
      this.#content.locked(async () => {
        await this.#content.regroup(change(this.#content.grouping));
        this.#changed();
      }),
    );
  }

  /** One after the other; ends with the album, with `given`, or with consent, whose reason then counts more than what came of it. */
  #run<T>(operation: Operation | null, given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = given === undefined ? this.#closed.signal : AbortSignal.any([this.#closed.signal, given]);
    const done = this.#last.then(async () => {
      this.#assertOpen();
      if (operation !== null) assertGrant(this.#internals.grant, operation);
      assertWanted(signal);
      try {
        return await work(signal);
      } catch (error) {
        this.#assertOpen();
        throw error;
      }
    });
    this.#last = done.then(() => undefined, () => undefined); // How it ends is told to its own caller.
    return done;
  }

  #changed(): void {
    this.#content.tell();
    this.changed();
  }

  #end(cause: FacePrivacyError | null): Promise<void> {
    this.#release ??= this.#closeAll(cause);
    return this.#release;
  }

  async #closeAll(cause: FacePrivacyError | null): Promise<void> {
    this.#closed.abort(cause ?? closedError());
    this.#internals.disown(this);
    await this.#content.close();
    this.#store.close();
    this.emit('closed', { cause });
  }

  #assertOpen(): void {
    this.#internals.signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
  }
}

/**
 * Opens the album of a name, or makes it: of the person of the features' grant, for the purpose `album-grouping`. What has expired, and albums of
 * whoever's consent has ended, are erased first.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_RESTRICTED (the person asked that it be kept and not used), ERR_STORAGE_FAILED,
 * ERR_SESSION_CLOSED, ERR_WORKER_LOST.
 */
export async function openFaceAlbum(features: FaceFeatures, options: AlbumOptions): Promise<FaceAlbum> {
  const internals = FaceFeatures.internals(features);
  checkOptions<AlbumOptions>('openFaceAlbum', options, { name: matching('1 to 200 characters', isId) }, ['name']);
  internals.signal.throwIfAborted();
  const { grant } = internals;
  assertGrant(grant, 'openFaceAlbum');
  const opened: { album?: FaceAlbum } = {};
  const store = await AlbumStore.open(ALBUM_DATABASE, () => opened.album?.lose());
  const closed = new AbortController();
  try {
    await eraseEndedAlbums(store, grant);
    const content = await AlbumContent.open({ internals, store, name: options.name });
    await store.sweep(content.now(), content.albumId);
    const album = new FaceAlbum({ internals, store, content, closed });
    opened.album = album;
    content.onChange = () => { album.changed(); };
    hearGalleries((albumId) => {
      if (albumId === content.albumId) album.heard();
    }, closed.signal);
    internals.own(album);
    internals.signal.throwIfAborted();
    return album;
  } catch (error) {
    closed.abort();
    store.close();
    throw error;
  }
}

function closedError(): FacePrivacyError {
  return new FacePrivacyError('ERR_SESSION_CLOSED', 'The album is closed; open it again.');
}
