import { FacePrivacyError } from '../../core/errors.ts';
import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import { isDigest } from '../audit/entry.ts';
import { signDocument, verifyDocument, type DocumentExpectation, type DocumentProof, type Sign } from '../signed-document.ts';

/** A file that was shared. */
export interface SharedFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** The second search of the medium, before it left. */
export interface SharingCheck {
  /** Frames that were decoded and searched: all of them. */
  readonly frames: number;
  /** Finds inside of covers, which are none. */
  readonly insideCovers: number;
  readonly engine: string;
}

/** What a receipt tells. */
export interface SharingContent {
  readonly sharedAt: EpochMs;
  /** Web origin of the browser that shared. */
  readonly origin: string;
  readonly recordingId: string;
  readonly manifestId: string;
  /** Who is answerable, as the notice names them, by language. */
  readonly controller: Readonly<Record<string, string>>;
  /** Type of recipient as the notice words it, by language (TAF-5.4b). */
  readonly recipient: Readonly<Record<string, string>>;
  /** What the recipient may use it for (TAF-5.4b). */
  readonly purpose: string;
  /** What the consent to share rests on; the record is null under an exception, which is null else. */
  readonly consentRecordId: string | null;
  readonly exception: string | null;
  readonly noticeHash: string;
  readonly check: SharingCheck;
  readonly files: readonly SharedFile[];
}

/** Goes along with what is shared: what it is, for whom, for what, on what ground; signed by the browser that shared it. It names no person. */
export interface SharingReceipt extends SharingContent, DocumentProof {
  readonly kind: 'sharing-receipt';
  readonly version: 1;
  readonly receiptId: string;
}

/** Of the purpose that a receipt names, characters. */
export const MOST_PURPOSE_CHARACTERS = 500;

const text = (value: unknown, most = 200): boolean => typeof value === 'string' && value.trim() !== '' && value.length <= most;
const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const hasExactly = (value: unknown, keys: readonly string[]): value is Readonly<Record<string, unknown>> => isObject(value) && Object.keys(value).sort().join() === [...keys].sort().join();

/** As long as a text of a notice may be. */
const MOST_TEXT = 4000;
function isLocalised(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > 0 && Object.entries(value).every(([language, words]) => text(language, 35) && text(words, MOST_TEXT));
}

const FIELDS: Readonly<Record<Exclude<keyof SharingReceipt, 'kind' | 'origin' | keyof DocumentProof>, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  receiptId: text,
  sharedAt: count,
  recordingId: text,
  manifestId: text,
  controller: isLocalised,
  recipient: isLocalised,
  purpose: (value) => text(value, MOST_PURPOSE_CHARACTERS),
  consentRecordId: (value) => value === null || text(value),
  exception: (value) => value === null || text(value),
  noticeHash: isDigest,
  check: (value) => hasExactly(value, ['frames', 'insideCovers', 'engine']) && count(value['frames']) && count(value['insideCovers']) && text(value['engine']),
  files: (value) => Array.isArray(value) && value.length > 0 && value.every((file) => hasExactly(file, ['path', 'bytes', 'sha256']) && text(file['path']) && count(file['bytes']) && isDigest(file['sha256'])),
};

/**
 * Makes the receipt of what is about to leave. @param sign the browser's key, see `GrantContext.sign`.
 * @throws TypeError that names a field that is malformed.
 */
export async function createSharingReceipt(content: SharingContent, sign: Sign): Promise<SharingReceipt> {
  const receipt = { ...content, kind: 'sharing-receipt', version: 1, receiptId: crypto.randomUUID() } as const;
  const faulty = Object.entries(FIELDS).find(([field, fits]) => !fits(receipt[field as keyof typeof receipt]));
  if (faulty !== undefined) throw new TypeError(`${faulty[0]} of a sharing receipt is malformed.`);
  return signDocument(receipt, sign);
}

/**
 * Verifies a receipt: its form, its origin, and its signature to the last byte.
 * @throws FacePrivacyError ERR_RECEIPT_INVALID with `details.field`.
 */
export async function verifySharingReceipt(receipt: unknown, expected: Partial<DocumentExpectation> = {}): Promise<SharingReceipt> {
  const named = isObject(receipt) && typeof receipt['origin'] === 'string' ? receipt['origin'] : '';
  const { origin = named, keyId } = expected;
  const verified = (await verifyDocument(receipt, 'sharing-receipt', FIELDS, { origin, ...(keyId === undefined ? {} : { keyId }) })) as unknown as SharingReceipt;
  if (verified.consentRecordId === null && verified.exception === null) throw new FacePrivacyError('ERR_RECEIPT_INVALID', 'consentRecordId of the sharing-receipt is missing, and no exception stands in for it.', { details: { field: 'consentRecordId', kind: 'sharing-receipt' } });
  return verified;
}
