import { canonicalJson } from '../../core/canonical-json.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import { isObject } from '../../core/options.ts';
import { signJson, verifyJson } from '../../core/signing.ts';
import { checkNotice, hashNotice, type Notice } from './notice.ts';
import { exportPublicKey, importPublicKey, keyIdOf, verifyProof } from './proof.ts';
import { contentOf, type ReceiptContent } from './receipt-content.ts';
import { receiptAsJsonLd } from './receipt-json-ld.ts';
import { parseRecord, subjectOf, type ConsentProof, type ConsentRecord } from './record.ts';
import type { DeviceKey } from './store.ts';

/** The public half of a device's key. */
export interface ReceiptKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/**
 * What a person takes home: what they were told, what they answered, when. The first four fields say it in the terms of
 * ISO/IEC TS 27560:2023; `evidence` holds what they are drawn from, `proof` signs all of it.
 */
export interface ConsentReceipt extends ReceiptContent {
  readonly evidence: { readonly notice: Notice; readonly records: readonly ConsentRecord[]; readonly public_key: ReceiptKey };
  readonly proof: ConsentProof;
}

/** `json`: the receipt itself; `json-ld`: the same in terms of the W3C Data Privacy Vocabulary. */
export type ReceiptFormat = 'json' | 'json-ld';

/** What a receipt is held against. */
export interface ReceiptExpectation {
  /** The web origin at which the consent was given, for example `location.origin`. */
  readonly origin: string;
  /**
   * Id of the key that must have signed. Without it a receipt proves that nothing in it was changed, not which browser
   * made it.
   */
  readonly keyId?: string;
}

/** The last moment that a `Date` can hold. */
const LAST_DATE_MS = 8_640_000_000_000_000;

/**
 * Makes the receipt of one person for a notice, signed by the device's key.
 * @param parts `records`: everything recorded about the person, in order; what belongs to another notice is left out.
 * @throws TypeError when nothing was recorded for this notice.
 */
export async function createReceipt(parts: { readonly notice: Notice; readonly records: readonly ConsentRecord[]; readonly key: DeviceKey }): Promise<ConsentReceipt> {
  const { notice, key } = parts;
  const hash = await hashNotice(notice);
  const records = parts.records.filter(({ noticeHash }) => noticeHash === hash);
  const last = records.at(-1);
  if (last === undefined) throw new TypeError('records must hold at least one record of this notice; without one there is nothing to give a receipt for.');
  const { x = '', y = '' } = await exportPublicKey(key.publicKey);
  const unsigned = { ...contentOf(notice, records, last), evidence: { notice, records, public_key: { kty: 'EC', crv: 'P-256', x, y } } } as const;
  const signature = await signJson(unsigned, key.privateKey);
  return copyOf({ ...unsigned, proof: { keyId: key.keyId, algorithm: 'ECDSA-P256-SHA256', signature } });
}

/** The text of a receipt, to be kept as it is: {@link importReceipt} reads it to the last byte. */
export function exportReceipt(receipt: ConsentReceipt, format: ReceiptFormat): string {
  if (format === 'json') return canonicalJson(receipt);
  if (format === 'json-ld') return canonicalJson(receiptAsJsonLd(receipt, receipt));
  throw new TypeError(`format must be 'json' or 'json-ld', got '${String(format)}'.`);
}

/**
 * Reads a receipt in either format and verifies all of it: form, notice and its hash, every record and its signature,
 * origin, the receipt's own signature, and that what it says is what its evidence says.
 * @throws TypeError when `text` is no string; FacePrivacyError ERR_CONSENT_RECORD_INVALID with `details.field`, or
 * ERR_CONSENT_ORIGIN.
 */
export async function importReceipt(text: string, expected: ReceiptExpectation): Promise<ConsentReceipt> {
  if (typeof text !== 'string') throw new TypeError(`text must be the text that exportReceipt() gave, got ${typeof text}.`);
  const document = parse(text);
  const isLinkedData = Object.hasOwn(document, '@context');
  const literal = document['dct:source'];
  const receipt = isLinkedData ? (isObject(literal) ? literal['@value'] : undefined) : document;
  if (!isObject(receipt)) throw fault(isLinkedData ? 'dct:source' : 'receipt', 'is missing');
  const verified = await verify(receipt, expected);
  if (isLinkedData) assertSame(receiptAsJsonLd(verified, verified), document, '');
  return verified;
}

async function verify(receipt: Record<string, unknown>, expected: ReceiptExpectation): Promise<ConsentReceipt> {
  const { notice, records, key } = await readEvidence(receipt['evidence']);
  const last = records.at(-1)!;
  const hash = await hashNotice(notice);
  const subject = subjectOf(last);
  const ids = new Set(records.map(({ recordId }) => recordId));
  for (const [index, record] of records.entries()) {
    const place = `evidence.records[${index}]`;
    if (record.noticeHash !== hash) throw fault(`${place}.noticeHash`, 'is not the hash of evidence.notice');
    if (record.noticeId !== notice.noticeId || record.noticeVersion !== notice.version) throw fault(`${place}.noticeVersion`, 'is not that of evidence.notice');
    if (!notice.languages.includes(record.noticeLanguage)) throw fault(`${place}.noticeLanguage`, 'is no language of evidence.notice');
    if (record.recordedAt > LAST_DATE_MS) throw fault(`${place}.recordedAt`, 'is no date');
    if (subjectOf(record) !== subject) throw fault(`${place}.dataSubject`, 'is somebody else');
    if (record.origin !== expected.origin) throw new FacePrivacyError('ERR_CONSENT_ORIGIN', `The receipt is of '${record.origin}', not of '${expected.origin}'.`, { details: { field: `${place}.origin` } });
    // Between two records of this notice there may be some of another, which a receipt leaves out.
    const before = records[index - 1]?.recordId ?? null;
    if (record.replaces !== before && record.replaces !== null && ids.has(record.replaces)) throw fault(`${place}.replaces`, 'is not the record before it');
    await within(place, () => verifyProof(record, key));
  }
  const { kty, crv, x, y } = await exportPublicKey(key.publicKey);
  const { signature } = isObject(receipt['proof']) ? receipt['proof'] : {};
  const unsigned = { ...contentOf(notice, records, last), evidence: { notice, records, public_key: { kty, crv, x, y } } };
  const proof = { keyId: key.keyId, algorithm: 'ECDSA-P256-SHA256', signature: typeof signature === 'string' ? signature : '' };
  assertSame({ ...unsigned, proof }, receipt, '');
  if (!(await verifyJson(unsigned, proof.signature, key.publicKey))) throw fault('proof.signature', 'does not fit the receipt');
  if (expected.keyId !== undefined && expected.keyId !== key.keyId) throw fault('proof.keyId', 'is not the expected key');
  return copyOf(receipt as unknown as ConsentReceipt);
}

interface Evidence {
  readonly notice: Notice;
  readonly records: readonly ConsentRecord[];
  readonly key: Pick<DeviceKey, 'keyId' | 'publicKey'>;
}

async function readEvidence(evidence: unknown): Promise<Evidence> {
  if (!isObject(evidence)) throw fault('evidence', 'is missing');
  const { notice, records: rows, public_key: jwk } = evidence;
  if (!Array.isArray(rows) || rows.length === 0) throw fault('evidence.records', 'is missing');
  try {
    checkNotice(notice);
  } catch (error) {
    const [, field = 'notice'] = /^(notice[\w.[\]-]*)/.exec(error instanceof Error ? error.message : '') ?? [];
    throw fault(`evidence.${field}`, 'is not as a notice must be', error);
  }
  const records: ConsentRecord[] = [];
  for (const [index, row] of rows.entries()) records.push(await within(`evidence.records[${index}]`, () => parseRecord(row)));
  try {
    const publicKey = await importPublicKey(jwk as JsonWebKey);
    return { notice, records, key: { publicKey, keyId: await keyIdOf(publicKey) } };
  } catch (error) {
    throw fault('evidence.public_key', 'is no key', error);
  }
}

/** Names the record in whose field something is wrong. */
async function within<T>(place: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof FacePrivacyError)) throw error;
    throw fault(`${place}.${String(error.details['field'])}`, 'cannot be trusted', error);
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && canonicalJson(value) === text) return value;
  } catch (error) {
    throw fault('text', 'is no JSON', error);
  }
  throw fault('text', 'was not written by exportReceipt(), or was changed');
}

/** Throws at the first field that is missing, unknown or another. */
function assertSame(expected: unknown, got: unknown, place: string): void {
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    expected.forEach((entry, index) => {
      assertSame(entry, got[index], `${place}[${index}]`);
    });
    return;
  }
  if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const inner = place === '' ? key : `${place}.${key}`;
      if (!Object.hasOwn(got, key)) throw fault(inner, 'is missing');
      if (!Object.hasOwn(expected, key)) throw fault(inner, 'is unknown');
      assertSame(expected[key], got[key], inner);
    }
    return;
  }
  if (expected !== got) throw fault(place, 'is not what the evidence says');
}

function fault(field: string, what: string, cause?: unknown): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_RECORD_INVALID', `The receipt cannot be trusted: ${field} ${what}.`, { details: { field }, cause });
}

/** A frozen copy that shares nothing with what it was made from. */
function copyOf(receipt: ConsentReceipt): ConsentReceipt {
  const freeze = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  };
  const copy = JSON.parse(canonicalJson(receipt)) as ConsentReceipt;
  freeze(copy);
  return copy;
}
