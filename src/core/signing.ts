import { fromBase64Url, toBase64Url } from './base64url.ts';
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
  return bytes !== null && crypto.subtle.verify(SIGNING, publicKey, bytes, bytesOf(value));
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalJson(value));
}
