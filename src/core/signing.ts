import { canonicalJson } from './canonical-json.ts';

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Signs a JSON value: ECDSA over P-256 with SHA-256 of its canonical text (RFC 8785), base64url without padding. */
export async function signJson(value: unknown, privateKey: CryptoKey): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign(SIGNING, privateKey, bytesOf(value))));
}

/** True when `signature` is one of this value by this key, to the last character. */
export async function verifyJson(value: unknown, signature: string, publicKey: CryptoKey): Promise<boolean> {
  if (!/^[A-Za-z0-9_-]{86}$/.test(signature)) return false;
  const bytes = fromBase64Url(signature);
  // Bits that decoding drops would let the last character vary.
  if (toBase64Url(bytes) !== signature) return false;
  return crypto.subtle.verify(SIGNING, publicKey, bytes, bytesOf(value));
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalJson(value));
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
