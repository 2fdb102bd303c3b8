import { distanceAt } from './packed-bits.ts';
import { openKernel, PAGE_BYTES, PROBE_AT, type PopcountKernel } from './popcount-kernel.ts';

/** Told of a template that is nearer than asked for; answers how near the next has to be: in fewer than so many bits different. */
export type Nearer = (place: number, distance: number) => number;

/** Where the bits of templates lie, one after the other, and how they are gone through. All implementations find the same. */
export interface TemplateMemory {
  /** Room for templates, zeros where none was written; another array after {@link TemplateMemory.reserve}. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Makes room for so many templates. Where they lay before is overwritten. @throws RangeError when there is no room: nothing has changed. */
  reserve(count: number): void;
  /** Holds the first `count` templates against a probe, in order: all of them at first, then those that are nearer than `nearer` said last. */
  scan(probe: Uint32Array, count: number, nearer: Nearer): void;
}

const FIRST_CAPACITY = 64;
/** No two templates differ in more bits. */
const ANY_DISTANCE = 0x7fffffff;
/** From here on addresses would come back from the kernel as negative numbers. */
const END_OF_ADDRESSES = 2 ** 31;

/** The fastest memory that this browser has. */
export function openTemplateMemory(wordsPerTemplate: number): TemplateMemory {
  const kernel = openKernel();
  return kernel === null ? new PlainMemory(wordsPerTemplate) : new KernelMemory(wordsPerTemplate, kernel);
}

/** An array, gone through in JavaScript. */
export class PlainMemory implements TemplateMemory {
  readonly #wordsPerTemplate: number;
  #words: Uint32Array<ArrayBuffer>;

  constructor(wordsPerTemplate: number) {
    this.#wordsPerTemplate = wordsPerTemplate;
    this.#words = new Uint32Array(FIRST_CAPACITY * wordsPerTemplate);
  }

  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  reserve(count: number): void {
    const before = this.#words;
    const needed = count * this.#wordsPerTemplate;
    if (needed <= before.length) return;
    this.#words = new Uint32Array(Math.max(needed, before.length * 2));
    this.#words.set(before);
    before.fill(0);
  }

  scan(probe: Uint32Array, count: number, nearer: Nearer): void {
    let below = ANY_DISTANCE;
    for (let place = 0, at = 0; place < count; place++, at += this.#wordsPerTemplate) {
      const distance = distanceAt(this.#words, at, probe);
      if (distance < below) below = nearer(place, distance);
    }
  }
}

/**
 * The memory of a WebAssembly module that counts 128 bits at a time: the probe, then the templates. 16 ns a template of 2,048 bits that is
 * in the cache, six times as fast as {@link PlainMemory}; twice as fast over 100,000, where the machine's memory sets the pace
 * (docs/decisions/0010-template-protection.md).
 */
export class KernelMemory implements TemplateMemory {
  readonly #size: number;
  readonly #kernel: PopcountKernel;
  readonly #templatesAt: number;
  #words: Uint32Array<ArrayBuffer>;

  /** Takes the kernel. */
  constructor(wordsPerTemplate: number, kernel: PopcountKernel) {
    this.#size = wordsPerTemplate * Uint32Array.BYTES_PER_ELEMENT;
    this.#kernel = kernel;
    // Vectors that cross no line of the cache are read faster.
    this.#templatesAt = Math.ceil((PROBE_AT + this.#size) / 64) * 64;
    const missing = this.#templatesAt + this.#size - kernel.memory.buffer.byteLength;
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#words = this.#view();
  }

  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  reserve(count: number): void {
    const { memory } = this.#kernel;
    const bytes = memory.buffer.byteLength;
    const needed = this.#templatesAt + count * this.#size;
    if (needed <= bytes) return;
    if (needed >= END_OF_ADDRESSES) throw new RangeError(`no room for ${count} templates of ${this.#size} bytes.`);
    // A browser may have to move what grows, and does not say what becomes of the place where it lay: it holds zeros by then.
    const kept = this.#words.slice();
    this.#words.fill(0);
    try {
      memory.grow(Math.ceil((Math.max(needed, bytes * 2) - bytes) / PAGE_BYTES));
    } finally {
      this.#words = this.#view();
      this.#words.set(kept);
      kept.fill(0);
    }
  }

  scan(probe: Uint32Array, count: number, nearer: Nearer): void {
    const { memory, next } = this.#kernel;
    const size = this.#size;
    const copy = new Uint32Array(memory.buffer, PROBE_AT, probe.length);
    copy.set(probe);
    const end = this.#templatesAt + count * size;
    let at = this.#templatesAt;
    let below = ANY_DISTANCE;
    try {
      while (at < end) {
        const [found, distance] = next(at, end, Math.min(below, ANY_DISTANCE), size);
        if (found < end) below = nearer((found - this.#templatesAt) / size, distance);
        at = found + size;
      }
    } finally {
      copy.fill(0);
    }
  }

  #view(): Uint32Array<ArrayBuffer> {
    const { buffer } = this.#kernel.memory;
    const templates = Math.floor((buffer.byteLength - this.#templatesAt) / this.#size);
    return new Uint32Array(buffer, this.#templatesAt, (templates * this.#size) / Uint32Array.BYTES_PER_ELEMENT);
  }
}
