import { beforeAll, describe, expect, it } from 'vitest';
import { createContentKey, createOriginalsKeyPair, cropAt, openContentKey, openCrops, sealCrops, type OriginalCrop, type OriginalIds } from './originals.ts';

const IDS: OriginalIds = { originalId: 'o1', recordingId: 'r1', trackId: 3 };
const damaged = { code: 'ERR_VAULT_INTEGRITY' };

const cropOf = (timeUs: number): OriginalCrop => ({ timeUs, box: { x: 1.5, y: 2, width: 30, height: 40 }, jpeg: new Uint8Array([0xff, 0xd8, timeUs % 256, 0xff, 0xd9]) });

let pair: CryptoKeyPair;
beforeAll(async () => {
  pair = await createOriginalsKeyPair();
});

describe('a sealed original', () => {
  it('opens with the private key of the store, in its own place, and overwrites what it sealed [MEG-crypt]', async () => {
    const { key, wrappedKey } = await createContentKey(IDS, pair.publicKey);
    const crops = [cropOf(100), cropOf(200)];
    const chunk = await sealCrops(crops, IDS, 0, key);
    expect(chunk).toMatchObject({ ...IDS, sequence: 0, fromUs: 100, untilUs: 200, crops: 2 });
    expect(crops.every(({ jpeg }) => jpeg.every((byte) => byte === 0))).toBe(true);

    const opening = await openContentKey(IDS, wrappedKey, pair.privateKey);
    expect(await openCrops(chunk, IDS, 0, opening)).toEqual([cropOf(100), cropOf(200)]);
  });

  it('can be sealed and not opened by who has the public key; no key of it can be exported but as wrapped', async () => {
    const { key, wrappedKey } = await createContentKey(IDS, pair.publicKey);
    const opening = await openContentKey(IDS, wrappedKey, pair.privateKey);
    expect([key.extractable, key.usages, opening.extractable, opening.usages]).toEqual([false, ['encrypt'], false, ['decrypt']]);
    expect([pair.privateKey.extractable, pair.privateKey.usages, pair.publicKey.usages]).toEqual([false, ['unwrapKey'], ['wrapKey']]);
    await expect(crypto.subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow();
  });

  it('opens nowhere else: not under other ids, at another place or time, nor with a byte changed', async () => {
    const { key, wrappedKey } = await createContentKey(IDS, pair.publicKey);
    const chunk = await sealCrops([cropOf(100)], IDS, 4, key);
    for (const other of [{ ...IDS, originalId: 'o2' }, { ...IDS, recordingId: 'r2' }, { ...IDS, trackId: 4 }]) {
      await expect(openContentKey(other, wrappedKey, pair.privateKey)).rejects.toMatchObject(damaged);
      const opening = await openContentKey(IDS, wrappedKey, pair.privateKey);
      await expect(openCrops(chunk, other, 4, opening)).rejects.toMatchObject(damaged);
    }
    const opening = await openContentKey(IDS, wrappedKey, pair.privateKey);
    await expect(openCrops(chunk, IDS, 5, opening)).rejects.toMatchObject(damaged);
    await expect(openCrops({ ...chunk, fromUs: 0 }, IDS, 4, opening)).rejects.toMatchObject(damaged);
    await expect(openCrops({ ...chunk, crops: 2 }, IDS, 4, opening)).rejects.toMatchObject(damaged);
    const changed = chunk.sealed.slice(0);
    new Uint8Array(changed)[7]! ^= 1;
    await expect(openCrops({ ...chunk, sealed: changed }, IDS, 4, opening)).rejects.toMatchObject(damaged);
    await expect(openContentKey(IDS, wrappedKey, (await createOriginalsKeyPair()).privateKey)).rejects.toMatchObject(damaged);
  });

  it('is never a chunk of nothing', async () => {
    const { key } = await createContentKey(IDS, pair.publicKey);
    await expect(sealCrops([], IDS, 0, key)).rejects.toThrow(TypeError);
  });
});

describe('cropAt', () => {
  it('takes the latest that is not later, and none that is too old to stand for the face', () => {
    const crops = [cropOf(100_000), cropOf(200_000)];
    const found = [99_999, 100_000, 199_999, 200_000, 450_000, 450_001].map((timeUs) => cropAt(crops, timeUs)?.timeUs ?? null);
    expect(found).toEqual([null, 100_000, 100_000, 200_000, 200_000, null]);
  });
});
