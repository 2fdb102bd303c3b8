const LONE_SURROGATE = /\p{Surrogate}/u;
/** A log of 100 000 entries has 3 million bytes of digests to be written. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The one text of a JSON value (RFC 8785): equal values give equal text, whatever order their keys were written in, so
 * that a hash or signature of it stands for the value.
 * @throws TypeError that names the place of anything JSON cannot hold: `undefined`, functions, symbols, bigints, NaN and
 * infinities, lone surrogates, cycles, and objects that are neither plain nor arrays. Nothing is left out silently.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 'value', new Set());
}

/**
 * SHA-256 of bytes, or of the UTF-8 bytes of a text, as 64 lower-case hexadecimal digits. Needs a secure context.
 */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  let hex = '';
  for (const byte of new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) hex += HEX[byte];
  return hex;
}

/** RFC 8785 takes numbers and strings as ECMAScript writes them, and keys sorted by UTF-16 code units, as `sort` does. */
function write(value: unknown, place: string, above: Set<object>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${place} is ${value}, which JSON cannot hold; use a finite number.`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw new TypeError(`${place} holds half of a surrogate pair; use well-formed text.`);
    return JSON.stringify(value);
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new TypeError(`${place} is ${typeof value === 'object' ? 'not a plain object' : `a value of type ${typeof value}`}, which JSON cannot hold.`);
  }
  if (above.has(value)) throw new TypeError(`${place} contains itself.`);
  above.add(value);
  // Array.from reads a hole as undefined, which must not pass.
  const text = Array.isArray(value)
    ? `[${Array.from(value, (entry: unknown, index) => write(entry, `${place}[${index}]`, above)).join(',')}]`
    : `{${Object.keys(value)
        .sort()
        .map((key) => `${writeKey(key, place)}:${write(value[key], `${place}.${key}`, above)}`)
        .join(',')}}`;
  above.delete(value);
  return text;
}

function writeKey(key: string, place: string): string {
  if (LONE_SURROGATE.test(key)) throw new TypeError(`${place} has a key with half of a surrogate pair; use well-formed text.`);
  return JSON.stringify(key);
}

/** Plain in any realm, and without a `toJSON` that would put something else in its place. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
