/** The power of two of the shortest array that is made. */
const LEAST_BITS = 5;

/** Small arrays that live for one picture and are used again for the next: to make them anew is a good part of what a cover costs. */
class Shelf<T extends Float32Array | Int32Array | Uint8Array> {
  readonly #make: (length: number) => T;
  /** By the power of two of their length. */
  readonly #kept: T[][] = [];
  readonly #taken: number[] = [];

  constructor(make: (length: number) => T) {
    this.#make = make;
  }

  /** At least `length` long, and what stands in it is left over from before. */
  take(length: number): T {
    const bits = Math.max(LEAST_BITS, 32 - Math.clz32(length - 1));
    const kept = (this.#kept[bits] ??= []);
    const at = this.#taken[bits] ?? 0;
    this.#taken[bits] = at + 1;
    return (kept[at] ??= this.#make(1 << bits));
  }

  putBack(): void {
    this.#taken.fill(0);
  }
}

const floats = new Shelf((length) => new Float32Array(length));
const ints = new Shelf((length) => new Int32Array(length));
const bytes = new Shelf((length) => new Uint8Array(length));

/**
 * Arrays for what is worked out on the way to a cover: at least as long as asked for, with anything in them, and the taker's until the next picture.
 * For `frost` they hold colours from around regions only; for `blur` and `pixelate` the samples of regions, which stay in the worker's memory until they are written over.
 */
export const scratch = {
  floats: (length: number): Float32Array => floats.take(length),
  ints: (length: number): Int32Array => ints.take(length),
  bytes: (length: number): Uint8Array => bytes.take(length),
  /** Before each picture: whatever was taken is free again. */
  clear(): void {
    floats.putBack();
    ints.putBack();
    bytes.putBack();
  },
};
