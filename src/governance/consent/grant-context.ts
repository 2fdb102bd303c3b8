import type { Clock } from '../../core/time.ts';
import type { AuditCode, AuditIds } from '../audit/entry.ts';
import type { Observation } from '../incidents.ts';
import type { Notice } from './notice.ts';
import type { DeviceSignature } from './proof.ts';
import type { Purpose } from './purposes.ts';
import type { SceneRules } from './scenes.ts';
import type { ThrottleStore } from './store.ts';

/**
 * What there is of consent for something that was kept: `stands`; `ended` (withdrawn, refused, expired, never given): it has to be
 * erased; `unclear` (another notice, a clock set back, records that cannot be trusted): it must not be used, and is kept until it is clear
 * or has expired, because an app's mistake must not destroy what people agreed to.
 */
export type Grounds = 'stands' | 'ended' | 'unclear';

/** What a grant rests on, for the operations that it allows. */
export interface GrantContext {
  readonly notice: Notice;
  readonly rules: SceneRules;
  readonly throttle: ThrottleStore;
  /** The ledger's clock: never goes back. */
  readonly now: Clock;
  /** Writes an audit entry; resolves when it is durable. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  note(code: AuditCode, ids: AuditIds): Promise<void>;
  /** Resolves when every entry that was to be written until now is, or has failed. */
  settled(): Promise<void>;
  /** Id of the key that signs here. */
  readonly keyId: string;
  /** Signs a statement with the key of this browser (ECDSA over canonical JSON). @throws TypeError for what JSON cannot hold. */
  sign(statement: object): Promise<DeviceSignature>;
  /**
   * Tells of something that may be an incident: it is audited and told by the ledger's `incident` event as soon as it is one (MEG-incident).
   * Resolves when that is durable. @throws FacePrivacyError ERR_STORAGE_FAILED.
   */
  report(observation: Observation): Promise<void>;
  /** What there is of consent now, of anybody, for all of these purposes. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  stands(dataSubject: string, purposes: readonly Purpose[]): Promise<Grounds>;
  /** Calls `listener` when something about a person was recorded, here or in another tab, until `signal` aborts. */
  onChange(listener: (dataSubject: string) => void, signal: AbortSignal): void;
}
