import { canonicalJson } from '../core/canonical-json.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { isObject } from '../core/options.ts';
import { verifyJson } from '../core/signing.ts';
import { importPublicKey, keyIdOf, type DeviceSignature } from './consent/proof.ts';
import type { ReceiptKey } from './consent/receipt.ts';
import type { ConsentProof } from './consent/record.ts';

/** What a document carries besides its content: enough to verify it anywhere. */
export interface DocumentProof {
  readonly public_key: ReceiptKey;
  /** Signature of the canonical JSON (RFC 8785) of the content; `keyId` ties `public_key` to it. */
  readonly proof: ConsentProof;
}

/** Signs a statement by the key of the browser, as `GrantContext.sign` does. */
export type Sign = (statement: object) => Promise<DeviceSignature>;

/** What a document is held against. */
export interface DocumentExpectation {
  /** The web origin that must have made it, for example `location.origin`. */
  readonly origin: string;
  /** Id of the key that must have signed. Without it a document proves that it was not changed, not who made it. */
  readonly keyId?: string;
}

/** Makes a signed document. Its `kind` keeps it from being taken for one of another kind. */
export async function signDocument<Content extends { readonly kind: string; readonly origin: string }>(content: Content, sign: Sign): Promise<Content & DocumentProof> {
  const { keyId, signature, publicKey: { x = '', y = '' } } = await sign(content);
  return { ...content, public_key: { kty: 'EC', crv: 'P-256', x, y }, proof: { keyId, algorithm: 'ECDSA-P256-SHA256', signature } };
}

/**
 * Verifies kind, origin, key and signature of a document, to the last byte.
 * @param fields the fields that it has besides `public_key` and `proof`, each with its form: no other may be there.
 * @returns a copy.
 * @throws FacePrivacyError ERR_RECEIPT_INVALID with `details.field`.
 */
export async function verifyDocument(
  value: unknown,
  kind: string,
  fields: Readonly<Record<string, (value: unknown) => boolean>>,
  expected: DocumentExpectation,
): Promise<Readonly<Record<string, unknown>>> {
  const invalid = (field: string, what: string): FacePrivacyError =>
    new FacePrivacyError('ERR_RECEIPT_INVALID', `${field} of the ${kind} ${what}.`, { details: { field, kind } });
  if (!isObject(value)) throw invalid('document', 'is no object');
  if (value['kind'] !== kind) throw invalid('kind', `is not '${kind}'`);
  for (const [field, fits] of Object.entries(fields)) {
    if (!Object.hasOwn(value, field)) throw invalid(field, 'is missing');
    if (!fits(value[field])) throw invalid(field, 'is malformed');
  }
  const extra = Object.keys(value).find((field) => !Object.hasOwn(fields, field) && field !== 'kind' && field !== 'origin' && field !== 'public_key' && field !== 'proof');
  if (extra !== undefined) throw invalid(extra, 'is unknown');
  if (value['origin'] !== expected.origin) throw invalid('origin', `is not '${expected.origin}'`);
  const { proof, public_key: jwk, ...content } = value;
  if (!isObject(jwk) || Object.keys(jwk).sort().join() !== 'crv,kty,x,y') throw invalid('public_key', 'is malformed');
  if (!isObject(proof) || Object.keys(proof).sort().join() !== 'algorithm,keyId,signature') throw invalid('proof', 'is malformed');
  if (proof['algorithm'] !== 'ECDSA-P256-SHA256' || typeof proof['signature'] !== 'string') throw invalid('proof.algorithm', 'is unknown');
  const key = await importPublicKey(jwk).catch(() => {
    throw invalid('public_key', 'is no P-256 key');
  });
  if (proof['keyId'] !== (await keyIdOf(key))) throw invalid('proof.keyId', 'does not belong to its public_key');
  if (expected.keyId !== undefined && proof['keyId'] !== expected.keyId) throw invalid('proof.keyId', 'is not the expected key');
  if (!(await verifyJson(content, proof['signature'], key))) throw invalid('proof.signature', 'does not fit: it was changed after signing');
  return JSON.parse(canonicalJson(value)) as Record<string, unknown>;
}
