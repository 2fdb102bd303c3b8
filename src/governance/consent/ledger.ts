import { FacePrivacyError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { ConsentGrant, requireConsent, standingRecords, type ConsentDecision } from './gate.ts';
import { createConsentRecord, withdrawalOf, type ConsentInput, type ConsentRecord, type Purpose } from './old-record.ts';

/** Where consent records are kept: append-only. */
export interface ConsentStore {
  /** Resolves when the record is durable. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  append(record: ConsentRecord): Promise<void>;
  /** All records of one data subject. @throws FacePrivacyError ERR_STORAGE_FAILED or ERR_CONSENT_RECORD_INVALID. */
  recordsOf(dataSubject: string): Promise<ConsentRecord[]>;
  /** Frees the connection. Idempotent. */
  close(): void;
}

/** Records answers, mints grants from what is stored, ends them on withdrawal. */
export class ConsentLedger {
  readonly #store: ConsentStore;
  readonly #now: Clock;
  readonly #live = new Set<ConsentGrant>();

  constructor(store: ConsentStore, now: Clock) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * Stores a person's answers; resolves when they are durable.
   * @throws TypeError for a malformed input; FacePrivacyError ERR_STORAGE_FAILED.
   */
  async record(input: ConsentInput): Promise<ConsentRecord> {
    const record = createConsentRecord(input, this.#now());
    await this.#store.append(record);
    // A newer answer replaces the older one, so what rested on the older one ends.
    this.#end(record.dataSubject, new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'A newer consent record replaced this one.'));
    return record;
  }

  /** A grant for `purpose` from the stored records of `dataSubject`, or the reason why there is none. */
  async require(purpose: Purpose, dataSubject: string): Promise<ConsentDecision> {
    const decision = requireConsent(await this.#store.recordsOf(dataSubject), purpose, this.#now());
    if (decision.granted) this.#live.add(decision.grant);
    return decision;
  }

  /**
   * Ends every live grant of the person at once, then stores the withdrawal (MEG-withdraw). Without a record: nothing
   * to do. @throws FacePrivacyError ERR_STORAGE_FAILED; the grants have ended all the same.
   */
  async withdraw(dataSubject: string): Promise<void> {
    this.#end(dataSubject, new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'Consent was withdrawn.'));
    const records = await this.#store.recordsOf(dataSubject);
    for (const record of standingRecords(records)) await this.#store.append(withdrawalOf(record, this.#now()));
  }

  /** Ends all grants and closes the store. Idempotent. */
  close(): void {
    this.#end(null, new FacePrivacyError('ERR_CONSENT_WITHDRAWN', 'The consent ledger was closed.'));
    this.#store.close();
  }

  #end(dataSubject: string | null, reason: FacePrivacyError): void {
    for (const grant of this.#live) {
      if (dataSubject !== null && grant.dataSubject !== dataSubject) continue;
      this.#live.delete(grant);
      ConsentGrant.end(grant, reason);
    }
  }
}
