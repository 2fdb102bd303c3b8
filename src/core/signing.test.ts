import { beforeAll, describe, expect, it } from 'vitest';
import { signJson, verifyJson } from './signing.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const generate = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);

describe('signJson and verifyJson', () => {
  let keys: CryptoKeyPair;
  let signature: string;
  beforeAll(async () => {
    keys = await generate();
    signature = await signJson({ a: 1, b: ['中'] }, keys.privateKey);
  });

  it('agree on a value, whatever the order of its keys', async () => {
    expect(await verifyJson({ b: ['中'], a: 1 }, signature, keys.publicKey)).toBe(true);
  });

  it('refuse another value, another key and every other last character', async () => {
    expect(await verifyJson({ a: 2, b: ['中'] }, signature, keys.publicKey)).toBe(false);
    expect(await verifyJson({ a: 1, b: ['中'] }, signature, (await generate()).publicKey)).toBe(false);
    for (const char of ALPHABET) {
      const forged = signature.slice(0, -1) + char;
      expect(await verifyJson({ a: 1, b: ['中'] }, forged, keys.publicKey)).toBe(forged === signature);
    }
  });

  it.each(['', 'short', `${'A'.repeat(85)}=`, 'A'.repeat(87)])('refuse %j, which is no signature', async (text) => {
    expect(await verifyJson({ a: 1, b: ['中'] }, text, keys.publicKey)).toBe(false);
  });
});
