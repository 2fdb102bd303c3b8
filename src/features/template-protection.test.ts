import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMPARISON_THRESHOLD } from '../core/comparison-threshold.ts';
import type { FaceVector } from './embedder.ts';
import { VECTOR_LENGTH } from './embedder.ts';
import { hammingDistance } from './packed-search.ts';
import { openTemplate, sealTemplate, TEMPLATE_BITS, TEMPLATE_VERSION, TEMPLATE_WORDS, TemplateProtector } from './template-protection.ts';

const SEED = 20261122;
const RUNS = 60;

const drawKey = () => crypto.subtle.generateKey({ name: 'AES-CTR', length: 256 }, false, ['encrypt']);
const drawSealing = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

/** A vector of the embedder's length in a direction of the generator's choice. */
const vectors = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: VECTOR_LENGTH, maxLength: VECTOR_LENGTH })
  .filter((values) => Math.hypot(...values) > 0.1)
  .map((values): FaceVector => scaled(Float32Array.from(values), 1.4));

function scaled(vector: Float32Array, length: number): FaceVector {
  const now = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => (value / now) * length);
}

/** Another view of the same face, `distance` away. */
function near(vector: FaceVector, direction: FaceVector, distance: number): FaceVector {
  const step = scaled(direction, distance);
  return vector.map((value, i) => value + step[i]!);
}

const share = (a: Uint32Array, b: Uint32Array) => 1 - hammingDistance(a, b) / TEMPLATE_BITS;

/** Six standard deviations of a share of fair coins, of which the four of one coordinate are as good as 2.7. */
const CHANCE = 6 * Math.sqrt((0.25 * 1.5) / TEMPLATE_BITS);

describe('a protected template', () => {
  let one: TemplateProtector;
  let other: TemplateProtector;
  beforeAll(async () => {
    one = await TemplateProtector.open(await drawKey());
    other = await TemplateProtector.open(await drawKey());
  });

  it(`is alike for views that are near, and less so the further they are apart (seed ${SEED})`, () => {
    fc.assert(
      fc.property(vectors, vectors, (vector, direction) => {
        const bits = one.protect(vector);
        const at = (distance: number) => share(bits, one.protect(near(vector, direction, distance)));
        expect(at(0)).toBe(1);
        expect(at(0.3)).toBeGreaterThan(at(0.9) - 0.02);
        expect(at(0.3)).toBeGreaterThan(COMPARISON_THRESHOLD.score);
        expect(at(1.6)).toBeLessThan(COMPARISON_THRESHOLD.score);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it(`tells nothing under another key: bits of one face under two keys are fair coins (seed ${SEED})`, () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(Math.abs(share(one.protect(vector), other.protect(vector)) - 0.5)).toBeLessThan(CHANCE);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it(`is balanced: half of its bits are set, whatever the face (seed ${SEED})`, () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(Math.abs(share(one.protect(vector), new Uint32Array(TEMPLATE_WORDS)) - 0.5)).toBeLessThan(CHANCE);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('is the same whenever the key is opened', async () => {
    const key = await drawKey();
    const [first, again] = [await TemplateProtector.open(key), await TemplateProtector.open(key)];
    fc.assert(fc.property(vectors, (vector) => { expect(again.protect(vector)).toEqual(first.protect(vector)); }), { seed: SEED, numRuns: 10 });
  });

  it('is of no use after renewal: what was made with the old key matches nothing made with the new one', async () => {
    const [before, after] = [await TemplateProtector.open(await drawKey()), await TemplateProtector.open(await drawKey())];
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(share(before.protect(vector), after.protect(vector))).toBeLessThan(COMPARISON_THRESHOLD.score);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('is made of 128 finite numbers only', () => {
    const invalid = expect.objectContaining({ code: 'ERR_TEMPLATE_INVALID' }) as Error;
    expect(() => one.protect(new Float32Array(127))).toThrow(invalid);
    expect(() => one.protect(new Float32Array(128).fill(Number.NaN))).toThrow(invalid);
  });

  it('cannot be made any more once the projection is overwritten', async () => {
    const closed = await TemplateProtector.open(await drawKey());
    closed.close();
    const [a, b] = fc.sample(vectors, { seed: SEED, numRuns: 2 });
    expect(closed.protect(a!)).toEqual(closed.protect(b!));
  });
});

describe('a sealed template', () => {
  const binding = { templateId: 't1', galleryId: 'g1', expiresAt: 1_800_000_000_000 };
  const bits = Uint32Array.from({ length: TEMPLATE_WORDS }, (_, i) => Math.imul(i + 1, 0x9e3779b9));

  it('opens as it was sealed, under its key and nowhere else', async () => {
    const [key, foreign] = [await drawSealing(), await drawSealing()];
    const row = await sealTemplate(bits, binding, key);
    expect(row).toMatchObject({ ...binding, version: TEMPLATE_VERSION });
    expect(await openTemplate(row, 'g1', key)).toEqual(bits);
    await expect(openTemplate(row, 'g1', foreign)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
  });

  it('never looks twice the same', async () => {
    const key = await drawSealing();
    const [a, b] = [await sealTemplate(bits, binding, key), await sealTemplate(bits, binding, key)];
    expect(a.ciphertext).not.toEqual(b.ciphertext);
  });

  it('is refused when it is of another gallery, version or length', async () => {
    const key = await drawSealing();
    const row = await sealTemplate(bits, binding, key);
    const refused = (field: string) => ({ code: 'ERR_TEMPLATE_INVALID', details: { field, templateId: 't1' } });
    await expect(openTemplate(row, 'g2', key)).rejects.toMatchObject(refused('galleryId'));
    await expect(openTemplate({ ...row, version: 2 }, 'g1', key)).rejects.toMatchObject(refused('version'));
    await expect(openTemplate({ ...row, ciphertext: row.ciphertext.slice(1) }, 'g1', key)).rejects.toMatchObject(refused('length'));
  });

  it('is refused when any single part of it was edited [MEG-crypt]', async () => {
    const key = await drawSealing();
    const row = await sealTemplate(bits, binding, key);
    const flipped = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
    const edits = [
      { ...row, templateId: 't2' },
      { ...row, expiresAt: row.expiresAt + 1 },
      { ...row, iv: flipped(row.iv) },
      { ...row, ciphertext: flipped(row.ciphertext) },
    ];
    for (const edit of edits) await expect(openTemplate(edit, 'g1', key)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
    await expect(openTemplate({ ...row, galleryId: 'g2' }, 'g2', key)).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
  });
});
