import type { GalleryKeys } from '../core/features-protocol.ts';

/** Makes the keys of a gallery. Neither can be exported: who deletes them has destroyed what they protect. */
export async function createGalleryKeys(): Promise<GalleryKeys> {
  const [projection, sealing] = await Promise.all([
    crypto.subtle.generateKey({ name: 'AES-CTR', length: 256 }, false, ['encrypt']),
    createSealingKey(),
  ]);
  return { projection, sealing };
}

/** AES-GCM with 256 bits, not exportable. */
export function createSealingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** HMAC-SHA-256, not exportable: turns names into tags by which rows are found. */
export function createNamingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** The tag of a name under a key: tells nothing of the name without the key, and differs under every key. */
export async function nameTag(key: CryptoKey, ...parts: readonly string[]): Promise<string> {
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(JSON.stringify(parts))));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
