import { beforeAll, describe, expect, it } from 'vitest';
import { createDeviceKey, signStatement } from '../consent/proof.ts';
import type { DeviceKey } from '../consent/store.ts';
import type { Sign } from '../signed-document.ts';
import { createErasureReceipt, verifyErasureReceipt, type ErasureContent, type ErasureReceipt } from './erasure-receipt.ts';

const origin = 'https://app.example';
const content: ErasureContent = { erasedAt: 1000, origin, scope: 'gallery', storeId: 'g-1', reason: 'requested', dataSubject: null, erased: { keys: 2, rows: 7 } };
let key: DeviceKey;
let sign: Sign;
let receipt: ErasureReceipt;
beforeAll(async () => {
  key = await createDeviceKey();
  sign = (statement) => signStatement(statement, key);
  receipt = await createErasureReceipt(content, sign);
});

describe('an erasure receipt [TAF-5.5a, MEG-retain]', () => {
  it('tells what was erased, when and why, and verifies anywhere', async () => {
    expect(receipt).toMatchObject({ ...content, kind: 'erasure-receipt', version: 1, erased: { keys: 2, rows: 7, media: 0, templates: 0, thumbnails: 0 } });
    const copy: unknown = JSON.parse(JSON.stringify(receipt));
    expect(await verifyErasureReceipt(copy, { origin })).toEqual(receipt);
    expect(await verifyErasureReceipt(copy, { origin, keyId: key.keyId })).toEqual(receipt);
  });

  it.each<[string, (receipt: ErasureReceipt) => unknown, string]>([
    ['nothing', () => null, 'document'],
    ['another kind', (r) => ({ ...r, kind: 'rights-receipt' }), 'kind'],
    ['a missing field', ({ reason: _, ...r }) => r, 'reason'],
    ['an unknown reason', (r) => ({ ...r, reason: 'because' }), 'reason'],
    ['a negative count', (r) => ({ ...r, erased: { ...r.erased, keys: -1 } }), 'erased'],
    ['a count too many', (r) => ({ ...r, erased: { ...r.erased, faces: 1 } }), 'erased'],
    ['a field too many', (r) => ({ ...r, note: 'x' }), 'note'],
    ['an edited count', (r) => ({ ...r, erased: { ...r.erased, rows: 8 } }), 'proof.signature'],
    ['an edited time', (r) => ({ ...r, erasedAt: 2000 }), 'proof.signature'],
    ['an edited signature', (r) => ({ ...r, proof: { ...r.proof, signature: 'A'.repeat(86) } }), 'proof.signature'],
    ['another algorithm', (r) => ({ ...r, proof: { ...r.proof, algorithm: 'none' } }), 'proof.algorithm'],
    ['a key id that is not its key', (r) => ({ ...r, proof: { ...r.proof, keyId: '0'.repeat(64) } }), 'proof.keyId'],
    ['a private part in the key', (r) => ({ ...r, public_key: { ...r.public_key, d: 'x' } }), 'public_key'],
    ['a key that is no point', (r) => ({ ...r, public_key: { ...r.public_key, x: 'A'.repeat(43) } }), 'public_key'],
    ['no proof', ({ proof: _, ...r }) => r, 'proof'],
    ['another origin', (r) => ({ ...r, origin: 'https://other.example' }), 'origin'],
  ])('with %s is refused', async (_name, spoil, field) => {
    await expect(verifyErasureReceipt(spoil(receipt), { origin })).rejects.toMatchObject({ code: 'ERR_RECEIPT_INVALID', details: { field } });
  });

  it('of another browser is refused where the key is known', async () => {
    const thief = await createDeviceKey();
    const forged = await createErasureReceipt(content, (statement) => signStatement(statement, thief));
    expect(await verifyErasureReceipt(forged, { origin })).toEqual(forged);
    await expect(verifyErasureReceipt(forged, { origin, keyId: key.keyId })).rejects.toMatchObject({ details: { field: 'proof.keyId' } });
  });

  it('is not made of what it could not tell', async () => {
    await expect(createErasureReceipt({ ...content, storeId: '' }, sign)).rejects.toThrow(/storeId/);
    await expect(createErasureReceipt({ ...content, erased: { faces: 1 } as never }, sign)).rejects.toThrow(/erased\.faces is unknown/);
  });
});
