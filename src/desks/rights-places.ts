import { ALBUM_DATABASE } from '../recognition/erase-albums.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { tellReviews } from '../review/review-tabs.ts';
import { AlbumsHolding } from './rights-albums.ts';
import { GalleriesHolding } from './rights-galleries.ts';
import { isThere, type Holding, type RightsContext } from './rights-holding.ts';
import { ProofsHolding } from './rights-proofs.ts';
import { RecordingsHolding, type RecordingsPlaces } from './rights-recordings.ts';
import { AlbumStore } from '../vault/album-store.ts';
import { GalleryVault, VAULT_NAMES } from '../vault/gallery-vault.ts';
import { OriginalsStore } from '../vault/originals-store.ts';
import { RecordingStore } from '../vault/recording-store.ts';
import { ReviewStore } from '../vault/review-store.ts';
import type { IndexedDbRightsStore } from '../vault/rights-store.ts';

/** @internal Names of databases. */
export interface PlaceNames {
  readonly recordings: string;
  readonly originals: string;
  readonly reviews: string;
}

/** @internal What opening needs. */
export interface PlaceParts {
  readonly ledger: ConsentLedger;
  readonly context: RightsContext;
  readonly store: IndexedDbRightsStore;
  readonly names: PlaceNames;
}

/** @internal Receipts of what was erased of a person, wherever they are kept. */
export type ErasureReceipts = (dataSubject: string) => Promise<readonly ErasureReceipt[]>;

/**
 * @internal Runs `work` with every place in which something of people is kept, opened for that long: what is made later is found the next time, and no
 * connection stands in the way of a newer version. Where nothing was ever kept, nothing is made.
 * @throws FacePrivacyError ERR_STORAGE_FAILED, or whatever `work` throws.
 */
export async function withPlaces<T>(parts: PlaceParts, work: (holdings: readonly Holding[], erasureReceipts: ErasureReceipts) => Promise<T>): Promise<T> {
  const { context, names } = parts;
  const holdings: Holding[] = [];
  try {
    const recordings = await openRecordings(names);
    if (recordings !== null) holdings.push(new RecordingsHolding(recordings, context));
    if (await isThere(VAULT_NAMES.identities)) holdings.push(new GalleriesHolding(await GalleryVault.open(), context));
    if (await isThere(ALBUM_DATABASE)) holdings.push(new AlbumsHolding(await AlbumStore.open(ALBUM_DATABASE, () => undefined), context));
    const kept = recordings?.recordings ?? null;
    const erasureReceipts: ErasureReceipts = (dataSubject) => receiptsOf(parts.store, kept, dataSubject);
    holdings.push(new ProofsHolding({ ledger: parts.ledger, store: parts.store, erasureReceipts }));
    return await work(holdings, erasureReceipts);
  } finally {
    for (const holding of holdings) holding.close();
  }
}

async function openRecordings(names: PlaceNames): Promise<RecordingsPlaces | null> {
  const [recorded, sealed, reviewed] = await Promise.all([isThere(names.recordings), isThere(names.originals), isThere(names.reviews)]);
  if (!recorded && !sealed) return null;
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(store: T): T => {
    opened.push(store);
    return store;
  };
  try {
    const recordings = keep(await RecordingStore.open(names.recordings));
    const originals = sealed ? keep(await OriginalsStore.open(names.originals)) : null;
    const reviews = reviewed ? keep(await ReviewStore.open(names.reviews)) : null;
    return { recordings, originals, reviews, tellReviews: (recordingId) => { tellReviews(names.reviews, recordingId); } };
  } catch (error) {
    for (const store of opened) store.close();
    throw error;
  }
}

/** Of sweeps, beside the recordings; of what was erased at the person's request, beside the requests. Each once. */
async function receiptsOf(store: IndexedDbRightsStore, recordings: RecordingStore | null, dataSubject: string): Promise<ErasureReceipt[]> {
  const swept = (await recordings?.erasures.receipts(dataSubject)) ?? [];
  const asked = (await store.allProgress()).flatMap(({ erasures }) => erasures).filter((receipt) => receipt.dataSubject === dataSubject);
  const byId = new Map([...swept, ...asked].map((receipt) => [receipt.receiptId, receipt]));
  return [...byId.values()].sort((a, b) => a.erasedAt - b.erasedAt);
}
