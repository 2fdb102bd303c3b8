import type { IndexedPicture } from '../core/album.ts';
import { NO_GROUPS, type AlbumGrouping } from '../core/album-grouping.ts';
import type { GalleryKeys, SealedTemplate } from '../core/features-protocol.ts';
import { isObject } from '../core/options.ts';
import type { EpochMs } from '../core/time.ts';
import { openJson, sealJson, type SealedJson } from './sealed-json.ts';

/** An album as it is kept: ids, keys, and whose it is under a seal. Neither its name nor the person's can be read. */
export interface AlbumRow {
  readonly albumId: string;
  /** See `nameTag`, of name and person. */
  readonly nameTag: string;
  /** For templates. */
  readonly keys: GalleryKeys;
  /** AES-GCM, for everything else: another key than that of the templates (MEG-separate). */
  readonly indexKey: CryptoKey;
  readonly owner: SealedJson;
  /** Grows with every change, by whatever tab. */
  readonly generation: number;
  /** Id of the rights request that restricts it: kept, and not opened until that is lifted. */
  readonly restrictedBy?: string | null;
}

/** A picture without its pixels: one row, so that all of its faces are kept or none. */
export interface PictureRow extends SealedJson {
  readonly rowId: string;
  readonly albumId: string;
  readonly expiresAt: EpochMs;
  readonly templates: readonly SealedTemplate[];
}

/** The groups of an album. */
export interface GroupingRow extends SealedJson {
  readonly albumId: string;
}

const VERSION = 1;

/** Seals what is known of a picture, beside its templates, which are sealed already. */
export async function sealPicture({ albumId, indexKey }: AlbumRow, picture: IndexedPicture, templates: readonly SealedTemplate[]): Promise<PictureRow> {
  const { rowId, expiresAt } = picture;
  const ids = templates.map(({ templateId }) => templateId);
  return { rowId, albumId, expiresAt, templates, ...(await sealJson(picture, indexKey, ['bauta-album-picture', VERSION, albumId, rowId, expiresAt, ...ids])) };
}

/** Null for a row that was changed, or whose templates are not those of its faces. */
export async function openPicture({ albumId, indexKey }: AlbumRow, row: PictureRow): Promise<IndexedPicture | null> {
  const ids = templatesOf(row).map(({ templateId }) => templateId);
  const picture = await openJson(row, indexKey, ['bauta-album-picture', VERSION, albumId, row.rowId, row.expiresAt, ...ids]);
  // What opens was written by this library: its form needs no further proof.
  return isObject(picture) ? (picture as unknown as IndexedPicture) : null;
}

/** The templates of a row that somebody may have edited. */
export function templatesOf({ templates }: Pick<PictureRow, 'templates'>): readonly SealedTemplate[] {
  return Array.isArray(templates) ? (templates as readonly SealedTemplate[]).filter(isObject) : [];
}

/** Seals the groups of an album. */
export async function sealGrouping({ albumId, indexKey }: AlbumRow, grouping: AlbumGrouping): Promise<GroupingRow> {
  return { albumId, ...(await sealJson(grouping, indexKey, ['bauta-album-groups', VERSION, albumId])) };
}

/** No groups for a row that is missing or was changed: the next grouping makes them anew. */
export async function openGrouping({ albumId, indexKey }: AlbumRow, row: GroupingRow | undefined): Promise<AlbumGrouping> {
  const grouping = row === undefined ? null : await openJson(row, indexKey, ['bauta-album-groups', VERSION, albumId]);
  return isObject(grouping) ? (grouping as unknown as AlbumGrouping) : NO_GROUPS;
}

/** Whose album it is. */
export interface AlbumOwner {
  readonly dataSubject: string;
  /** False under an exception: there is no consent to ask for then. */
  readonly underConsent: boolean;
}

/** Seals whose album it is. */
export function sealOwner(albumId: string, indexKey: CryptoKey, owner: AlbumOwner): Promise<SealedJson> {
  return sealJson(owner, indexKey, ['bauta-album-owner', VERSION, albumId]);
}

/** Null when nobody can tell any more. */
export async function openOwner({ albumId, indexKey, owner }: AlbumRow): Promise<AlbumOwner | null> {
  const opened = await openJson(owner, indexKey, ['bauta-album-owner', VERSION, albumId]);
  return isObject(opened) ? (opened as unknown as AlbumOwner) : null;
}
