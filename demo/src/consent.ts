import { openConsentLedger, type ConsentGrant, type ConsentLedger, type Purpose } from 'bauta';
import { recall, remember, watch } from './preferences.ts';

/** Changes whenever the notice changes in meaning: older answers then no longer count. */
export const NOTICE_VERSION = '2026-11-1';
const VALID_FOR_MS = 24 * 3600 * 1000;

/** The purposes that this page asks for; none of the others is ever needed here. */
export type AskedPurpose = Extract<Purpose, 'live-redacted-view' | 'redacted-recording'>;

/** The answers of the one person at this browser, kept under a random pseudonym. */
export class Consent {
  readonly #ledger: ConsentLedger;
  #subject: string | null;
  /** Called when the answer was withdrawn here or in another tab; every grant has ended by then. */
  onWithdrawn: (() => void) | null = null;

  private constructor(ledger: ConsentLedger) {
    this.#ledger = ledger;
    this.#subject = recall('bauta-demo.subject');
    watch('bauta-demo.subject', (subject) => {
      if (subject === null && this.#subject !== null) this.withdraw().catch(reportError);
    });
  }

  /** @throws FacePrivacyError ERR_STORAGE_FAILED. */
  static async open(): Promise<Consent> {
    return new Consent(await openConsentLedger());
  }

  /** Stores the answers; an unticked purpose is a refused one. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async give(purposes: ReadonlySet<AskedPurpose>, noticeLanguage: string): Promise<void> {
    const answer = (purpose: AskedPurpose): 'given' | 'refused' => (purposes.has(purpose) ? 'given' : 'refused');
    const subject = this.#subject ?? crypto.randomUUID();
    await this.#ledger.record({
      dataSubject: subject,
      noticeVersion: NOTICE_VERSION,
      noticeLanguage,
      answers: { 'live-redacted-view': answer('live-redacted-view'), 'redacted-recording': answer('redacted-recording') },
      validForMs: VALID_FOR_MS,
    });
    this.#subject = subject;
    remember('bauta-demo.subject', subject);
  }

  /** A live grant, or null: no answer, another answer, an expired one, or one to an older notice. */
  async grant(purpose: AskedPurpose): Promise<ConsentGrant | null> {
    if (this.#subject === null) return null;
    const decision = await this.#ledger.require(purpose, this.#subject);
    return decision.granted && decision.grant.noticeVersion === NOTICE_VERSION ? decision.grant : null;
  }

  /** Ends every grant at once, forgets the pseudonym and stores the withdrawal. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async withdraw(): Promise<void> {
    const subject = this.#subject;
    if (subject === null) return;
    this.#subject = null;
    const stored = this.#ledger.withdraw(subject);
    remember('bauta-demo.subject', null);
    this.onWithdrawn?.();
    await stored;
  }
}
