/** Where the probe lies in the kernel's memory. */
export const PROBE_AT = 0;
/** Bytes that the memory grows by; it begins with one such page. */
export const PAGE_BYTES = 65_536;

/** What the module exports. */
export interface PopcountKernel {
  readonly memory: WebAssembly.Memory;
  /**
   * The first of the templates from address `at` on, before `end`, each `size` bytes long, that differs from the probe in fewer than
   * `below` bits: its address and the number of bits; `end` and 0 when there is none.
   */
  readonly next: (at: number, end: number, below: number, size: number) => [at: number, distance: number];
}

/*
 * Adds up differing bits 64 bytes at a time, in lanes of a byte first: four times eight bits fit. What 64 does not divide follows word by word.
 *
 *   (module
 *     (memory (export "memory") 1)
 *     (func (export "next") (param $at i32) (param $end i32) (param $below i32) (param $size i32) (result i32 i32)
 *       (local $done i32) (local $here i32) (local $distance i32) (local $sums v128)
 *       (block $none
 *         (loop $template
 *           (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
 *           (local.set $done (i32.const 0))
 *           (local.set $sums (v128.const i64x2 0 0))
 *           (block $counted
 *             (loop $block
 *               (br_if $counted (i32.ge_u (local.get $done) (i32.and (local.get $size) (i32.const -64))))
 *               (local.set $here (i32.add (local.get $at) (local.get $done)))
 *               (local.set $sums (i32x4.add (local.get $sums) (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u
 *                 ;; added up for OFFSET = 0, 16, 32, 48:
 *                 (i8x16.popcnt (v128.xor (v128.load offset=OFFSET (local.get $done)) (v128.load offset=OFFSET (local.get $here))))))))
 *               (local.set $done (i32.add (local.get $done) (i32.const 64)))
 *               (br $block)))
 *           ;; the sum of LANE = 0, 1, 2, 3:
 *           (local.set $distance (i32x4.extract_lane LANE (local.get $sums)))
 *           (block $all
 *             (loop $word
 *               (br_if $all (i32.ge_u (local.get $done) (local.get $size)))
 *               (local.set $distance (i32.add (local.get $distance)
 *                 (i32.popcnt (i32.xor (i32.load (local.get $done)) (i32.load (i32.add (local.get $at) (local.get $done)))))))
 *               (local.set $done (i32.add (local.get $done) (i32.const 4)))
 *               (br $word)))
 *           (if (i32.lt_u (local.get $distance) (local.get $below)) (then (return (local.get $at) (local.get $distance))))
 *           (local.set $at (i32.add (local.get $at) (local.get $size)))
 *           (br $template)))
 *       (local.get $end) (i32.const 0)))
 */

type Code = readonly (number | Code)[];

// Numbers of the WebAssembly Core Specification 2.0, chapter 5.
const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;
const TO_FUNCTION = 0x00;
const TO_MEMORY = 0x02;
const END = 0x0b;
const RETURN = 0x0f;

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [value, 0x21, local];
/** Two bytes of signed LEB128, even if one would do: -8,192 to 8,191. */
const constant = (value: number): Code => [0x41, (value & 0x7f) | 0x80, (value >> 7) & 0x7f];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const isBelow = (a: Code, b: Code): Code => [a, b, 0x49];
const isNotBelow = (a: Code, b: Code): Code => [a, b, 0x4f];
const and = (a: Code, b: Code): Code => [a, b, 0x71];
const loadWord = (address: Code): Code => [address, 0x28, 2, 0];
const differingInWord = (a: Code, b: Code): Code => [a, b, 0x73, 0x69];
/** Aligned to four bytes for all that is known. */
const loadVector = (address: Code, offset: number): Code => [address, 0xfd, 0x00, 2, offset];
const differingInBytes = (a: Code, b: Code): Code => [a, b, 0xfd, 0x51, 0xfd, 0x62];
const addBytes = (a: Code, b: Code): Code => [a, b, 0xfd, 0x6e];
const addWords = (a: Code, b: Code): Code => [a, b, 0xfd, 0xae, 0x01];
const bytesToWords = (value: Code): Code => [value, 0xfd, 0x7d, 0xfd, 0x7f];
const lane = (value: Code, index: number): Code => [value, 0xfd, 0x1b, index];
const noSums: Code = [0xfd, 0x0c, Array<number>(16).fill(0)];
/** A loop that ends as soon as the condition holds, without a result. */
const until = (condition: Code, body: Code): Code => [0x02, 0x40, 0x03, 0x40, condition, 0x0d, 1, body, 0x0c, 0, END, END];
const when = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, END];

const [AT, BEFORE, BELOW, SIZE, DONE, HERE, DISTANCE, SUMS] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const differingAt = (offset: number): Code => differingInBytes(loadVector(get(DONE), offset), loadVector(get(HERE), offset));

const COUNT_BLOCK: Code = [
  set(HERE, add(get(AT), get(DONE))),
  set(SUMS, addWords(get(SUMS), bytesToWords([0, 16, 32, 48].map(differingAt).reduce(addBytes)))),
  set(DONE, add(get(DONE), constant(64))),
];

const COUNT_WORD: Code = [
  set(DISTANCE, add(get(DISTANCE), differingInWord(loadWord(get(DONE)), loadWord(add(get(AT), get(DONE)))))),
  set(DONE, add(get(DONE), constant(4))),
];

const NEXT: Code = [
  until(isNotBelow(get(AT), get(BEFORE)), [
    set(DONE, constant(0)),
    set(SUMS, noSums),
    until(isNotBelow(get(DONE), and(get(SIZE), constant(-64))), COUNT_BLOCK),
    set(DISTANCE, [0, 1, 2, 3].map((index) => lane(get(SUMS), index)).reduce(add)),
    until(isNotBelow(get(DONE), get(SIZE)), COUNT_WORD),
    when(isBelow(get(DISTANCE), get(BELOW)), [get(AT), get(DISTANCE), RETURN]),
    set(AT, add(get(AT), get(SIZE))),
  ]),
  get(BEFORE),
  constant(0),
  END,
];

/** The module, as bytes: it imports nothing. */
export const KERNEL_BYTES = encodeModule();

/** Compiled when first asked for; null: this browser has no such instructions. */
let compiled: WebAssembly.Module | null | undefined;

/**
 * A kernel with a memory of its own, which holds zeros; null where the browser has no SIMD in WebAssembly, no room for another memory, or
 * a policy that forbids to compile. There the loop in JavaScript does the same.
 */
export function openKernel(): PopcountKernel | null {
  try {
    compiled ??= WebAssembly.validate(KERNEL_BYTES) ? new WebAssembly.Module(KERNEL_BYTES) : null;
    return compiled === null ? null : (new WebAssembly.Instance(compiled).exports as unknown as PopcountKernel);
  } catch (error) {
    if (error instanceof RangeError || error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

function encodeModule(): Uint8Array<ArrayBuffer> {
  const text = (value: string): Code => [value.length, ...new TextEncoder().encode(value)];
  const locals: Code = [2, 3, I32, 1, V128];
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [FUNCTION, vector([I32, I32, I32, I32]), vector([I32, I32])]),
      section(3, [0]),
      section(5, [0, 1]),
      section(7, [text('memory'), TO_MEMORY, 0], [text('next'), TO_FUNCTION, 0]),
      section(10, sized([locals, NEXT])),
    ]),
  );
}

function vector(items: readonly Code[] | readonly number[]): Code {
  return [items.length, ...items];
}

function section(id: number, ...items: readonly Code[]): Code {
  return [id, sized(vector(items))];
}

/** Code after its length: two bytes of LEB128, even if one would do. */
function sized(code: Code): Code {
  const bytes = flat(code);
  return [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7, bytes];
}

function flat(code: Code): number[] {
  return (code as readonly unknown[]).flat(Infinity) as number[];
}
