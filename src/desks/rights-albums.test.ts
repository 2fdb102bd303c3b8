import { expect, it } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { createDeviceKey, signStatement } from '../governance/consent/proof.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { AlbumsHolding } from './rights-albums.ts';
import type { RightsContext } from './rights-holding.ts';
import type { AlbumStore } from '../vault/album-store.ts';

const NOW = Date.UTC(2026, 10, 22);
const SIZE = { rows: 4, templates: 2, keys: 3 };

it('erases an album when the log knows of it, and says before what the receipt will say [MEG-audit]', async () => {
  const kept = new Set(['a-1']);
  const store = {
    sizeOf: async (albumId: string) => (kept.has(albumId) ? SIZE : null),
    erase: async (albumId: string) => (kept.delete(albumId) ? SIZE : null),
  } as unknown as AlbumStore;
  const key = await createDeviceKey();
  let full = true;
  const told: unknown[] = [];
  const note: RightsContext['note'] = async (code, ids) => {
    if (full) throw new FacePrivacyError('ERR_STORAGE_FAILED', 'the disk is full');
    told.push([code, ids['albumId'], ids['templates'], kept.size]);
  };
  const holding = new AlbumsHolding(store, { now: () => NOW, origin: 'https://app.example', note, sign: (statement) => signStatement(statement, key), stands: async () => 'ended' });
  const items = ['a-1', 'a-2'].map((itemId) => ({ itemId }) as RetentionItem);
  const erase = () => holding.erase(items, { requestId: 'q', dataSubject: 'p-1' }, 'requested');
  await expect(erase()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  expect(kept.size).toBe(1);
  full = false;
  const pending = await holding.pending(items, { requestId: 'q', dataSubject: 'p-1' }, 'requested');
  const { receipts } = await erase();
  expect(told).toEqual([['album.erased', 'a-1', 2, 1]]);
  expect(receipts).toMatchObject([{ scope: 'album', storeId: 'a-1', erased: SIZE, dataSubject: 'p-1' }]);
  expect(pending).toMatchObject([{ itemIds: ['a-1'], content: { storeId: 'a-1', erased: SIZE } }]);
});
