import { expect, it } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { createDeviceKey, signStatement } from '../governance/consent/proof.ts';
import { GalleriesHolding } from './rights-galleries.ts';
import type { RightsContext } from './rights-holding.ts';
import type { GalleryVault } from '../vault/gallery-vault.ts';

const NOW = Date.UTC(2026, 10, 22);
const asked = { requestId: 'q', dataSubject: 'p-1' };

async function setUp(note: RightsContext['note']) {
  const kept = new Map([['g-1', ['t-1', 't-2']], ['g-2', ['t-3']]]);
  const vault = {
    templatesOf: async () => [...kept].flatMap(([galleryId, ids]) => ids.map((templateId) => ({ templateId, galleryId, dataSubject: 'p-1', recordId: 'r', enrolledAt: NOW, expiresAt: NOW + 1 }))),
    erasePerson: async () => {
      const removed = [...kept].map(([galleryId, templateIds]) => ({ galleryId, templateIds }));
      kept.clear();
      return removed;
    },
  } as unknown as GalleryVault;
  const key = await createDeviceKey();
  const context: RightsContext = { now: () => NOW, origin: 'https://app.example', note, sign: (statement) => signStatement(statement, key), stands: async () => 'ended' };
  return { kept, holding: new GalleriesHolding(vault, context) };
}

it('erases nothing that the log was not told of before [MEG-audit]', async () => {
  const { kept, holding } = await setUp(async () => {
    throw new FacePrivacyError('ERR_STORAGE_FAILED', 'the disk is full');
  });
  await expect(holding.erase([], asked, 'withdrawn')).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
  expect([...kept.keys()]).toEqual(['g-1', 'g-2']);
});

it('tells gallery by gallery, and says before what the receipts will say', async () => {
  const told: unknown[] = [];
  const { kept, holding } = await setUp(async (code, ids) => { told.push([code, ids['galleryId'], ids['templates'], kept.size]); });
  const pending = await holding.pending([], asked, 'requested');
  const { receipts } = await holding.erase([], asked, 'requested');
  expect(told).toEqual([['template.removed', 'g-1', 2, 2], ['template.removed', 'g-2', 1, 2]]);
  expect(receipts.map(({ storeId, erased: { templates, rows }, reason }) => [storeId, templates, rows, reason])).toEqual([['g-1', 2, 4, 'requested'], ['g-2', 1, 2, 'requested']]);
  expect(pending.map(({ itemIds, content: { storeId, erased } }) => [storeId, itemIds, erased])).toEqual([['g-1', ['t-1', 't-2'], { templates: 2, rows: 4 }], ['g-2', ['t-3'], { templates: 1, rows: 2 }]]);
});
