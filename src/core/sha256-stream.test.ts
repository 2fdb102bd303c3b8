import { describe, expect, test } from 'vitest';
import { sha256Hex } from './canonical-json.ts';
import { Sha256Stream } from './sha256-stream.ts';

describe('SHA-256 piece by piece', () => {
  test('the examples of FIPS 180-4', () => {
    const hash = (text: string): string => new Sha256Stream().update(new TextEncoder().encode(text)).hex();
    expect(hash('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hash('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe('248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
  });

  test.each([0, 1, 55, 56, 57, 63, 64, 65, 127, 128, 1000, 70_001])('%i bytes, cut in every way: as WebCrypto hashes them', async (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 131 + (i >> 7)) & 255);
    const expected = await sha256Hex(bytes);
    for (const step of [1, 13, 64, 100, length + 1]) {
      const hash = new Sha256Stream();
      for (let at = 0; at < length; at += step) hash.update(bytes.subarray(at, at + step));
      expect(hash.hex()).toBe(expected);
    }
  });

  test('is over once it was read', () => {
    const hash = new Sha256Stream();
    expect(hash.hex()).toBe(hash.hex());
    expect(() => hash.update(new Uint8Array(1))).toThrow(TypeError);
  });
});
