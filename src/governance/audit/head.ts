import { isObject } from '../../core/options.ts';
import { signJson, verifyJson } from '../../core/signing.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';
import { AUDIT_ROOT, isDigest, type AuditEntry } from './entry.ts';

/**
 * What the device's key says of a log: at this time it was this long and ended with this entry. Whoever keeps a head
 * outside the browser can tell later whether the log was cut or written anew.
 */
export interface SignedHead {
  /** Number of entries; 0 for an empty log. */
  readonly sequence: number;
  /** Hash of the last entry; 64 zeros for an empty log. */
  readonly hash: string;
  /** When it was signed. */
  readonly at: EpochMs;
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  readonly keyId: string;
  readonly algorithm: 'ECDSA-P256-SHA256';
  /** Of the canonical JSON of the fields above: 64 bytes (r, s), base64url without padding. */
  readonly signature: string;
}

/** How many entries and how much time may go by until a log gets its next head. */
export const HEAD_INTERVAL = Object.freeze({ entries: 500, timeMs: 24 * 3600 * 1000 }) satisfies { entries: number; timeMs: Milliseconds };

/** True when a log that ends with `last` should get a new head. */
export function isHeadDue(head: Pick<SignedHead, 'sequence' | 'at'> | null, last: Pick<AuditEntry, 'sequence'> | null, now: EpochMs): boolean {
  const entries = (last?.sequence ?? 0) - (head?.sequence ?? 0);
  if (entries <= 0) return false;
  return head === null || entries >= HEAD_INTERVAL.entries || now - head.at >= HEAD_INTERVAL.timeMs;
}

/** Signs the head of a log. @param last its last entry, or null for an empty one. */
export async function signHead(last: Pick<AuditEntry, 'sequence' | 'hash'> | null, key: { readonly keyId: string; readonly privateKey: CryptoKey }, now: EpochMs): Promise<SignedHead> {
  const content = { sequence: last?.sequence ?? 0, hash: last?.hash ?? AUDIT_ROOT, at: now, keyId: key.keyId, algorithm: 'ECDSA-P256-SHA256' } as const;
  return Object.freeze({ ...content, signature: await signJson(content, key.privateKey) });
}

/** True when `head` was signed by this key as it stands, to the last byte. */
export async function verifyHead(head: SignedHead, key: { readonly keyId: string; readonly publicKey: CryptoKey }): Promise<boolean> {
  if (!isHead(head) || head.keyId !== key.keyId) return false;
  const { signature, ...content } = head;
  return verifyJson(content, signature, key.publicKey);
}

/** True for anything that has the form of a head; whether its signature holds is another matter. */
export function isHead(value: unknown): value is SignedHead {
  if (!isObject(value) || Object.keys(value).length !== 6) return false;
  const { sequence, hash, at, keyId, algorithm, signature } = value;
  return (
    Number.isSafeInteger(sequence) && (sequence as number) >= 0 && isDigest(hash) && Number.isSafeInteger(at) && (at as number) >= 0 &&
    isDigest(keyId) && algorithm === 'ECDSA-P256-SHA256' && typeof signature === 'string'
  );
}
