import type { EpochMs } from '../../core/time.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { SignedHead } from '../audit/head.ts';
import type { ConsentRecord } from './record.ts';

/** The key pair that signs the records of this browser. The private half cannot be exported. */
export interface DeviceKey {
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Why and for what consent was not asked (GB/T 35273-2020, 5.6 and 9.5). The text stays out of the audit log. */
export interface ExceptionEntry {
  readonly exceptionId: string;
  readonly code: string;
  /** Written by whoever used the exception. */
  readonly reason: string;
  readonly purposes: readonly string[];
  readonly dataSubject: string;
  readonly usedAt: EpochMs;
}

/** One look at the store, all of it from the same moment. */
export interface StoreView {
  /** What is stored about one person (by them or by their guardian), unchecked: others may have written it. */
  readonly rows: readonly unknown[];
  /** The record that the audit log's last entry about the person names (`ids.subject`, `ids.recordId`), or null. */
  readonly lastRecordId: string | null;
  /** Last entry of the audit log, or null. */
  readonly head: AuditEntry | null;
  /** The latest signed head of the audit log, unchecked, or null. */
  readonly signedHead: SignedHead | null;
  /** The latest time that any tab has ever seen. */
  readonly highWater: EpochMs;
}

/** What is written in one transaction: all of it or nothing. */
export interface StoreBatch {
  /** Each beside the pseudonym of the person whom it is about. */
  readonly records: readonly { readonly subject: string; readonly record: ConsentRecord }[];
  /** At least one; the first follows `head` of the view that the batch was made from. */
  readonly audit: readonly AuditEntry[];
  readonly exceptions?: readonly ExceptionEntry[];
  /** Signed head of the log as this batch leaves it. */
  readonly signedHead?: SignedHead;
  /** A person whose stored rows cannot be trusted: they are moved out of sight and kept. */
  readonly setAside?: string;
  /** Becomes the latest time seen, although it is earlier: everything that rested on the later time has been ended. */
  readonly resetClock?: EpochMs;
}

/** When permission for the camera was refused last. One row per store. */
export interface ThrottleMark {
  readonly refusedAt: EpochMs;
}

/** Where the throttle keeps its mark: in the ledger's store, so that it survives reload and holds in every tab. */
export interface ThrottleStore {
  /** The latest refusal, or null. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  read(): Promise<ThrottleMark | null>;
  /** Reads, changes and writes in one transaction. `change` must not wait for anything. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  update(change: (mark: ThrottleMark | null) => ThrottleMark | null): Promise<ThrottleMark | null>;
}

/**
 * Where consent is kept: records and audit entries are only ever added. Every method rejects with FacePrivacyError
 * ERR_STORAGE_FAILED when the place is full, blocked, closed or gone.
 */
export interface ConsentStore {
  /** Ledgers of the same name share their records and tell each other of changes. */
  readonly name: string;
  /** The device's key; made at the first call, the same ever after, in every tab. */
  deviceKey(): Promise<DeviceKey>;
  /** What is stored about one person. `seen` is the time now by the clock; the latest ever seen is kept and answered. */
  view(dataSubject: string, seen: EpochMs): Promise<StoreView>;
  /** Pseudonyms of everybody about whom there is a record. */
  dataSubjects(): Promise<string[]>;
  /** Writes a batch; answers false, and writes nothing, when the audit log has grown since the batch was made. */
  commit(batch: StoreBatch): Promise<boolean>;
  /** Deletes what is stored about one person: the last resort where a withdrawal cannot be written. */
  discard(dataSubject: string): Promise<void>;
  /** The whole audit log, in order, unchecked. */
  auditLog(): Promise<AuditEntry[]>;
  /** Every signed head of the log, in the order in which they were written, unchecked. */
  auditHeads(): Promise<SignedHead[]>;
  /** Every use of an exception. */
  exceptions(): Promise<ExceptionEntry[]>;
  /** Hash under which the notice of this id was used last, or null; `next` replaces it in the same transaction. */
  noticeHash(noticeId: string, next?: string): Promise<string | null>;
  readonly throttle: ThrottleStore;
  /** Called once when the place is taken away while in use (site data cleared, database deleted). */
  onLost: (() => void) | null;
  /** Frees what the store holds. Idempotent. */
  close(): void;
}
