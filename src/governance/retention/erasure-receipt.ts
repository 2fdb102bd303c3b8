import { isObject } from '../../core/options.ts';
import type { EpochMs } from '../../core/time.ts';
import { signDocument, verifyDocument, type DocumentExpectation, type DocumentProof, type Sign } from '../signed-document.ts';

/** What was erased. */
export type ErasureScope = 'item' | 'person' | 'recording' | 'gallery' | 'renewal' | 'album' | 'store' | 'sweep';

/** Why. `hold-ended` and `hold-released`: what was kept for a dispute, at the dispute's end (TAF-5.5b). */
export type ErasureReason = 'expired' | 'withdrawn' | 'requested' | 'purpose-met' | 'hold-ended' | 'hold-released' | 'storage-short' | 'damaged';

/** What an erasure can destroy. A key goes first: what it sealed is unreadable from then on. */
export const ERASED_KINDS = Object.freeze(['rows', 'keys', 'media', 'templates', 'thumbnails'] as const);

/** One of {@link ERASED_KINDS}. */
export type ErasedKind = (typeof ERASED_KINDS)[number];

/** How many of each were destroyed. */
export type ErasedCounts = Readonly<Partial<Record<ErasedKind, number>>>;

/** What a receipt tells. */
export interface ErasureContent {
  readonly erasedAt: EpochMs;
  /** Web origin of the browser that erased. */
  readonly origin: string;
  readonly scope: ErasureScope;
  /** Id of the store, item or recording; never a name that a person gave. */
  readonly storeId: string;
  readonly reason: ErasureReason;
  /** Pseudonym of the person whose data it was; null where it was of several. */
  readonly dataSubject: string | null;
  readonly erased: ErasedCounts;
}

/** Proof, for the person and for an auditor, that something was erased when (TAF-5.5a, MEG-retain). */
export interface ErasureReceipt extends Omit<ErasureContent, 'erased'>, DocumentProof {
  readonly kind: 'erasure-receipt';
  readonly version: 1;
  readonly receiptId: string;
  readonly erased: Readonly<Record<ErasedKind, number>>;
}

const SCOPES: readonly unknown[] = ['item', 'person', 'recording', 'gallery', 'renewal', 'album', 'store', 'sweep'] satisfies ErasureScope[];
const REASONS: readonly unknown[] = ['expired', 'withdrawn', 'requested', 'purpose-met', 'hold-ended', 'hold-released', 'storage-short', 'damaged'] satisfies ErasureReason[];

const text = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 200;
const count = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const FIELDS: Readonly<Record<Exclude<keyof ErasureReceipt, 'kind' | 'origin' | keyof DocumentProof>, (value: unknown) => boolean>> = {
  version: (value) => value === 1,
  receiptId: text,
  erasedAt: count,
  scope: (value) => SCOPES.includes(value),
  storeId: text,
  reason: (value) => REASONS.includes(value),
  dataSubject: (value) => value === null || text(value),
  erased: (value) => isObject(value) && Object.keys(value).length === ERASED_KINDS.length && ERASED_KINDS.every((kind) => count(value[kind])),
};

/**
 * Makes the receipt of an erasure that has been done. @param sign the browser's key, see `GrantContext.sign`.
 * @throws TypeError that names a field that is malformed.
 */
export async function createErasureReceipt(content: ErasureContent, sign: Sign): Promise<ErasureReceipt> {
  const { erasedAt, origin, scope, storeId, reason, dataSubject, erased } = content;
  const unknown = Object.keys(erased).find((kind) => !(ERASED_KINDS as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new TypeError(`erased.${unknown} is unknown; expected ${ERASED_KINDS.join(', ')}.`);
  const all = { rows: 0, keys: 0, media: 0, templates: 0, thumbnails: 0, ...erased };
  const receipt = { kind: 'erasure-receipt', version: 1, receiptId: crypto.randomUUID(), erasedAt, origin, scope, storeId, reason, dataSubject, erased: all } as const;
  const faulty = Object.entries(FIELDS).find(([field, fits]) => !fits(receipt[field as keyof typeof receipt]));
  if (faulty !== undefined) throw new TypeError(`${faulty[0]} of an erasure receipt is malformed.`);
  return signDocument(receipt, sign);
}

/**
 * Verifies a receipt: its form, its origin, and its signature to the last byte.
 * @throws FacePrivacyError ERR_RECEIPT_INVALID with `details.field`.
 */
export async function verifyErasureReceipt(receipt: unknown, expected: DocumentExpectation): Promise<ErasureReceipt> {
  return (await verifyDocument(receipt, 'erasure-receipt', FIELDS, expected)) as unknown as ErasureReceipt;
}
