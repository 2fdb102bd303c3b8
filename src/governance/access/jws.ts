import { fromBase64Url, toBase64Url } from '../../core/base64url.ts';
import { isObject } from '../../core/options.ts';

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Longer ones are not read at all. */
const MAX_LENGTH = 8192;

/** Signs a payload as a compact JWS (RFC 7515) with ES256, the only algorithm there is. */
export async function signJws(type: string, payload: object, key: { readonly keyId: string; readonly privateKey: CryptoKey }): Promise<string> {
  const signed = `${encode({ alg: 'ES256', kid: key.keyId, typ: type })}.${encode(payload)}`;
  const signature = await crypto.subtle.sign(SIGNING, key.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

/** Why a token was not taken: it is no such token, or nobody who is trusted signed it. */
export type JwsFault = 'malformed' | 'forged';

/**
 * Verifies a compact JWS. The token has no say in how: the algorithm is ES256 and the key one of `keys`. A header that
 * asks for anything else (`alg` none or HS256, `jwk`, `jku`, `x5c`, `crit`, `b64`) is malformed.
 * @returns the payload and the key that signed it, or the fault.
 */
export async function verifyJws<Key extends { readonly keyId: string; readonly publicKey: CryptoKey }>(
  token: unknown,
  type: string,
  keys: readonly Key[],
): Promise<{ readonly payload: Readonly<Record<string, unknown>>; readonly key: Key } | JwsFault> {
  if (typeof token !== 'string' || token.length > MAX_LENGTH) return 'malformed';
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  const bytes = fromBase64Url(signature);
  const [head, body] = [decode(header), decode(payload)];
  if (rest.length > 0 || bytes?.length !== 64 || head === null || body === null) return 'malformed';
  if (Object.keys(head).sort().join() !== 'alg,kid,typ' || head['alg'] !== 'ES256' || head['typ'] !== type) return 'malformed';
  const key = keys.find(({ keyId }) => keyId === head['kid']);
  if (key === undefined || !isVerifier(key.publicKey)) return 'forged';
  const holds = await crypto.subtle.verify(SIGNING, key.publicKey, bytes, new TextEncoder().encode(`${header}.${payload}`));
  return holds ? { payload: body, key } : 'forged';
}

/** A secret handed in for a public key must not verify anything. */
function isVerifier({ type, algorithm }: CryptoKey): boolean {
  return type === 'public' && algorithm.name === 'ECDSA' && (algorithm as KeyAlgorithm & { readonly namedCurve?: string }).namedCurve === 'P-256';
}

function encode(value: object): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}

function decode(part: string): Record<string, unknown> | null {
  const bytes = fromBase64Url(part);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
