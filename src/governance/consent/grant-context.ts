import type { Clock } from '../../core/time.ts';
import type { AuditCode, AuditIds } from '../audit/entry.ts';
import type { Notice } from './notice.ts';
import type { SceneRules } from './scenes.ts';
import type { ThrottleStore } from './store.ts';

/** What a grant rests on, for the operations that it allows. */
export interface GrantContext {
  readonly notice: Notice;
  readonly rules: SceneRules;
  readonly throttle: ThrottleStore;
  /** The ledger's clock: never goes back. */
  readonly now: Clock;
  /** Writes an audit entry; resolves when it is durable. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  note(code: AuditCode, ids: AuditIds): Promise<void>;
}
