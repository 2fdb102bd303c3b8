import canonicalize from 'canonicalize';
import { isObject } from './options.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The one text of a JSON value (RFC 8785): equal values give equal text, whatever order their keys were written in, so
 * that a hash or signature of it stands for the value.
 * @throws TypeError that names the place of anything JSON cannot hold: `undefined`, functions, symbols, bigints, NaN and
 * infinities, lone surrogates, cycles, and objects that are neither plain nor arrays. Nothing is left out silently.
 */
export function canonicalJson(value: unknown): string {
  assertJson(value, 'value', new Set());
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON text.');
  return text;
}

/**
 * SHA-256 of bytes, or of the UTF-8 bytes of a text, as 64 lower-case hexadecimal digits. Needs a secure context.
 */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function assertJson(value: unknown, place: string, above: Set<object>): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${place} is ${value}, which JSON cannot hold; use a finite number.`);
    return;
  }
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw new TypeError(`${place} holds half of a surrogate pair; use well-formed text.`);
    return;
  }
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new TypeError(`${place} is ${typeof value === 'object' ? 'not a plain object' : `a value of type ${typeof value}`}, which JSON cannot hold.`);
  }
  if (above.has(value)) throw new TypeError(`${place} contains itself.`);
  above.add(value);
  if (Array.isArray(value)) {
    // By index: a hole reads as undefined and must not pass.
    for (let i = 0; i < value.length; i += 1) assertJson(value[i], `${place}[${i}]`, above);
  } else {
    for (const [key, entry] of Object.entries(value)) {
      if (LONE_SURROGATE.test(key)) throw new TypeError(`${place} has a key with half of a surrogate pair; use well-formed text.`);
      assertJson(entry, `${place}.${key}`, above);
    }
  }
  above.delete(value);
}

/** Plain in any realm, and without a `toJSON` that would put something else in its place. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || typeof value['toJSON'] === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
