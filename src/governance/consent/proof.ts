import { signJson, verifyJson } from '../../core/signing.ts';
import { recordFault, type ConsentRecord, type UnsignedRecord } from './record.ts';
import type { DeviceKey } from './store.ts';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** A signature by the key of this browser, and its public half. */
export interface DeviceSignature {
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  readonly keyId: string;
  /** Base64url without padding. */
  readonly signature: string;
  readonly publicKey: JsonWebKey;
}

/** Makes the key pair of a browser. The private half cannot be read, not even by the page. */
export async function createDeviceKey(): Promise<DeviceKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(KEY, false, ['sign', 'verify']);
  return { keyId: await keyIdOf(publicKey), privateKey, publicKey };
}

/** SHA-256 of the key's SPKI form, hexadecimal. */
export async function keyIdOf(publicKey: CryptoKey): Promise<string> {
  const spki = await crypto.subtle.exportKey('spki', publicKey);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Reads the public half of a device's key from a receipt. @throws DOMException when it is no P-256 key. */
export function importPublicKey(jwk: JsonWebKey): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', jwk, KEY, true, ['verify']);
}

/** The public half of a device's key, for receipts. */
export function exportPublicKey(publicKey: CryptoKey): Promise<JsonWebKey> {
  return crypto.subtle.exportKey('jwk', publicKey);
}

/** Signs a statement other than a record, for somebody else to check: the public half goes with it. */
export async function signStatement(statement: object, key: DeviceKey): Promise<DeviceSignature> {
  return { keyId: key.keyId, signature: await signJson(statement, key.privateKey), publicKey: await exportPublicKey(key.publicKey) };
}

/** Signs a record: ECDSA over P-256 with SHA-256, of its canonical JSON (RFC 8785) without `proof`. */
export async function signRecord(unsigned: UnsignedRecord, key: DeviceKey): Promise<ConsentRecord> {
  const signature = await signJson(unsigned, key.privateKey);
  const proof = Object.freeze({ keyId: key.keyId, algorithm: 'ECDSA-P256-SHA256', signature } as const);
  return Object.freeze({ ...unsigned, answers: Object.freeze({ ...unsigned.answers }), proof });
}

/**
 * Checks that a record was signed by `key` as it stands, to the last byte.
 * @throws FacePrivacyError ERR_CONSENT_RECORD_INVALID with `details.field` `proof.keyId` or `proof.signature`.
 */
export async function verifyProof(record: ConsentRecord, key: Pick<DeviceKey, 'keyId' | 'publicKey'>): Promise<void> {
  const { proof, ...unsigned } = record;
  if (proof.keyId !== key.keyId) throw recordFault('proof.keyId', 'is not the key of this browser');
  if (!(await verifyJson(unsigned, proof.signature, key.publicKey))) {
    throw recordFault('proof.signature', 'does not fit the record, which was changed after signing');
  }
}
