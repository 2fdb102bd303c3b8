import type { DBSchema, IDBPDatabase } from 'idb';
import type { AlbumIndex, IndexedPicture } from '../core/album.ts';
import { withoutFaces, type AlbumGrouping } from '../core/album-grouping.ts';
import { FacePrivacyError } from '../core/errors.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import type { EpochMs } from '../core/time.ts';
import { openGrouping, openOwner, openPicture, sealGrouping, sealOwner, sealPicture, templatesOf, type AlbumOwner, type AlbumRow, type GroupingRow, type PictureRow } from './album-rows.ts';
import { createGalleryKeys, createNamingKey, createSealingKey, nameTag } from './gallery-keys.ts';
import { allOrNothing, guardStorage, openVaultDatabase, type UpgradeStep } from './open-database.ts';

/** An album as it stands, without what is over or cannot be trusted: that is deleted. */
export interface LoadedAlbum extends AlbumIndex {
  readonly album: AlbumRow;
  /** Those of all faces of `pictures`. */
  readonly templates: readonly SealedTemplate[];
  /** Pictures whose rows were changed by somebody else. */
  readonly damaged: number;
  /** Pictures whose time was over. */
  readonly expired: number;
}

/** What is written in one transaction: all of it or nothing. */
export interface AlbumChange {
  readonly add?: { readonly picture: IndexedPicture; readonly templates: readonly SealedTemplate[] };
  /** Row ids. Unknown ones are no fault. */
  readonly remove?: readonly string[];
  readonly grouping?: AlbumGrouping;
}

/** What an erasure destroyed. */
export interface ErasedAlbum {
  readonly rows: number;
  readonly templates: number;
  readonly keys: number;
}

interface AlbumSchema extends DBSchema {
  albums: { key: string; value: AlbumRow; indexes: { 'by-name': string } };
  pictures: { key: string; value: PictureRow; indexes: { 'by-album': string } };
  groupings: { key: string; value: GroupingRow };
  /** `naming`: the HMAC key of this database. */
  keys: { key: string; value: CryptoKey };
}

const STEPS: readonly UpgradeStep<AlbumSchema>[] = [
  (database) => {
    database.createObjectStore('albums', { keyPath: 'albumId' }).createIndex('by-name', 'nameTag', { unique: true });
    database.createObjectStore('pictures', { keyPath: 'rowId' }).createIndex('by-album', 'albumId');
    database.createObjectStore('groupings', { keyPath: 'albumId' });
    database.createObjectStore('keys');
  },
];

const ROWS_AT_ONCE = 256;
const ALL = ['albums', 'pictures', 'groupings'] as const;
/** Two for templates, one for the index. */
const KEYS_OF_AN_ALBUM = 3;

/**
 * Albums in IndexedDB of this origin: sealed templates, sealed facts about pictures, keys that cannot be exported. No picture is kept. A change is
 * written only where the album is as the writer knew it, so that tabs do not undo each other's work. Every method rejects with
 * FacePrivacyError ERR_STORAGE_FAILED when the place is full, blocked, closed or gone. The caller closes it.
 */
export class AlbumStore {
  readonly name: string;
  readonly #db: IDBPDatabase<AlbumSchema>;

  private constructor(name: string, db: IDBPDatabase<AlbumSchema>) {
    this.name = name;
    this.#db = db;
  }

  /** @param onLost called once when the database is taken away while in use. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(name: string, onLost: () => void): Promise<AlbumStore> {
    return new AlbumStore(name, await openVaultDatabase<AlbumSchema>({ name, steps: STEPS, onLost }));
  }

  /** The album of this name and person, made with new keys if there is none. @throws FacePrivacyError ERR_RESTRICTED. */
  async load(name: string, owner: AlbumOwner, now: EpochMs): Promise<LoadedAlbum> {
    return this.#read(unrestricted(await this.#findOrMake(name, owner)), now);
  }

  /** How often the album was changed, by any tab; null when it is no more. */
  generation(albumId: string): Promise<number | null> {
    return guardStorage(async () => (await this.#db.get('albums', albumId))?.generation ?? null);
  }

  /** The same anew; null when it was erased meanwhile. @throws FacePrivacyError ERR_RESTRICTED. */
  reload(albumId: string, now: EpochMs): Promise<LoadedAlbum | null> {
    return guardStorage(async () => {
      const album = await this.#db.get('albums', albumId);
      return album === undefined ? null : this.#read(unrestricted(album), now);
    });
  }

  /** All albums of one person as they stand, restricted or not: for the person, not for grouping. */
  albumsOf(dataSubject: string, now: EpochMs): Promise<LoadedAlbum[]> {
    return guardStorage(async () => {
      const albums = await this.#db.getAll('albums');
      const own: LoadedAlbum[] = [];
      for (const album of albums) if ((await openOwner(album))?.dataSubject === dataSubject) own.push(await this.#read(album, now));
      return own;
    });
  }

  /**
   * Restricts an album, or lifts that with null.
   * @param from lifts only what this request restricts.
   * @returns false when there is no such album, or `from` does not restrict it.
   */
  restrict(albumId: string, restrictedBy: string | null, from?: string): Promise<boolean> {
    return guardStorage(() => {
      const tx = this.#db.transaction('albums', 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const album = await tx.store.get(albumId);
        if (album === undefined || (from !== undefined && album.restrictedBy !== from)) return false;
        await tx.store.put({ ...album, restrictedBy, generation: album.generation + 1 });
        return true;
      });
    });
  }

  /**
   * Writes a change of an album that is as `album` says.
   * @returns the album's row after it; null when another tab has changed the album meanwhile, and nothing was written.
   * @throws FacePrivacyError ERR_SESSION_CLOSED when it is no more.
   */
  commit(album: AlbumRow, { add, remove = [], grouping }: AlbumChange): Promise<AlbumRow | null> {
    return guardStorage(async () => {
      // A transaction does not wait for encryption.
      const added = add === undefined ? null : await sealPicture(album, add.picture, add.templates);
      const groups = grouping === undefined ? null : await sealGrouping(album, grouping);
      const tx = this.#db.transaction(ALL, 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const albums = tx.objectStore('albums');
        const stored = await albums.get(album.albumId);
        if (stored === undefined) throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The album was erased meanwhile; open it again.');
        if (stored.generation !== album.generation) return null;
        const next = { ...stored, generation: stored.generation + 1 };
        for (const rowId of remove) await tx.objectStore('pictures').delete(rowId);
        if (added !== null) await tx.objectStore('pictures').add(added);
        if (groups !== null) await tx.objectStore('groupings').put(groups);
        await albums.put(next);
        return next;
      });
    });
  }

  /** Destroys keys and rows of an album, in one transaction; null when there was none. */
  erase(albumId: string): Promise<ErasedAlbum | null> {
    return guardStorage(() => {
      const tx = this.#db.transaction(ALL, 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const pictures = await tx.objectStore('pictures').index('by-album').getAll(albumId);
        for (const { rowId } of pictures) await tx.objectStore('pictures').delete(rowId);
        const isGrouped = (await tx.objectStore('groupings').getKey(albumId)) !== undefined;
        await tx.objectStore('groupings').delete(albumId);
        const isKnown = (await tx.objectStore('albums').getKey(albumId)) !== undefined;
        await tx.objectStore('albums').delete(albumId);
        return sizeOf({ pictures, isGrouped, isKnown });
      });
    });
  }

  /** What erasing an album would destroy; null when nothing is left of it. */
  sizeOf(albumId: string): Promise<ErasedAlbum | null> {
    return guardStorage(async () => {
      const tx = this.#db.transaction(ALL);
      const [pictures, grouping, album] = await Promise.all([tx.objectStore('pictures').index('by-album').getAll(albumId), tx.objectStore('groupings').getKey(albumId), tx.objectStore('albums').getKey(albumId)]);
      return sizeOf({ pictures, isGrouped: grouping !== undefined, isKnown: album !== undefined });
    });
  }

  /** All albums and whose they are; null where that cannot be told any more. */
  owners(): Promise<{ readonly albumId: string; readonly owner: AlbumOwner | null }[]> {
    return guardStorage(async () => {
      const albums = await this.#db.getAll('albums');
      return Promise.all(albums.map(async (album) => ({ albumId: album.albumId, owner: await openOwner(album) })));
    });
  }

  /** Deletes what is over by `now` in all albums, and albums of which nothing is left, but for one that is open. */
  async sweep(now: EpochMs, openId: string): Promise<void> {
    await guardStorage(async () => {
      for (const album of await this.#db.getAll('albums')) {
        if (album.albumId === openId) continue;
        const { pictures } = await this.#read(album, now);
        if (pictures.length === 0) await this.erase(album.albumId);
      }
    });
  }

  /** Idempotent. */
  close(): void {
    this.#db.close();
  }

  #findOrMake(name: string, owner: AlbumOwner): Promise<AlbumRow> {
    return guardStorage(async () => {
      const albumId = crypto.randomUUID();
      const [keys, indexKey, tag] = await Promise.all([createGalleryKeys(), createSealingKey(), this.#tagOf(name, owner.dataSubject)]);
      const made: AlbumRow = { albumId, nameTag: tag, keys, indexKey, owner: await sealOwner(albumId, indexKey, owner), generation: 0 };
      const tx = this.#db.transaction('albums', 'readwrite');
      // Two tabs that make one at once keep the first.
      const found = await tx.store.index('by-name').get(tag);
      if (found === undefined) await tx.store.add(made);
      await tx.done;
      return found ?? made;
    });
  }

  async #tagOf(name: string, dataSubject: string): Promise<string> {
    const fresh = await createNamingKey();
    const tx = this.#db.transaction('keys', 'readwrite');
    const stored = await tx.store.get('naming');
    if (stored === undefined) await tx.store.put(fresh, 'naming');
    await tx.done;
    return nameTag(stored ?? fresh, 'album', dataSubject, name);
  }

  #read(album: AlbumRow, now: EpochMs): Promise<LoadedAlbum> {
    return guardStorage(async () => {
      const rows = await this.#db.getAllFromIndex('pictures', 'by-album', album.albumId);
      const kept: { picture: IndexedPicture; templates: readonly SealedTemplate[] }[] = [];
      const over: string[] = [];
      const damaged: string[] = [];
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        const batch = rows.slice(from, from + ROWS_AT_ONCE);
        const opened = await Promise.all(batch.map((row) => openPicture(album, row)));
        for (const [i, picture] of opened.entries()) {
          const { rowId, templates } = batch[i]!;
          if (picture === null) damaged.push(rowId);
          else if (picture.expiresAt > now) kept.push({ picture, templates });
          else over.push(rowId);
        }
      }
      kept.sort((a, b) => a.picture.addedAt - b.picture.addedAt || (a.picture.rowId < b.picture.rowId ? -1 : 1));
      const faces = new Set(kept.flatMap(({ picture }) => picture.faces.map(({ faceId }) => faceId)));
      const grouping = withoutFaces(await openGrouping(album, await this.#db.get('groupings', album.albumId)), (faceId) => faces.has(faceId));
      const remove = [...over, ...damaged];
      // Where another tab is at it, it has seen them, too.
      const after = remove.length === 0 ? album : ((await this.commit(album, { remove, grouping })) ?? album);
      return {
        album: after,
        pictures: kept.map(({ picture }) => picture),
        templates: kept.flatMap(({ templates }) => templates),
        grouping,
        damaged: damaged.length,
        expired: over.length,
      };
    });
  }
}

/** @throws FacePrivacyError ERR_RESTRICTED. */
function unrestricted(album: AlbumRow): AlbumRow {
  const { restrictedBy: requestId = null } = album;
  if (requestId === null) return album;
  throw new FacePrivacyError('ERR_RESTRICTED', 'The person asked that this album be kept and not used; it opens when they lift that.', { details: { requestId } });
}

function sizeOf({ pictures, isGrouped, isKnown }: { readonly pictures: readonly PictureRow[]; readonly isGrouped: boolean; readonly isKnown: boolean }): ErasedAlbum | null {
  if (!isKnown && pictures.length === 0) return null;
  const templates = pictures.reduce((sum, row) => sum + templatesOf(row).length, 0);
  return { rows: pictures.length + Number(isGrouped) + Number(isKnown), templates, keys: isKnown ? KEYS_OF_AN_ALBUM : 0 };
}
