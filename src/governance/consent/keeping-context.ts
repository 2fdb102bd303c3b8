import type { AuditEntry } from '../audit/entry.ts';
import type { GrantContext } from './grant-context.ts';

/**
 * What those who look after what is kept need of a ledger, without a grant of anybody: staff and people's rights. It gives no access; who may
 * do what is decided elsewhere.
 */
export interface KeepingContext extends Omit<GrantContext, 'throttle'> {
  /** Web origin of this browser's documents. */
  readonly origin: string;
  /** Name of the consent store: a worker opens the same one. */
  readonly storeName: string;
  /** The audit log, in order, unchecked. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  auditLog(): Promise<AuditEntry[]>;
  /** As `ConsentLedger.exportAudit`. */
  exportAudit(): Promise<Blob>;
}
