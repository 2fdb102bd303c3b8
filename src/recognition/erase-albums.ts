import { tellGalleries } from './gallery-tabs.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import { AlbumStore } from '../vault/album-store.ts';

/** @internal The database of all albums. */
export const ALBUM_DATABASE = 'bauta-albums';

/**
 * @internal Erases all albums of the person of a grant, open or not: their consent is over (MEG-withdraw).
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is erased when any album is opened next.
 */
export async function eraseAlbumsOf(grant: ConsentGrant): Promise<void> {
  // Where nothing was ever kept, nothing is made.
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === ALBUM_DATABASE)) return;
  const store = await AlbumStore.open(ALBUM_DATABASE, () => undefined);
  try {
    for (const { albumId, owner } of await store.owners()) {
      if (owner === null || owner.dataSubject === grant.dataSubject) await eraseAlbum(store, grant, albumId);
    }
  } finally {
    store.close();
  }
}

/** @internal Erases albums of people whose consent has ended since, and those of which nobody can tell any more whose they are. */
export async function eraseEndedAlbums(store: AlbumStore, grant: ConsentGrant): Promise<void> {
  const context = ConsentGrant.context(grant);
  for (const { albumId, owner } of await store.owners()) {
    const ended = owner === null || (owner.underConsent && (await context.stands(owner.dataSubject, ['album-grouping'])) === 'ended');
    if (ended) await eraseAlbum(store, grant, albumId);
  }
}

async function eraseAlbum(store: AlbumStore, grant: ConsentGrant, albumId: string): Promise<void> {
  const erased = await store.erase(albumId);
  if (erased === null) return;
  tellGalleries(albumId);
  await ConsentGrant.note(grant, 'album.erased', { albumId, templates: erased.templates, cause: 'consent-over' });
}
