import { openDB } from 'idb';
import { afterAll, describe, expect, it } from 'vitest';
import type { IndexedPicture } from '../core/album.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import { AlbumStore, type LoadedAlbum } from './album-store.ts';

const anna = { dataSubject: 'anna', underConsent: true };
const names: string[] = [];
const fresh = (): string => {
  const name = `albums-${crypto.randomUUID()}`;
  names.push(name);
  return name;
};
const open = (name: string): Promise<AlbumStore> => AlbumStore.open(name, () => undefined);

afterAll(() => {
  for (const name of names) indexedDB.deleteDatabase(name);
});

/** A picture with faces, as the worker and the page make it. */
function pictureOf(pictureId: string, faces: number, { albumId, expiresAt = 1000, addedAt = 1 }: { albumId: string; expiresAt?: number; addedAt?: number }) {
  const ids = Array.from({ length: faces }, () => crypto.randomUUID());
  const picture: IndexedPicture = {
    rowId: crypto.randomUUID(),
    pictureId,
    faces: ids.map((faceId) => ({ faceId, box: { x: 1, y: 2, width: 30, height: 40 }, rotationDeg: -3.5 })),
    addedAt,
    expiresAt,
  };
  const templates: SealedTemplate[] = ids.map((templateId) => ({
    templateId, galleryId: albumId, version: 1, expiresAt, iv: crypto.getRandomValues(new Uint8Array(12)), ciphertext: crypto.getRandomValues(new Uint8Array(140)),
  }));
  return { picture, templates };
}

async function filled(store: AlbumStore): Promise<{ loaded: LoadedAlbum; first: ReturnType<typeof pictureOf>; second: ReturnType<typeof pictureOf> }> {
  const { album } = await store.load('holiday', anna, 0);
  const [first, second] = [pictureOf('IMG_1', 2, { albumId: album.albumId }), pictureOf('IMG_2', 1, { albumId: album.albumId, addedAt: 2, expiresAt: 500 })];
  const next = await store.commit(album, { add: first });
  await store.commit(next!, { add: second, grouping: { groups: [{ groupId: 'g', faceIds: [...first.templates, ...second.templates].map(({ templateId }) => templateId), confirmed: false }], apart: [] } });
  return { loaded: (await store.reload(album.albumId, 0))!, first, second };
}

describe('an album at rest [MEG-crypt, MEG-separate]', () => {
  it('is kept and not opened while its person restricts it; they see what it holds all the same [MEG-rights]', async () => {
    const store = await open(fresh());
    const { loaded: { album: { albumId } }, first, second } = await filled(store);
    expect(await store.restrict('another', 'r')).toBe(false);
    expect(await store.restrict(albumId, 'request-1')).toBe(true);
    const refused = { code: 'ERR_RESTRICTED', details: { requestId: 'request-1' } };
    await expect(store.load('holiday', anna, 0)).rejects.toMatchObject(refused);
    await expect(store.reload(albumId, 0)).rejects.toMatchObject(refused);
    const [own] = await store.albumsOf('anna', 0);
    expect(own?.pictures).toEqual([first.picture, second.picture]);
    expect(await store.albumsOf('bea', 0)).toEqual([]);
    expect(await store.restrict(albumId, null, 'another request')).toBe(false);
    expect(await store.restrict(albumId, null, 'request-1')).toBe(true);
    expect((await store.load('holiday', anna, 0)).pictures).toHaveLength(2);
    store.close();
  });

  it('comes back as it was, by name and person', async () => {
    const name = fresh();
    const store = await open(name);
    const { first, second } = await filled(store);
    store.close();
    const again = await open(name);
    const loaded = await again.load('holiday', anna, 0);
    expect(loaded.pictures).toEqual([first.picture, second.picture]);
    expect(loaded.templates).toEqual([...first.templates, ...second.templates]);
    expect(loaded.grouping.groups).toHaveLength(1);
    expect([loaded.damaged, loaded.expired]).toEqual([0, 0]);
    expect((await again.load('holiday', { ...anna, dataSubject: 'bea' }, 0)).pictures).toEqual([]);
    expect((await again.load('another', anna, 0)).pictures).toEqual([]);
    again.close();
  });

  it('shows neither names nor boxes nor keys to whoever reads the database', async () => {
    const name = fresh();
    const store = await open(name);
    await filled(store);
    store.close();
    const raw = await openDB(name);
    const seen: string[] = [];
    for (const table of raw.objectStoreNames) {
      seen.push(JSON.stringify(await raw.getAll(table), (_key, value: unknown) => (value instanceof Uint8Array ? String.fromCharCode(...value) : value instanceof CryptoKey ? `extractable ${value.extractable}` : value)));
    }
    raw.close();
    const text = seen.join('\n');
    for (const secret of ['anna', 'holiday', 'IMG_1', 'rotationDeg', 'width', 'extractable true']) expect(text).not.toContain(secret);
    expect(text).toContain('extractable false');
  });

  it('drops what has expired, and groups with it', async () => {
    const store = await open(fresh());
    const { loaded, first } = await filled(store);
    const later = (await store.reload(loaded.album.albumId, 500))!;
    expect(later.pictures).toEqual([first.picture]);
    expect([later.expired, later.damaged]).toEqual([1, 0]);
    expect(later.grouping.groups[0]!.faceIds).toHaveLength(2);
    expect((await store.reload(loaded.album.albumId, 0))!.pictures).toHaveLength(1);
    store.close();
  });

  it.each([
    ['its bytes', (row: Record<string, unknown>) => ({ ...row, ciphertext: new Uint8Array(300) })],
    ['what is no bytes', (row: Record<string, unknown>) => ({ ...row, ciphertext: 'text', iv: 7 })],
    ['its expiry', (row: Record<string, unknown>) => ({ ...row, expiresAt: 1e15 })],
    ['a template left out', (row: Record<string, unknown>) => ({ ...row, templates: [] })],
    ['templates that are none', (row: Record<string, unknown>) => ({ ...row, templates: 'none' })],
    ['another album', (row: Record<string, unknown>, albumId: string) => ({ ...row, albumId })],
  ])('sets a picture aside whose row was edited: %s', async (_what, edit) => {
    const name = fresh();
    const store = await open(name);
    const { loaded, first, second } = await filled(store);
    const other = await store.load('another', anna, 0);
    const raw = await openDB(name);
    const row = (await raw.get('pictures', first.picture.rowId)) as Record<string, unknown>;
    await raw.put('pictures', edit(row, other.album.albumId));
    raw.close();
    const after = (await store.reload(loaded.album.albumId, 0))!;
    expect(after.pictures).toEqual([second.picture]);
    expect(after.templates).toEqual(second.templates);
    const inOther = (await store.reload(other.album.albumId, 0))!;
    expect(inOther.pictures).toEqual([]);
    expect(after.damaged + inOther.damaged).toBe(1);
    store.close();
  });

  it('makes nothing of groups that were edited', async () => {
    const name = fresh();
    const store = await open(name);
    const { loaded } = await filled(store);
    const raw = await openDB(name);
    const row = (await raw.get('groupings', loaded.album.albumId)) as Record<string, unknown>;
    await raw.put('groupings', { ...row, iv: new Uint8Array(12) });
    raw.close();
    expect((await store.reload(loaded.album.albumId, 0))!.grouping).toEqual({ groups: [], apart: [] });
    store.close();
  });
});

describe('all or nothing', () => {
  it('writes nothing where another tab has changed the album', async () => {
    const name = fresh();
    const [one, two] = [await open(name), await open(name)];
    const { album } = await one.load('holiday', anna, 0);
    const [mine, theirs] = [pictureOf('mine', 1, album), pictureOf('theirs', 1, album)];
    expect(await two.commit(album, { add: theirs })).toMatchObject({ generation: 1 });
    expect(await one.commit(album, { add: mine, grouping: { groups: [], apart: [] } })).toBeNull();
    expect((await one.reload(album.albumId, 0))!.pictures).toEqual([theirs.picture]);
    expect(await one.generation(album.albumId)).toBe(1);
    one.close();
    two.close();
  });

  it('two tabs that make an album at once have the same', async () => {
    const name = fresh();
    const [one, two] = [await open(name), await open(name)];
    const [a, b] = await Promise.all([one.load('holiday', anna, 0), two.load('holiday', anna, 0)]);
    expect(a.album.albumId).toBe(b.album.albumId);
    one.close();
    two.close();
  });

  it('keeps nothing of a picture when the disk is full in its middle', async () => {
    const store = await open(fresh());
    const { album } = await store.load('holiday', anna, 0);
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no space left', 'QuotaExceededError');
    };
    try {
      await expect(store.commit(album, { add: pictureOf('IMG_1', 3, album) })).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    expect((await store.reload(album.albumId, 0))!.pictures).toEqual([]);
    expect(await store.generation(album.albumId)).toBe(0);
    store.close();
  });

  it('tells when the database is deleted while it is in use', async () => {
    const name = fresh();
    const lost = new Promise<void>((resolve) => {
      void AlbumStore.open(name, resolve);
    });
    await expect.poll(async () => (await indexedDB.databases()).some((db) => db.name === name)).toBe(true);
    indexedDB.deleteDatabase(name);
    await lost;
  });
});

describe('erasure [TEN-destroy]', () => {
  it('destroys keys and rows, of one album alone, and says how many', async () => {
    const name = fresh();
    const store = await open(name);
    const { loaded } = await filled(store);
    const other = await store.load('another', anna, 0);
    expect(await store.erase(loaded.album.albumId)).toEqual({ rows: 4, templates: 3, keys: 3 });
    expect(await store.erase(loaded.album.albumId)).toBeNull();
    expect(await store.reload(loaded.album.albumId, 0)).toBeNull();
    await expect(store.commit(loaded.album, { add: pictureOf('late', 1, loaded.album) })).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    const raw = await openDB(name);
    expect(await raw.getAllKeys('albums')).toEqual([other.album.albumId]);
    expect([await raw.count('pictures'), await raw.count('groupings')]).toEqual([0, 0]);
    raw.close();
    // The same name has nothing in common with what was erased.
    expect((await store.load('holiday', anna, 0)).album.albumId).not.toBe(loaded.album.albumId);
    store.close();
  });

  it('says whose albums there are, and null where that was edited', async () => {
    const name = fresh();
    const store = await open(name);
    const { album } = await store.load('holiday', anna, 0);
    expect(await store.owners()).toEqual([{ albumId: album.albumId, owner: anna }]);
    const raw = await openDB(name);
    await raw.put('albums', { ...album, owner: { iv: new Uint8Array(12), ciphertext: new Uint8Array(40) } });
    raw.close();
    expect(await store.owners()).toEqual([{ albumId: album.albumId, owner: null }]);
    store.close();
  });

  it('sweeps albums of which nothing is left, but not the one that is open', async () => {
    const store = await open(fresh());
    const { loaded } = await filled(store);
    const mine = await store.load('mine', anna, 0);
    await store.sweep(600, mine.album.albumId);
    expect((await store.reload(loaded.album.albumId, 600))!.pictures).toHaveLength(1);
    await store.sweep(1000, mine.album.albumId);
    expect(await store.reload(loaded.album.albumId, 1000)).toBeNull();
    expect(await store.reload(mine.album.albumId, 1000)).not.toBeNull();
    store.close();
  });
});
