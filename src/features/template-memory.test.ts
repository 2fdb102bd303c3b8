import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TemplateSet } from './packed-search.ts';
import { KERNEL_BYTES, openKernel, PAGE_BYTES, PROBE_AT } from './popcount-kernel.ts';
import { MEMORIES } from './template-memory.contract.ts';
import { KernelMemory, type TemplateMemory } from './template-memory.ts';

const SEED = 20261122;

/** Words that look like chance, and are the same in every run (xorshift; Marsaglia 2003). */
function wordsFrom(seed: number): (count: number) => Uint32Array<ArrayBuffer> {
  let state = seed | 1;
  return (count) =>
    Uint32Array.from({ length: count }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state;
    });
}

/** Everything that a scan tells of which does not ask for less than all. */
function allDistances(memory: TemplateMemory, probe: Uint32Array, count: number): number[][] {
  const told: number[][] = [];
  memory.scan(probe, count, (place, distance) => {
    told.push([place, distance]);
    return Infinity;
  });
  return told;
}

describe.each(MEMORIES)('$name', ({ memoryOf }) => {
  it('counts from no bit to every bit', () => {
    for (const words of [1, 3, 4, 15, 16, 17, 64, 200]) {
      const memory = memoryOf(words);
      memory.words.set(new Uint32Array(words).fill(0xffffffff), words);
      memory.words[2 * words] = 0x80000000;
      memory.words[4 * words - 1] = 1;
      const counted = [[0, 0], [1, words * 32], [2, 1], [3, 1], [4, 0]];
      expect(allDistances(memory, new Uint32Array(words), 5)).toEqual(counted);
      expect(allDistances(memory, new Uint32Array(words).fill(0xffffffff), 5)).toEqual(counted.map(([place, bits]) => [place, words * 32 - bits!]));
      expect(allDistances(memory, new Uint32Array(words), 0)).toEqual([]);
    }
  });

  it('tells only of what is nearer than was asked for last', () => {
    const memory = memoryOf(1);
    memory.words.set([0b1111, 0b1110, 0b111, 0b11, 0b11, 0, 0]);
    const told: number[][] = [];
    memory.scan(new Uint32Array(1), 7, (place, distance) => {
      told.push([place, distance]);
      return distance;
    });
    expect(told).toEqual([[0, 4], [1, 3], [3, 2], [5, 0]]);
  });

  it('keeps what it holds when it grows, with zeros behind it, and when it cannot', () => {
    const memory = memoryOf(64);
    const kept = wordsFrom(1)(memory.words.length);
    memory.words.set(kept);
    const before = memory.words;
    memory.reserve(memory.words.length / 64 + 1);
    expect(memory.words.length).toBeGreaterThan(kept.length);
    expect(memory.words.subarray(0, kept.length)).toEqual(kept);
    expect(memory.words.subarray(kept.length).every((word) => word === 0)).toBe(true);
    // Where the templates lay before there is nothing any more: overwritten, or no array at all.
    expect(Array.prototype.every.call(before, (word) => word === 0)).toBe(true);
    expect(() => { memory.reserve(1e9); }).toThrow(RangeError);
    expect(memory.words.subarray(0, kept.length)).toEqual(kept);
  });
});

it(`finds in all memories the same, whatever is put, removed and searched (seed ${SEED})`, () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 400 }), from: fc.nat(1200) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat(1200), count: fc.nat(300), every: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 4, arbitrary: fc.record({ limit: fc.integer({ min: 1, max: 40 }), near: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 5, 16, 29, 64), fc.array(step, { minLength: 3, maxLength: 20 }), fc.integer(), (words, steps, seed) => {
      const random = wordsFrom(seed);
      const sets = MEMORIES.map(({ memoryOf }) => new TemplateSet(words, memoryOf(words)));
      const all = (act: (set: TemplateSet) => unknown): void => {
        const [first, ...others] = sets.map(act);
        for (const other of others) expect(other).toEqual(first);
      };
      for (const change of steps) {
        if (change === 'clear') {
          all((set) => { set.clear(); });
        } else if ('put' in change) {
          for (let i = 0; i < change.put; i++) {
            const bits = random(words);
            all((set) => { set.put(`t${(change.from + i) % 1200}`, bits); });
          }
        } else if ('remove' in change) {
          const ids = Array.from({ length: change.count }, (_, i) => `t${(change.remove + i * change.every) % 1200}`);
          all((set) => { set.delete(ids); });
        } else {
          const probe = (change.near ? sets[0]!.bitsOf(`t${change.limit}`) : null) ?? random(words);
          probe[0]! ^= 0b101;
          all((set) => set.search(probe, change.limit));
        }
        all((set) => set.size);
      }
      all((set) => {
        const { words: packed, count, templateIds } = set.packed();
        expect(packed.subarray(count * words).every((word) => word === 0)).toBe(true);
        return [templateIds, packed.slice(0, count * words)];
      });
    }),
    { seed: SEED, numRuns: 40 },
  );
});

it('leaves nothing in the memory of the kernel: neither a probe nor what was cleared', () => {
  const kernel = openKernel()!;
  const set = new TemplateSet(64, new KernelMemory(64, kernel));
  for (let i = 0; i < 1000; i++) set.put(String(i), wordsFrom(i)(64));
  expect(kernel.memory.buffer.byteLength).toBeGreaterThan(3 * PAGE_BYTES);
  expect(set.search(wordsFrom(7)(64), 3)[0]).toEqual({ templateId: '6', distance: 0 });
  expect(new Uint8Array(kernel.memory.buffer, PROBE_AT, 256).every((byte) => byte === 0)).toBe(true);
  set.clear();
  expect(new Uint8Array(kernel.memory.buffer).every((byte) => byte === 0)).toBe(true);
});

it('holds zeros while the memory of the kernel grows, and everything again when it could not', () => {
  const kernel = openKernel()!;
  const set = new TemplateSet(64, new KernelMemory(64, kernel));
  const bits = wordsFrom(1)(64);
  const room = set.packed().words.length / 64;
  for (let i = 0; i < room; i++) set.put(String(i), bits);
  let zeros = false;
  const grow = vi.spyOn(kernel.memory, 'grow').mockImplementationOnce(() => {
    zeros = new Uint8Array(kernel.memory.buffer).every((byte) => byte === 0);
    throw new RangeError('no room');
  });
  expect(() => { set.put('one more', bits); }).toThrow('no room');
  expect(zeros).toBe(true);
  expect([set.size, set.has('one more')]).toEqual([room, false]);
  expect(set.search(bits, room)).toHaveLength(room);
  expect(set.bitsOf(String(room - 1))).toEqual(bits);
  grow.mockRestore();
  set.put('one more', bits);
  expect(set.search(bits, 1000).map(({ distance }) => distance)).toEqual(new Array(room + 1).fill(0));
});

describe('where the kernel cannot be had', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  const open = async () => {
    vi.resetModules();
    const { openTemplateMemory, PlainMemory: Plain } = await import('./template-memory.ts');
    return openTemplateMemory(4) instanceof Plain;
  };

  it('is used where it can', async () => {
    expect(await open()).toBe(false);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(KERNEL_BYTES))).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['has no SIMD', () => { vi.spyOn(WebAssembly, 'validate').mockReturnValue(false); }],
    ['has no room for it', () => { vi.spyOn(WebAssembly, 'Instance').mockImplementation(function () { throw new RangeError('out of memory'); }); }],
    ['may not compile', () => { vi.spyOn(WebAssembly, 'Module').mockImplementation(function () { throw new WebAssembly.CompileError('refused by policy'); }); }],
  ])('goes through an array in a browser that %s', async (_, arrange) => {
    arrange();
    expect(await open()).toBe(true);
  });

  it('does not hide other faults', async () => {
    vi.spyOn(WebAssembly, 'Instance').mockImplementation(function () { throw new WebAssembly.LinkError('wrong module'); });
    await expect(open()).rejects.toThrow(WebAssembly.LinkError);
  });
});
