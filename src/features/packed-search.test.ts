import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hammingDistance, TemplateSet } from './packed-search.ts';
import { MEMORIES } from './template-memory.contract.ts';

const SEED = 20261122;
/** One block of eight, and some that are left over. */
const WORDS = 11;

const bits = fc.uint8Array({ minLength: WORDS * 4, maxLength: WORDS * 4 }).map((bytes) => new Uint32Array(bytes.slice().buffer));

/** One bit after the other. */
function slowDistance(a: Uint32Array, b: Uint32Array): number {
  let distance = 0;
  a.forEach((word, i) => {
    for (let bit = 0; bit < 32; bit++) distance += ((word ^ b[i]!) >>> bit) & 1;
  });
  return distance;
}

it(`counts the bits that differ (seed ${SEED})`, () => {
  fc.assert(fc.property(bits, bits, (a, b) => { expect(hammingDistance(a, b)).toBe(slowDistance(a, b)); }), { seed: SEED });
  expect(() => hammingDistance(new Uint32Array(1), new Uint32Array(2))).toThrow(RangeError);
});

describe.each(MEMORIES)('templates in $name', ({ memoryOf }) => {
  it(`finds what looking at all of them finds, best first, the earlier of two that are as near (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 90 }), bits, fc.integer({ min: 1, max: 12 }), (templates, probe, limit) => {
        const set = new TemplateSet(WORDS, memoryOf(WORDS));
        templates.forEach((template, i) => { set.put(`t${i}`, template); });
        const all = templates.map((template, i) => ({ templateId: `t${i}`, distance: slowDistance(template, probe) }));
        all.sort((a, b) => a.distance - b.distance);
        expect(set.search(probe, limit)).toEqual(all.slice(0, limit));
      }),
      { seed: SEED },
    );
  });

  it(`keeps what was put, in order, through every change (seed ${SEED})`, () => {
    const change = fc.oneof(
      fc.record({ put: fc.integer({ min: 0, max: 20 }), bits }),
      fc.record({ remove: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const set = new TemplateSet(WORDS, memoryOf(WORDS));
        const model = new Map<string, Uint32Array>();
        for (const step of changes) {
          if ('put' in step) {
            set.put(`t${step.put}`, step.bits);
            model.set(`t${step.put}`, step.bits);
          } else {
            const ids = step.remove.map((id) => `t${id}`);
            set.delete(ids);
            for (const id of ids) model.delete(id);
          }
        }
        expect(set.size).toBe(model.size);
        const { words, count, wordsPerTemplate, templateIds } = set.packed();
        expect([count, wordsPerTemplate, templateIds]).toEqual([model.size, WORDS, [...model.keys()]]);
        expect([...words.subarray(0, count * WORDS)]).toEqual([...model.values()].flatMap((template) => [...template]));
        // What was deleted is nowhere in memory any more.
        expect(words.subarray(count * WORDS).every((word) => word === 0)).toBe(true);
        for (const [id, template] of model) expect(set.bitsOf(id)).toEqual(template);
        expect(set.bitsOf('nobody')).toBeNull();
      }),
      { seed: SEED },
    );
  });

  it('overwrites everything when it is cleared', () => {
    const set = new TemplateSet(WORDS, memoryOf(WORDS));
    set.put('a', new Uint32Array(WORDS).fill(7));
    const { words } = set.packed();
    set.clear();
    expect(set.size).toBe(0);
    expect(words.every((word) => word === 0)).toBe(true);
    expect(() => { set.put('b', new Uint32Array(WORDS + 1)); }).toThrow(RangeError);
  });
});
