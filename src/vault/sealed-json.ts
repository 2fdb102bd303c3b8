import { canonicalJson } from '../core/canonical-json.ts';

/** A JSON value, encrypted (AES-GCM). */
export interface SealedJson {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

/** What a sealed value belongs to: opened under other words, it does not open. */
export type Binding = readonly (string | number)[];

/** Texts are filled up to a multiple of this, so that a row's length does not tell a name's. */
const PADDED_TO_BYTES = 256;

/** Encrypts a value, bound to where it belongs. @throws TypeError for what JSON cannot hold. */
export async function sealJson(value: object, key: CryptoKey, binding: Binding): Promise<SealedJson> {
  const text = new TextEncoder().encode(canonicalJson(value));
  // JSON may end in spaces.
  const plain = new Uint8Array(Math.ceil(text.length / PADDED_TO_BYTES) * PADDED_TO_BYTES).fill(0x20);
  plain.set(text);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, ciphertext: new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(binding) }, key, plain)) };
}

/** The value, unchecked in its form; null for one that was changed, belongs elsewhere, or was sealed with another key. */
export async function openJson({ iv, ciphertext }: SealedJson, key: CryptoKey, binding: Binding): Promise<unknown> {
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(binding) }, key, ciphertext);
    return JSON.parse(new TextDecoder().decode(plain)) as unknown;
  } catch (error) {
    // Edited rows may hold anything in the place of bytes.
    if (error instanceof DOMException || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function bytesOf(binding: Binding): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(binding));
}
