import { FacePrivacyError } from '../core/errors.ts';
import type { ZipContent } from '../core/zip-writer.ts';
import type { KeepingContext } from '../governance/consent/keeping-context.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import type { RightsCorrection } from './rights-correction.ts';
import type { PendingErasure } from '../vault/rights-store.ts';

/** A file of the copy that a person gets. */
export interface CopyFile {
  /** Letters, digits, `.`, `_`, `-`, and `/` between folders. */
  readonly path: string;
  /** Of the file, for example `video/webm`. */
  readonly mimeType: string;
  readonly content: ZipContent;
}

/** @internal Something that cannot be copied; the rest is, and the copy says so. */
export interface CopyFault {
  readonly itemId: string;
  /** Code of a FacePrivacyError. */
  readonly fault: string;
}

/** @internal The request that something is done for. */
export interface AskedBy {
  readonly requestId: string;
  readonly dataSubject: string;
}

/** @internal What an erasure came to. */
export interface ErasedHere {
  readonly receipts: readonly ErasureReceipt[];
  /** Ids of what a dispute holds: marked, and erased when it is over. */
  readonly held: readonly string[];
}

/**
 * @internal One place in which something of people is kept. Each method rejects with FacePrivacyError ERR_STORAGE_FAILED; all can be repeated when they
 * were interrupted.
 */
export interface Holding {
  readonly name: string;
  /** What is kept of the person. */
  items(dataSubject: string): Promise<readonly RetentionItem[]>;
  /** The files of these items of theirs, one after the other. */
  copy(items: readonly RetentionItem[], asked: AskedBy): AsyncIterable<CopyFile | CopyFault>;
  /** What `erase` is about to destroy and would leave untold if it were cut off. Nothing, where the place remembers that itself. */
  pending(items: readonly RetentionItem[], asked: AskedBy, ending: 'withdrawn' | 'requested'): Promise<readonly PendingErasure[]>;
  /** Erases them, or marks those that a dispute holds. */
  erase(items: readonly RetentionItem[], asked: AskedBy, ending: 'withdrawn' | 'requested'): Promise<ErasedHere>;
  /** Keeps them from being used. */
  restrict(items: readonly RetentionItem[], asked: AskedBy): Promise<void>;
  /** Lifts what this request restricts; with `next` another request of the person's restricts it from then on. */
  lift(asked: AskedBy, next: string | null): Promise<void>;
  /** @throws TypeError for a correction that does not fit the item. */
  correct(item: RetentionItem, correction: RightsCorrection, asked: AskedBy): Promise<void>;
  close(): void;
}

/** @internal What holdings need of the ledger. */
export type RightsContext = Pick<KeepingContext, 'now' | 'note' | 'sign' | 'stands' | 'origin'>;

/** @internal A file of JSON. */
export function jsonFile(path: string, value: unknown): CopyFile {
  return { path, mimeType: 'application/json', content: `${JSON.stringify(value, null, 2)}\n` };
}

/** @internal The code of what made an item unreadable. @throws whatever is no such fault: storage that fails, an abort, a bug. */
export function faultOf(itemId: string, error: unknown): CopyFault {
  if (error instanceof FacePrivacyError && ['ERR_VAULT_INTEGRITY', 'ERR_CONSENT_RECORD_INVALID'].includes(error.code)) return { itemId, fault: error.code };
  throw error;
}

/** @internal True when the database is there: where nothing was ever kept, nothing is made. */
export async function isThere(name: string): Promise<boolean> {
  return (await indexedDB.databases()).some((database) => database.name === name);
}
