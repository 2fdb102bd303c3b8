import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from './base64url.ts';

describe('base64url', () => {
  it('writes and reads what Node writes and reads (property, seed 1)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes));
      }),
      { seed: 1 },
    );
  });

  it('reads nothing that it would not write', () => {
    for (const text of ['A', 'AB', 'AA==', 'A A', 'AA+A', 'AA/A', 'AAAAA', '\u00e9AAA']) expect(fromBase64Url(text), text).toBeNull();
    expect(fromBase64Url('')).toEqual(new Uint8Array());
  });
});
